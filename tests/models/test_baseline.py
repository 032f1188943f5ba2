"""The whole: learn, score, fuse, report. The same facts always give the same answer, and every model keeps the contract."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dissectors.context import Context
from dissectors.facts import AnyFact, ChannelOpened, ChannelWindow, decode, encode
from models import Approval, Baseline, Ensemble, Finding, Settings, Training, card, findings_of
from models.contract import Hint
from models.fusion import Fusion
from models.group import GROUP_OF_VERB, GUARDED, group_of, is_guarded
from models.wording import seconds_text
from tests.models.site import (
    APPROVAL,
    COILS,
    MINUTE,
    QUICK,
    READ,
    SECOND,
    START,
    WRITE,
    alerts,
    count,
    exchange,
    first,
    followed,
    in_order,
    judge,
    opened,
    polling,
    train,
    window,
)
from tests.repository import ROOT

CHANNEL = opened()
OTHER = opened(client="10.0.0.11")


def strange(minute: int) -> list[AnyFact] | None:
    if minute != 3:
        return None
    return [window(CHANNEL, minute, [count(READ, 900, period=1 / 15), count(COILS, 60)], connections=9)]


LIVE = in_order(
    polling(CHANNEL, 8, odd=strange),
    polling(OTHER, 8),
    [first(CHANNEL, WRITE, START + 200 * SECOND), exchange(CHANNEL, WRITE, START + 201 * SECOND)],
    [opened(client="10.0.0.66", time=START + 250 * SECOND)],
)


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return train(in_order(polling(CHANNEL, 15), polling(OTHER, 15)))


def test_every_verb_of_the_facts_has_a_group_and_an_unknown_one_is_dangerous() -> None:
    from dissectors.words import VERBS

    assert set(GROUP_OF_VERB) == set(VERBS)
    assert group_of("never_heard_of") == "control_program"
    assert {verb for verb in VERBS if is_guarded(verb)} == set(VERBS) - {"read", "report", "session", "diagnostic"}
    assert len(GUARDED) == 2


def test_learning_the_same_facts_gives_the_same_baseline_and_the_same_findings(baseline: Baseline) -> None:
    again = train(in_order(polling(CHANNEL, 15), polling(OTHER, 15)))
    assert again.identity == baseline.identity
    assert judge(again, LIVE) == judge(baseline, LIVE) != []


def test_facts_that_went_through_the_codec_are_judged_the_same(baseline: Baseline) -> None:
    assert judge(baseline, [decode(encode(fact)) for fact in LIVE]) == judge(baseline, LIVE)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 600), max_size=30))
def test_how_often_time_is_reported_to_pass_changes_no_reason(baseline: Baseline, extra: list[int]) -> None:
    ensemble = Ensemble(baseline)
    channels = {}
    found: list[Finding] = []
    ticks = sorted(START + second * SECOND for second in extra)
    for fact in LIVE:
        channels[fact.channel] = fact if isinstance(fact, ChannelOpened) else channels.get(fact.channel)
        while ticks and ticks[0] <= fact.time:
            found += ensemble.tick(ticks.pop(0))
        found += ensemble.see(Context(fact=fact, channel=channels[fact.channel]))
    found += ensemble.finish(LIVE[-1].time)
    expected = {one for one in alerts(judge(baseline, LIVE)) if one[0] != "MDL-011"}
    assert {one for one in alerts(found) if one[0] != "MDL-011"} == expected


def test_every_finding_says_what_is_usual_what_was_seen_and_what_stands_behind_it(baseline: Baseline) -> None:
    found = judge(baseline, LIVE)
    assert {one.model for one in found} >= {"novelty", "rhythm", "fusion"}
    for one in found:
        assert one.expected
        assert one.observed
        assert "learned from" in one.support
        assert one.normal
        assert one.frames
        assert 1 <= len(one.contributions) <= 3
        assert sum(reason.weight for reason in one.contributions) <= 1.01
        assert one.baseline == baseline.identity
        assert one.first <= one.last <= one.time
        json.dumps(msgspec.to_builtins(one), allow_nan=False)


def test_two_models_that_hint_at_one_channel_within_two_minutes_speak_together(baseline: Baseline) -> None:
    found = [one for one in judge(baseline, LIVE) if one.alert == "MDL-011"]
    assert {one.channel for one in found} == {CHANNEL.channel}
    assert {reason.feature for reason in found[0].contributions} >= {"rhythm"}


def hint(model: str, at: int, channel: str = "c") -> Hint:
    return Hint(model=model, channel=channel, time=at * SECOND, source="s", why="odd", share=0.9)


@pytest.mark.parametrize(
    ("hints", "count_"),
    [
        ([hint("rhythm", 0), hint("window", 120)], 1),
        ([hint("rhythm", 0), hint("window", 121)], 0),
        ([hint("rhythm", 0), hint("rhythm", 10)], 0),
        ([hint("rhythm", 0), hint("window", 10, "d")], 0),
        ([hint("rhythm", 0), hint("window", 10), hint("novelty", 20)], 1),
    ],
)
def test_fusion_needs_two_models_one_channel_and_two_minutes(hints: list[Hint], count_: int) -> None:
    assert len(Fusion("", "").join(hints)) == count_


def test_fusion_does_not_repeat_itself_but_reports_a_third_model_and_what_goes_on() -> None:
    fusion = Fusion("", "")
    reported = [
        len(fusion.join([one]))
        for one in (
            hint("rhythm", 0),
            hint("window", 10),
            hint("rhythm", 20),
            hint("novelty", 30),
            hint("rhythm", 40),
            hint("window", 149),
            hint("rhythm", 150),
        )
    ]
    assert reported == [0, 1, 0, 1, 0, 0, 1]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.000428, "428 µs"), (0.9996, "1.00 s"), (0.0453, "45.3 ms"), (1.07, "1.07 s"), (41, "41 s"), (660, "11 min")],
)
def test_durations_are_written_with_the_digits_that_matter(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_fusion_is_bounded_and_counts_what_it_forgot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.fusion.MAX_CHANNELS", 3)
    fusion = Fusion("", "")
    fusion.join([hint("rhythm", 0, f"c{number}") for number in range(10)])
    assert fusion.evicted == 7


def test_an_old_command_sent_again_is_found_and_explained() -> None:
    """The operator writes after reading, every twenty seconds at the soonest; the replay opens connections of its own."""

    def normal(minute: int) -> ChannelWindow:
        fresh = minute == 0
        writes = count(WRITE, 3, fresh, period=20.0)
        pairs = [(READ, COILS, 60), (COILS, READ, 57), (COILS, WRITE, 3), (WRITE, READ, 3)]
        return window(CHANNEL, minute, [count(READ, 60, fresh), count(COILS, 60, fresh), writes], pairs)

    opening: list[AnyFact] = [CHANNEL, *(first(CHANNEL, one, START + SECOND) for one in (READ, COILS, WRITE))]
    opening += [followed(CHANNEL, COILS, WRITE, START + SECOND), followed(CHANNEL, WRITE, READ, START + SECOND)]
    learned = train([*opening, *(normal(minute) for minute in range(15))], approval=APPROVAL)
    calm = [*opening, *(normal(minute) for minute in range(5))]
    assert judge(learned, calm) == []
    replay = window(
        CHANNEL,
        5,
        [count(READ, 60), count(COILS, 60), count(WRITE, 9, period=6.0, gap_min=2_000_000, gap_max=9_000_000)],
        [(READ, COILS, 60), (COILS, READ, 57), (COILS, WRITE, 3), (WRITE, READ, 3)],
        connections=6,
    )
    found = judge(learned, [*calm, replay])
    assert {"MDL-005", "MDL-011"} <= {one.alert for one in found}
    together = next(one for one in found if one.alert == "MDL-011")
    assert "came first on a connection 6 times; in 45 requests it never did" in together.observed


def test_the_card_reports_everything_and_is_plain_json() -> None:
    facts = in_order(
        polling(CHANNEL, 5), [first(CHANNEL, WRITE, START + MINUTE), window(CHANNEL, 1, [count(WRITE, 1)])]
    )
    reported = card(train(facts))
    assert json.loads(json.dumps(reported, allow_nan=False)) == reported
    assert reported["not_approved"][0]["operation"] == "write_multiple_registers"
    assert reported["channels"][0]["groups"]["read"][0]["requests"] == 300
    assert {poll["period_s"] for poll in reported["rhythm"]["polls"]} == {1.0}
    assert "no guarantee" in reported["rhythm"]["calibration"]["honesty"]
    assert reported["windows"]["not_grown"][0]["why"]
    assert any("one step back only" in limit for limit in reported["limits"])
    assert reported["approval"] is None
    assert card(train(facts, approval=APPROVAL))["approval"]["ticket"] == "CHG-1"


def test_nothing_to_learn_from_is_an_error_that_says_what_to_give() -> None:
    with pytest.raises(ValueError, match="give a capture of normal traffic"):
        Training(QUICK).finish()


def test_every_scorer_keeps_the_contract(baseline: Baseline) -> None:
    ensemble = Ensemble(baseline)
    for scorer in ensemble.scorers:
        assert scorer.wants <= ensemble.wants <= Training().wants
        assert list(inspect.signature(scorer.see).parameters) == ["context"]
        assert scorer.tick(START) == [] or scorer.tick(START) == ()
        assert all(number == 0 for number in scorer.counters.values())
        doc = inspect.getmodule(type(scorer)).__doc__
        assert "lind to" in doc or "ails when" in doc, "a model says when it fails"


def test_facts_without_a_channel_and_kinds_nobody_wants_are_harmless(baseline: Baseline) -> None:
    ensemble = Ensemble(baseline)
    for fact in LIVE:
        assert ensemble.see(Context(fact=fact, channel=None)) == [] or isinstance(fact, ChannelOpened)


def test_scoring_needs_no_scikit_learn() -> None:
    script = "import sys, models; from models import Ensemble, load; print('sklearn' in sys.modules)"
    reported = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert reported.stdout.strip() == "False"


def test_an_empty_capture_gives_no_finding(baseline: Baseline) -> None:
    assert findings_of(Ensemble(baseline), []) == []


@pytest.mark.parametrize("wrong", [{"period_seconds": 61}, {"period_seconds": 0}, {"min_periods": 0}, {"trees": 0}])
def test_settings_that_cannot_be_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Training(Settings(**wrong))


def test_an_approval_that_names_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="by"):
        train(polling(CHANNEL, 3), approval=Approval(by="", ticket="CHG-1"))
