"""Requests whose answers may still come: which answer is whose, for how long, and how many are remembered."""

from __future__ import annotations

from dissectors.base.channel import Operation
from dissectors.base.given_up import MAX_ANSWER_SECONDS, MAX_GIVEN_UP, GivenUp
from dissectors.base.request import Request
from tests.dissectors.captured import bare
from tests.dissectors.harness import SECOND


def made() -> tuple[GivenUp, Request]:
    connection, _, channel_table = bare()
    channel = channel_table.open(connection, "toy", "", "established", "bytes")
    return GivenUp(channel_table), Request(channel, Operation(1, "set", "write", "set", "1", ()), 7, SECOND, 1)


def another(like: Request, mirror: int, *, routine: bool = False) -> Request:
    operation = Operation(1, "get", "read", "get", "1", ())
    operation.routine = routine
    request = Request(like.channel, operation, like.tag, like.time, like.frame)
    request.mirror = mirror
    return request


def test_an_answer_that_says_what_was_asked_is_that_of_the_request_which_asked_it() -> None:
    given_up, like = made()
    for mirror in (5, 6, 7):
        given_up.add(another(like, mirror), 0)
    assert not given_up.fits(7, 9)
    found = given_up.take(7, 6, 2 * SECOND)
    assert found is not None
    assert found.mirror == 6
    assert given_up.take(7, 6, 2 * SECOND) is None


def test_what_is_too_old_for_any_answer_is_passed_over() -> None:
    given_up, like = made()
    given_up.add(like, 0)
    assert given_up.take(7, 0, (MAX_ANSWER_SECONDS + 2) * SECOND) is None


def test_the_oldest_goes_at_the_bound_and_the_budget_of_all_is_given_back() -> None:
    given_up, like = made()
    for number in range(MAX_GIVEN_UP + 2):
        given_up.add(another(like, 5 + number), 0)
    assert given_up.rows.count == MAX_GIVEN_UP
    assert not given_up.fits(7, 6)
    given_up.clear()
    assert given_up.channel_table.waiting == 0


def test_values_are_doubtful_after_a_read_of_the_same_tag_was_given_up_and_not_for_ever() -> None:
    given_up, like = made()
    given_up.add(another(like, 1, routine=True), 5 * SECOND)
    assert given_up.is_doubtful(7, 4 * SECOND)
    assert not given_up.is_doubtful(8, 4 * SECOND)
    assert not given_up.is_doubtful(7, 5 * SECOND)
    given_up.add(another(like, 9), 9 * SECOND)
    assert not given_up.is_doubtful(7, 6 * SECOND), "a command given up leaves no values in doubt"
