"""Rhythm: what stopped, what became a flood, and everything that must not be mistaken for it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from dissectors.context import Context
from dissectors.facts import AnyFact
from models import Baseline, Ensemble, Finding
from models.timing.learner import fit
from models.timing.measure import Limits, answer_time, early, mean_gap, pace, rate_of, silence, storm
from models.timing.scorer import RhythmScorer
from models.timing.state import Beat, Rhythms
from tests.models.site import (
    COILS,
    MINUTE,
    READ,
    SECOND,
    START,
    WRITE,
    alerts,
    count,
    first,
    in_order,
    judge,
    normal_minute,
    opened,
    polling,
    train,
    window,
)

CHANNEL = opened()


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return train(polling(CHANNEL, 12))


def rhythms(found: Sequence[Finding]) -> list[tuple[str, str]]:
    return [one for one in alerts(found) if one[1].startswith("M3")]


def beat_of(baseline: Baseline, operation: str) -> Beat:
    return next(beat for beat in baseline.state(Rhythms).channels[0].beats if beat.label.startswith(operation))


def test_the_period_of_a_poll_is_learned_with_its_longest_gap(baseline: Baseline) -> None:
    beat = beat_of(baseline, "read_coils")
    assert beat.period == 1_000_000
    assert beat.maximum == 1_001_100


def test_normal_polling_has_no_finding_whole_or_cut_anywhere(baseline: Baseline) -> None:
    for minutes in range(1, 8):
        facts = polling(CHANNEL, minutes)
        last = window(CHANNEL, minutes, [count(READ, 17), count(COILS, 17)], [(READ, COILS, 17)], seconds=17)
        assert judge(baseline, [*facts, last]) == []


def test_a_stopped_poll_is_found_while_the_others_go_on(baseline: Baseline) -> None:
    def blind(minute: int) -> list[AnyFact] | None:
        return [window(CHANNEL, minute, [count(COILS, 60)], [(COILS, COILS, 60)])] if minute >= 3 else None

    found = judge(baseline, polling(CHANNEL, 5, odd=blind))
    assert rhythms(found)[0] == ("MDL-005", "M3.silent")
    finding = found[0]
    assert finding.expected.startswith("read_holding_registers holding_register:0-9 every 1.00 s")
    assert finding.observed == "none for 61 s, 60 polls missing"
    assert finding.time == START + 4 * MINUTE


def test_a_poll_that_stopped_in_the_middle_of_a_window_is_timed_by_its_gaps(baseline: Baseline) -> None:
    def stops(minute: int) -> list[AnyFact] | None:
        return [window(CHANNEL, minute, [count(READ, 19), count(COILS, 60)])] if minute == 3 else None

    found = judge(baseline, polling(CHANNEL, 4, odd=stops))
    assert found[0].observed == "none for 42 s, 41 polls missing"


def test_a_station_that_falls_silent_is_found_by_the_clock_alone(baseline: Baseline) -> None:
    ensemble = Ensemble(baseline)
    for fact in polling(CHANNEL, 3):
        ensemble.see(Context(fact=fact, channel=CHANNEL))
    found: list[Finding] = []
    for second in range(181, 400):
        found += ensemble.tick(START + second * SECOND)
    assert {one.reason for one in found} == {"M3.silent"}
    assert "1 more of the 2 polls of this channel stopped as well" in found[0].observed
    assert len(found) <= 4
    assert found[0].time <= START + (180 + 66) * SECOND


def test_the_end_of_a_capture_is_no_silence(baseline: Baseline) -> None:
    ensemble = Ensemble(baseline)
    for fact in polling(CHANNEL, 3):
        assert ensemble.see(Context(fact=fact, channel=CHANNEL)) == []
    assert ensemble.finish(START + 10 * MINUTE) == []


def test_a_jump_of_the_clock_between_two_captures_is_no_silence(baseline: Baseline) -> None:
    later = opened(time=START + 86_400 * SECOND)
    second = [later] + [
        window(CHANNEL, minute, [count(READ, 60), count(COILS, 60)], start=START + 86_400 * SECOND)
        for minute in range(3)
    ]
    ensemble = Ensemble(baseline)
    found: list[Finding] = []
    for fact in [*polling(CHANNEL, 3), *second]:
        found += ensemble.tick(fact.time)
        found += ensemble.see(Context(fact=fact, channel=CHANNEL))
    assert rhythms(found) == []


@pytest.mark.parametrize(("source", "expected"), [("site.pcap", [("MDL-005", "M3.silent")]), ("next.pcap", [])])
def test_a_pause_is_silence_within_one_capture_and_nothing_between_two(
    baseline: Baseline, source: str, expected: list[tuple[str, str]]
) -> None:
    """Nothing else is on the wire, so that no tick comes while it is idle."""
    ensemble = Ensemble(baseline)
    found: list[Finding] = []
    later = [normal_minute(CHANNEL, minute) for minute in (13, 14)]
    for fact in [*polling(CHANNEL, 3), *(replace(one, source=source) for one in later)]:
        found += ensemble.tick(fact.time)
        found += ensemble.see(Context(fact=fact, channel=CHANNEL))
        found += ensemble.tick(fact.time + SECOND)
    assert sorted(set(rhythms(found))) == expected


@pytest.mark.parametrize("changes", [{"visibility": "gaps", "gaps": 9}, {"visibility": "one_sided"}, {"gaps": 1}])
def test_windows_with_holes_are_not_judged_and_counted(baseline: Baseline, changes: dict) -> None:
    def holes(minute: int) -> list[AnyFact] | None:
        return [window(CHANNEL, minute, [count(READ, 3), count(COILS, 3)], **changes)] if minute >= 2 else None

    ensemble = Ensemble(baseline)
    found: list[Finding] = []
    for fact in polling(CHANNEL, 6, odd=holes):
        found += ensemble.see(Context(fact=fact, channel=CHANNEL))
        found += ensemble.tick(fact.time)
    assert rhythms(found) == []
    assert ensemble.counters["rhythm_windows_suppressed"] == 4


def test_a_storm_is_found_in_its_first_window(baseline: Baseline) -> None:
    def floods(minute: int) -> list[AnyFact] | None:
        return [window(CHANNEL, minute, [count(READ, 720, period=1 / 12), count(COILS, 60)])] if minute == 2 else None

    found = judge(baseline, polling(CHANNEL, 3, odd=floods))
    assert ("MDL-005", "M3.storm") in rhythms(found)
    storm_found = next(one for one in found if one.reason == "M3.storm")
    assert storm_found.observed == "720 a minute, 12 in one second"


def test_another_pace_is_reported_only_after_three_windows_in_a_row(baseline: Baseline) -> None:
    def slower(minute: int) -> list[AnyFact] | None:
        return [window(CHANNEL, minute, [count(READ, 30, period=2.0), count(COILS, 60)])] if minute >= 2 else None

    for minutes, expected in ((4, []), (5, [("MDL-005", "M3.pace")])):
        assert rhythms(judge(baseline, polling(CHANNEL, minutes, odd=slower))) == expected


@pytest.mark.parametrize(("mean", "reason"), [(40_000, "M3.slow"), (100, None)])
def test_slow_answers_are_reported_after_three_windows_and_tiny_differences_never(
    baseline: Baseline, mean: int, reason: str | None
) -> None:
    def loaded(minute: int) -> list[AnyFact] | None:
        if minute < 2:
            return None
        return [window(CHANNEL, minute, [count(READ, 60), count(COILS, 60)], latency_sum=120 * mean)]

    found = rhythms(judge(baseline, polling(CHANNEL, 5, odd=loaded)))
    assert found == ([("MDL-006", reason)] if reason else [])


def test_an_operation_without_period_is_never_missed(baseline: Baseline) -> None:
    facts: list[AnyFact] = [CHANNEL, first(CHANNEL, WRITE, START + SECOND)]
    for minute in range(12):
        uneven = count(WRITE, 3, fresh=minute == 0, period=20.0, gap_min=100_000, gap_max=55_000_000)
        facts += [window(CHANNEL, minute, [uneven])]
    learned = train(facts)
    assert beat_of(learned, "write").period == 0
    assert rhythms(judge(learned, [*facts, window(CHANNEL, 12, []), window(CHANNEL, 13, [])])) == []


def test_an_operator_who_writes_now_and_then_is_not_taken_for_a_cyclic_writer() -> None:
    rows = [(START + minute * MINUTE, 3.0, 1, 3, 60_000_000, 20_000_000, 20_000_000) for minute in range(5)]
    assert fit("write", "write", rows).period == 0
    assert fit("read", "read", rows).period == 20_000_000


def test_a_poll_that_paused_or_ended_while_learning_is_not_missed_for_as_long_later() -> None:
    def pauses(minute: int) -> list[AnyFact] | None:
        away = 20 <= minute < 30 or minute >= 50
        return [window(CHANNEL, minute, [count(COILS, 60)], [(COILS, COILS, 60)])] if away else None

    facts = polling(CHANNEL, 60, odd=pauses)
    learned = train(facts)
    assert beat_of(learned, "read_holding").maximum == 600e6
    assert rhythms(judge(learned, facts)) == []


def test_the_first_requests_of_a_capture_are_never_made_a_storm(baseline: Baseline) -> None:
    begun = window(CHANNEL, 0, [count(READ, 5, fresh=True), count(COILS, 5, fresh=True)])
    late = replace(CHANNEL, time=START + 55 * SECOND)
    assert rhythms(judge(baseline, [late, replace(begun, time=START + 60 * SECOND)])) == []


def test_reports_have_no_period_because_events_have_none() -> None:
    rows = [(START + minute * MINUTE, 60.0, 1, 60, 60_000_000, 1_000_000, 1_000_000) for minute in range(9)]
    assert fit("unsolicited_response", "report", rows).period == 0


def test_without_a_learned_channel_rhythm_says_nothing(baseline: Baseline) -> None:
    stranger = opened(client="10.0.0.99")
    assert rhythms(judge(baseline, polling(stranger, 4))) == []


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 5000),
    st.integers(1, 60),
    st.integers(0, 5000),
    st.integers(1, 60_000_000),
    st.floats(0.8, 3.0),
    st.booleans(),
)
def test_the_cheap_look_never_misses_what_a_score_would_report(
    requests: int, peak: int, gaps: int, gap: int, near: float, guarded: bool
) -> None:
    beat = Beat(
        label="x", verb="read", period=1e6, spread=1e3, minimum=9e5, maximum=1.1e6, rate=60, peak=2, gaps=99, windows=9
    )
    seen = count(READ, requests, peak=peak, gap_count=gaps, gap_sum=gaps * gap, gap_min=gap, gap_max=gap)
    scores = [
        silence(beat, gap if gaps else 0),
        storm(beat, rate_of(requests, 60.0), peak),
        pace(beat, mean_gap(gaps, gaps * gap, gap if gaps else 0)),
    ]
    repeated = guarded and early(beat, gaps, gap) >= 1
    if max(scores) > near or repeated:
        assert Limits(beat, near, guarded).exceeded(seen, 60.0)


def test_answer_times_need_enough_answers() -> None:
    learned = train(polling(CHANNEL, 6)).state(Rhythms).channels[0]
    assert answer_time(learned, 3, 1e6) == 0
    assert answer_time(learned, 60, 1e6) > 1


@settings(max_examples=15, deadline=None)
@given(st.sets(st.integers(1, 11), max_size=4))
def test_windows_with_holes_while_learning_change_no_period(holes: set[int]) -> None:
    def odd(minute: int) -> list[AnyFact] | None:
        return [window(CHANNEL, minute, [count(READ, 1)], visibility="gaps", gaps=9)] if minute in holes else None

    learned = train(polling(CHANNEL, 12, odd=odd))
    assert beat_of(learned, "read_coils").period == 1_000_000
    assert learned.state(Rhythms).suppressed == len(holes)


def test_channels_followed_are_bounded_and_the_evicted_counted(baseline: Baseline) -> None:
    ensemble = Ensemble(baseline)
    rhythm = next(one for one in ensemble.scorers if isinstance(one, RhythmScorer))
    rhythm.most_live = 1
    twin = opened(channel="c-twin")
    for fact in in_order([CHANNEL, twin], [normal_minute(CHANNEL, 0), normal_minute(twin, 0)]):
        ensemble.see(Context(fact=fact, channel=twin if fact.channel == "c-twin" else CHANNEL))  # type: ignore[union-attr]
    assert ensemble.counters["rhythm_channels_evicted"] == 1


def test_operations_of_all_channels_followed_are_bounded(baseline: Baseline) -> None:
    ensemble = Ensemble(baseline)
    rhythm = next(one for one in ensemble.scorers if isinstance(one, RhythmScorer))
    beats = len(baseline.state(Rhythms).channels[0].beats)
    rhythm.most_pulses = 3 * beats
    twins = [opened(channel=f"c-twin-{number}") for number in range(5)]
    for twin in twins:
        for fact in in_order([twin], [normal_minute(twin, 0)]):
            ensemble.see(Context(fact=fact, channel=twin))
    assert ensemble.counters["rhythm_channels_evicted"] == 2
