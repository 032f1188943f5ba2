"""The supervisor: reports of the workers in, facts in their total order to the pipeline, and what the sensor reports about itself.

One turn waits for reports, merges what is complete, gives it to the pipeline and lets packet time pass to what every
worker has reached. Packet time comes from the workers only. Nothing here knows of interfaces' packets, files or screens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from dissectors.context import SensorEvent
from dissectors.facts import AnyFact
from sensor.live.health_sum import HealthSum
from sensor.live.interface_status import InterfaceStatus
from sensor.live.merge import JUMP_NANOSECONDS, Merge
from sensor.live.repeat import Repeats
from sensor.live.report import InterfaceCount, Report
from sensor.live.worker_pool import Process, WorkerPool, how

SECOND: Final = 1_000_000_000
TURN_SECONDS: Final = 0.25


class Taker(Protocol):
    """The pipeline, as it is fed live."""

    def take(self, facts: Sequence[AnyFact]) -> None:
        """Take the next facts in order."""

    def tick(self, now: int) -> None:
        """Let packet time pass to ``now``."""

    def clock_set(self, now: int) -> None:
        """Go on from ``now``, which is earlier than what was."""

    def report(self, event: SensorEvent) -> None:
        """Take what the sensor itself reports."""


class Supervisor:
    """Feeds ``pipeline_at`` (called once, with the packet time of the beginning) from worker processes."""

    def __init__(
        self,
        processes: Sequence[Process],
        interface_status: InterfaceStatus,
        pipeline_at: Callable[[int], Taker],
        sensor: str = "spanwatch",
    ) -> None:
        self.worker_pool = WorkerPool(processes, self._starts, self._reports, self._ends)
        self.merge = Merge()
        self.repeats = Repeats()
        self.interface_status = interface_status
        self.now = 0
        self._sum = HealthSum()
        self._pipeline_at = pipeline_at
        self._pipeline: Taker | None = None
        self._sensor = sensor
        self._reached: dict[int, int] = {}
        self._blind: dict[int, tuple[int, int]] = {}
        self._events: list[tuple[str, str, str, str]] = []
        self._committed = 0

    @property
    def totals(self) -> dict[str, int]:
        """Counters of the workers and the merge since the sensor began, for health facts."""
        return {
            "worker_restarts": self.worker_pool.restarts,
            "merge_forced": self.merge.forced,
            "merge_late": self.merge.late,
        }

    def turn(self, seconds: float = TURN_SECONDS) -> int:
        """Wait at most so long for reports and let the pipeline have what is complete; return the packet time (ns) reached."""
        self.worker_pool.poll(seconds)
        self._give(self._sum.pass_on(self.repeats.without(self.merge.ready()), self.merge.watermark()))
        self._pass(self.merge.watermark())
        return self.now

    def stop(self) -> None:
        """End the workers and take everything they still report."""
        self.worker_pool.stop()
        rest = self._sum.pass_on(self.repeats.without(self.merge.all()), -1)
        self._give([*rest, *self._sum.all()])
        self._report()

    def report(self, kind: str, source: str, subject: str, observed: str) -> None:
        """Have the pipeline take a sensor event at the packet time reached; before the first packet it waits."""
        self._events.append((kind, source, subject, observed))

    def _give(self, facts: Sequence[AnyFact]) -> None:
        if not facts:
            return
        pipeline = self._ready(facts[0].time)
        whole = self.interface_status.complete(facts)
        pipeline.take(whole)
        self.now = max(self.now, whole[-1].time)
        self._committed = self.now

    def _pass(self, watermark: int) -> None:
        """Let time pass on an idle wire; what that leads to is made durable too."""
        if watermark <= 0:
            return
        pipeline = self._ready(watermark)
        if self.now - watermark > JUMP_NANOSECONDS:
            pipeline.clock_set(watermark)
        self.now = watermark
        pipeline.tick(watermark)
        self._report()
        if not 0 <= watermark - self._committed < SECOND:
            self._committed = watermark
            pipeline.take(())

    def _ready(self, time: int) -> Taker:
        if self._pipeline is None:
            self.now = self.interface_status.began = time
            self._pipeline = self._pipeline_at(time)
        return self._pipeline

    def _report(self) -> None:
        if self._pipeline is None:
            return
        events, self._events = self._events, []
        for kind, source, subject, observed in events:
            self._pipeline.report(
                SensorEvent(kind=kind, time=self.now, source=source, subject=subject, observed=observed)
            )

    # What the workers report.

    def _starts(self, worker: int) -> None:
        self.merge.began(worker)

    def _reports(self, report: Report) -> None:
        self.merge.take(report)
        for count in self.interface_status.take(report):
            self._changed(count)
        if report.watermark > 0:
            self._reached[report.worker] = report.watermark
            blind = self._blind.pop(report.worker, None)
            if blind is not None:
                self._restarted(report.worker, *blind, report.watermark)

    def _changed(self, count: InterfaceCount) -> None:
        """Report that an interface went; a note says what can be done."""
        if self.interface_status.interfaces[count.name].state != "up":
            note = count.note or f"interface {count.name} is {count.state}"
            self.report("no_traffic", count.name, count.name, f"{note}.")

    def _ends(self, worker: int, code: int) -> None:
        self.merge.ended(worker)
        self.interface_status.ended(worker)
        if worker in self._reached and worker not in self._blind:
            self._blind[worker] = (self._reached[worker], code)

    def _restarted(self, worker: int, since: int, code: int, until: int) -> None:
        seconds = max(0, until - since) / SECOND
        text = f"worker {worker} ended ({how(code)}) and was started again; for {seconds:.1f} s of traffic it was blind"
        self.report(
            "restarted", self._sensor, f"worker {worker}", f"{text}, open connections are joined in the middle."
        )
