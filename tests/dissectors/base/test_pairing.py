"""The slot, the requests beside it, and what time does to them."""

from __future__ import annotations

from dissectors.base.conversation import Conversation
from dissectors.base.message import ONE_WAY, REQUEST, RESPONSE, Message, ProtocolViolation
from dissectors.base.pairing import ANSWER_NANOSECONDS, MAX_WAITING
from dissectors.base.reporting import VIOLATIONS_REPORTED
from dissectors.facts import Exchange, Violation
from tests.dissectors.captured import bare
from tests.dissectors.harness import of


def made() -> Conversation:
    connection, recorder, channel_table = bare()
    return Conversation("toy", connection, recorder, channel_table)


def say(talk: Conversation, kind: int, tag: int, name: str = "set") -> None:
    message = Message(kind, name, "write", "1")
    message.tag = tag
    talk.take(0 if kind != RESPONSE else 1, message, -1, b"....", 0, 4)


def outcomes(talk: Conversation) -> list[tuple[str, str]]:
    return [(fact.operation, fact.outcome) for fact in of(talk.recorder.facts, Exchange)]


def test_answers_find_their_requests_in_any_order() -> None:
    talk = made()
    for tag in (1, 2, 3):
        say(talk, REQUEST, tag, f"set_{tag}")
    for tag in (3, 1, 2):
        say(talk, RESPONSE, tag)
    assert outcomes(talk) == [("set_3", "success"), ("set_1", "success"), ("set_2", "success")]


def test_a_request_that_waits_too_long_is_unanswered_and_its_late_answer_unmatched() -> None:
    talk = made()
    say(talk, REQUEST, 1)
    talk.recorder.now += ANSWER_NANOSECONDS + 1
    talk.pairing.look(talk.recorder.now)
    say(talk, RESPONSE, 1)
    assert [outcome for _, outcome in outcomes(talk)] == ["unanswered", "unmatched"]


def test_the_same_tag_again_gives_the_first_request_up() -> None:
    talk = made()
    say(talk, REQUEST, 1, "first")
    say(talk, REQUEST, 1, "second")
    say(talk, RESPONSE, 1)
    assert outcomes(talk) == [("first", "unanswered"), ("second", "success")]


def test_more_requests_than_the_bound_are_counted_and_not_paired() -> None:
    talk = made()
    for tag in range(MAX_WAITING + 4):
        say(talk, REQUEST, tag)
    assert len(talk.pairing.waiting) == MAX_WAITING
    assert talk.pairing.channel_table.evicted_requests == 3


def test_what_was_asked_before_a_gap_is_forgotten_and_not_missed() -> None:
    talk = made()
    say(talk, REQUEST, 1)
    say(talk, REQUEST, 2)
    talk.pairing.forget_before(talk.recorder.now + 1)
    talk.pairing.time_out_all()
    assert outcomes(talk) == []


def test_an_answer_that_goes_on_keeps_its_request_open() -> None:
    talk = made()
    say(talk, REQUEST, 1)
    assert talk.pairing.match(1)
    talk.pairing.reopen(9)
    say(talk, RESPONSE, 9)
    assert outcomes(talk) == [("set", "success")]


def test_violations_of_one_name_are_reported_a_few_times_and_then_counted() -> None:
    talk = made()
    for _ in range(40):
        message = Message(ONE_WAY, "set", "write", "1")
        message.violations.append(ProtocolViolation("length", 0, "1.1", "too long"))
        talk.take(0, message, -1, b"....", 0, 4)
    repeats = [fact.repeats for fact in of(talk.recorder.facts, Violation)]
    assert repeats == [0] * VIOLATIONS_REPORTED + [
        8 - VIOLATIONS_REPORTED,
        16 - VIOLATIONS_REPORTED,
        32 - VIOLATIONS_REPORTED,
    ]
