"""Sensor health documents: one per interface and interval, numbers that only grow since the run began.

Workers report what happened in a window; several of them, and the pipeline itself, share an interface. Their counters are
added up here, so that an interface has one document per time: in a time series a second one would be refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dissectors.facts import ChannelWindow, Health, Visibility
from sensor.documents.envelope import envelope, labels, observer
from sensor.documents.moment import SECOND
from sensor.documents.origin import Origin
from sensor.documents.text import Document, pruned, text

MAX_INTERFACES: Final = 64
"""Interfaces counted on their own; more share the one without a name."""

COUNTERS: Final = {
    "packets": "packets",
    "bytes": "bytes",
    "dropped": "dropped",
    "not_decoded": "dissect_errors",
    "truncated": "truncated",
    "clock_jumps": "clock_jumps",
    "overlap_conflicts": "overlaps",
    "overlapping_fragments": "overlaps",
}
"""Counters of a ``Health`` fact and the field each adds to."""
GAUGES: Final = {"flows": "flows", "channels": "channels"}
"""Numbers of a ``Health`` fact that report a state, not an event."""
OUTPUT_COUNTERS: Final = {
    "spool_dropped": ("spool", "dropped"),
    "output_acked": ("output", "acked"),
    "output_duplicates": ("output", "duplicates"),
    "output_retried": ("output", "retried"),
    "output_failure_store": ("output", "failure_store"),
    "output_dead_letter": ("output", "dead_letter"),
}
"""Counters of the way out, each with its section and field. Several interfaces share them: then they have no interface."""
OUTPUT_GAUGES: Final = {
    "spool_documents": ("spool", "documents"),
    "spool_bytes": ("spool", "bytes"),
    "spool_oldest_seconds": ("spool", "oldest_age_s"),
    "output_paused": ("output", "paused"),
}
STORE_FORGOT: Final = "store_forgot_"
"""How the counters of rows begin that a store forgot by age or number."""
FIELDS: Final = (
    "packets", "bytes", "dropped", "gaps", "one_sided_flows", "dissect_errors", "truncated", "clock_jumps", "overlaps",
    "forgotten",
)  # fmt: skip


def counter_field(name: str) -> str:
    """Return the field a counter adds to, "" when it is none of this stream."""
    known = COUNTERS.get(name)
    if known is not None:
        return known
    if "drop" in name and not name.endswith("_dropped"):
        return "dropped"
    forgets = "evicted" in name or name.endswith("_dropped") or name.startswith(STORE_FORGOT)
    return "forgotten" if forgets else ""


class Series:
    """The numbers of one interface since the run began."""

    def __init__(self) -> None:
        self.totals = dict.fromkeys(FIELDS, 0)
        self.gauges: dict[str, int] = {}
        self.outputs: dict[str, dict[str, int | bool]] = {}
        self.end = 0
        self.is_due = False

    def way_out(self, name: str, count: int) -> None:
        """Take a counter or gauge of what leaves the sensor."""
        if name in OUTPUT_COUNTERS:
            section, field = OUTPUT_COUNTERS[name]
            fields = self.outputs.setdefault(section, {})
            fields[field] = fields.get(field, 0) + count
        else:
            section, field = OUTPUT_GAUGES[name]
            self.outputs.setdefault(section, {})[field] = bool(count) if field == "paused" else count


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
        for name in sorted(fact.counters):
            count = fact.counters[name]
            if name in OUTPUT_COUNTERS or name in OUTPUT_GAUGES:
                series.way_out(name, count)
            elif name in GAUGES:
                series.gauges[name] = series.gauges.get(name, 0) + count
            elif field := counter_field(name):
                series.totals[field] += count

    def _due(self, before: int) -> Iterator[tuple[str, Series]]:
        for interface, series in self._series.items():
            if series.is_due and series.end < before:
                yield interface, series
                series.is_due = False

    def close(self) -> Iterator[tuple[str, Series]]:
        """Yield every interface that has something untold."""
        yield from self._due(1 << 63)


def sensor_document(origin: Origin, interface: str, series: Series, started: int) -> Document:
    """Return the document of one interface. It has no id: a time series makes its own."""
    gauges = {GAUGES[name]: series.gauges[name] for name in sorted(series.gauges)}
    return pruned(
        {
            **envelope(origin, "sensor", series.end, {"kind": "metric"}),
            "observer": observer(origin, text(interface)),
            "labels": labels(origin),
            "spanwatch": {
                "sensor": {
                    "uptime_s": max(0, series.end - started) // SECOND,
                    "capture": {**series.totals, **gauges},
                    **{section: dict(series.outputs[section]) for section in sorted(series.outputs)},
                }
            },
        }
    )
