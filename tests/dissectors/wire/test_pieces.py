"""What the segments remembered make together."""

from __future__ import annotations

from dissectors.base.connection import Connection
from dissectors.wire.flow import Flow
from dissectors.wire.half import Half
from dissectors.wire.pieces import base_of, segments_of, text_of
from dissectors.wire.seen import Room, Seen

ROOM = Room()


def put(half: Half, sequence: int, data: bytes, frame: int = 0) -> Seen:
    seen = half.further_place(ROOM)
    seen.copy(sequence, data, -1, 0, len(data), frame)
    return seen


def test_of_two_versions_the_oldest_or_the_newest_is_read() -> None:
    half = Half(Connection("tcp", 0, 0).opener)
    segments = [put(half, 10, b"abcd"), put(half, 12, b"XYZ")]
    assert text_of(segments, 10, False) == b"abcdZ"
    assert text_of(segments, 10, True) == b"abXYZ"
    assert text_of(segments, 11, True) == b"bXYZ"


def test_bytes_are_read_up_to_the_first_hole() -> None:
    half = Half(Connection("tcp", 0, 0).opener)
    segments = [put(half, 0xFFFFFFFE, b"abcd"), put(half, 5, b"after")]
    assert text_of(segments, 0xFFFFFFFE, True) == b"abcd"
    assert base_of(segments, 1) == 0xFFFFFFFE
    assert base_of(segments, 7) == 5


def test_what_came_into_a_hole_stands_where_it_came() -> None:
    flow = Flow(0, 0, 0, 0, 0, 0, Connection("tcp", 0, 0))
    half, hole, other = flow.opener, Half(flow.opener.end), Half(flow.opener.end)
    hole.stop, half.strands = 20, [hole, other]
    put(half, 0, b"first", 1)
    put(half, 20, b"third", 3)
    put(hole, 10, b"second", 2)
    put(other, 900, b"of other numbers", 2)
    assert [seen.block for seen in segments_of(flow, half)] == [b"first", b"second", b"third"]
    assert [seen.block for seen in segments_of(flow, hole)] == [b"first", b"second", b"third"]
