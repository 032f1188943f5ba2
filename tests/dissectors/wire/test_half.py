"""One direction of a flow: where its stream stands, and what is kept of its last segment."""

from __future__ import annotations

import pytest

from dissectors.base.connection import Connection
from dissectors.wire.half import MAX_COMPARED_BYTES, SPACE, Half


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
    one.last_block, one.last_start, one.last_end = b"before" + segment + b"behind", 6, 6 + size
    one.release()
    assert one.last_block[one.last_start : one.last_end] == segment[:MAX_COMPARED_BYTES]
    assert len(one.last_block) <= MAX_COMPARED_BYTES
