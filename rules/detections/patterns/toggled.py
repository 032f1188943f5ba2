"""One point written back and forth between two values.

A remote output, a heartbeat or a counter is written so all day. Where the first write of a point is seen within SETTLED of the
first conversation of its server, nobody can say that it was ever otherwise: a hint. Where the server has been known for longer
and somebody begins, it is told in full; so are controls, which are no routine (``settles`` False).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

from dissectors.context import Context
from dissectors.facts import ChannelOpened, Exchange, Value
from dissectors.words import ANSWER_ALONE
from rules.detections.entry import Hit, Predicate
from rules.detections.patterns.asked import device, place
from rules.detections.rule_state import RuleState
from rules.detections.windows import SECOND
from rules.detections.words import is_refused

SETTLED: Final = 60 * SECOND
SINCE: Final = (
    ", as since the first minute that this server is known: probably an output or a heartbeat that is driven so"
)
POINTS: Final = 64
"""Points of one write that are looked at."""


def points(fact: Exchange) -> Iterator[tuple[str, int, Value]]:
    """Yield (table, index, written value) of the first POINTS points of a write."""
    place_of_value = 0
    for target in fact.targets:
        if target.first < 0:
            continue
        for index in range(target.first, min(target.last, target.first + POINTS - 1) + 1):
            if place_of_value >= min(len(fact.values), POINTS):
                return
            yield target.kind, index, fact.values[place_of_value]
            place_of_value += 1


class Swing:
    """The last two different values written to a point, and the times at which they took turns."""

    __slots__ = ("at", "first", "last", "other", "turns")

    def __init__(self, value: Value, time: int) -> None:
        self.first = time
        self.last = value
        self.other: Value | None = None
        self.at = time
        self.turns: deque[int] = deque()

    def write(self, value: Value, time: int, horizon: int) -> int:
        """Take a written value; return how often the same two values took turns since ``horizon``."""
        late = self.at < horizon
        self.at = time
        if value == self.last:
            return 0
        if late or value != self.other:
            self.turns.clear()
        self.other, self.last = self.last, value
        if late:
            return 0
        self.turns.append(time)
        while self.turns[0] < horizon:
            self.turns.popleft()
        return len(self.turns)


def toggled(count: str, seconds: str, *, settles: bool) -> Predicate:
    """Hit when one point is written back and forth between two values n times in t; low for what it ``settles`` to do."""

    def predicate(context: Context, state: RuleState) -> Hit | None:
        fact = context.fact
        if isinstance(fact, ChannelOpened):
            known = ("server", *device(context))
            if settles and state.noted(known) is None:
                state.note(known, fact.first, fact.first)
            return None
        if not isinstance(fact, Exchange) or fact.outcome in ANSWER_ALONE or is_refused(context, fact):
            return None
        _, server, unit = place(context)
        span = state.settings[seconds]
        horizon = fact.time - int(span * SECOND)
        worst: Hit | None = None
        for kind, index, value in points(fact):
            key = (server, unit, kind, index)
            swing = state.noted(key)
            if not isinstance(swing, Swing):
                state.note(key, fact.time, Swing(value, fact.time))
                continue
            state.note(key, fact.time, swing)
            changes = swing.write(value, fact.time, horizon)
            if changes >= state.settings[count]:
                pair = " and ".join(sorted((str(swing.last), str(swing.other))))
                began = state.noted(("server", *device(context)))
                usual = settles and isinstance(began, int) and swing.first - began <= SETTLED
                words: dict[str, Value] = {
                    "point": f"{kind} {index}",
                    "pair": pair,
                    "changes": changes,
                    "seconds": span,
                }
                worst = Hit(words={**words, "since": SINCE if usual else ""}, severity="low" if usual else "")
        return worst

    return predicate
