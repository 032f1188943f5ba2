"""The budget line: counted where there is enough, extrapolated where that is valid, and honest where neither is."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibration import MARGIN, Calibration, budget_line, calibrate, incidents, pareto_line

SECOND = 1_000_000_000
HOUR = 3600


def blocks(scores: list[float], seconds: int = HOUR) -> list[tuple[int, str, float]]:
    return [(number * seconds * SECOND, "c", score) for number, score in enumerate(scores)]


def test_with_enough_blocks_the_line_gives_the_budget_on_the_held_out_time() -> None:
    dice = random.Random(1)
    scores = [dice.random() for _ in range(24 * 100)]
    found = calibrate(blocks(scores), 0.3, HOUR, 0.0)
    assert found.method == "measured"
    assert found.measured_per_day is not None
    assert found.measured_per_day <= 0.3
    assert found.measured_per_day > 0.2
    assert found.near < found.line


def test_the_pareto_tail_finds_the_line_of_an_exponential() -> None:
    dice = random.Random(2)
    maxima = sorted(dice.expovariate(1.0) for _ in range(2000))
    found = pareto_line(maxima, 400, 1e-4)
    assert found is not None
    assert found == pytest.approx(-math.log(1e-4), rel=0.25)


def test_short_training_falls_back_to_the_largest_score_with_a_margin_and_says_so() -> None:
    found = calibrate(blocks([1.0, 2.0, 5.0]), 0.3, HOUR, 0.0)
    assert found.method == "largest_seen"
    assert found.line == 5.0 + MARGIN * 3.0
    assert found.near == 5.0
    said = found.honest()
    assert said.startswith(
        "a score above 6.50, the largest seen while learning and 50% of its distance from the middle"
    )
    assert "3 blocks of time are too few to measure it" in said and "measured on 3.0 hours" in said
    assert found.p_value(9.0) is None


def test_without_any_score_only_the_fixed_limit_is_left() -> None:
    found = calibrate([], 0.3, HOUR, 1.0)
    assert (found.method, found.line, found.p_value(3.0)) == ("none", 1.0, None)


def test_every_sentence_on_honesty_says_that_nothing_is_guaranteed() -> None:
    for number in (0, 3, 100, 5000):
        assert "no guarantee" in calibrate(blocks([float(at % 7) for at in range(number)]), 0.3, HOUR, 0.1).honest()


def test_p_values_count_the_blocks_at_min_as_odd() -> None:
    found = calibrate(blocks([float(number) for number in range(99)]), 0.3, HOUR, 0.0)
    assert found.p_value(98.0) == 2 / 100
    assert found.p_value(1000.0) == 1 / 100
    assert found.p_value(-1.0) == 1.0


def test_hits_within_five_minutes_on_a_channel_are_one_incident() -> None:
    hits = [(0, "a", 2.0), (200 * SECOND, "a", 2.0), (200 * SECOND, "b", 2.0), (900 * SECOND, "a", 2.0)]
    assert incidents(hits, 1.0) == 3
    assert incidents(hits, 2.0) == 0


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=1, max_size=400), st.floats(0.001, 24.0))
def test_a_line_is_finite_and_a_larger_budget_never_raises_it(scores: list[float], share: float) -> None:
    maxima = sorted(scores)
    tau = min(1.0, share / 24)
    line, method = budget_line(maxima, tau)
    assert math.isfinite(line)
    assert method in {"measured", "extrapolated", "largest_seen"}
    if math.floor(tau * (len(maxima) + 1)) >= 1:
        assert sum(score > line for score in maxima) <= tau * (len(maxima) + 1)
        assert budget_line(maxima, min(1.0, tau * 2))[0] <= line
    else:
        assert line >= maxima[-1]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 50), max_size=200), st.floats(0, 5))
def test_near_never_lies_above_the_line_and_the_line_never_below_its_floor(scores: list[float], floor: float) -> None:
    found: Calibration = calibrate(blocks(scores), 0.1, HOUR, floor)
    assert found.near <= found.line
    assert found.line >= floor
