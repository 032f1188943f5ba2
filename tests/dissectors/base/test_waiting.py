"""Rows of requests: in order within a tag, taken from anywhere, counted in one budget."""

from __future__ import annotations

from random import Random

from dissectors.base.channel import Operation
from dissectors.base.request import Request
from dissectors.base.waiting import Waiting
from tests.dissectors.captured import bare


def rows(limit: int = 100) -> Waiting:
    _, _, channel_table = bare()
    return Waiting(channel_table, limit)


def request(tag: int, time: int, point: int = 0) -> Request:
    connection, _, channel_table = bare()
    channel = channel_table.open(connection, "toy", "", "established", "bytes")
    made = Request(channel, Operation(1, "set", "write", "set", "1", ()), tag, time, 1)
    made.mirror = point
    return made


def test_requests_leave_a_row_as_they_came_whatever_leaves_its_middle() -> None:
    random = Random(7)
    for _ in range(200):
        waiting = rows()
        truth: list[Request] = []
        for time in range(random.randrange(1, 12)):
            one = request(random.randrange(3), time, 1 + random.randrange(3))
            assert waiting.add(one)
            truth.append(one)
        while truth:
            tag, point = random.randrange(3), random.randrange(4)
            if random.random() < 0.5:
                expected = next((one for one in truth if one.tag == tag), None)
                found = waiting.take(tag)
            else:
                expected = next((one for one in truth if one.tag == tag and point in (0, one.mirror)), None)
                assert waiting.fitting(tag, point) is expected
                found = waiting.take_fitting(tag, point)
            assert found is expected
            if expected is not None:
                truth.remove(expected)
            assert waiting.count == len(truth) == waiting.channel_table.waiting
        assert waiting.rows == {}


def test_the_bound_of_a_connection_and_that_of_all_are_kept() -> None:
    waiting = rows(3)
    assert [waiting.add(request(1, time)) for time in range(5)] == [True, True, True, False, False]
    waiting.channel_table.waiting_limit = 4
    other = Waiting(waiting.channel_table, 3)
    assert [other.add(request(1, time)) for time in range(3)] == [True, False, False]
    assert [one.time for one in waiting.take_all()] == [0, 1, 2]
    assert waiting.channel_table.waiting == 1


def test_those_older_than_a_time_are_found_in_every_row() -> None:
    waiting = rows()
    for time in range(6):
        waiting.add(request(time % 2, time))
    assert sorted(one.time for one in waiting.older_than(3)) == [0, 1, 2]
