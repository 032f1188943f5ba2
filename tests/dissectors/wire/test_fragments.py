"""Fragments of IP: put together in any order, bounded, and read both ways where they overlap."""

from __future__ import annotations

import itertools
import struct

import pytest

from dissectors.facts import AnyFact, Exchange, OperationFirst, Violation, Visibility
from dissectors.wire.assembly import LIFETIME_NANOSECONDS, MAX_BYTES, MAX_VERSIONS
from dissectors.wire.fragments import Fragments
from sensor.worker import Worker
from tests.dissectors.harness import (
    IP4,
    IP6,
    START,
    Conversation,
    Packet,
    ethernet,
    feed,
    health,
    ip4,
    of,
    read,
    reported,
    run,
    talk,
    tcp,
)
from tests.evasion.talker import ATTACK, OPERATION, Talker

TALK = talk()


PLAIN = [TALK.frame(segment) for segment in TALK.segments]


SIX = talk(Conversation(client="fd00::5", server="fd00::9"))


def pieces4(packet: bytes, number: int, size: int = 16) -> list[bytes]:
    body = packet[20:]
    result = []
    for at in range(0, len(body), size):
        more = 0x2000 if at + size < len(body) else 0
        header = bytearray(packet[:20])
        part = body[at : at + size]
        struct.pack_into("!HHH", header, 2, 20 + len(part), number, more | at // 8)
        result.append(bytes(header) + part)
    return result


def pieces6(packet: bytes, number: int, size: int = 16) -> list[bytes]:
    body = packet[40:]
    result = []
    for at in range(0, len(body), size):
        part = body[at : at + size]
        more = 1 if at + size < len(body) else 0
        head = packet[:4] + struct.pack("!HB", 8 + len(part), 44) + packet[7:40]
        result.append(head + struct.pack("!BBHI", 6, 0, at | more, number) + part)
    return result


@pytest.mark.parametrize("order", ["forward", "backward", "doubled"])
@pytest.mark.parametrize("version", [4, 6])
def test_fragments_are_put_together_in_any_order(order: str, version: int) -> None:
    conversation = TALK if version == 4 else SIX
    packets: list[Packet] = []
    for number, segment in enumerate(conversation.segments, 1):
        packet = conversation.network(segment)
        parts = pieces4(packet, number) if version == 4 else pieces6(packet, number)
        if order == "backward":
            parts.reverse()
        if order == "doubled":
            parts = [part for part in parts[:-1] for _ in range(2)] + parts[-1:]
        packets += [Packet(ethernet(part, IP4 if version == 4 else IP6), segment.time) for part in parts]
    facts = run(packets)
    expected = [[*row[:11], row[12:]] if row[0] == "exchange" else row for row in reported(run(conversation.packets()))]
    assert [[*row[:11], row[12:]] if row[0] == "exchange" else row for row in reported(facts)] == expected
    assert health(facts)["overlapping_fragments"] == 0


def test_three_fragments_in_every_order() -> None:
    segment = TALK.segments[3]
    parts = pieces4(TALK.network(segment), 7, 16)
    assert len(parts) == 2 or len(parts) == 3
    for order in itertools.permutations(parts):
        before = [Packet(PLAIN[number], START) for number in range(3)]
        facts = run([*before, *[Packet(ethernet(part), START + 1000) for part in order]])
        assert [fact.label for fact in of(facts, OperationFirst)] == ["read_holding_registers holding_register:0-3"]


def test_unfinished_datagrams_are_bounded_and_counted() -> None:
    packet = ip4(tcp(read(1, 0, 1)), fragment=0x2000)
    packets = [
        Packet(ethernet(packet[:4] + struct.pack("!H", number) + packet[6:]), START + number) for number in range(1000)
    ]
    worker = Worker()
    facts = feed(worker, packets)
    assert len(worker.wire.decoder.network.fragments.datagrams) == 256
    counters = health([*facts, *worker.finish()])
    assert counters["evicted_fragments"] == 1000 - 256
    assert counters["not_decoded"] == 1000


def add(fragments: Fragments, offset: int, more: bool, data: bytes, now: int = 1, key: str = "key") -> list[bytes]:
    return [one.data for one in fragments.add(key, 6, offset, more, data, now)]


def test_fragments_that_overlap_with_other_bytes_have_two_readings() -> None:
    fragments = Fragments()
    assert add(fragments, 0, True, b"a" * 16) == []
    assert add(fragments, 8, True, b"b" * 8) == []
    assert add(fragments, 16, False, b"c" * 4) == [b"a" * 16 + b"c" * 4, b"a" * 8 + b"b" * 8 + b"c" * 4]
    assert fragments.overlaps == 1
    assert fragments.last.conflict


def test_a_whole_datagram_is_remembered_for_the_fragment_that_changes_it() -> None:
    fragments = Fragments()
    add(fragments, 0, True, b"a" * 8)
    assert add(fragments, 8, False, b"b" * 8) == [b"a" * 8 + b"b" * 8]
    assert add(fragments, 8, False, b"b" * 8) == []
    assert add(fragments, 8, False, b"c" * 8) == [b"a" * 8 + b"c" * 8]


def test_however_many_change_a_datagram_the_newest_is_read_and_what_is_left_out_is_counted() -> None:
    fragments = Fragments()
    add(fragments, 0, True, b"a" * 8)
    for number in range(100):
        data = bytes((number,)) * 8
        assert data in [one[8:] for one in add(fragments, 8, False, data)]
    assert (len(fragments.last.pieces), fragments.evicted) == (1 + MAX_VERSIONS, 1)
    for number in range(200):
        add(fragments, 0, True, bytes((number,)) * 1480, key="other")
    assert max(datagram.byte_count for datagram in fragments.datagrams.values()) <= 2 * MAX_BYTES


def test_a_datagram_is_given_up_by_its_time_and_only_then_its_frames_are_counted() -> None:
    fragments = Fragments()
    add(fragments, 0, True, b"a" * 8, 0, "whole")
    add(fragments, 8, False, b"b" * 8, 0, "whole")
    add(fragments, 0, True, b"a" * 8, 1, "early")
    add(fragments, 0, True, b"a" * 8, 1, "early")
    add(fragments, 8, False, b"a" * 8, 10, "late")
    fragments.expire(LIFETIME_NANOSECONDS + 1)
    assert (list(fragments.datagrams), fragments.unread) == (["early", "late"], 0)
    fragments.expire(LIFETIME_NANOSECONDS + 2)
    assert (list(fragments.datagrams), fragments.unread) == (["late"], 2)
    fragments.expire(-LIFETIME_NANOSECONDS)
    assert (list(fragments.datagrams), fragments.unread, fragments.evicted) == ([], 3, 0)


def test_fragments_that_came_later_outlive_the_first() -> None:
    fragments = Fragments()
    add(fragments, 8, False, b"decoy   ", 0)
    add(fragments, 0, True, b"a" * 8, LIFETIME_NANOSECONDS - 10)
    add(fragments, 800, True, b"decoy   ", 0)
    fragments.expire(LIFETIME_NANOSECONDS + 5)
    assert (len(fragments.datagrams), fragments.unread) == (1, 1)  # the first decoy had been read
    assert add(fragments, 8, False, b"b" * 8, LIFETIME_NANOSECONDS + 9) == [b"a" * 8 + b"b" * 8]


def test_a_copy_of_a_fragment_long_before_does_not_take_its_time() -> None:
    fragments = Fragments()
    add(fragments, 0, True, b"a" * 8, 0)
    add(fragments, 0, True, b"a" * 8, LIFETIME_NANOSECONDS - 10)
    assert add(fragments, 8, False, b"b" * 8, LIFETIME_NANOSECONDS + 9) == [b"a" * 8 + b"b" * 8]


def test_the_same_datagram_is_read_again_when_the_time_of_the_first_is_over() -> None:
    fragments = Fragments()
    times = [number * LIFETIME_NANOSECONDS // 2 for number in range(5)]
    read_at = []
    for now in times:
        found = add(fragments, 0, True, b"a" * 8, now) + add(fragments, 8, False, b"b" * 8, now)
        if b"a" * 8 + b"b" * 8 in found:
            read_at.append(now)
    assert (read_at[0], len(read_at) > 1) == (0, True)


def test_a_fragment_beyond_the_longest_datagram_is_counted_and_its_siblings_go_on() -> None:
    fragments = Fragments()
    add(fragments, 0, True, b"a" * 8)
    assert add(fragments, MAX_BYTES, False, b"a" * 8) == []
    assert (len(fragments.datagrams), fragments.unread, fragments.evicted) == (1, 1, 1)
    assert add(fragments, 8, False, b"b" * 8) == [b"a" * 8 + b"b" * 8]


def overlapped(*order: str, six: bool = False) -> list[AnyFact]:
    """A write in two fragments, ``head`` and ``real``, among forged ones: a digit is a last part with other bytes.

    ``far`` and ``huge`` end far behind, ``more`` is the last part with more to follow, ``only`` the first as the last, ``other`` names
    another header behind the fragment header, a number with ``s`` waits seconds.
    """
    it = Talker(six=six)
    body = it.tcp(0, ATTACK)
    for name in order:
        if name.endswith("s"):
            it.wait(int(name[:-1]))
            continue
        offset, more, data = {
            "head": (0, True, body[:24]),
            "real": (24, False, body[24:]),
            "far": (4000, False, bytes(8)),
            "huge": (65_000, False, bytes(1000)),
            "more": (24, True, body[24:]),
            "only": (0, False, body[:24]),
            "other": (0, True, body[:24]),
        }.get(name, (24, False, name[0].encode() * len(body[24:])))
        it.fragment(offset, data, more, following=59 if name == "other" else 6)
    it.sent[0] += len(ATTACK)
    it.say(1, ATTACK)
    return run(it.packets)


@pytest.mark.parametrize(
    "order",
    [
        ("head", "huge", "real"),
        ("1", "head", "2", "3", "4", "5", "6", "7", "8", "9", "real"),
        ("1", "real", "2", "head"),
        ("1", "2", "3", "real", "4", "head"),
        ("real", "far", "head"),
        ("head", "more", "real"),
        ("only", "head", "real"),
        ("other", "head", "real"),
        ("1", "59s", "head", "2s", "real"),
        ("head", "59s", "head", "2s", "real"),
        ("head", "1", "59s", "head", "2s", "real"),
    ],
    ids="-".join,
)
@pytest.mark.parametrize("six", [False, True], ids=["ip4", "ip6"])
def test_forged_fragments_do_not_hide_the_datagram(order: tuple[str, ...], six: bool) -> None:
    exchanges = [fact for fact in of(overlapped(*order, six=six), Exchange) if fact.operation == OPERATION]
    assert "success" in {fact.outcome for fact in exchanges}


def test_every_version_that_came_before_the_rest_is_read_and_their_number_said() -> None:
    facts = overlapped("1", "real", "2", "head")
    assert [fact.text for fact in of(facts, Violation) if fact.name == "two_readings_of_fragments"] == [
        "fragments of a datagram overlap with other bytes: its checksum tells which of them count"
    ]


def test_a_fragment_without_room_is_counted_as_not_read() -> None:
    facts = overlapped("head", "huge", "real")
    assert (health(facts)["evicted_fragments"], health(facts)["not_decoded"]) == (1, 1)
    assert not of(facts, Visibility)
