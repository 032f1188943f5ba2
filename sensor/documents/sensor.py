"""Sensor health documents: one per interface and interval, numbers that only grow since the run began.

Workers report what happened in a window; several of them, and the pipeline itself, share an interface. Their counters are
added up here, so that an interface has one document per time: in a time series a second one would be refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dissectors.facts import ChannelWindow, Health, Visibility
from dissectors.health import BY_NAME, COUNTERS
from sensor.documents.envelope import envelope, labels, observer
from sensor.documents.moment import SECOND
from sensor.documents.origin import Origin
from sensor.documents.text import Document, keywords, pruned, text

MAX_UNREAD: Final = 64
"""Names of what was not read, per interface; more share one."""
OTHER: Final = "other names"
MAX_INTERFACES: Final = 64
"""Interfaces counted on their own; more share the one without a name."""

CAPTURE: Final = "capture"
TOTALS: Final = tuple(
    dict.fromkeys(
        ["packets", "bytes", "dropped", "gaps", "one_sided_flows"]
        + [row.field.partition(".")[2] for row in COUNTERS if row.field.startswith("capture.") and not row.gauge]
    )
)
"""The counters of ``capture``, each in every document; gaps and one-sided flows come from other facts than health."""


class Series:
    """The numbers of one interface since the run began."""

    def __init__(self) -> None:
        self.totals = dict.fromkeys(TOTALS, 0)
        self.gauges: dict[str, int] = {}
        self.outputs: dict[str, dict[str, int | bool]] = {}
        self.unread: dict[str, int] = {}
        self.end = 0
        self.is_due = False

    def add(self, name: str, count: int) -> None:
        """Take one counter of a health fact; one that is not declared is left out."""
        counter = BY_NAME.get(name)
        if counter is None or not counter.field:
            return
        section, _, field = counter.field.partition(".")
        if section == CAPTURE:
            numbers = self.gauges if counter.gauge else self.totals
            numbers[field] = numbers.get(field, 0) + count
            return
        fields = self.outputs.setdefault(section, {})
        if counter.gauge:
            fields[field] = bool(count) if field == "paused" else count
        else:
            fields[field] = fields.get(field, 0) + count


class Counts:
    """All interfaces of one sensor."""

    def __init__(self) -> None:
        self._series: dict[str, Series] = {}
        self.started = -1

    def _of(self, interface: str) -> Series:
        found = self._series.get(interface)
        if found is None:
            if len(self._series) >= MAX_INTERFACES:
                interface = ""
            found = self._series.setdefault(interface, Series())
        return found

    def gap(self, interface: str, fact: ChannelWindow) -> None:
        """Count the gaps of a channel's window."""
        if fact.gaps:
            self._of(interface).totals["gaps"] += fact.gaps

    def seen(self, interface: str, fact: Visibility) -> None:
        """Count a flow of which one side only is seen."""
        if fact.state == "one_sided":
            self._of(interface).totals["one_sided_flows"] += 1

    def add(self, fact: Health) -> Iterator[tuple[str, Series]]:
        """Add what one worker counted; yield the interfaces whose interval is over."""
        if self.started < 0:
            self.started = fact.start
        yield from self._due(fact.end)
        series = self._of(fact.interface)
        if series.end != fact.end:
            series.gauges = {}
        series.end, series.is_due = fact.end, True
        for name, count in sorted(fact.unread.items()):
            known = name if name in series.unread or len(series.unread) < MAX_UNREAD else OTHER
            series.unread[known] = series.unread.get(known, 0) + count
        for name in sorted(fact.counters):
            series.add(name, fact.counters[name])

    def _due(self, before: int) -> Iterator[tuple[str, Series]]:
        for interface, series in self._series.items():
            if series.is_due and series.end < before:
                yield interface, series
                series.is_due = False

    def close(self) -> Iterator[tuple[str, Series]]:
        """Yield every interface that has something untold."""
        yield from self._due(1 << 63)


def _named(unread: dict[str, int]) -> list[str]:
    """Return what was not read since the run began, most first: "tzsp cut short: 12"."""
    return [f"{name}: {count}" for name, count in sorted(unread.items(), key=lambda row: (-row[1], row[0]))]


def sensor_document(origin: Origin, interface: str, series: Series, started: int) -> Document:
    """Return the document of one interface. It has no id: a time series makes its own."""
    gauges = {name: series.gauges[name] for name in sorted(series.gauges)}
    return pruned(
        {
            **envelope(origin, "sensor", series.end, {"kind": "metric"}),
            "observer": observer(origin, text(interface)),
            "labels": labels(origin),
            "spanwatch": {
                "sensor": {
                    "uptime_s": max(0, series.end - started) // SECOND,
                    "capture": {**series.totals, **gauges, "unread": keywords(_named(series.unread))},
                    **{section: dict(series.outputs[section]) for section in sorted(series.outputs)},
                }
            },
        }
    )
