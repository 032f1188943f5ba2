"""The worker processes as one: started, listened to, started again when they end, asked to stop.

A process that ends is started again, later each time when it does so soon after its start. One that says nothing for
``SILENT_SECONDS``, or nonsense, is ended and started again. The clock here is a steady one: it paces processes and never
reaches a fact.
"""

from __future__ import annotations

import logging
import select
import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import msgspec

from sensor.live.report import Report, ReportReader

SILENT_SECONDS: Final = 30.0
"""A worker reports several times a second; one that says nothing for so long hangs."""
STABLE_SECONDS: Final = 60.0
"""A process that lived so long did not end because of how it was started."""
FIRST_DELAY: Final = 1.0
MAX_DELAY: Final = 60.0
"""The second restart in a row waits for the first delay, further ones twice as long each, at most for this."""
STOP_SECONDS: Final = 15.0
"""What the workers have to drain and report after they were asked to end."""

log = logging.getLogger("spanwatch")


class Process(Protocol):
    """A worker process; see ``sensor.live.worker_process``."""

    number: int
    descriptor: int

    def start(self) -> None:
        """Start it, the first time or again."""

    def ended(self) -> int | None:
        """Return how it ended, None while it runs."""

    def stop(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it at once."""

    def close(self) -> None:
        """End it and release everything it holds."""


class WorkerPool:
    """All worker processes. ``on_report`` gets every report, ``on_end`` the number of a worker and how it ended.

    ``on_start`` is called before a worker's process starts. ``restarts`` counts starts after the first.
    """

    def __init__(
        self,
        processes: Sequence[Process],
        on_start: Callable[[int], None],
        on_report: Callable[[Report], None],
        on_end: Callable[[int, int], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.restarts = 0
        self._members = [_Member(process) for process in processes]
        self._on_start = on_start
        self._on_report = on_report
        self._on_end = on_end
        self._clock = clock
        self._stopping = False

    def start(self) -> None:
        """Start every worker."""
        for member in self._members:
            self._begin(member)

    def poll(self, seconds: float) -> bool:
        """Wait for reports, at most so long, and take what there is; say whether there was any. Sees to the processes."""
        readers = {
            member.reader.descriptor: member
            for member in self._members
            if member.reader is not None and not member.reader.closed
        }
        ready, _, _ = select.select(list(readers), [], [], seconds)
        heard = False
        for descriptor in ready:
            heard = self._listen(readers[descriptor]) or heard
        for member in self._members:
            self._see_to(member)
        return heard

    def stop(self) -> None:
        """Ask all workers to end and take what they still report; those that do not end in time are ended."""
        self._stopping = True
        for member in self._members:
            if member.reader is not None:
                member.process.stop()
        until = self._clock() + STOP_SECONDS
        while any(member.reader is not None for member in self._members):
            if self._clock() >= until:
                for member in self._members:
                    if member.reader is not None:
                        log.error("worker %d did not end in %d s and was ended", member.process.number, STOP_SECONDS)
                        member.process.kill()
                until += STOP_SECONDS
            self.poll(0.2)

    def close(self) -> None:
        """End what still runs."""
        for member in self._members:
            member.process.close()

    def _begin(self, member: _Member) -> None:
        self._on_start(member.process.number)
        member.process.start()
        member.reader = ReportReader(member.process.descriptor)
        member.began = member.heard = self._clock()

    def _listen(self, member: _Member) -> bool:
        """Take the reports of one worker that are there."""
        assert member.reader is not None
        heard = False
        try:
            for report in member.reader.read():
                heard = True
                self._on_report(report)
        except (ValueError, msgspec.MsgspecError) as error:
            log.error("worker %d sent no report (%s) and was ended", member.process.number, error)  # noqa: TRY400
            member.process.kill()
            member.reader.closed = True
        if heard:
            member.heard = self._clock()
        return heard

    def _see_to(self, member: _Member) -> None:
        now = self._clock()
        if member.reader is not None:
            if member.reader.closed:
                code = member.process.ended()
                if code is not None:
                    self._end(member, code, now)
                elif now - member.heard > SILENT_SECONDS:
                    member.process.kill()
            elif now - member.heard > SILENT_SECONDS and not self._stopping:
                log.error("worker %d said nothing for %d s and was ended", member.process.number, SILENT_SECONDS)
                member.process.kill()
                member.heard = now
        elif not self._stopping and now >= member.again:
            self.restarts += 1
            self._begin(member)

    def _end(self, member: _Member, code: int, now: float) -> None:
        member.reader = None
        member.failures = 0 if now - member.began >= STABLE_SECONDS else member.failures + 1
        delay = 0.0 if member.failures < 2 else min(FIRST_DELAY * 2 ** min(member.failures - 2, 16), MAX_DELAY)
        member.again = now + delay
        self._on_end(member.process.number, code)
        if not self._stopping:
            log.warning("worker %d ended (%s); it is started again in %.0f s", member.process.number, how(code), delay)


class _Member:
    """One worker over all its processes."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.reader: ReportReader | None = None
        self.began = 0.0
        self.heard = 0.0
        self.again = 0.0
        self.failures = 0


def how(code: int) -> str:
    """Return how a process ended, for people."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"
