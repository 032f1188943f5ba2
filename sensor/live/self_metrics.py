"""What the sensor counts of itself for its health facts: workers, merge, spool, shipping, what the store forgot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sensor.elastic.tally import read_tally
from sensor.store import Store

SHIPPED: Final = ("acked", "duplicates", "retried", "failure_store", "dead_letter")


class SelfMetrics:
    """Gives counters as what was added since the last call, gauges as they are. ``running`` gives totals by name."""

    def __init__(self, running: Callable[[], Mapping[str, int]], store: Store | None, shipping: bool) -> None:
        self._running = running
        self._store = store
        self._shipping = shipping
        self._reported: dict[str, int] = {}
        self._added(self._totals())

    def __call__(self) -> dict[str, int]:
        """Return the counters of the window that ends now, and the gauges."""
        return self._added(self._totals()) | self._gauges()

    def _totals(self) -> dict[str, int]:
        totals = dict(self._running())
        if self._store is not None:
            totals |= {f"store_forgot_{table}": count for table, count in self._store.writer.evicted.items()}
        if self._store is not None and self._shipping:
            tally = read_tally(self._store)
            totals |= {f"output_{name}": getattr(tally, name) for name in SHIPPED}
            totals["spool_dropped"] = self._store.spool.size()[2]
        return totals

    def _added(self, totals: Mapping[str, int]) -> dict[str, int]:
        added = {name: totals[name] - self._reported.get(name, 0) for name in sorted(totals)}
        self._reported = dict(totals)
        return {name: max(0, count) for name, count in added.items()}

    def _gauges(self) -> dict[str, int]:
        if self._store is None or not self._shipping:
            return {}
        spooled = self._store.spool.state()
        return {
            "spool_documents": spooled.documents,
            "spool_bytes": spooled.byte_count,
            "spool_oldest_seconds": spooled.oldest_age_seconds,
            "output_paused": int(read_tally(self._store).paused),
        }
