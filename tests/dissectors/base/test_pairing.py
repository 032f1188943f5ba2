"""The slot, the requests beside it, and what time does to them."""

from __future__ import annotations

from dissectors.base.conversation import Conversation
from dissectors.base.given_up import MAX_ANSWER_SECONDS
from dissectors.base.message import ONE_WAY, REQUEST, RESPONSE, Message, ProtocolViolation, joined
from dissectors.base.pairing import ANSWER_NANOSECONDS, MAX_WAITING
from dissectors.base.violations import REPORTED
from dissectors.facts import Exchange, Target, Violation
from tests.dissectors.captured import bare
from tests.dissectors.harness import SECOND, of


def made() -> Conversation:
    connection, recorder, channel_table = bare()
    return Conversation("toy", connection, recorder, channel_table)


def say(talk: Conversation, kind: int, tag: int, name: str = "set", *, point: int = -1, routine: bool = False) -> None:
    message = Message(kind, name, "write", "1")
    message.tag = tag
    message.routine = routine
    if point >= 0:
        message.targets = [Target("point", point, point)]
        message.mirror = joined(0, point, 0)
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


def test_a_request_that_waits_too_long_is_unanswered_and_its_answer_late() -> None:
    talk = made()
    say(talk, REQUEST, 1)
    talk.recorder.now += ANSWER_NANOSECONDS + 1
    talk.pairing.look(talk.recorder.now)
    say(talk, RESPONSE, 1)
    assert [outcome for _, outcome in outcomes(talk)] == ["unanswered", "late"]


def test_requests_with_one_tag_are_answered_in_their_order() -> None:
    talk = made()
    for name in ("first", "second", "third"):
        say(talk, REQUEST, 1, name)
    say(talk, RESPONSE, 1)
    say(talk, REQUEST, 1, "fourth")
    for _ in range(3):
        say(talk, RESPONSE, 1)
    assert outcomes(talk) == [(name, "success") for name in ("first", "second", "third", "fourth")]


def test_an_echo_finds_the_request_that_it_repeats_and_none_that_it_does_not() -> None:
    talk = made()
    for point in (1, 2, 3):
        say(talk, REQUEST, 5, f"select_{point}", point=point)
    say(talk, RESPONSE, 5, point=2)
    say(talk, RESPONSE, 5, point=9)
    say(talk, RESPONSE, 5, point=1)
    assert outcomes(talk) == [("select_2", "success"), ("set", "unmatched"), ("select_1", "success")]


def test_the_time_an_answer_may_take_is_learned_from_the_slowest() -> None:
    talk = made()
    say(talk, REQUEST, 1)
    talk.recorder.now += 12 * SECOND
    talk.pairing.look(talk.recorder.now)
    say(talk, RESPONSE, 1)
    for tag in range(2, 6):
        say(talk, REQUEST, tag, f"set_{tag}")
        talk.recorder.now += 20 * SECOND
        talk.pairing.look(talk.recorder.now)
        say(talk, RESPONSE, tag)
    assert [outcome for _, outcome in outcomes(talk)] == ["unanswered", "late", *["success"] * 4]


def test_nothing_is_waited_for_longer_than_some_minutes() -> None:
    talk = made()
    say(talk, REQUEST, 1)
    talk.recorder.now += 170 * SECOND
    talk.pairing.look(talk.recorder.now)
    say(talk, RESPONSE, 1)
    say(talk, REQUEST, 2)
    talk.recorder.now += MAX_ANSWER_SECONDS * SECOND + 1
    talk.pairing.look(talk.recorder.now)
    say(talk, RESPONSE, 2)
    assert [outcome for _, outcome in outcomes(talk)] == ["unanswered", "late", "unanswered", "unmatched"]


def test_what_is_open_when_the_input_ends_is_unseen_and_of_routine_nothing_is_said() -> None:
    talk = made()
    say(talk, REQUEST, 1, "stop")
    say(talk, REQUEST, 2, "poll", routine=True)
    say(talk, REQUEST, 3, "start")
    talk.pairing.end_unseen()
    assert outcomes(talk) == [("stop", "unseen"), ("start", "unseen")]
    assert talk.pairing.channel_table.waiting == 0


def test_more_requests_than_the_bound_are_told_at_once_and_their_answers_are_not_unasked() -> None:
    talk = made()
    for tag in range(MAX_WAITING + 4):
        say(talk, REQUEST, tag, f"set_{tag}" if tag > MAX_WAITING else "set")
    assert talk.pairing.waiting.count == MAX_WAITING
    assert talk.pairing.channel_table.evicted_requests == 3
    lost = [(f"set_{MAX_WAITING + 1 + number}", "unseen") for number in range(3)]
    assert outcomes(talk) == lost
    for number in range(4):
        say(talk, RESPONSE, MAX_WAITING + 1 + number)
    assert outcomes(talk) == [*lost, ("set", "unmatched")], "three answers may be theirs, a fourth is not"


def test_what_was_asked_before_a_gap_is_told_and_not_missed() -> None:
    talk = made()
    for tag in (1, 2, 3):
        say(talk, REQUEST, tag, f"set_{tag}")
    talk.pairing.gap(talk.recorder.now + 1)
    say(talk, RESPONSE, 2)
    talk.pairing.time_out_all()
    assert outcomes(talk) == [("set_2", "success"), ("set_1", "unseen"), ("set_3", "unseen")]


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
    facts = of(talk.recorder.facts, Violation)
    assert [fact.repeats for fact in facts] == [0] * REPORTED + [2, 7, 15]
    talk.pairing.channel_table.close_window(0, 60 * SECOND)
    facts = of(talk.recorder.facts, Violation)
    assert sum(1 + fact.repeats for fact in facts) == 40
    talk.pairing.channel_table.close_window(60 * SECOND, 120 * SECOND)
    assert of(talk.recorder.facts, Violation) == facts


def test_an_answer_is_that_of_the_request_it_repeats_though_another_with_its_tag_is_older() -> None:
    talk = made()
    say(talk, REQUEST, 1, "on", point=1)
    say(talk, REQUEST, 1, "off", point=2)
    say(talk, RESPONSE, 1, point=2)
    talk.pairing.time_out_all()
    assert outcomes(talk) == [("off", "success"), ("on", "unanswered")]


def test_a_late_answer_is_that_of_the_request_given_up_and_not_of_one_that_is_open() -> None:
    talk = made()
    say(talk, REQUEST, 1, "on", point=1)
    talk.recorder.now += 11 * SECOND
    say(talk, REQUEST, 1, "off", point=2)
    say(talk, RESPONSE, 1, point=1)
    say(talk, RESPONSE, 1, point=3)
    say(talk, RESPONSE, 1, point=2)
    assert outcomes(talk) == [("on", "unanswered"), ("on", "late"), ("set", "unmatched"), ("off", "success")]


def test_a_request_whose_tag_comes_again_after_a_later_answer_waits_no_longer() -> None:
    talk = made()
    say(talk, REQUEST, 1, "set_1")
    for tag in (2, 3):
        say(talk, REQUEST, tag, f"set_{tag}")
        talk.recorder.now += 1
    say(talk, RESPONSE, 3)
    say(talk, REQUEST, 1, "again")
    say(talk, RESPONSE, 1)
    assert outcomes(talk) == [("set_3", "success"), ("set_1", "unanswered"), ("again", "success")]


def test_a_read_is_given_up_by_the_next_of_its_tag_when_answers_come_sooner() -> None:
    talk = made()
    for name in ("one", "two"):
        say(talk, REQUEST, 1, name, routine=True)
        talk.recorder.now += SECOND // 100
        say(talk, RESPONSE, 1, routine=True)
    say(talk, REQUEST, 1, "one", routine=True)
    talk.recorder.now += SECOND // 2
    say(talk, REQUEST, 1, "two", routine=True)
    talk.recorder.now += SECOND // 100
    say(talk, RESPONSE, 1, routine=True)
    assert outcomes(talk) == [("one", "unanswered")]
    assert talk.pairing.operation is None
    assert talk.pairing.waiting.count == 0
    assert talk.pairing.given_up.is_doubtful(1, talk.recorder.now)
