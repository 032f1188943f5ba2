"""Several workers' facts in one total order: each worker's own order is kept, workers are joined by packet time.

A fact is given out when no worker can report an earlier one any more: at the slowest worker's watermark. Facts of one packet
time come worker by worker; conversations never span workers, so that order between them says nothing. A worker that
has ended waits no longer for anybody, nor anybody for it. A clock that was set back gives out everything held before it.
Bound: ``MAX_HELD`` facts; beyond it the oldest are given out early.
"""

from __future__ import annotations

import heapq
from collections import deque
from typing import Final

from dissectors.facts import AnyFact
from sensor.live.report import Report

MAX_HELD: Final = 50_000
"""Facts waiting for the slowest worker; beyond it the older half goes on without it."""
JUMP_NANOSECONDS: Final = 1_000_000_000
"""A packet time that goes back further than this is a clock that was set, not a packet that came late."""
NEVER: Final = -1

_Row = tuple[int, int, AnyFact]
"""Place in time, worker, fact."""


class _Queue:
    """What one worker has reported and nobody has got yet: (place in time, fact), and how far its time has come."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[int, AnyFact]] = deque()
        self.watermark = NEVER
        self.newest = NEVER

    def add(self, fact: AnyFact) -> None:
        """Place a fact behind the worker's earlier ones, even where its packet overtook another."""
        if fact.time > self.newest or self.newest - fact.time > JUMP_NANOSECONDS:
            self.newest = fact.time
        self.waiting.append((self.newest, fact))


class Merge:
    """Joins the reports of workers. ``forced`` counts facts given out early, ``late`` those behind what was given out."""

    def __init__(self, limit: int = MAX_HELD) -> None:
        self.forced = 0
        self.late = 0
        self.held = 0
        self._limit = limit
        self._queues: dict[int, _Queue] = {}
        self._ended: list[deque[tuple[int, AnyFact]]] = []
        self._given = NEVER
        self._was_set_back = False

    def began(self, worker: int) -> None:
        """Wait for ``worker`` from now on: nothing newer than what it may report is given out."""
        self.ended(worker)
        self._queues[worker] = _Queue()

    def ended(self, worker: int) -> None:
        """Wait for ``worker`` no longer; what it has reported keeps its place."""
        queue = self._queues.pop(worker, None)
        if queue is not None and queue.waiting:
            self._ended.append(queue.waiting)

    def take(self, report: Report) -> None:
        """Take one report; one of a worker that never began, or has ended, begins it."""
        queue = self._queues.get(report.worker)
        if queue is None:
            queue = self._queues[report.worker] = _Queue()
        for fact in report.facts:
            queue.add(fact)
        self.held += len(report.facts)
        if report.watermark > 0:
            if queue.watermark - report.watermark > JUMP_NANOSECONDS:
                self._was_set_back = True
                self._given = NEVER
            queue.watermark = report.watermark
        if report.finished:
            self.ended(report.worker)

    def watermark(self) -> int:
        """Return the packet time (ns) before which everything was reported, -1 while a worker has not reported anything."""
        return min((queue.watermark for queue in self._queues.values()), default=NEVER)

    def ready(self) -> list[AnyFact]:
        """Return, in order, the facts that nothing earlier can follow."""
        if self._was_set_back:
            self._was_set_back = False
            return self.all()
        everyone = self._bound(NEVER)
        runs = [self._moved(batch, NEVER, everyone) for batch in self._ended]
        runs += [self._moved(queue.waiting, worker, self._bound(worker)) for worker, queue in self._queues.items()]
        self._ended = [batch for batch in self._ended if batch]
        given = self._given_out(runs)
        if self.held > self._limit:
            given += self._force(self.held - self._limit // 2)
        return given

    def all(self) -> list[AnyFact]:
        """Return everything held, in order."""
        runs = [self._moved(batch, NEVER, None) for batch in self._ended]
        runs += [self._moved(queue.waiting, worker, None) for worker, queue in self._queues.items()]
        self._ended = []
        return self._given_out(runs)

    def _bound(self, worker: int) -> tuple[int, int] | None:
        """Return the place that facts of ``worker`` must be before: the smallest of what the others may still report."""
        others = [(queue.watermark, other) for other, queue in self._queues.items() if other != worker]
        return min(others) if others else None

    @staticmethod
    def _moved(waiting: deque[tuple[int, AnyFact]], worker: int, bound: tuple[int, int] | None) -> list[_Row]:
        """Take what is before ``bound`` (None: everything) out of ``waiting``; the order in there stays."""
        run: list[_Row] = []
        while waiting and (bound is None or (waiting[0][0], worker) < bound):
            time, fact = waiting.popleft()
            run.append((time, worker, fact))
        return run

    def _force(self, count: int) -> list[AnyFact]:
        """Give out the ``count`` oldest facts although an earlier one may come."""
        waiting = [*self._ended, *(queue.waiting for queue in self._queues.values())]
        last = sorted(time for one in waiting for time, _ in one)[min(count, self.held) - 1]
        runs = [self._moved(batch, NEVER, (last + 1, NEVER)) for batch in self._ended]
        runs += [self._moved(queue.waiting, worker, (last + 1, NEVER)) for worker, queue in self._queues.items()]
        given = self._given_out(runs)
        self.forced += len(given)
        return given

    def _given_out(self, runs: list[list[_Row]]) -> list[AnyFact]:
        """Join the runs by time; each keeps its own order, also where its clock was set."""
        runs = [run for run in runs if run]
        out = runs[0] if len(runs) == 1 else list(heapq.merge(*runs, key=_place))
        self.held -= len(out)
        if out:
            self.late += sum(1 for time, _, _ in out if time < self._given)
            self._given = out[-1][0]
        return [fact for _, _, fact in out]


def _place(row: _Row) -> tuple[int, int]:
    return row[0], row[1]
