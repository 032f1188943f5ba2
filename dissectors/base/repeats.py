"""What was reported of the exchanges of one operation in one window, and what was only counted. Compiled with mypyc.

The sums are exact: each fact stands for 1 + ``repeats`` exchanges. Exchanges equal to the last one reported are counted and told
together; beyond REPORTED_IN_FULL facts of a window exchanges are counted by outcome and error, with the last of each and the
least and greatest of its values and the ranges of each written point, and told when the window ends. Bound: MAX_HELD kinds of outcome; then errors share one.
"""

from __future__ import annotations

from typing import Final, final

from msgspec.structs import replace
from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.base.spread import Spread
from dissectors.facts import Exchange, Target, Value

REPORTED_IN_FULL: Final = 60
"""Exchanges of one operation reported in full per window; more are counted with last, min and max."""
MAX_HELD: Final = 16
AGAIN: Final = 0
HELD: Final = 1
FULL: Final = 2

Known = tuple[str, int, str, tuple[Value, ...], tuple[Value, ...], tuple[Target, ...], dict[str, Value]]
"""What an exchange says: outcome, error and its text, values, answers, targets, details without numbers of messages."""


@final
class Held:
    """Exchanges of one outcome that are only counted: how many, the last, the least and greatest of their values."""

    def __init__(self, exchange: Exchange) -> None:
        self.count: i64 = 0
        self.last: Exchange = exchange
        self.has_numbers: bool = False
        self.minimum: float = 0.0
        self.maximum: float = 0.0
        self.spreads: list[Spread] = []
        self.is_even: bool = True
        """Each wrote as many values as the first."""

    def add(self, exchange: Exchange) -> None:
        """Count one more."""
        self.count += 1
        self.last = exchange
        values = exchange.values
        if self.count == 1:
            self.spreads = [Spread(len(values)) for _ in values]
        if len(values) != len(self.spreads):
            self.is_even = False
        else:
            for spread, written in zip(self.spreads, values, strict=True):
                spread.add(written)
        for value in values:
            if isinstance(value, str):
                continue
            number = float(value)
            if not self.has_numbers or number < self.minimum:
                self.minimum = number
            if not self.has_numbers or number > self.maximum:
                self.maximum = number
            self.has_numbers = True

    def ranges(self) -> tuple[tuple[Value, ...], ...]:
        """Return what each point was written to: one empty range when it cannot be told which value is whose."""
        if self.count == 1:
            return ()
        if not self.is_even:
            return ((),)
        return tuple([spread.told() for spread in self.spreads])


@final
class Repeats:
    """The exchanges of one operation in the current window."""

    def __init__(self) -> None:
        self.listed: bool = False
        """It is told when the window ends."""
        self.told: i64 = 0
        self.last: Known | None = None
        """What the last one reported said."""
        self.again: Exchange | None = None
        self.again_count: i64 = 0
        self.held: dict[str, Held] = {}

    def fate(self, recorder: Recorder, known: Known, *, in_full: bool) -> i64:
        """Return what becomes of an exchange: AGAIN, HELD or FULL; ``in_full``: it is worth a fact even when it equals the last."""
        last = self.last
        if last is not None and not in_full and last == known:
            return AGAIN
        self.tell_again(recorder)
        if self.told >= REPORTED_IN_FULL:
            self.last = None
            return HELD
        self.last = known
        self.told += 1
        return FULL

    def keep(self, fate: i64, exchange: Exchange) -> i64:
        """Count an exchange that is not reported now; return how many equal the last one reported."""
        if fate == HELD:
            self._hold(exchange)
            return 0
        self.again = exchange
        self.again_count += 1
        return self.again_count

    def _hold(self, exchange: Exchange) -> None:
        key = f"{exchange.outcome}|{exchange.error_code}|{exchange.error}"
        held = self.held.get(key)
        if held is None and len(self.held) >= MAX_HELD:
            key = exchange.outcome
            held = self.held.get(key)
        if held is None:
            held = Held(exchange)
            self.held[key] = held
        held.add(exchange)

    def tell_again(self, recorder: Recorder) -> None:
        """Report the exchanges that were counted because they equal the last one."""
        again = self.again
        if again is None:
            return
        self.told += 1
        recorder.facts.append(
            replace(again, time=recorder.now, sequence=recorder.number(), repeats=int(self.again_count - 1))
        )
        self.again = None
        self.again_count = 0

    def tell(self, recorder: Recorder) -> None:
        """Report everything that was only counted."""
        self.tell_again(recorder)
        held = self.held
        self.held = {}
        for one in held.values():
            detail: dict[str, Value] = dict(one.last.detail)
            if one.has_numbers and one.count > 1:
                detail["min"] = one.minimum
                detail["max"] = one.maximum
            recorder.facts.append(
                replace(
                    one.last,
                    time=recorder.now,
                    sequence=recorder.number(),
                    repeats=int(one.count - 1),
                    detail=detail,
                    ranges=one.ranges(),
                )
            )

    def begin(self) -> None:
        """Begin a new window: what was reported before is reported again."""
        self.listed = False
        self.told = 0
        self.last = None
