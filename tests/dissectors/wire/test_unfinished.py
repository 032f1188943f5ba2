"""Fragments that lead to no datagram are counted by name, reported, and told of their conversation."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from dissectors.facts import Exchange, Health, OperationFirst, Visibility
from sensor.worker import Worker
from tests.dissectors.harness import (
    IP4,
    IP6,
    SECOND,
    Conversation,
    Packet,
    Segment,
    ethernet,
    feed,
    health,
    modbus,
    of,
    read,
    registers,
    run,
    states,
    vlan,
)
from tests.dissectors.wire.test_fragments import pieces4, pieces6

WITHOUT_REST = "IP fragments without the rest"
CUT = "IP fragments cut by the capture (snap length)"
WRITE = modbus(3, 1, bytes.fromhex("1000000002040001ffff"))


def polled(version: int) -> Conversation:
    it = Conversation(client="fd00::5", server="fd00::9") if version == 6 else Conversation()
    return it.handshake().say(0, read(1, 0, 2)).say(1, registers(1, 7, 8))


def fragments(it: Conversation, segment: Segment, number: int) -> list[Packet]:
    packet = it.network(segment)
    six = ":" in it.client
    parts = pieces6(packet, number, 24) if six else pieces4(packet, number, 24)
    return [Packet(ethernet(part, IP6 if six else IP4), segment.time) for part in parts]


def unread(facts: list[object]) -> dict[str, int]:
    names: dict[str, int] = {}
    for fact in of(facts, Health):
        assert sum(fact.unread.values()) == fact.counters["not_decoded"]
        for name, count in fact.unread.items():
            names[name] = names.get(name, 0) + count
    return names


@pytest.mark.parametrize("version", [4, 6])
def test_fragments_that_never_complete_are_counted_and_make_a_gap(version: int) -> None:
    it = polled(version)
    before = it.packets()
    it.say(0, WRITE)
    facts = run([*before, *fragments(it, it.segments[-1], 7)[:1]])
    assert unread(facts) == {WITHOUT_REST: 1}
    assert [(fact.state, fact.reason) for fact in of(facts, Visibility)] == [
        ("gaps", "fragments of a datagram are missing from the capture")
    ]
    (told,) = of(facts, Visibility)
    assert 0 < told.missing_bytes <= len(WRITE)
    assert told.channel in {fact.channel for fact in of(facts, OperationFirst)}


def test_a_late_fragment_is_not_counted_while_its_siblings_may_come() -> None:
    it = polled(4)
    before = it.packets()
    it.say(0, WRITE)
    parts = fragments(it, it.segments[-1], 7)
    worker = Worker()
    facts = feed(worker, [*before, *parts[:1]])
    later = [replace(part, time=part.time + 20 * SECOND) for part in parts[1:]]
    facts += run(later, worker)
    assert unread(facts) == {} and states(facts) == []
    assert "write_multiple_registers holding_register:0-1" in {fact.label for fact in of(facts, OperationFirst)}


def test_datagrams_are_given_up_in_time_while_others_speak() -> None:
    it = polled(4)
    before = it.packets()
    it.say(0, WRITE)
    parts = fragments(it, it.segments[-1], 7)[:1]
    it.segments.clear()
    it.sent[0] -= len(WRITE)
    for number in range(40):
        it.pause(3 * SECOND).say(0, read(10 + number, 0, 2)).say(1, registers(10 + number, 7, 8))
    worker = Worker()
    facts = feed(worker, [*before, *parts, *it.packets()])
    assert unread(facts) == {WITHOUT_REST: 1}
    assert worker.wire.decoder.network.fragments.datagrams == {}


def test_bytes_that_came_again_whole_leave_no_gap() -> None:
    it = polled(4)
    before = it.packets()
    it.say(0, WRITE).say(1, modbus(3, 1, bytes.fromhex("1000000002")))
    facts = run([*before, *fragments(it, it.segments[-2], 7)[:1], *it.packets(it.segments[-2:])])
    assert unread(facts) == {WITHOUT_REST: 1}
    assert states(facts) == []
    assert [(fact.outcome, fact.visibility) for fact in of(facts, Exchange)] == [("success", "complete")]


@pytest.mark.parametrize("version", [4, 6])
def test_fragments_that_the_capture_cut_are_counted_and_make_a_gap(version: int) -> None:
    it = polled(version)
    before = it.packets()
    it.say(0, WRITE)
    header = 38 if version == 4 else 66
    parts = [
        Packet(part.data[: header + 8], part.time, 1, len(part.data)) for part in fragments(it, it.segments[-1], 7)
    ]
    facts = run([*before, *parts])
    assert unread(facts) == {CUT: len(parts)}
    assert states(facts) == ["gaps"]
    assert health(facts)["truncated"] == len(parts)


def test_a_fragment_with_another_tag_than_its_siblings_is_counted_with_them() -> None:
    it = polled(4)
    before = it.packets()
    it.say(0, WRITE)
    parts = fragments(it, it.segments[-1], 7)
    tagged = ethernet(vlan(parts[1].data[14:], IP4, 3), 0x8100)
    facts = run([*before, parts[0], Packet(tagged, parts[1].time), *parts[2:]])
    assert unread(facts) == {WITHOUT_REST: len(parts)}
    assert states(facts) == ["gaps"]


def test_strangers_fragments_are_counted_and_belong_to_no_conversation() -> None:
    header = struct.pack("!BBHHHBBH", 0x45, 0, 28, 9, 0x2001, 64, 17, 0) + bytes((10, 9, 9, 9, 10, 9, 9, 8))
    facts = run([Packet(ethernet(header + bytes(8)))])
    assert unread(facts) == {WITHOUT_REST: 1}
    assert states(facts) == []
