"""The gate before a forest: whether a window lies inside everything that was learned, decided by its raw numbers.

Rows inside the extremes of every column are never scored. The extremes are taken back through the logarithm once, so
that maximum windows cost comparisons only. A bound that rounding makes doubtful is drawn inwards: what the gate lets pass
without a look would not have been scored either.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Final

from models.windows.features import IS_LOG, Raw

DOUBT: Final = 2.0**-46
"""Share of a value within which log1p and expm1 may not be the inverse of each other."""


class Gate:
    """Minimum and maximum of each raw number, from those of each column."""

    __slots__ = ("_max", "_min")

    def __init__(self, lowest: Sequence[float], highest: Sequence[float]) -> None:
        self._min = tuple(min_raw(low) if is_log else low for low, is_log in zip(lowest, IS_LOG, strict=True))
        self._max = tuple(max_raw(high) if is_log else high for high, is_log in zip(highest, IS_LOG, strict=True))

    def holds(self, raw: Raw) -> bool:
        """Whether every column of the row of ``raw`` lies inside what was learned."""
        for minimum, value, maximum in zip(self._min, raw, self._max, strict=True):
            if not minimum <= value <= maximum:
                return False
        return True


def min_raw(low: float) -> float:
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


def max_raw(high: float) -> float:
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
