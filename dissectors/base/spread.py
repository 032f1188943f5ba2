"""Which values one written point had over many exchanges, in a few ranges. Compiled with mypyc.

A policy that limits values judges exchanges that are told together by these ranges, so no value may be outside of them. Numbers
that touch share a range, and beyond the bound the two ranges nearest to each other become one: a range may then hold more
than was written, never less. Bounds: MAX_RANGES of one point, ALL_RANGES of all points of a message (at least one each).
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.facts import Value

MAX_RANGES: Final = 16
ALL_RANGES: Final = 256


@final
class Spread:
    """The values of one point. ``text`` is the last value that was no number, None without one."""

    def __init__(self, points: i64) -> None:
        self.limit: i64 = max(i64(1), min(MAX_RANGES, ALL_RANGES // max(i64(1), points)))
        self.lows: list[int | float] = []
        self.highs: list[int | float] = []
        self.text: str | None = None

    def add(self, value: Value) -> None:
        """Take one more value."""
        if isinstance(value, str):
            self.text = value
            return
        lows = self.lows
        highs = self.highs
        at: i64 = 0
        size: i64 = i64(len(lows))
        while at < size and highs[at] < value:
            at += 1
        if at < size and lows[at] <= value:
            return
        lows.insert(at, value)
        highs.insert(at, value)
        if at + 1 <= size and isinstance(value, int) and lows[at + 1] == value + 1:
            self._join(at)
        if at > 0 and isinstance(value, int) and highs[at - 1] == value - 1:
            self._join(at - 1)
        if i64(len(lows)) > self.limit:
            self._join(self._nearest())

    def _nearest(self) -> i64:
        """Return which range is nearest to the one behind it."""
        best: i64 = 0
        at: i64 = 1
        while at < i64(len(self.lows)) - 1:
            if self.lows[at + 1] - self.highs[at] < self.lows[best + 1] - self.highs[best]:
                best = at
            at += 1
        return best

    def _join(self, at: i64) -> None:
        """Make one range of the one at ``at`` and the next."""
        self.highs[at] = self.highs[at + 1]
        del self.lows[at + 1]
        del self.highs[at + 1]

    def told(self) -> tuple[Value, ...]:
        """Return the least and the greatest value of each range, in order; a text twice."""
        found: list[Value] = []
        at: i64 = 0
        while at < i64(len(self.lows)):
            found.append(self.lows[at])
            found.append(self.highs[at])
            at += 1
        if self.text is not None:
            found.append(self.text)
            found.append(self.text)
        return tuple(found)
