"""The health of the sensor as facts: what the interfaces counted and what the sensor itself counts, window by window.

Workers report the health of what they dissect; all of them report on an interface, in totals of each process. Here the
totals become what happened in the window that a health fact closes. With one interface everything is in one fact; with
several each has its own, and what belongs to none of them is in one without a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from dissectors.facts import AnyFact, Health
from sensor.live.report import InterfaceCount, Report

COUNTED: Final = ("packets", "bytes", "dropped")
"""What is reported per interface, in the order of ``InterfaceCount``."""
STATES_BY_WORSE: Final = ("gone", "down", "up")
SOURCE: Final = "sensor"
"""Source of what belongs to no single interface."""


class Interface:
    """One interface over all workers and their processes. Totals since the sensor began."""

    def __init__(self) -> None:
        self.states: dict[int, str] = {}
        self.note = ""
        self.before = (0, 0, 0)
        self.current: dict[int, tuple[int, int, int]] = {}
        self.reported = (0, 0, 0)

    @property
    def state(self) -> str:
        """What is worst of what the workers say: "gone", "down" or "up"."""
        return min(self.states.values(), key=STATES_BY_WORSE.index, default="up")

    def totals(self) -> tuple[int, int, int]:
        """Return packets, bytes and dropped packets so far."""
        rows = [self.before, *self.current.values()]
        return sum(row[0] for row in rows), sum(row[1] for row in rows), sum(row[2] for row in rows)


class InterfaceStatus:
    """Counts interfaces and completes health facts. ``own`` gives the sensor's own counters and gauges of a window.

    ``began`` is the packet time (ns) at which the watching began: the first window begins there.
    """

    def __init__(self, interfaces: Iterable[str], own: Callable[[], Mapping[str, int]] = dict) -> None:
        self.interfaces = {name: Interface() for name in interfaces}
        self.began = 0
        self._own = own

    def take(self, report: Report) -> list[InterfaceCount]:
        """Take what a report says of interfaces; return those whose state has changed."""
        changed = []
        for count in report.interfaces:
            interface = self.interfaces.setdefault(count.name, Interface())
            interface.current[report.worker] = (count.seen, count.byte_count, count.dropped)
            before = interface.state
            interface.states[report.worker] = count.state
            interface.note = count.note
            if interface.state != before:
                changed.append(count)
        return changed

    def ended(self, worker: int) -> None:
        """Keep the totals of a worker process that ended: the next one counts from nothing."""
        for interface in self.interfaces.values():
            last = interface.current.pop(worker, None)
            if last is not None:
                before = interface.before
                interface.before = (before[0] + last[0], before[1] + last[1], before[2] + last[2])

    def complete(self, facts: Iterable[AnyFact]) -> list[AnyFact]:
        """Return the facts with every health fact completed."""
        out: list[AnyFact] = []
        for fact in facts:
            if isinstance(fact, Health) and self.interfaces:
                out.extend(self._completed(fact))
            else:
                out.append(fact)
        return out

    def _completed(self, fact: Health) -> list[AnyFact]:
        if fact.start < self.began < fact.end:
            fact = msgspec.structs.replace(fact, start=self.began)
        counters = {name: count for name, count in fact.counters.items() if name not in COUNTED}
        counters |= self._own()
        if len(self.interfaces) == 1:
            name = next(iter(self.interfaces))
            counters = self._window(name) | counters
            return [msgspec.structs.replace(fact, source=name, interface=name, counters=counters)]
        counters["messages"] = fact.counters.get("packets", 0)
        whole = msgspec.structs.replace(fact, source=SOURCE, interface="", counters=counters)
        single = [
            msgspec.structs.replace(fact, source=name, interface=name, counters=self._window(name), unread={})
            for name in sorted(self.interfaces)
        ]
        return [*single, whole]

    def _window(self, name: str) -> dict[str, int]:
        interface = self.interfaces[name]
        totals, reported = interface.totals(), interface.reported
        interface.reported = totals
        return {word: totals[place] - reported[place] for place, word in enumerate(COUNTED)}
