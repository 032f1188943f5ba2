"""The segments that a direction remembers: few that were acknowledged, many that were not."""

from __future__ import annotations

from dissectors.base.connection import Side
from dissectors.wire.datagrams import Datagrams
from dissectors.wire.half import Half
from dissectors.wire.seen import (
    KEPT,
    KEPT_UNANSWERED,
    MAX_COMPARED_BYTES,
    MAX_COPIED,
    MAX_GROWN,
    MAX_KEPT,
    NO_IDENTIFICATION,
    Room,
    Seen,
    identification,
    ring_of,
    signed,
)

ROOM = Room()


def put(half: Half, sequence: int, data: bytes, number: int = 0) -> None:
    seen = half.place(ROOM)
    seen.sequence, seen.stop = sequence, sequence + len(data)
    seen.block, seen.start, seen.end, seen.header, seen.number = b"IP+TCP" + data, 6, 6 + len(data), 3, number


def remembered(half: Half) -> list[int]:
    assert half.seen is not None
    return [int(seen.sequence) for seen in ring_of(half.seen)]


def test_of_what_was_answered_the_newest_are_kept() -> None:
    half = Half(Side(0))
    for number in range(10):
        half.acked = half.answered = number * 4
        put(half, number * 4, b"abcd")
    assert remembered(half) == [number * 4 for number in range(10 - KEPT, 10)]


def test_what_nobody_acknowledged_is_kept_up_to_the_bound() -> None:
    half = Half(Side(0))
    half.acked = 0
    for number in range(MAX_KEPT + 20):
        put(half, number * 4, b"abcd")
    assert len(remembered(half)) == MAX_KEPT
    assert remembered(half)[-1] == (MAX_KEPT + 19) * 4


def test_what_was_acknowledged_and_not_answered_is_kept_for_a_while() -> None:
    half = Half(Side(0))
    for number in range(50):
        half.acked = number * 4
        put(half, number * 4, b"abcd")
    assert remembered(half) == [number * 4 for number in range(50 - KEPT_UNANSWERED, 50)]


def test_within_a_message_small_segments_become_one_and_none_is_forgotten() -> None:
    room = Room()
    half = Half(Side(0))
    half.acked = half.answered = 0
    for number in range(MAX_KEPT + 400):
        seen = half.place(room, True)
        seen.sequence, seen.stop, seen.number = number * 2, number * 2 + 2, 0
        seen.block, seen.start, seen.end = b"..ab", 2, 4
    assert half.seen is not None
    ring = ring_of(half.seen)
    assert len(ring) == MAX_KEPT
    assert room.grown == MAX_KEPT - KEPT
    assert b"".join(seen.block[seen.start : seen.end] for seen in ring) == b"ab" * (MAX_KEPT + 400)
    assert room.copied == half.copied == sum(len(seen.block) for seen in ring if seen.number < 0)


def test_segments_of_another_place_are_not_joined() -> None:
    half = Half(Side(0))
    for number in range(MAX_KEPT + 3):
        seen = half.place(ROOM, True)
        seen.sequence, seen.stop, seen.end, seen.block = number * 4, number * 4 + 2, 2, b"ab"
    assert remembered(half) == [number * 4 for number in range(3, MAX_KEPT + 3)]


def test_without_acknowledgements_in_the_capture_a_ring_grows_little() -> None:
    half = Half(Side(0))
    for number in range(50):
        put(half, number * 4, b"abcd")
    assert len(remembered(half)) == KEPT_UNANSWERED


def test_all_flows_together_have_a_bound_and_give_back_what_they_took() -> None:
    room = Room()
    room.grown = MAX_GROWN
    half = Half(Side(0))
    half.acked = 0
    for number in range(10):
        half.place(room).sequence = number * 4
    assert len(remembered(half)) == KEPT
    room.grown = 0
    for number in range(10):
        seen = half.place(room)
        seen.sequence, seen.stop = 40 + number * 4, 44 + number * 4
    assert room.grown > 0
    half.forget(room)
    assert room.grown == 0


def test_when_a_block_goes_what_may_still_differ_is_copied_with_its_header() -> None:
    half = Half(Side(0))
    half.acked = 0
    for number in range(2):
        put(half, number * 4, b"abcd", number=number)
    half.release(0, ROOM)
    assert remembered(half) == [0, 4]
    assert half.seen is not None
    first = ring_of(half.seen)[0]
    assert first.block == b"TCPabcd"
    assert (first.header, first.start, first.end) == (0, 3, 7)


def test_a_long_segment_is_copied_in_part_and_no_longer_checked() -> None:
    half = Half(Side(0))
    put(half, 0, bytes(5000))
    half.release(0, ROOM)
    assert half.seen is not None
    assert (half.seen.end - half.seen.start, half.seen.stop, half.seen.header) == (
        MAX_COMPARED_BYTES,
        MAX_COMPARED_BYTES,
        -1,
    )


def test_copies_are_counted_over_all_directions_and_given_back() -> None:
    room = Room()
    half = Half(Side(0))
    put(half, 0, b"abcd", number=0)
    assert half.release(0, room)
    assert room.copied == len(b"TCPabcd")
    for number in range(KEPT):
        half.acked = half.answered = 4 + number * 4
        put(half, 4 + number * 4, b"efgh", number=1)
    assert half.release(1, room)
    assert room.copied == KEPT * len(b"TCPefgh")
    half.forget(room)
    assert room.copied == 0


def test_without_room_for_copies_segments_are_forgotten() -> None:
    room = Room()
    room.copied = MAX_COPIED
    half = Half(Side(0))
    put(half, 0, b"abcd", number=0)
    put(half, 4, b"efgh", number=1)
    assert not half.release(0, room)
    assert remembered(half) == [4]
    assert room.copied == MAX_COPIED


def remembering(block: bytes, start: int) -> Datagrams:
    """Return what a direction remembers whose last datagram lies in ``block`` from ``start`` on."""
    datagrams = Datagrams()
    last = datagrams.last
    last.block, last.start, last.end, last.time = block, start, len(block), 1
    return datagrams


def test_datagrams_share_the_room_for_copies() -> None:
    room = Room()
    half = Half(Side(0))
    half.datagrams = remembering(b"headerabcd", 6)
    assert half.release(0, room)
    assert (half.datagrams.last.block, room.copied) == (b"abcd", 4)
    half.forget(room)
    assert (half.datagrams, room.copied) == (None, 0)
    half.datagrams = remembering(b"headerabcd", 6)
    room.copied = MAX_COPIED
    assert not half.release(1, room)
    assert half.datagrams is None


def test_a_segment_that_was_none_has_no_header_any_more() -> None:
    half = Half(Side(0))
    put(half, 0, b"abcd")
    assert half.seen is not None
    half.seen.ip = 0
    half.seen.forget()
    assert half.seen.ip == NO_IDENTIFICATION


def test_an_ended_direction_lets_go_of_its_segments() -> None:
    half = Half(Side(0))
    put(half, 0, b"abcd")
    half.forget(ROOM)
    assert half.seen is None


def test_distances_go_the_shorter_way_around() -> None:
    assert signed(0xFFFFFFFF) == -1
    assert signed(5 - 0xFFFFFFFB) == 10
    assert signed(0x7FFFFFFF) == 0x7FFFFFFF


def test_a_segment_that_was_let_go_has_no_identification() -> None:
    seen = Seen()
    seen.block, seen.ip, seen.sequence = b"\x45" + bytes(19), 0, 7
    assert identification(seen.block, seen.ip) == 0
    seen.forget()
    assert identification(seen.block, seen.ip) == NO_IDENTIFICATION
    assert identification(b"", 14) == NO_IDENTIFICATION
