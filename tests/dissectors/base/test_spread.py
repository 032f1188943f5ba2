"""The ranges of a point hold every value it had, exactly while they are few."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dissectors.base.spread import ALL_RANGES, MAX_RANGES, Spread


def told(*values: float | str, points: int = 1) -> tuple[int | float | str, ...]:
    spread = Spread(points)
    for value in values:
        spread.add(value)
    return spread.told()


def test_few_values_are_told_exactly() -> None:
    assert told(50, 10, 42, 50, 11) == (10, 11, 42, 42, 50, 50)
    assert told(2, 4, 3) == (2, 4)
    assert told(0.5, 2.5) == (0.5, 0.5, 2.5, 2.5)


def test_a_text_is_a_value_that_no_number_is() -> None:
    assert told(3, "latch_on") == (3, 3, "latch_on", "latch_on")


def test_beyond_the_bound_the_nearest_become_one() -> None:
    values = [100 * number for number in range(MAX_RANGES)]
    assert told(*values, 1501) == (*(edge for value in values[:-1] for edge in (value, value)), 1500, 1501)
    assert told(*values, 1503) == (*(edge for value in values[:-1] for edge in (value, value)), 1500, 1503)


def test_a_message_of_many_points_keeps_one_range_of_each() -> None:
    assert told(1, 9, points=ALL_RANGES + 1) == (1, 9)


@given(st.lists(st.integers(-500, 500) | st.floats(-500, 500), min_size=1, max_size=120))
def test_no_value_is_outside_of_the_ranges(values: list[int | float]) -> None:
    ranges = told(*values)
    pairs = list(zip(ranges[::2], ranges[1::2], strict=True))
    assert len(pairs) <= MAX_RANGES
    assert all(any(low <= value <= high for low, high in pairs) for value in values)
    assert pairs == sorted(pairs)
    assert (ranges[0], ranges[-1]) == (min(values), max(values))
