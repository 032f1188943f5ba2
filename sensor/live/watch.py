"""Watching: worker processes, pipeline, store, files and shipper wired together, from the first packet to the last.

Everything that can be wrong with what the operator gave is found when a ``Watch`` is made, before a packet is read.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from sensor.live.early_assets import EarlyAssets
from sensor.live.interface_status import InterfaceStatus
from sensor.live.policy_in_use import PolicyInUse, PolicyRefused, name_of
from sensor.live.policy_reading import PolicyReading
from sensor.live.retry import RetryingCommit, RetryingNotes
from sensor.live.self_checks import SelfChecks
from sensor.live.self_metrics import SelfMetrics
from sensor.live.shipping import Shipping
from sensor.live.supervisor import TURN_SECONDS, Supervisor
from sensor.live.worker_pool import Process
from sensor.pipeline.assemble import Run
from sensor.pipeline.collector import look_seldom
from sensor.pipeline.options import Options
from sensor.pipeline.pipeline import Pipeline
from sensor.sinks.ndjson_live import LiveNdjsonSink
from sensor.sinks.sink import Sink

SECOND: Final = 1_000_000_000
NOTE_SECONDS: Final = 10
"""Packet time between two notes in the store of how far the watching has come."""
SHOWN_AGAIN: Final = (600, 3_600)
"""Seconds after the start at which the sinks get every asset once more; later it is once a day."""
WATCHED: Final = "watched_until"

log = logging.getLogger("spanwatch")


class Watch:
    """One run over live interfaces. ``sinks`` get everything, as the files and the store do.

    Raises ``StoreError`` or ``OutputError`` with a sentence and the fix.
    """

    def __init__(
        self,
        options: Options,
        processes: Sequence[Process],
        sinks: Sequence[Sink] = (),
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.options = options
        self.policy = PolicyInUse(options.policy) if options.policy is not None else None
        self.reading = PolicyReading(Path(options.policy.name)) if options.policy is not None else None
        self._run = Run(options, sinks, self.policy)
        self._run.sinks.append(EarlyAssets(self._run.sinks))
        self.store = self._run.store
        self.files = next((sink for sink in self._run.sinks if isinstance(sink, LiveNdjsonSink)), None)
        self.notes = RetryingNotes(self.store)
        self.commit = RetryingCommit(self._run.sinks)
        self.shipping: Shipping | None = None
        if options.elastic is not None and options.store is not None:
            self.shipping = Shipping(options.store, options.elastic)
        self.spools = self.store is not None and (options.spool or self.shipping is not None)
        self.interface_status = InterfaceStatus(options.interfaces, lambda: self._own())
        self.supervisor = Supervisor(processes, self.interface_status, self._begin, options.sensor)
        self._own = SelfMetrics(self._totals, self.store, self.spools)
        self._self_checks = SelfChecks(
            options.sensor, self.store, self.spools, self.policy, lambda now: (clock() - now) / SECOND
        )
        self._noted = 0
        self._shown_again = [0, 0]
        self._left = -1

    def run(self, is_over: Callable[[], bool], each_turn: Callable[[int], None]) -> None:
        """Watch until ``is_over``; ``each_turn`` is called with the packet time reached. Then end everything in order."""
        look_seldom()
        try:
            self.supervisor.worker_pool.start()
            log.info("watching %s", ", ".join(self.options.interfaces))
            self._run.load_baseline()
            if self._run.baseline is not None and self._run.baseline.refused:
                log.warning("%s", self._run.baseline.said)
            while not is_over():
                self._turn()
                each_turn(self.supervisor.now)
            self._finish()
        finally:
            self.supervisor.worker_pool.close()
            self._run.close()

    @property
    def pipeline(self) -> Pipeline | None:
        """The pipeline, once the first packet was seen."""
        return self._run.pipeline

    def reload(self) -> None:
        """Have the policy file read aside as it is now; a turn to come judges by it, or says why not."""
        if self.reading is None:
            log.warning("there is no policy to read again: it was not given with --policy")
            return
        self.reading.ask()

    def _change_policy(self) -> None:
        """Judge by the policy that was read; one that cannot be used is reported and changes nothing."""
        if self.reading is None or self.policy is None:
            return
        read = self.reading.take()
        if read is None:
            return
        if isinstance(read, PolicyRefused):
            kept = f"{name_of(self.policy.policy)} stays in force"
            for sentence in (*str(read).splitlines(), f"the policy is refused; {kept}"):
                log.error("%s", sentence)
            self.supervisor.report("file_refused", self.options.sensor, "policy", f"{read}; {kept}.")
            return
        self.policy.replace(read.policy, read.judge)
        self._run.policy = read.policy
        if self.pipeline is not None:
            self.pipeline.inventory.adopt(read.assets)
        self.notes.note("policy_sha256", read.policy.sha256)
        log.info("policy %s is in force", name_of(read.policy))

    @property
    def baseline_refused(self) -> bool:
        """Whether a baseline was asked for and could not be used."""
        return self._run.baseline is not None and bool(self._run.baseline.refused)

    @property
    def lost(self) -> int:
        """Lines of the files and rows of the store that could not be written, and never will be."""
        return self.commit.lost + (self.files.lost if self.files is not None else 0)

    def documents_waiting(self) -> int:
        """Return how many documents wait to leave, also after the end; 0 when none are meant to."""
        if self.store is None or not self.spools:
            return 0
        return self.store.spool.size()[0] if self._left < 0 else self._left

    def _totals(self) -> dict[str, int]:
        lost = {"output_lines_dropped": self.files.lost} if self.files is not None else {}
        if self.store is not None:
            lost["store_rows_dropped"] = self.commit.lost
        return self.supervisor.totals | lost

    def _turn(self) -> None:
        self._change_policy()
        now = self.supervisor.turn(TURN_SECONDS)
        if self.files is not None:
            self.files.commit()
        if self.shipping is not None:
            self.shipping.see_to()
        pipeline = self.pipeline
        if pipeline is None:
            return
        for event in self._self_checks.look(now):
            pipeline.report(event)
        self._show_again(pipeline, now)
        if not 0 <= now - self._noted < NOTE_SECONDS * SECOND:
            self._note(now)

    def _show_again(self, pipeline: Pipeline, now: int) -> None:
        while self._shown_again and now >= self._shown_again[0]:
            self._shown_again.pop(0)
            pipeline.show_assets()

    def _note(self, now: int) -> None:
        self._noted = now
        if self.pipeline is None:
            return
        self.notes.note(WATCHED, str(now))
        if self.pipeline.inventory.started is not None:
            self.notes.note("started", str(self.pipeline.inventory.started))

    def _finish(self) -> None:
        self.supervisor.stop()
        if self.pipeline is not None:
            self.pipeline.finish()
            self._note(self.supervisor.now)
        self.commit.end()
        if self.shipping is not None:
            self.shipping.stop()
        self._left = self.documents_waiting()

    # The pipeline, made at the first packet time.

    def _begin(self, first: int) -> Pipeline:
        pipeline = self._run.begin(first, self.commit, self.notes.note)
        self._shown_again = [first + seconds * SECOND for seconds in SHOWN_AGAIN]
        watched = self.store.meta(WATCHED) if self.store is not None else ""
        if watched.isdecimal():
            seconds = max(0, first - int(watched)) / SECOND
            sensor = self.options.sensor
            observed = f"the sensor began again; it saw nothing for {seconds:.1f} s."
            self.supervisor.report("restarted", sensor, sensor, observed)
        if self.policy is not None:
            log.info("policy %s is in force", name_of(self.policy.policy))
        return pipeline
