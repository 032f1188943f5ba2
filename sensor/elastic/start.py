"""The shipper beside a sensor: started as a process of its own, so that no cluster can ever hold up the capture.

    with start_shipper(store_path, settings) as shipper:   # settings were checked with settings.check
        ...                                               # spool documents into the store
        outcome = shipper.drain()                         # or shipper.stop()

``stop`` ends it after the batch in flight, ``drain`` when everything has arrived or nothing moves any more. The process
ends by itself when its parent is gone. What is not sent stays in the store; see ``tally.read_tally`` and ``Spool.state``.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import sensor
from sensor.elastic.connect import REQUEST_SECONDS
from sensor.elastic.run import DRAIN, PATIENCE_SECONDS
from sensor.elastic.settings import Settings

STOP_SECONDS: Final = REQUEST_SECONDS + 10.0
"""A request in flight may take its whole time limit."""
STUCK_SECONDS: Final = PATIENCE_SECONDS + 4 * REQUEST_SECONDS
"""Longer than a shipper that works as it should goes on without any document leaving the store."""
PROGRAM: Final = "from sensor.cli import main; main()"


class ShipperProcess:
    """A running shipper. Its standard error is the sensor's own."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it still runs; a sensor may start a new one when it does not."""
        return self._process.poll() is None

    def drain(self, seconds: float | None = None, left: Callable[[], int] | None = None) -> bool:
        """Wait until everything has arrived; return whether it has. Gives up when nothing moves, or after ``seconds``.

        The process gives up by itself; with ``left`` (how much waits) it need not be believed: after ``seconds``, or
        ``STUCK_SECONDS``, it is stopped only if no less waits than before.
        """
        self._say(DRAIN + b"\n")
        before = None
        while True:
            if left is not None:
                before = left()
            try:
                return self._process.wait(STUCK_SECONDS if seconds is None and left is not None else seconds) == 0
            except subprocess.TimeoutExpired:
                if left is not None and before is not None and left() < before:
                    continue
                self.stop()
                return False

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """End it after the batch in flight, at the latest after ``seconds``."""
        if self.is_running:
            self._process.terminate()
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def _say(self, line: bytes) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(OSError, ValueError):
                self._process.stdin.write(line)
                self._process.stdin.flush()

    def __enter__(self) -> Self:
        """Return the running shipper."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()


def start_shipper(store_path: Path, settings: Settings, patience: float = PATIENCE_SECONDS) -> ShipperProcess:
    """Start shipping the store at ``store_path``, which must exist. ``retrying``: seconds without progress to give up."""
    root = str(Path(str(sensor.__file__)).parent.parent)
    places = [root, *filter(None, [os.environ.get("PYTHONPATH", "")])]
    process = subprocess.Popen(
        [
            sys.executable, "-P", "-c", PROGRAM, "elastic", "ship", "--store", str(store_path), "--follow",
            "--patience", str(patience), *settings.arguments(),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(places)},
    )  # fmt: skip
    return ShipperProcess(process)
