"""Novelty: what is normal by right, what is only seen, and what was never there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dissectors.context import Context
from dissectors.facts import AnyFact, Target
from models import Settings
from models.novelty.state import MEMBERS, Novelty
from models.timing.state import Rhythms
from tests.models.site import (
    APPROVAL,
    COILS,
    IDENTIFY,
    MINUTE,
    QUICK,
    READ,
    RESTART,
    SECOND,
    START,
    WRITE,
    Operation,
    alerts,
    count,
    exchange,
    first,
    in_order,
    judge,
    label,
    opened,
    polling,
    train,
    window,
)

CHANNEL = opened()
LATER = START + 30 * SECOND


def writing(minutes: range, operation: Operation = WRITE) -> list[AnyFact]:
    reported: list[AnyFact] = [first(CHANNEL, operation, START + minutes[0] * MINUTE + SECOND)]
    for minute in minutes:
        at = START + minute * MINUTE + 2 * SECOND
        reported += [
            exchange(CHANNEL, operation, at),
            window(CHANNEL, minute, [count(operation, 1, fresh=minute == minutes[0])], [(READ, operation, 1)]),
        ]
    return reported


def novelties(found: list) -> list[tuple[str, str]]:
    return [one for one in alerts(found) if one[1].startswith("M1")]


def test_what_was_learned_is_not_found_again() -> None:
    facts = polling(CHANNEL, 6)
    assert judge(train(facts), facts) == []


def test_a_read_seen_in_too_few_periods_is_no_member_and_becomes_a_review() -> None:
    early = [first(CHANNEL, IDENTIFY, LATER), window(CHANNEL, 0, [count(IDENTIFY, 1, fresh=True)])]
    facts = in_order(polling(CHANNEL, 6), early)
    found = judge(train(facts), facts)
    assert novelties(found) == [("MDL-001", "M1.T2.diagnostic.unconfirmed")]
    assert found[0].review
    assert found[0].severity == "medium"


@pytest.mark.parametrize(
    "operation", [WRITE, RESTART, *((verb, "do", "1", ()) for verb in ("program", "file", "time"))]
)
def test_a_dangerous_operation_is_never_learned_silently_however_often_it_was_seen(operation: Operation) -> None:
    facts = in_order(polling(CHANNEL, 8), writing(range(8), operation))
    baseline = train(facts)
    operations = {operation.label: operation for operation in baseline.state(Novelty).conversations[0].operations}
    assert operations[label(operation)].standing == "unapproved"
    found = [one for one in judge(baseline, facts) if one.model == "novelty"]
    assert found
    assert all(one.review and one.alert == "MDL-001" and one.severity == "medium" for one in found)
    assert "nobody confirmed" in found[0].expected


def test_an_approved_write_is_normal_and_carries_who_and_ticket() -> None:
    facts = in_order(polling(CHANNEL, 4), writing(range(1, 2)))
    baseline = train(facts, approval=APPROVAL)
    operation = next(
        operation for operation in baseline.state(Novelty).conversations[0].operations if operation.verb == "write"
    )
    assert (operation.standing, operation.by) == ("approved", "OT engineer on duty, ticket CHG-1")
    assert novelties(judge(baseline, facts)) == []


def test_a_write_that_a_signed_policy_rule_allows_counts_as_confirmed_by_it() -> None:
    facts = in_order(polling(CHANNEL, 4), writing(range(1, 2)))

    def allowed(channel: object, fact: object) -> str:
        return "rule R-011, ticket CHG-1001" if getattr(fact, "verb", "") == "write" else ""

    baseline = train(facts, allowed=allowed)
    operation = next(
        operation for operation in baseline.state(Novelty).conversations[0].operations if operation.verb == "write"
    )
    assert (operation.standing, operation.by) == ("policy", "rule R-011, ticket CHG-1001")
    assert novelties(judge(baseline, facts)) == []


def test_an_approval_does_not_cover_rare_reads_unless_it_says_so() -> None:
    early = [first(CHANNEL, IDENTIFY, LATER), window(CHANNEL, 0, [count(IDENTIFY, 1, fresh=True)])]
    facts = in_order(polling(CHANNEL, 6), early)
    assert novelties(judge(train(facts, approval=APPROVAL), facts)) != []
    with_rare = type(APPROVAL)(by="OT engineer on duty", ticket="CHG-2", rare=True)
    assert novelties(judge(train(facts, approval=with_rare), facts)) == []


def test_a_first_write_is_one_high_finding_with_values_outcome_and_frames() -> None:
    baseline = train(polling(CHANNEL, 6))
    at = START + 90 * SECOND
    found = judge(
        baseline, in_order(polling(CHANNEL, 3), [first(CHANNEL, WRITE, at), exchange(CHANNEL, WRITE, at + 1000)])
    )
    assert novelties(found) == [("MDL-001", "M1.T2.write")]
    finding = found[0]
    assert (finding.severity, finding.review, finding.frames) == ("", False, (10, 11))
    assert finding.observed == "write_multiple_registers on holding_register 100-101 = 75, 20, success"
    assert finding.expected == "read_coils, read_holding_registers (720 requests)"


def test_an_unanswered_write_is_reported_within_two_seconds() -> None:
    from models import Ensemble

    ensemble = Ensemble(train(polling(CHANNEL, 6)))
    ensemble.see(Context(fact=CHANNEL, channel=CHANNEL))
    assert ensemble.see(Context(fact=first(CHANNEL, WRITE, LATER), channel=CHANNEL)) == []
    assert alerts(ensemble.tick(LATER + 2 * SECOND)) == [("MDL-001", "M1.T2.write")]


def test_every_repeat_of_an_unknown_write_is_reported_so_that_the_incident_stays_open() -> None:
    baseline = train(polling(CHANNEL, 6))
    again = [exchange(CHANNEL, WRITE, LATER + number * SECOND) for number in range(5)]
    found = judge(baseline, [CHANNEL, first(CHANNEL, WRITE, LATER), *again])
    assert len(novelties(found)) == 5
    assert "5 so far" in found[-1].observed


def test_a_new_function_of_a_known_class_is_a_review_when_it_only_reads() -> None:
    baseline = train(polling(CHANNEL, 6))
    other = ("read", "read_input_registers", "4", (Target("input_register", 0, 3),))
    found = judge(baseline, [CHANNEL, first(CHANNEL, other, LATER)])
    assert alerts(found) == [("MDL-002", "M1.T3.read")]
    assert found[0].review


def test_a_sweep_of_any_size_is_one_reason_without_addresses_that_grows() -> None:
    baseline = train(polling(CHANNEL, 6))
    sweep = [
        first(
            CHANNEL, ("read", "read_holding_registers", "3", (Target("holding_register", at, at),)), LATER + at * SECOND
        )
        for at in range(300)
    ]
    found = judge(baseline, [CHANNEL, *sweep])
    assert {one.reason for one in found} == {"M1.T4.read"}
    assert "300 so far, holding_register 0-299" in found[-1].observed
    assert all(one.review for one in found)


def test_a_sweep_slower_than_an_incident_lasts_is_reported_at_doubling_counts_only() -> None:
    baseline = train(polling(CHANNEL, 6))
    line = [CHANNEL]
    sweep = [
        first(
            CHANNEL,
            ("read", "read_holding_registers", "3", (Target("holding_register", at, at),)),
            LATER + at * 20 * MINUTE,
        )
        for at in range(200)
    ]
    found = judge(baseline, line + sweep)
    assert len(found) <= 9


def test_another_mix_of_known_kinds_of_objects_is_no_news() -> None:
    report = ("report", "unsolicited_response", "130", (Target("g32v1"), Target("g2v1")))
    facts: list[AnyFact] = [CHANNEL, first(CHANNEL, report)]
    facts += [window(CHANNEL, minute, [count(report, 3, fresh=minute == 0, period=20.0)]) for minute in range(5)]
    baseline = train(facts)
    one = ("report", "unsolicited_response", "130", (Target("g2v1"),))
    new = ("report", "unsolicited_response", "130", (Target("g22v1"),))
    assert judge(baseline, [CHANNEL, first(CHANNEL, one, LATER)]) == []
    assert alerts(judge(baseline, [CHANNEL, first(CHANNEL, new, LATER)])) == [("MDL-003", "M1.T4.read")]


def test_a_new_conversation_is_reported_once_and_its_reads_are_not_reported_besides() -> None:
    baseline = train(polling(CHANNEL, 6))
    stranger = opened(client="10.0.0.66")
    found = judge(baseline, [stranger, first(stranger, READ, LATER), first(stranger, WRITE, LATER)])
    assert alerts(found) == [("NET-009", "M1.T1"), ("MDL-001", "M1.T2.write")]


def test_a_new_unit_behind_a_known_pair_is_reported_as_a_unit() -> None:
    baseline = train(polling(CHANNEL, 6))
    assert alerts(judge(baseline, [opened(unit="7")])) == [("NET-009", "M1.T1.unit")]


@pytest.mark.parametrize("state", ["attempted", "refused", "unanswered"])
def test_attempts_that_nobody_answered_are_no_new_conversations(state: str) -> None:
    assert judge(train(polling(CHANNEL, 6)), [opened(client="10.0.0.66", state=state)]) == []


def test_a_dangerous_operation_that_opens_a_connection_supports_other_models_but_says_nothing_alone() -> None:
    from models import Ensemble

    facts = in_order(polling(CHANNEL, 8), writing(range(8)))
    baseline = train(facts, approval=APPROVAL)
    ensemble = Ensemble(baseline)
    ensemble.see(Context(fact=CHANNEL, channel=CHANNEL))
    novelty = ensemble.scorers[0]
    alone = window(CHANNEL, 20, [count(WRITE, 1)])
    assert novelty.see(Context(fact=alone, channel=CHANNEL)) == ()
    assert "came first on a connection 1 time" in novelty.hints[0].why
    novelty.hints.clear()
    novelty.see(Context(fact=window(CHANNEL, 21, [count(WRITE, 1)], [(READ, WRITE, 1)]), channel=CHANNEL))
    novelty.see(Context(fact=window(CHANNEL, 22, [count(WRITE, 1)], gaps=1), channel=CHANNEL))
    assert novelty.hints == []


def test_one_period_can_be_taken_out_of_what_was_learned() -> None:
    number = (START + 2 * MINUTE) // MINUTE
    poisoned = [first(CHANNEL, IDENTIFY, START + 2 * MINUTE)]
    poisoned += [window(CHANNEL, minute, [count(IDENTIFY, 1)]) for minute in (2, 3, 4)]
    facts = in_order(polling(CHANNEL, 6), poisoned)
    assert IDENTIFY[1] in {operation.operation for operation in _members(train(facts))}
    assert IDENTIFY[1] not in {operation.operation for operation in _members(train(facts, without=frozenset({number})))}


def test_with_fewer_periods_than_asked_for_nothing_is_learned_and_the_card_says_so() -> None:
    baseline = train(polling(CHANNEL, 2))
    assert not _members(baseline)
    assert any("2 periods of 60 s, 3 are needed" in note for note in baseline.origin.notes)


def test_the_tables_of_learning_are_bounded_and_what_they_left_out_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.novelty.learner.MAX_OPERATIONS", 10)
    sweep = [first(CHANNEL, ("read", "r", "3", (Target("coil", at, at),)), LATER) for at in range(50)]
    baseline = train([CHANNEL, *sweep])
    assert len(baseline.state(Novelty).conversations[0].operations) == 10
    assert baseline.state(Novelty).dropped["operations"] == 40


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(4)), st.integers(1, 6))
def test_the_order_in_which_channels_are_reported_changes_nothing(order: list[int], periods: int) -> None:
    channels = [opened(client=f"10.0.1.{number}") for number in range(4)]
    stories = [polling(channel, 5) for channel in channels]
    reported = Settings(period_seconds=60, min_periods=periods, trees=2, tree_samples=8)
    straight = train(in_order(*stories), reported)
    mixed = train(in_order(*(stories[at] for at in order)), reported)
    assert straight.state(Novelty) == mixed.state(Novelty)
    assert straight.state(Rhythms) == mixed.state(Rhythms)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([READ, COILS, IDENTIFY, WRITE, RESTART]), max_size=12), st.integers(1, 4))
def test_no_dangerous_operation_is_ever_a_member_without_a_name(operations: list[Operation], periods: int) -> None:
    facts: list[AnyFact] = [CHANNEL]
    for minute, operation in enumerate(operations):
        facts += [first(CHANNEL, operation, START + minute * MINUTE), window(CHANNEL, minute, [count(operation, 2)])]
    baseline = train(facts, Settings(period_seconds=60, min_periods=periods, trees=2, tree_samples=8))
    for operation in _members(baseline):
        assert operation.verb not in {"write", "control"}


def _members(baseline: object) -> list:
    return [
        operation
        for learned in baseline.state(Novelty).conversations  # type: ignore[attr-defined]
        for operation in learned.operations
        if operation.standing in MEMBERS
    ]


def test_the_default_period_is_a_day() -> None:
    assert (Settings().period_seconds, Settings().min_periods, QUICK.period_seconds) == (86_400, 3, 60)
