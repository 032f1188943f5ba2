"""The words of the policy: areas, blocks and status lists as it writes them."""

from __future__ import annotations

import pytest

from dissectors.s7.vocabulary import parse_area, parse_blocks
from dissectors.span import ALL


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
