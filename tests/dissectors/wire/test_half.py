"""One direction of a flow: where its stream stands, and what is kept of its last segment."""

from __future__ import annotations

import pytest

from dissectors.base.connection import Connection
from dissectors.wire.half import Half
from dissectors.wire.seen import KEPT, MAX_COMPARED_BYTES, SPACE, Room, ring_of


def half() -> Half:
    return Half(Connection("tcp", 0, 0).opener)


@pytest.mark.parametrize(
    ("due", "sequence", "ahead"),
    [
        (1000, 1000, 0),
        (1000, 1007, 7),
        (1000, 990, -10),
        (SPACE, 4, 5),  # the numbers begin again
        (4, SPACE, -5),
        (0, 0x7FFFFFFF, 0x7FFFFFFF),
        (0, 0x80000000, -0x80000000),  # half of the space away is behind
    ],
)
def test_how_far_a_segment_is_ahead_is_counted_around_the_end_of_the_numbers(
    due: int, sequence: int, ahead: int
) -> None:
    one = half()
    one.next = due
    assert one.ahead(sequence) == ahead


@pytest.mark.parametrize("size", [10, MAX_COMPARED_BYTES, MAX_COMPARED_BYTES + 1, 60_000])
def test_the_last_segment_outlives_its_block_up_to_a_bound(size: int) -> None:
    one = half()
    segment = bytes(number & 0xFF for number in range(size))
    seen = one.place(Room())
    seen.sequence, seen.stop, seen.number = 0, size, 3
    seen.block, seen.start, seen.end = b"before" + segment + b"behind", 6, 6 + size
    one.release(2, Room())
    assert len(seen.block) == size + 12
    one.release(3, Room())
    assert seen.block[seen.start : seen.end] == segment[:MAX_COMPARED_BYTES]
    assert len(seen.block) <= MAX_COMPARED_BYTES


def test_another_version_of_a_segment_takes_no_place_away() -> None:
    one, room = half(), Room()
    for number in range(KEPT):
        one.place(room).sequence = number
    one.further_place(room).sequence = 7
    assert one.seen is not None
    assert [int(seen.sequence) for seen in ring_of(one.seen)] == [*range(KEPT), 7]
    assert room.grown == 1
