"""Ranges as the policy writes them, and interval arithmetic against plain sets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.policy.extent import ALL, merge, overlap, parse_area, parse_blocks, subtract, write_span

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


@pytest.mark.parametrize(
    ("text", "kind", "span"),
    [
        ("DB10", "DB10", ALL),
        ("DB10.DBX0.0-DB10.DBX255.7", "DB10", (0, 2047)),
        ("DB10.DBX4.3", "DB10", (35, 35)),
        ("DB10.DBB4", "DB10", (32, 39)),
        ("DB10.DBW4-DB10.DBD8", "DB10", (32, 95)),
        ("M", "M", ALL),
        ("M1.7", "M", (15, 15)),
        ("MB0-MB9", "M", (0, 79)),
        ("IW2", "I", (16, 31)),
        ("QD0", "Q", (0, 31)),
        ("T5", "T", (5, 5)),
        ("C0-C9", "C", (0, 9)),
        ("T", "T", ALL),
    ],
)
def test_s7_areas_become_bit_offsets(text: str, kind: str, span: tuple[int, int]) -> None:
    assert parse_area(text) == (kind, span)


@pytest.mark.parametrize(
    "text", ["", "DB", "DBX0.0", "DB1.DBX0", "DB1.DBB0.1", "M1.8", "M5", "X0.0", "MB4-IB5", "MB5-MB4"]
)
def test_what_is_no_s7_area_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        parse_area(text)


def test_blocks_become_numbers() -> None:
    assert parse_blocks("FC10-FC19") == ("FC", (10, 19))
    assert parse_blocks("OB1") == ("OB", (1, 1))


def test_spans_are_written_in_the_words_of_their_protocol() -> None:
    assert write_span("holding_register", (100, 101)) == "holding_register 100-101"
    assert write_span("coil", (0, 65535)) == "coil all"
    assert write_span("DB10", (0, 2047)) == "DB10 0.0-255.7"
    assert write_span("szl", (0x11, 0x11)) == "szl 0x0011"
    assert write_span("g60v1", ALL) == "g60v1 all"
