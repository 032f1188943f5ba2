"""Replays captures: reader, worker and pipeline wired together. Packet time is the only clock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from rules.detections.engine import Detections
from rules.policy import Judge, Policy
from sensor.build import VERSION
from sensor.capture.reader import read
from sensor.capture.record import Reading
from sensor.documents.moment import epoch_text
from sensor.documents.origin import Origin
from sensor.inventory import Inventory
from sensor.pipeline.collector import look_seldom
from sensor.pipeline.pipeline import Pipeline
from sensor.pipeline.policy_assets import known_assets
from sensor.sinks.ndjson import NdjsonOutput
from sensor.sinks.sink import Output, Recorder
from sensor.sinks.store_output import StoreOutput, StoreRecorder
from sensor.store import Capture, Store
from sensor.worker import Worker

if TYPE_CHECKING:
    from sensor.pipeline.baseline import BaselineInUse

BATCH_FACTS: Final = 8_192
"""Facts that the pipeline takes at once: worker and pipeline taking turns less often keep their caches warm."""
DIGEST_BLOCK: Final = 1 << 20


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay is reported. ``settings`` overrides numbers of the alert catalogue by alert id.

    ``baseline`` is the folder of a trained baseline; one that is damaged is reported and not used.
    ``spool`` puts the documents into the store too, for a shipper.
    """

    captures: tuple[str, ...]
    policy: Policy | None = None
    store: Path | None = None
    output: Path | None = None
    site: str = "default"
    sensor: str = "spanwatch"
    spool: bool = False
    settings: dict[str, dict[str, int | float]] = {}
    baseline: Path | None = None


class Replay:
    """One run over captures. ``outputs`` are reported everything besides the files and the store."""

    def __init__(self, options: Options, outputs: Sequence[Output] = ()) -> None:
        self.options = options
        self.worker = Worker()
        self.pipeline: Pipeline | None = None
        self.detections: Detections | None = None
        self.store = Store(options.store) if options.store is not None else None
        self.files: NdjsonOutput | None = None
        self.baseline = baseline_of(options.baseline)
        self._outputs = list(outputs)

    def run(self, progress: Callable[[int, int | None], None] | None = None) -> Reading:
        """Read everything, finish, and return what was read and what could not be."""
        look_seldom()
        finished = False
        try:
            reading = read(self.options.captures, self.worker.wire, progress=progress, after_block=self._after_block)
            self._take(self.worker.finish())
            self._pipeline().finish()
            self._note_captures(reading)
            finished = True
        finally:
            if self.files is not None and not finished:
                self.files.abandon()
            if self.store is not None:
                self.store.close()
        return reading

    def _after_block(self) -> None:
        if len(self.worker.recorder.facts) >= BATCH_FACTS:
            self._take(self.worker.drain())

    def _take(self, facts: Sequence[object]) -> None:
        if facts:
            self._pipeline().take(facts)  # type: ignore[arg-type]  # compiled lists are typed by their maker

    def _pipeline(self) -> Pipeline:
        """Return the pipeline; it is made when the first packet has reported the epoch."""
        if self.pipeline is None:
            self.pipeline = self._make_pipeline(epoch_text(max(0, int(self.worker.wire.clock.first))))
        return self.pipeline

    def _make_pipeline(self, epoch: str) -> Pipeline:
        options = self.options
        policy = options.policy
        origin = Origin(site=options.site, sensor=options.sensor, version=VERSION, epoch=epoch)
        judge = Judge([policy], early=True) if policy is not None else None
        known = known_assets(policy) if policy is not None else None
        started = None
        if self.store is not None:
            kept = self.store.meta("started")
            started = int(kept) if kept else None
            self.store.note("sensor", options.sensor)
            self.store.note("epoch", epoch)
            if policy is not None:
                self.store.note("policy_sha256", policy.sha256)
            if self.baseline is not None:
                self.store.note("baseline", self.baseline.identity)
        inventory = Inventory(known=known, started=started)
        self.detections = Detections(
            options.settings,
            options.sensor,
            epoch,
            maintenance=judge.maintenance if judge is not None else None,
            obligations=judge,
            baseline_index=self.baseline.baseline_index if self.baseline is not None else None,
        )
        outputs: list[Output] = list(self._outputs)
        if options.output is not None:
            self.files = NdjsonOutput(options.output, origin)
            outputs.append(self.files)
        recorder: Recorder | None = self.store.writer if self.store is not None else None
        if self.store is not None and options.spool:
            documents = StoreOutput(self.store, origin)
            outputs.append(documents)
            recorder = StoreRecorder(self.store, documents)
        anomalies = self.baseline.anomalies if self.baseline is not None else None
        pipeline = Pipeline(inventory, judge, self.detections, outputs, recorder, anomalies)
        event = (
            self.baseline.event(max(0, int(self.worker.wire.clock.first)), options.sensor) if self.baseline else None
        )
        if event is not None:
            pipeline.report(event)
        return pipeline

    def _note_captures(self, reading: Reading) -> None:
        if self.store is None:
            return
        if self.pipeline is not None and self.pipeline.inventory.started is not None:
            self.store.note("started", str(self.pipeline.inventory.started))
        for file in reading.files:
            self.store.captured(
                Capture(
                    name=file.name,
                    sha256=digest(Path(file.path)) if Path(file.path).is_file() else "",
                    first_frame=file.first_frame,
                    packets=file.packets,
                    first=file.first_time,
                    last=file.last_time,
                )
            )


def baseline_of(folder: Path | None) -> BaselineInUse | None:
    """Return the baseline of a folder, refused or not; the models are imported only when one is asked for."""
    if folder is None:
        return None
    from sensor.pipeline.baseline import BaselineInUse  # noqa: PLC0415  # numpy takes a moment

    return BaselineInUse(folder)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    total = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(DIGEST_BLOCK):
            total.update(block)
    return total.hexdigest()
