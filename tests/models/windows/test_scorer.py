"""Odd windows: found as a whole, explained by features, quiet where nothing was learned."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dissectors.context import Context
from dissectors.facts import AnyFact, Target
from models import Baseline, Ensemble, Settings
from models.windows.features import FEATURES, Objects, Tally, reach_of, value_text
from models.windows.learner import MIN_ROWS
from models.windows.state import Windows
from tests.models.site import (
    COILS,
    QUICK,
    READ,
    START,
    WRITE,
    count,
    first,
    judge,
    normal_minute,
    opened,
    polling,
    train,
    window,
)

CHANNEL = opened()
FULL = Settings(period_seconds=60)
"""Trees as in production: with few of them scores are noise."""


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return train(polling(CHANNEL, 40), FULL)


def burst(minute: int) -> list[AnyFact] | None:
    if minute != 3:
        return None
    return [window(CHANNEL, minute, [count(READ, 60), count(COILS, 60)], connections=40, resets=35, failures=80)]


def test_an_odd_window_is_found_and_the_reasons_name_what_was_odd(baseline: Baseline) -> None:
    found = [one for one in judge(baseline, polling(CHANNEL, 5, odd=burst)) if one.alert == "MDL-010"]
    assert [one.reason for one in found] == ["M5.60"]
    finding = found[0]
    named = {reason.feature for reason in finding.contributions}
    assert named <= {"new connections", "connections reset", "refused requests"}
    assert named
    assert not finding.weak
    assert finding.window_seconds == 60
    assert "windows of 60 s" in finding.support
    assert 1 <= len(finding.contributions) <= 3


def test_windows_like_those_learned_are_quiet(baseline: Baseline) -> None:
    assert judge(baseline, polling(CHANNEL, 30)) == []


def test_a_window_cut_short_by_the_end_of_a_capture_is_not_judged(baseline: Baseline) -> None:
    short = window(CHANNEL, 5, [count(READ, 20), count(COILS, 20)], connections=40, resets=35, seconds=20)
    assert [one for one in judge(baseline, [*polling(CHANNEL, 5), short]) if one.model == "window"] == []


def test_windows_with_holes_are_not_judged(baseline: Baseline) -> None:
    ensemble = Ensemble(baseline)
    for fact in polling(CHANNEL, 3):
        ensemble.see(Context(fact=fact, channel=CHANNEL))
    ensemble.see(Context(fact=window(CHANNEL, 3, [count(READ, 60)], connections=40, gaps=5), channel=CHANNEL))
    assert ensemble.tick(START * 2) == [] or ensemble.counters["window_slots_suppressed"] == 1
    assert ensemble.counters["window_slots_suppressed"] == 1


def test_the_first_window_after_a_pause_of_everything_is_not_judged(baseline: Baseline) -> None:
    part = window(CHANNEL, 500, [count(READ, 2), count(COILS, 2)], connections=1, resets=9)
    after = window(CHANNEL, 501, [count(READ, 60), count(COILS, 60)], connections=40, resets=35, failures=80)
    found = judge(baseline, [*polling(CHANNEL, 3), part, after])
    assert [one.first for one in found if one.model == "window"] == [after.start]


def test_too_few_windows_grow_no_forest_and_the_state_says_why() -> None:
    learned = train(polling(CHANNEL, MIN_ROWS - 1))
    assert learned.state(Windows).forests == ()
    assert {(one.protocol, one.seconds) for one in learned.state(Windows).document.skipped} == {
        ("modbus", 60),
        ("modbus", 600),
    }
    assert judge(learned, polling(CHANNEL, 5, odd=burst)) == []


def test_one_forest_serves_all_servers_of_a_protocol_and_knows_no_address(baseline: Baseline) -> None:
    stranger = opened(client="10.9.9.9", server="10.9.9.8")
    odd = window(stranger, 1, [count(READ, 60), count(COILS, 60)], connections=40, resets=35, failures=80)
    found = judge(baseline, [stranger, first(stranger, READ), normal_minute(stranger, 0), odd])
    assert "M5.60" in {one.reason for one in found}


def test_ten_minute_windows_have_a_forest_of_their_own() -> None:
    learned = train(polling(CHANNEL, 200))
    assert {(model.protocol, model.seconds) for model in learned.state(Windows).document.models} == {
        ("modbus", 60),
        ("modbus", 600),
    }


def test_every_column_gets_a_finite_number_from_an_empty_window() -> None:
    tally = Tally(START)
    tally.add(window(CHANNEL, 0, []), 0.0)
    row = tally.row(Objects())
    assert len(row) == len(FEATURES)
    assert all(math.isfinite(value) for value in row)


def test_joining_windows_equals_adding_them_one_after_the_other() -> None:
    minutes = [window(CHANNEL, at, [count(READ, 60 + at), count(WRITE, at + 1, period=9.0)]) for at in range(4)]
    added, joined = Tally(START), Tally(START)
    for one in minutes:
        added.add(one, 60.0)
        part = Tally(START)
        part.add(one, 60.0)
        joined.join(part)
    assert added.row(Objects()) == joined.row(Objects())


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 20)), min_size=1, max_size=30))
def test_the_reach_of_ranges_equals_counting_each_object(ranges: list[tuple[int, int]]) -> None:
    spans = sorted({(start, start + length) for start, length in ranges})
    touched = sorted({at for start, end in spans for at in range(start, end + 1)})
    longest = run = 1
    for one, two in pairwise(touched):
        run = run + 1 if two == one + 1 else 1
        longest = max(longest, run)
    assert reach_of([spans]) == (len(touched), touched[-1] - touched[0] + 1, longest)


def test_objects_of_a_label_are_bounded_and_counted() -> None:
    objects = Objects(limit=2)
    for at in range(5):
        objects.learn("c", f"read coil:{at}", (Target("coil", at, at),))
    assert objects.evicted == 3
    assert objects.reach("c", {"read coil:3", "read coil:4", "read coil:0"}) == (2, 2, 2)


def test_values_are_written_with_their_unit() -> None:
    names = [name for name, _, _ in FEATURES]
    assert value_text(names.index("requests"), math.log1p(640)) == "640 a minute"
    assert value_text(names.index("writes"), 0.25) == "25.0% of requests"


def test_learning_twice_gives_the_same_forest() -> None:
    one, two = train(polling(CHANNEL, 20)), train(polling(CHANNEL, 20))
    assert one.identity == two.identity
    assert one.settings == QUICK
