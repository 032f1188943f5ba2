"""What runs in a worker process: rings to worker to reports, until it is told to stop.

Nothing here grows: facts leave at the latest every BATCH_FACTS; while the pipeline is slow the pipe is full, writing waits, the
rings fill, and the kernel drops and counts. On an idle wire the worker is told the time, so that windows close and absences are
noticed: the time now less the longest that a packet may still be on its way out of a ring.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from dissectors.facts import AnyFact
from dissectors.wire.mirrors import Mirrors
from sensor.live.feed import Feed
from sensor.live.report import InterfaceCount, Report, write_report
from sensor.live.ring import Ring, wait
from sensor.worker import Worker

BATCH_FACTS: Final = 8_192
REPORT_NANOSECONDS: Final = 200_000_000
"""A report at least this often, also when there is nothing but the time to report."""
POLL_SECONDS: Final = 0.1
LOOK_NANOSECONDS: Final = 1_000_000_000
"""How often the interfaces are looked at, and a vanished one is looked for."""
DRAIN_SECONDS: Final = 2.0
"""The last block is handed over after the retire time; no ring needs longer than this."""


class LiveWorker:
    """One worker and its rings. ``run`` returns after the last report; it raises ``OSError`` when nobody reads them."""

    def __init__(
        self,
        number: int,
        rings: Sequence[Ring],
        descriptor: int,
        networks: dict[str, str] | None = None,
        mirrors: Mirrors | None = None,
    ) -> None:
        self.number = number
        self.rings = list(rings)
        self.descriptor = descriptor
        self.worker = Worker(networks=networks, mirrors=mirrors)
        self.stopping = False
        self.states = ["up"] * len(self.rings)
        self.notes = [_lost_note(ring) for ring in self.rings]
        self._taken_before = [ring.ring_counters.taken for ring in self.rings]
        self._dropped_before = [
            ring.ring_counters.dropped_reported - ring.ring_counters.unreported() for ring in self.rings
        ]
        for ring in self.rings:
            ring.map()
        self.feed = Feed(self.rings, self.worker.wire)
        self._reported = 0
        self._looked = 0

    def stop(self, *_: object) -> None:
        """Ask ``run`` to end; safe to call from a signal handler."""
        self.stopping = True

    def run(self) -> None:
        """Watch until stopped, then drain the rings and report everything that is left."""
        self._look(time.monotonic_ns())
        self._report(self.worker.drain())
        while not self.stopping:
            self._turn()
        self._drain()
        facts = self.worker.finish()
        for start in range(0, len(facts), BATCH_FACTS):
            self._report(facts[start : start + BATCH_FACTS], finished=start + BATCH_FACTS >= len(facts))
        if not facts:
            self._report([], finished=True)

    def _turn(self) -> None:
        """Feed what is there, or let the time pass; report and look after the interfaces when it is time."""
        clock = time.time_ns()
        if not self.feed.step(time.monotonic_ns()):
            if self.feed.idle():
                self.worker.wire.tick(clock - self.feed.hold)
                self.feed.let_pass(clock - self.feed.hold)
                self._wait()
            else:
                time.sleep(self.rings[0].size.retire_milliseconds / 4_000)
        now = time.monotonic_ns()
        if now - self._reported >= REPORT_NANOSECONDS or len(self.worker.recorder.facts) >= BATCH_FACTS:
            self._report(self.worker.drain())
        if now - self._looked >= LOOK_NANOSECONDS:
            self._look(now)

    def _wait(self) -> None:
        heard = [ring for ring, state in zip(self.rings, self.states, strict=True) if state == "up"]
        wait(heard, POLL_SECONDS)

    def _drain(self) -> None:
        """Let nothing more in and read every ring to its end."""
        for ring in self.rings:
            ring.shut()
        begun = time.monotonic()
        while time.monotonic() - begun < DRAIN_SECONDS:
            if self.feed.step(time.monotonic_ns()):
                continue
            if self.feed.idle() and all(ring.drained() for ring in self.rings):
                return
            time.sleep(POLL_SECONDS / 10)
        while self.feed.step(time.monotonic_ns(), all_of_it=True):
            pass

    def _look(self, now: int) -> None:
        """See which interfaces are there; listen again on one that came back."""
        self._looked = now
        for place, ring in enumerate(self.rings):
            state = ring.state()
            if state == "gone" and ring.find_again():
                state = ring.state()
                self.notes[place] = f"interface {ring.name} was made anew and is watched again"
            elif state == "gone":
                self.notes[place] = f"interface {ring.name} is gone; it is watched again when it comes back"
            elif state == "down":
                self.notes[place] = f"interface {ring.name} is down: ip link set dev {ring.name} up"
            elif state != self.states[place]:
                self.notes[place] = f"interface {ring.name} is up again"
            self.states[place] = state

    def _report(self, facts: Sequence[AnyFact], *, finished: bool = False) -> None:
        """Send a report, and note in the ring counters what it has reported."""
        for ring in self.rings:
            ring.count()
        taken = [int(walker.packets) for walker in self.feed.walkers]
        dropped = [ring.ring_counters.dropped for ring in self.rings]
        counts = tuple(self._count(place, dropped[place]) for place in range(len(self.rings)))
        watermark = max(0, int(self.worker.wire.clock.now))
        write_report(self.descriptor, Report(self.number, watermark, tuple(facts), counts, finished))
        self._reported = time.monotonic_ns()
        for place, ring in enumerate(self.rings):
            ring.ring_counters.reported = self._taken_before[place] + taken[place]
            ring.ring_counters.dropped_reported = dropped[place]

    def _count(self, place: int, dropped: int) -> InterfaceCount:
        """Total of one interface: what an ended process had taken and not reported counts as dropped here."""
        walker = self.feed.walkers[place]
        return InterfaceCount(
            self.rings[place].name,
            int(walker.packets),
            int(walker.byte_count),
            dropped - self._dropped_before[place],
            self.states[place],
            self.notes[place],
        )


def _lost_note(ring: Ring) -> str:
    lost = ring.ring_counters.unreported()
    if not ring.ring_counters.taken:
        return ""
    return f"worker process began anew; {lost} packets went with the one before"
