"""Replays captures: reader, worker and pipeline wired together. Packet time is the only clock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dissectors.wire.mirrors import Mirrors
from sensor.capture.reader import read
from sensor.capture.record import Reading
from sensor.pipeline.assemble import BATCH_FACTS, Run
from sensor.pipeline.collector import look_seldom
from sensor.pipeline.options import Options
from sensor.pipeline.pipeline import Pipeline
from sensor.sinks.sink import Sink
from sensor.store import Capture
from sensor.worker import Worker

if TYPE_CHECKING:
    from rules.detections.engine import Detections
    from sensor.pipeline.baseline import BaselineInUse

DIGEST_BLOCK: Final = 1 << 20


class Replay:
    """One run over captures. ``sinks`` get everything, as the files and the store do."""

    def __init__(self, options: Options, sinks: Sequence[Sink] = ()) -> None:
        self.options = options
        self.worker = Worker(networks=options.networks, mirrors=Mirrors(list(options.mirrors)))
        self._run = Run(options, sinks)
        self._run.load_baseline()

    @property
    def baseline(self) -> BaselineInUse | None:
        """The baseline that the run judges by."""
        return self._run.baseline

    @property
    def detections(self) -> Detections | None:
        """The alert catalogue at work, once the first packet was read."""
        return self._run.detections

    @property
    def failures(self) -> int:
        """How often a part of the sensor failed on a packet or a fact; everything else took it."""
        return int(self.worker.wire.failures.count) + self._run.quarantine.count

    def run(self, progress: Callable[[int, int | None], None] | None = None) -> Reading:
        """Read everything, finish, and return what was read and what could not be."""
        look_seldom()
        try:
            reading = read(
                self.options.captures,
                self.worker.wire,
                progress=progress,
                after_block=self._after_block,
                merge=self.options.merge,
            )
            self._take(self.worker.finish())
            pipeline = self._pipeline()
            pipeline.finish()
            self._note_captures(pipeline, reading)
        finally:
            self._run.close()
        return reading

    def _after_block(self) -> None:
        if len(self.worker.recorder.facts) >= BATCH_FACTS:
            self._take(self.worker.drain())

    def _take(self, facts: Sequence[object]) -> None:
        """Give facts to the pipeline in parts: the rows of the store wait in memory until a part is taken."""
        for start in range(0, len(facts), BATCH_FACTS):
            self._pipeline().take(facts[start : start + BATCH_FACTS])  # type: ignore[arg-type]  # compiled lists are typed by their maker

    def _pipeline(self) -> Pipeline:
        """Return the pipeline; it is made when the first packet has reported the epoch."""
        return self._run.pipeline or self._run.begin(int(self.worker.wire.clock.first))

    def _note_captures(self, pipeline: Pipeline, reading: Reading) -> None:
        store = self._run.store
        if store is None:
            return
        if pipeline.inventory.started is not None:
            store.note("started", str(pipeline.inventory.started))
        for file in reading.files:
            store.captured(
                Capture(
                    name=file.name,
                    sha256=digest(Path(file.path)) if Path(file.path).is_file() else "",
                    first_frame=file.first_frame,
                    packets=file.packets,
                    first=file.first_time,
                    last=file.last_time,
                )
            )


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    total = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(DIGEST_BLOCK):
            total.update(block)
    return total.hexdigest()
