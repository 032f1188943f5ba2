"""A frame that came round a ring both ways is read once; a later frame with its number is another one."""

from __future__ import annotations

import struct

from dissectors.facts import ChannelWindow
from dissectors.wire.ring import LIFETIME_NANOSECONDS, MAX_SENDERS, WINDOW, Ring
from tests.dissectors.harness import Packet, health, of, reported, run, talk, total

TALK = talk()
NODE = 0x001B1B000001


def test_the_second_copy_is_told_from_the_first_and_counted() -> None:
    ring = Ring()
    assert [ring.is_copy(NODE, 7, now) for now in (0, 1_000, 2_000)] == [False, True, True]
    assert not ring.is_copy(NODE + 1, 7, 3_000)
    assert ring.copies == 2


def test_a_number_that_comes_again_later_is_a_new_frame() -> None:
    ring = Ring()
    assert not ring.is_copy(NODE, 7, 0)
    assert not ring.is_copy(NODE, 7, LIFETIME_NANOSECONDS)
    assert not ring.is_copy(NODE, 7 + WINDOW, LIFETIME_NANOSECONDS)
    assert ring.copies == 0


def test_the_nodes_of_a_ring_are_bounded() -> None:
    ring = Ring()
    for number in range(MAX_SENDERS + 1):
        ring.is_copy(number, 1, 0)
    assert (len(ring.senders), ring.evicted) == (1, 1)


def test_a_ring_seen_from_both_sides_is_one_conversation_without_repeats() -> None:
    def frame(number: int, data: bytes, lane: int) -> bytes:
        return data[:12] + struct.pack("!HHH", 0x892F, lane << 12 | len(data) - 8, number) + data[12:]

    packets = [
        Packet(frame(number, TALK.frame(segment), lane), segment.time + lane * 20_000)
        for number, segment in enumerate(TALK.segments)
        for lane in (0, 1)
    ]
    facts = run(packets)
    assert reported(facts) == reported(run(TALK.packets()))
    assert health(facts)["ring_copies"] == len(TALK.segments)
    assert total(facts, "retransmissions") == 0
    assert sum(window.packets_client + window.packets_server for window in of(facts, ChannelWindow)) == len(
        TALK.segments
    )
