"""The gate before a forest: whether a window lies inside everything that was learned, told from its raw numbers.

Rows inside the extremes of every column are never scored. The extremes are taken back through the logarithm once, so
that most windows cost comparisons only. A bound that rounding makes doubtful is drawn inwards: what the gate lets pass
without a look would not have been scored either.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Final

from models.features import IS_LOG, Raw

DOUBT: Final = 2.0**-46
"""Share of a value within which log1p and expm1 may not be the inverse of each other."""


class Gate:
    """Least and most of each raw number, from the least and most of each column."""

    __slots__ = ("_least", "_most")

    def __init__(self, lowest: Sequence[float], highest: Sequence[float]) -> None:
        self._least = tuple(least_raw(low) if is_log else low for low, is_log in zip(lowest, IS_LOG, strict=True))
        self._most = tuple(most_raw(high) if is_log else high for high, is_log in zip(highest, IS_LOG, strict=True))

    def holds(self, raw: Raw) -> bool:
        """Whether every column of the row of ``raw`` lies inside what was learned."""
        for least, value, most in zip(self._least, raw, self._most, strict=True):
            if not least <= value <= most:
                return False
        return True


def least_raw(low: float) -> float:
    """Return a number, the least but for rounding, from which on ``log1p`` is not below ``low``."""
    if low <= 0:
        return 0.0  # no raw number is negative
    try:
        raw = math.expm1(low) * (1 - DOUBT)
    except OverflowError:
        return math.inf
    while math.log1p(raw) < low:
        raw = math.nextafter(raw, math.inf)
    return raw


def most_raw(high: float) -> float:
    """Return a number, the greatest but for rounding, up to which ``log1p`` is not above ``high``."""
    if high < 0:
        return -1.0
    try:
        raw = min(math.expm1(high) * (1 + DOUBT), sys.float_info.max)
    except OverflowError:
        return sys.float_info.max
    while math.log1p(raw) > high:
        raw = math.nextafter(raw, 0.0)
    return raw
