"""What the inventory has to say: events as they happen, assets seen again, all assets, and what its bounds made it forget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dissectors.context import AssetEvent
from dissectors.facts import Health
from dissectors.health import BOUNDS
from rules.detections.alert import Alert
from sensor.inventory import Inventory
from sensor.inventory.record import AssetRecord
from sensor.pipeline.audience import name_of
from sensor.pipeline.contract import Detector
from sensor.pipeline.quarantine import Quarantine
from sensor.pipeline.schedule import MINUTE
from sensor.sinks.sink import OWN_SOURCE, Sink


class AssetReporting:
    """Reports assets to ``sinks`` and their events to ``detections``, whose alerts go to ``report``."""

    def __init__(
        self,
        inventory: Inventory,
        sinks: Sequence[Sink],
        detections: Detector | None,
        report: Callable[[Sequence[Alert]], None],
        quarantine: Quarantine | None = None,
    ) -> None:
        self._quarantine = quarantine or Quarantine(strict=True)
        self._inventory = inventory
        self._sinks = tuple(sinks)
        self._keepers = tuple(sink for sink in sinks if sink.keeps_assets)
        self._others = tuple(sink for sink in sinks if not sink.keeps_assets)
        self._detections = detections
        self._report = report
        self._forgotten: dict[str, int] = {}

    def events(self) -> None:
        """Report what happened to assets: the asset first, then the alerts about it."""
        for event in self._inventory.take_events():
            record = self._inventory.record(event.asset.id)
            if record is not None:
                self._give(self._sinks, record, event)
            if self._detections is not None:
                self._report(self._quarantine.attempt("detections", event, self._detections.see, event) or ())

    def refresh(self) -> None:
        """Give the assets that were seen again to those who keep them."""
        for record in self._inventory.take_touched():
            self._give(self._keepers, record)

    def repeat(self) -> None:
        """Give all assets to everyone else."""
        if self._others:
            for record in self._inventory.each_record():
                self._give(self._others, record)

    def _give(self, sinks: Sequence[Sink], record: AssetRecord, event: AssetEvent | None = None) -> None:
        for sink in sinks:
            self._quarantine.attempt(name_of(sink), record, sink.asset, record, event)

    def forgotten(self, now: int, models: Mapping[str, int] | None = None) -> Health | None:
        """Say what bounds made the inventory and the ``models`` forget, like a worker does of its tables; None for nothing."""
        counters = {**self._inventory.counters, **(models or {})}
        lost = {name: counters[name] - self._forgotten.get(name, 0) for name in sorted(counters) if name in BOUNDS}
        self._forgotten = counters
        reported = {name: count for name, count in lost.items() if count}
        return Health(now, OWN_SOURCE, 0, 0, now - MINUTE, now, "", reported) if reported else None
