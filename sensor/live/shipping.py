"""The shipper beside the sensor: started, started again when it ends, later each time, and never waited for."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sensor.elastic.settings import Settings
from sensor.elastic.start import ShipperProcess, start_shipper

FIRST_DELAY: Final = 5.0
MAX_DELAY: Final = 300.0
STABLE_SECONDS: Final = 600.0
DRAIN_SECONDS: Final = 10.0
"""What documents have to leave when the watching ends; those that do not leave stay in the store."""

log = logging.getLogger("spanwatch")


class Shipping:
    """Keeps a shipper running for a store. The clock is a steady one."""

    def __init__(
        self,
        store: Path,
        settings: Settings,
        start: Callable[[Path, Settings], ShipperProcess] = start_shipper,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.starts = 0
        self._store = store
        self._settings = settings
        self._start = start
        self._clock = clock
        self._process: ShipperProcess | None = None
        self._began = 0.0
        self._delay = 0.0
        self._again = 0.0

    def see_to(self) -> None:
        """Start the shipper when it does not run and its time has come."""
        now = self._clock()
        if self._process is not None:
            if self._process.is_running:
                return
            self._process = None
            longer = min(max(FIRST_DELAY, self._delay * 2), MAX_DELAY)
            self._delay = FIRST_DELAY if now - self._began >= STABLE_SECONDS else longer
            self._again = now + self._delay
            log.warning("the shipper ended; it is started again in %.0f s", self._delay)
        if now >= self._again:
            self._began = now
            self.starts += 1
            try:
                self._process = self._start(self._store, self._settings)
            except OSError as error:
                log.warning("the shipper cannot be started (%s)", error)
                self._delay = min(max(FIRST_DELAY, self._delay * 2), MAX_DELAY)
                self._again = now + self._delay

    def stop(self) -> None:
        """Let documents leave for a moment, then end it."""
        if self._process is None:
            return
        if not self._process.drain(DRAIN_SECONDS):
            log.warning("not all documents have left; they wait in the store for the next start")
        self._process.stop()
