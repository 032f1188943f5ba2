"""The shipper as it runs in its own process: lock, store, signals, the loop around ``Shipper.step``.

Ends on SIGTERM or SIGINT after the batch in flight, and, with ``until_empty``, when nothing waits or nothing moves any
more. A sensor that started it holds the other end of its standard input: the word "drain" there means that nothing
more will come, the end of input that the sensor is gone; then the shipper ends too.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from random import SystemRandom
from typing import Final

from sensor.elastic.backoff import Backoff, Pace
from sensor.elastic.bulk import BulkSender
from sensor.elastic.connect import REQUEST_SECONDS, connect
from sensor.elastic.dead_letter import DeadLetters, dead_letter_path
from sensor.elastic.lock import StoreLock
from sensor.elastic.parallel import BATCH_DOCUMENTS, ParallelRequests
from sensor.elastic.settings import Credential, Settings
from sensor.elastic.shipper import Shipper, Step
from sensor.store import Store, StoreError

PATIENCE_SECONDS: Final = 60.0
"""Without any progress for so long, a run that should end when all has arrived gives up."""
STOP_SECONDS: Final = REQUEST_SECONDS + 5.0
"""The batch in flight may take so long after a stop; then the process ends without it, and it is sent again."""
STORE_SECONDS: Final = 5.0
"""Between two attempts while the store cannot be used."""
DRAIN: Final = b"drain"


class Ending(Enum):
    """Why the loop ended."""

    STOPPED = "stopped"
    EMPTY = "empty"
    WAITING = "waiting"


class Control:
    """Reports the loop to end, from signals and from the process that started it."""

    def __init__(self, until_empty: bool = False) -> None:
        self._wake = threading.Event()
        self.is_stopping = False
        self.is_draining = until_empty
        self._is_followed = False
        self._last_call: threading.Timer | None = None

    def stop(self) -> None:
        """End after the batch in flight."""
        self.is_stopping = True
        self._wake.set()

    def drain(self) -> None:
        """End when nothing waits any more."""
        self.is_draining = True
        self._wake.set()

    def pause(self, seconds: float) -> None:
        """Wait, at most until something is asked for."""
        if not self.is_stopping and self._wake.wait(seconds):
            self._wake.clear()

    def catch_signals(self) -> None:
        """Stop on SIGTERM and SIGINT, at the latest after ``STOP_SECONDS``; at once on a second one."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: self._signalled())

    def _signalled(self) -> None:
        # A sensor and its terminal may both say so; the sensor ends the process itself when it waits no longer.
        if self.is_stopping and not self._is_followed:
            _leave()
        self._stop_in_time()

    def _stop_in_time(self) -> None:
        if self._last_call is None:
            self._last_call = threading.Timer(STOP_SECONDS, _leave)
            self._last_call.daemon = True
            self._last_call.start()
        self.stop()

    def ended(self) -> None:
        """The loop is over: nothing has to be ended by force."""
        if self._last_call is not None:
            self._last_call.cancel()

    def follow_input(self) -> None:
        """Obey the standard input in the background."""
        self._is_followed = True
        threading.Thread(target=self._listen, name="input", daemon=True).start()

    def _listen(self) -> None:
        # Not through sys.stdin: its lock would be held when the interpreter ends.
        while said := os.read(0, 1_024):
            if DRAIN in said:
                self.drain()
        self._stop_in_time()


def _leave() -> None:
    """End the process now. Nothing is settled: what was not, is sent again."""
    os._exit(1)


def loop(
    shipper: Shipper,
    control: Control,
    report: Callable[[str], None],
    patience: float = PATIENCE_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Ending:
    """Ship until told to stop; return why it ended. Store errors are reported once and tried again."""
    moved = clock()
    was_draining = control.is_draining
    broken = False
    while not control.is_stopping:
        if control.is_draining and not was_draining:
            # Whatever it was waiting for may be over: the last attempt begins now.
            was_draining, moved = True, clock()
            shipper.retry_now()
        try:
            step = shipper.step()
            broken = False
        except StoreError as error:
            if not broken:
                report(f"{error}; trying again every {STORE_SECONDS:.0f} s")
            broken = True
            step = Step(False, STORE_SECONDS, "trouble")
        if step.progress or not was_draining:
            moved = clock()
        if was_draining:
            if step.idle:
                return Ending.EMPTY
            left = moved + patience - clock()
            if left <= 0 or (step.state == "paused" and not step.progress and step.wait > 0):
                return Ending.WAITING
            step = Step(step.progress, min(step.wait, left), step.state)
        control.pause(step.wait)
    return Ending.STOPPED


def ship(
    path: Path,
    settings: Settings,
    credential: Credential | None,
    control: Control,
    report: Callable[[str], None],
    patience: float = PATIENCE_SECONDS,
) -> Ending:
    """Ship the store at ``path``. Raises ``LockedError``, ``StoreError`` or ``OSError`` before anything is sent."""
    with StoreLock(path), Store(path) as store, connect(settings, credential) as client:
        letters = DeadLetters(dead_letter_path(path))
        sender = ParallelRequests(BulkSender(client, credential))
        try:
            shipper = Shipper(store, sender, letters, Backoff(SystemRandom()), report, pace=Pace(BATCH_DOCUMENTS))
            return loop(shipper, control, report, patience)
        finally:
            sender.close()
            control.ended()


def give_way() -> None:
    """Let the sensor's own work come first."""
    os.nice(5)


__all__ = ["Control", "Ending", "give_way", "loop", "ship"]
