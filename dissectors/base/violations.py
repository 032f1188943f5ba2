"""How many violations of one name a channel reports in a window: the first few, then those whose number is a power of two.

The sums are exact: each fact stands for 1 + ``repeats`` violations. What is only counted is told by the next one that is reported,
and at the end of the window by the last one. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

REPORTED: Final = 5
"""Violations of one name reported one by one per channel and window."""


def is_counted_only(seen: i64) -> bool:
    """Return whether the violation with this number in its channel and window is only counted."""
    return seen > REPORTED and (seen & (seen - 1)) != 0


def repeats_of(seen: i64) -> i64:
    """Return how many before the violation with this number were only counted since the last one that was reported."""
    if seen <= REPORTED:
        return 0
    before: i64 = REPORTED
    power: i64 = 1
    while power < seen:
        if power > REPORTED:
            before = power
        power <<= 1
    return seen - before - 1
