"""The one wiring that replay, watch and train share: what a run needs before its first packet, and the pipeline at it.

``Run`` opens and makes everything that can be refused, so that what is wrong with what the operator gave is found before a
packet is read. ``Run.begin`` joins it when the first packet has given the epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from dissectors.context import SensorEvent
from rules.detections.engine import Detections
from rules.policy import Judge
from sensor.build import VERSION
from sensor.documents.moment import epoch_text
from sensor.documents.origin import Origin
from sensor.inventory import Inventory
from sensor.pipeline.contract import Models
from sensor.pipeline.options import Options
from sensor.pipeline.pipeline import Pipeline
from sensor.pipeline.policy_assets import known_assets
from sensor.pipeline.quarantine import Quarantine, beside
from sensor.sinks.alone import Alone, InUseError
from sensor.sinks.registry import sinks_for
from sensor.sinks.sink import Sink
from sensor.store import Store, StoreError

if TYPE_CHECKING:
    from sensor.live.policy_in_use import PolicyInUse
    from sensor.pipeline.baseline import BaselineInUse

BATCH_FACTS: Final = 8_192
"""Facts that the pipeline takes at once: worker and pipeline taking turns less often keep their caches warm."""


class Run:
    """One run. ``sinks`` get everything, as the files and the store do.

    ``judge`` judges by ``policy``, which is that of the options until another one takes its place. Raises ``StoreError`` or
    ``OutputError`` with a sentence and the fix.
    """

    def __init__(self, options: Options, sinks: Sequence[Sink] = (), judge: Judge | PolicyInUse | None = None) -> None:
        self.options = options
        self.policy = options.policy
        self.judge = judge
        if judge is None and self.policy is not None:
            self.judge = Judge([self.policy], early=True)
        self.store = Store(options.store) if options.store is not None else None
        self._alone = self._hold_store()
        self.sinks: list[Sink] = [*sinks, *sinks_for(options, self.store)]
        self.quarantine = Quarantine(beside(options.output, options.store))
        self.baseline: BaselineInUse | None = None
        self.detections: Detections | None = None
        self.pipeline: Pipeline | None = None

    def load_baseline(self) -> None:
        """Load the baseline of the options, refused or not; the models are imported only when one is asked for."""
        if self.options.baseline is not None:
            from sensor.pipeline.baseline import BaselineInUse  # noqa: PLC0415  # numpy takes a moment

            self.baseline = BaselineInUse(self.options.baseline)

    def begin(
        self, first: int, commit: Callable[[], None] | None = None, note: Callable[[str, str], None] | None = None
    ) -> Pipeline:
        """Return the pipeline of a run whose first packet has the time ``first`` (ns).

        ``commit`` commits the sinks in the pipeline's place, ``note`` keeps in the store what the run is, in the store's.
        """
        options = self.options
        first = max(0, first)
        epoch = epoch_text(first)
        origin = Origin(site=options.site, sensor=options.sensor, version=VERSION, epoch=epoch)
        for sink in self.sinks:
            sink.begin(origin)
        inventory = self._inventory()
        self._note(epoch, note)
        self.detections = Detections(
            options.settings,
            options.sensor,
            epoch,
            maintenance=self.judge.maintenance if self.judge is not None else None,
            obligations=self.judge,
            baseline_index=self.baseline.baseline_index if self.baseline is not None else None,
            exceptions=options.exceptions,
            failed=self.quarantine.keep,
        )
        models = self.baseline.models if self.baseline is not None else None
        self.pipeline = Pipeline(inventory, self.judge, self.detections, self.sinks, models, commit, self.quarantine)
        self._report_beginning(self.pipeline, first)
        return self.pipeline

    def learn(self, lessons: Models) -> Pipeline:
        """Return a pipeline that shows the facts to ``lessons`` and raises no alert: learning is not watching."""
        self.pipeline = Pipeline(self._inventory(), self.judge, models=lessons)
        return self.pipeline

    def close(self) -> None:
        """Close what the run wrote to; what did not end well leaves nothing half done."""
        for sink in self.sinks:
            sink.abandon()
        if self.store is not None:
            self.store.close()
        if self._alone is not None:
            self._alone.release()

    def _hold_store(self) -> Alone | None:
        if self.store is None:
            return None
        try:
            return Alone(self.store.path)
        except InUseError as error:
            self.store.close()
            text = f"{error}: is in use by another sensor. Give each sensor its own --store, or wait for the end of the other"
            raise StoreError(text) from error

    def _inventory(self) -> Inventory:
        known = known_assets(self.policy) if self.policy is not None else None
        kept = self.store.meta("started") if self.store is not None else ""
        inventory = Inventory(
            known=known, started=int(kept) if kept.isdecimal() else None, redundancy=self.options.redundancy
        )
        if self.store is not None and self.options.live:
            inventory.restore(self.store.assets())
        return inventory

    def _note(self, epoch: str, note: Callable[[str, str], None] | None) -> None:
        if self.store is None:
            return
        note = note or self.store.note
        note("sensor", self.options.sensor)
        note("epoch", epoch)
        if self.policy is not None:
            note("policy_sha256", self.policy.sha256)
        if self.baseline is not None:
            note("baseline", self.baseline.identity)

    def _report_beginning(self, pipeline: Pipeline, first: int) -> None:
        """Say without which alerts the run begins."""
        sensor = self.options.sensor
        for alert, numbers in sorted(self.options.settings.items()):
            if not numbers.get("enabled", True):
                observed = f"{alert} is switched off."
                pipeline.report(
                    SensorEvent(kind="detection_off", time=first, source=sensor, subject=alert, observed=observed)
                )
        event = self.baseline.event(first, sensor) if self.baseline is not None else None
        if event is not None:
            pipeline.report(event)
