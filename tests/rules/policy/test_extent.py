"""Interval arithmetic against plain sets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rules.policy.extent import merge, overlap, subtract

SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda pair: (min(pair), max(pair))), max_size=6)


def numbers(spans: object) -> set[int]:
    """Return every number in some spans."""
    return {number for first, last in spans for number in range(first, last + 1)}  # type: ignore[attr-defined]


@given(left=SPANS, right=SPANS)
def test_interval_arithmetic_is_set_arithmetic(left: list[tuple[int, int]], right: list[tuple[int, int]]) -> None:
    assert numbers(merge(left)) == numbers(left)
    assert numbers(subtract(left, right)) == numbers(left) - numbers(right)
    merged = merge(left)
    assert all(merged[at][1] + 1 < merged[at + 1][0] for at in range(len(merged) - 1))
    for span in right:
        assert numbers(overlap(span, left)) == numbers([span]) & numbers(left)
