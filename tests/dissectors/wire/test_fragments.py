"""Fragments of IP: put together in any order, bounded, and read both ways where they overlap."""

from __future__ import annotations

import itertools
import struct

import pytest

from dissectors.facts import OperationFirst
from dissectors.wire.fragments import LIFETIME_NANOSECONDS, MAX_BYTES, MAX_READINGS, Fragments
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


def test_fragments_that_overlap_with_other_bytes_have_two_readings() -> None:
    fragments = Fragments()
    assert fragments.add("key", 6, 0, True, b"a" * 16, 1) == b""
    assert fragments.add("key", 6, 8, True, b"b" * 8, 1) == b""
    assert fragments.add("key", 17, 16, False, b"c" * 4, 1) == b"a" * 16 + b"c" * 4
    assert fragments.other == b"a" * 8 + b"b" * 8 + b"c" * 4
    assert (fragments.last.following, fragments.overlaps) == (6, 1)


def test_a_whole_datagram_is_remembered_for_the_fragment_that_changes_it() -> None:
    fragments = Fragments()
    fragments.add("key", 6, 0, True, b"a" * 8, 1)
    assert fragments.add("key", 6, 8, False, b"b" * 8, 1) == b"a" * 8 + b"b" * 8
    assert fragments.add("key", 6, 8, False, b"b" * 8, 1) == b""
    assert fragments.other == b""
    assert fragments.add("key", 6, 8, False, b"c" * 8, 1) == b""
    assert fragments.other == b"a" * 8 + b"c" * 8


def test_changes_of_a_whole_datagram_and_its_overlaps_are_bounded() -> None:
    fragments = Fragments()
    fragments.add("key", 6, 0, True, b"a" * 8, 1)
    fragments.add("key", 6, 8, False, b"b" * 8, 1)
    for number in range(MAX_READINGS + 1):
        fragments.add("key", 6, 8, False, bytes((number,)) * 8, 1)
    assert fragments.evicted == 1
    for number in range(200):
        fragments.add("other", 6, 0, True, bytes((number,)) * 1480, 1)
    assert max(datagram.byte_count for datagram in fragments.datagrams.values()) <= 2 * MAX_BYTES


def test_a_datagram_is_given_up_by_its_time_and_only_then_its_frames_are_counted() -> None:
    fragments = Fragments()
    fragments.add("whole", 6, 0, True, b"a" * 8, 0)
    fragments.add("whole", 6, 8, False, b"b" * 8, 0)
    fragments.add("early", 6, 0, True, b"a" * 8, 1)
    fragments.add("early", 6, 0, True, b"a" * 8, 2)
    fragments.add("late", 6, 8, False, b"a" * 8, 10)
    fragments.expire(LIFETIME_NANOSECONDS + 1)
    assert (list(fragments.datagrams), fragments.unread) == (["early", "late"], 0)
    fragments.expire(LIFETIME_NANOSECONDS + 2)
    assert (list(fragments.datagrams), fragments.unread) == (["late"], 2)
    fragments.expire(-LIFETIME_NANOSECONDS)
    assert (list(fragments.datagrams), fragments.unread, fragments.evicted) == ([], 3, 0)


def test_a_fragment_beyond_the_longest_datagram_is_counted_with_its_siblings() -> None:
    fragments = Fragments()
    fragments.add("key", 6, 0, True, b"a" * 8, 1)
    fragments.add("key", 6, MAX_BYTES, False, b"a" * 8, 1)
    assert (fragments.datagrams, fragments.unread, fragments.evicted) == ({}, 2, 1)
