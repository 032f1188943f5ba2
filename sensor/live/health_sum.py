"""The health of all workers as one: counters of the same window are added up before anybody judges them.

Rules ask for shares of a whole (dropped of all, not decoded of all) and for silence; one worker's part says neither. A
worker that was restarted or joined late simply has no part in a window. A clock that was set back ends what is held.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from dissectors.facts import AnyFact, Health
from sensor.live.merge import JUMP_NANOSECONDS

SEEN_BY_ALL: Final = ("clock_jumps",)
"""Counters of what every worker sees: the greatest counts, not the sum."""


class HealthSum:
    """Holds the health of a window until time has passed it, then gives the sum in its place."""

    def __init__(self) -> None:
        self._held: dict[tuple[int, int], Health] = {}

    def pass_on(self, facts: Iterable[AnyFact], until: int) -> list[AnyFact]:
        """Return the facts with the sums of all windows that ended before ``until`` (ns, -1: not known) in their place."""
        out: list[AnyFact] = []
        for fact in facts:
            if self._held:
                self._release(fact.time, out)
            if isinstance(fact, Health):
                key = (fact.end, fact.start)
                held = self._held.get(key)
                self._held[key] = fact if held is None else _added(held, fact)
            else:
                out.append(fact)
        if until >= 0:
            self._release(until, out)
        return out

    def all(self) -> list[AnyFact]:
        """Return what is held."""
        out: list[AnyFact] = []
        for key in sorted(self._held):
            out.append(self._held.pop(key))
        return out

    def _release(self, before: int, out: list[AnyFact]) -> None:
        for key in sorted(self._held):
            if key[0] < before or key[0] - before > JUMP_NANOSECONDS:
                out.append(self._held.pop(key))


def _added(one: Health, other: Health) -> Health:
    counters = dict(one.counters)
    for name, count in other.counters.items():
        before = counters.get(name, 0)
        counters[name] = max(before, count) if name in SEEN_BY_ALL else before + count
    unread = dict(one.unread)
    for name, count in other.unread.items():
        unread[name] = unread.get(name, 0) + count
    same = one.interface == other.interface
    return msgspec.structs.replace(
        one,
        source=one.source if one.source == other.source else "",
        interface=one.interface if same else "",
        counters=dict(sorted(counters.items())),
        unread=dict(sorted(unread.items())),
    )
