"""Promises about copies: a frame that the mirror shows twice is dissected once; what is sent again is no copy."""

from __future__ import annotations

import pytest

from dissectors.facts import Exchange, Violation
from tests.dissectors.harness import (
    CLIENT_MAC,
    MILLISECOND,
    SERVER_MAC,
    START,
    Conversation,
    Packet,
    channels,
    counted,
    health,
    of,
    reported,
    run,
    talk,
    total,
)
from tests.dissectors.wire.mirror import at_place, seen, way
from tests.dissectors.wire.test_joining import datagram

TALK = talk()
TRUTH = reported(run(seen(TALK, TALK.segments)))
DATA = sum(1 for segment in TALK.segments if segment.data)
OURS = (CLIENT_MAC, SERVER_MAC)


def doubled(delay: int) -> list[Packet]:
    packets = seen(TALK, TALK.segments)
    return sorted(
        [*packets, *(Packet(packet.data, packet.time + delay) for packet in packets)], key=lambda packet: packet.time
    )


@pytest.mark.parametrize("delay", [0, 15_000, MILLISECOND])
def test_frames_mirrored_twice_are_counted_once_and_told_as_duplicates(delay: int) -> None:
    facts = run(doubled(delay))
    assert reported(facts) == TRUTH
    assert health(facts)["duplicates"] == DATA
    assert total(facts, "retransmissions") <= 3  # the frames of the handshake and of the end hold nothing to compare
    (row,) = counted(facts).values()
    assert row["copies"] == DATA


def test_a_segment_that_is_sent_again_is_a_retransmission() -> None:
    packets = seen(TALK, TALK.segments)
    segment = TALK.segments[5]
    again = Packet(at_place(TALK.network(segment), way(segment.side), number=200), segment.time + 300 * MILLISECOND)
    later = [Packet(packet.data, packet.time + 301 * MILLISECOND) for packet in packets[6:]]
    facts = run([*packets[:6], again, *later])
    assert total(facts, "retransmissions") == 1
    assert "duplicates" not in health(facts)


def test_a_copy_with_other_bytes_is_a_conflict() -> None:
    packets = seen(TALK, TALK.segments)
    forged = bytearray(packets[3].data)
    forged[-1] ^= 1
    facts = run([*packets[:4], Packet(bytes(forged), packets[3].time + 1000), *packets[4:]])
    assert {"two_readings", "decoy", "bad_checksum"} & {fact.name for fact in of(facts, Violation)}


@pytest.mark.parametrize(
    ("number", "later", "copies"),
    [(7, 20_000, 1), (7, 99 * MILLISECOND, 1), (7, 101 * MILLISECOND, 0), (8, 20_000, 0), (0, 20_000, 1)],
)
def test_a_datagram_is_a_copy_with_the_same_identification_soon_after(number: int, later: int, copies: int) -> None:
    first = 7 if number else 0
    facts = run(
        [
            datagram(0, b"direct operate", OURS, 0, START, first),
            datagram(0, b"direct operate", OURS, 0, START + later, number),
        ]
    )
    assert health(facts).get("duplicates", 0) == copies
    assert total(facts, "packets_client") + total(facts, "packets_server") == 2 - copies


def test_a_datagram_without_identification_that_comes_again_later_is_no_copy() -> None:
    facts = run([datagram(0, b"poll", OURS, 0, START + turn * 10 * MILLISECOND, 0) for turn in range(5)])
    assert "duplicates" not in health(facts)


def test_no_datagram_hides_behind_the_identification_of_another() -> None:
    facts = run([datagram(0, b"read", OURS, 0, START, 7), datagram(0, b"stop", OURS, 0, START + 10, 7)])
    assert "duplicates" not in health(facts)


def test_the_copy_of_a_refusal_is_no_second_attempt() -> None:
    it = Conversation().handshake()
    refusal = [it.segments[0], type(it.segments[0])(1, 0, b"", 4 | 16, START + 1000, acked=1)]
    packets = seen(it, refusal)
    facts = run([*packets, *(Packet(packet.data, packet.time + 2000) for packet in packets)])
    assert total(facts, "refused") == 1
    assert [channel.state for channel in channels(facts, "")] == ["refused"]
    assert not of(facts, Exchange)


@pytest.mark.parametrize(("burst", "copies"), [(2, 2), (4, 4), (6, 0)])
def test_copies_of_a_burst_are_known_while_it_is_short(burst: int, copies: int) -> None:
    first = [datagram(0, bytes((turn, 1, 2)), OURS, 0, START + turn * 1000, 10 + turn) for turn in range(burst)]
    again = [Packet(packet.data, packet.time + MILLISECOND) for packet in first]
    facts = run([*first, *again])
    assert health(facts).get("duplicates", 0) == copies
