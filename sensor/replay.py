"""Replays captures: reader, worker and keeper wired together. Packet time is the only clock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from rules.detections.engine import Detections
from rules.policy import Judge, Policy
from sensor.build import VERSION
from sensor.capture.reader import read
from sensor.capture.record import Reading
from sensor.collector import look_seldom
from sensor.inventory import Inventory
from sensor.keeper import Keeper
from sensor.output import Output
from sensor.outputs.moment import epoch_text
from sensor.outputs.ndjson import NdjsonOutput
from sensor.outputs.origin import Origin
from sensor.policy_assets import known_assets
from sensor.store import Capture, Store
from sensor.worker import Worker

BATCH_FACTS: Final = 8_192
"""Facts that the keeper takes at once: worker and keeper taking turns less often keep their caches warm."""
DIGEST_BLOCK: Final = 1 << 20


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay is told. ``settings`` overrides numbers of the alert catalogue by alert id."""

    captures: tuple[str, ...]
    policy: Policy | None = None
    store: Path | None = None
    output: Path | None = None
    site: str = "default"
    sensor: str = "spanwatch"
    settings: dict[str, dict[str, int | float]] = {}


class Replay:
    """One run over captures. ``outputs`` are told everything besides the files and the store."""

    def __init__(self, options: Options, outputs: Sequence[Output] = ()) -> None:
        self.options = options
        self.worker = Worker()
        self.keeper: Keeper | None = None
        self.detections: Detections | None = None
        self.store = Store(options.store) if options.store is not None else None
        self.files: NdjsonOutput | None = None
        self._outputs = list(outputs)

    def run(self, progress: Callable[[int, int | None], None] | None = None) -> Reading:
        """Read everything, finish, and return what was read and what could not be."""
        look_seldom()
        finished = False
        try:
            reading = read(self.options.captures, self.worker.wire, progress=progress, after_block=self._after_block)
            self._take(self.worker.finish())
            self._keeper().finish()
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
            self._keeper().take(facts)  # type: ignore[arg-type]  # compiled lists are typed by their maker

    def _keeper(self) -> Keeper:
        """Return the keeper; it is made when the first packet has told the epoch."""
        if self.keeper is None:
            self.keeper = self._make_keeper(epoch_text(max(0, int(self.worker.wire.first_time))))
        return self.keeper

    def _make_keeper(self, epoch: str) -> Keeper:
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
        inventory = Inventory(known=known, started=started)
        self.detections = Detections(
            options.settings,
            options.sensor,
            epoch,
            maintenance=judge.maintenance if judge is not None else None,
            obligations=judge,
        )
        outputs: list[Output] = list(self._outputs)
        if options.output is not None:
            self.files = NdjsonOutput(options.output, origin)
            outputs.append(self.files)
        recorder = self.store.writer if self.store is not None else None
        return Keeper(inventory, judge, self.detections, outputs, recorder)

    def _note_captures(self, reading: Reading) -> None:
        if self.store is None:
            return
        if self.keeper is not None and self.keeper.inventory.started is not None:
            self.store.note("started", str(self.keeper.inventory.started))
        digests = {Path(path).name: digest(Path(path)) for path in self.options.captures if Path(path).is_file()}
        for file in reading.files:
            self.store.captured(
                Capture(
                    name=file.name,
                    sha256=digests.get(file.name, ""),
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
