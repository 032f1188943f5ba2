"""Worker processes as their parent sees them: opened with privileges, started without, started again when they die.

The parent opens every ring of every worker and keeps it open; a worker process inherits its rings by fork and maps them. So
when a process is killed nothing is lost but what it had in its hands: the kernel goes on filling the ring, the next process
reads on where the last one stopped, and says how many packets went with it. The order of use:

    processes = open_workers(["eth1", "eth2"], 2)    # needs CAP_NET_RAW
    drop("spanwatch")                                # sensor.live.privileges: for good
    for process in processes: process.start()
    ... read reports from process.descriptor with ReportReader; when process.ended() is not None: start() again ...
    for process in processes: process.stop()         # SIGTERM: it drains its rings and sends its last reports
    ... read until ``finished`` or the end of the pipe, then close() ...

Every start has a pipe of its own; read the old one to its end before the next start, what was written before a kill is in it.
An interface that vanishes and is made anew is listened to again by the worker itself: binding needs no privilege.
"""

from __future__ import annotations

import contextlib
import os
import signal
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from dissectors.wire.mirrors import Mirrors, MirrorSession
from sensor.live.error import LiveError
from sensor.live.fanout import MAX_WORKERS
from sensor.live.live_worker import LiveWorker
from sensor.live.own_addresses import own_addresses
from sensor.live.privileges import end_with_parent
from sensor.live.ring import Ring, RingSize
from sensor.live.silence import silence_worker

FAILED: Final = 1
SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def open_workers(
    interfaces: Sequence[str],
    workers: int,
    size: RingSize | None = None,
    networks: dict[str, str] | None = None,
    sessions: Sequence[MirrorSession] = (),
) -> list[WorkerProcess]:
    """Open the rings of all workers on all interfaces; packets are kept from now on, nothing is started.

    ``networks`` are names of networks by place. ``sessions`` are the mirror sessions that the operator names; those that end at
    an address of an interface are too.

    Raises ``LiveError``; then nothing stays open.
    """
    if not 1 <= workers <= MAX_WORKERS:
        raise LiveError(f"{workers} workers: choose 1 to {MAX_WORKERS}")
    if not interfaces or len(set(interfaces)) != len(interfaces):
        raise LiveError("name each interface to watch once, and at least one")
    opened: list[WorkerProcess] = []
    mirrors = Mirrors(list(sessions), own_addresses(interfaces))
    try:
        for number in range(workers):
            rings: list[Ring] = []
            opened.append(WorkerProcess(number, rings, networks, mirrors))
            for name in interfaces:
                rings.append(Ring(name, number, workers, size or RingSize()))
    except LiveError:
        for process in opened:
            process.close()
        raise
    return opened


class WorkerProcess:
    """One worker process. ``descriptor`` is the non-blocking end to read reports from, -1 before the first start."""

    def __init__(
        self,
        number: int,
        rings: list[Ring],
        networks: dict[str, str] | None = None,
        mirrors: Mirrors | None = None,
    ) -> None:
        self.number = number
        self.rings = rings
        self.networks = networks
        self.mirrors = mirrors
        self.pid = 0
        self.descriptor = -1
        self._code: int | None = None

    def start(self) -> None:
        """Start the process, the first time or after it ended. The pipe of the process before is closed here."""
        if self.pid and self.ended() is None:
            raise LiveError(f"worker {self.number} is still running")
        self._close_pipe()
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        parent = os.getpid()
        held = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        pid = os.fork()
        if pid == 0:
            _become_worker(self, writing, parent)
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        os.close(writing)
        self.pid, self.descriptor, self._code = pid, reading, None

    def ended(self) -> int | None:
        """Return how the process ended (0, an exit code, or minus the signal), or None while it runs."""
        if self._code is None and self.pid:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def stop(self) -> None:
        """Ask the process to drain its rings, report what is left and end. Go on reading its reports meanwhile."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process at once."""
        self._signal(signal.SIGKILL)

    def close(self) -> None:
        """End the process if it runs, and close its rings and its pipe."""
        if self.pid and self.ended() is None:
            self.kill()
            _, status = os.waitpid(self.pid, 0)
            self._code = os.waitstatus_to_exitcode(status)
        self._close_pipe()
        for ring in self.rings:
            ring.close()
        self.rings.clear()

    def _signal(self, number: int) -> None:
        if self.pid and self.ended() is None:
            os.kill(self.pid, number)

    def _close_pipe(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def _become_worker(process: WorkerProcess, writing: int, parent: int) -> None:
    """Be the child: nothing of the parent but its rings and the pipe stays open, and there is no way back."""
    code = FAILED
    try:
        _close_others({writing, *(ring.fileno() for ring in process.rings)})
        worker = LiveWorker(process.number, process.rings, writing, process.networks, process.mirrors)
        signal.signal(signal.SIGTERM, worker.stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the parent decides
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        end_with_parent(signal.SIGTERM)
        if os.getppid() == parent:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            silence_worker(writing)
            worker.run()
            code = 0
    except BrokenPipeError:
        pass  # the parent is gone
    except BaseException:  # noqa: BLE001  # whatever it is: this process must not return into the parent's code
        traceback.print_exc()
    finally:
        os._exit(code)


def _close_others(keep: set[int]) -> None:
    """Close every descriptor that is not needed; descriptors are closed, objects of the parent are left alone."""
    for number in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
        if number > 2 and number not in keep:
            with contextlib.suppress(OSError):  # the one that listed them is closed already
                os.close(number)
