"""The gate before the forests: it saves work and never a finding."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dissectors.facts import AnyFact, ChannelWindow
from models import Baseline, Ensemble, Finding, Settings, findings_of
from models.windows.features import IS_LOG, row_of
from models.windows.gate import Gate, max_raw, min_raw
from models.windows.scorer import WindowScorer
from tests.models.site import COILS, READ, WRITE, count, judge, opened, polling, train, window

CHANNEL = opened()
COLUMNS = len(IS_LOG)
SCORES = Settings(period_seconds=60)
"""Trees as in production: with few of them scores are noise."""


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return train(polling(CHANNEL, 40), SCORES)


def judged_without_gate(baseline: Baseline, facts: Sequence[AnyFact]) -> list[Finding]:
    """Judge with gates that hold nothing, so that the forest sees every window."""
    ensemble = Ensemble(baseline)
    for scorer in ensemble.scorers:
        if isinstance(scorer, WindowScorer):
            for one in scorer.judges.values():
                one.gate = Gate([1.0] * COLUMNS, [0.0] * COLUMNS)
    return findings_of(ensemble, facts)


def test_an_odd_window_passes_the_gate_and_is_reported(baseline: Baseline) -> None:
    odd = window(CHANNEL, 3, [count(READ, 60), count(COILS, 60)], connections=40, resets=35, failures=80)
    facts: list[AnyFact] = [*polling(CHANNEL, 3), odd]
    found = judge(baseline, facts)
    assert "M5.60" in {one.reason for one in found}
    assert found == judged_without_gate(baseline, facts)


Minute = tuple[int, int, int, int, int, int]
MINUTES = st.lists(
    st.tuples(
        st.integers(1, 200), st.integers(0, 90), st.integers(0, 20), st.integers(0, 60), st.integers(0, 40),
        st.integers(0, 90),
    ),
    min_size=1,
    max_size=14,
)  # fmt: skip


def minute_of(at: int, numbers: Minute) -> ChannelWindow:
    reads, coils, writes, connections, resets, failures = numbers
    operations = [count(READ, reads)]
    operations += [count(COILS, coils)] if coils else []
    operations += [count(WRITE, writes)] if writes else []
    return window(CHANNEL, at, operations, connections=connections, resets=resets, failures=min(failures, reads))


@settings(max_examples=40, deadline=None)
@given(MINUTES)
def test_with_and_without_the_gate_the_findings_are_the_same(baseline: Baseline, minutes: list[Minute]) -> None:
    facts: list[AnyFact] = [*polling(CHANNEL, 3), *(minute_of(3 + at, numbers) for at, numbers in enumerate(minutes))]
    assert judge(baseline, facts) == judged_without_gate(baseline, facts)


NUMBERS = st.one_of(st.floats(0, 1e9), st.integers(0, 10_000).map(float), st.integers(0, 10_000).map(lambda n: n / 60))


@given(st.lists(st.lists(NUMBERS, min_size=COLUMNS, max_size=COLUMNS), min_size=1, max_size=4), st.data())
def test_what_the_gate_holds_lies_inside_every_column(learned: list[list[float]], data: st.DataObject) -> None:
    rows = [row_of(tuple(raw)) for raw in learned]
    lowest, highest = list(map(min, *rows, rows[0])), list(map(max, *rows, rows[0]))
    gate = Gate(lowest, highest)
    nudged = st.sampled_from([math.inf, -math.inf, 0.0])
    raw = tuple(
        max(0.0, math.nextafter(value, way) if way else value)
        for value, way in zip(data.draw(st.sampled_from(learned)), data.draw(st.lists(nudged, min_size=COLUMNS, max_size=COLUMNS)), strict=True)
    )  # fmt: skip
    if gate.holds(raw):
        assert all(low <= value <= high for low, value, high in zip(lowest, row_of(raw), highest, strict=True))


@given(st.lists(NUMBERS, min_size=COLUMNS, max_size=COLUMNS))
def test_what_was_learned_passes_the_gate(raw: list[float]) -> None:
    row = row_of(tuple(raw))
    assert Gate(row, row).holds(tuple(raw))


@pytest.mark.parametrize("bound", [*accumulate([0.5] * 60), -1e12, -1.0, 0.0, 5e-324, 709.0, 710.0, 1e12])
def test_every_bound_that_a_baseline_may_hold_is_taken_back_through_the_logarithm(bound: float) -> None:
    minimum, most = min_raw(bound), max_raw(bound)
    assert math.isinf(minimum) or math.log1p(minimum) >= bound
    assert most < 0 or math.log1p(most) <= bound
