"""A store that cannot be written for a while: it is said, nothing is thrown away, and it is tried again.

A disk that is full or a lock that another program holds too long must not end the watching. What was taken stays in memory
and is written with the next commit that succeeds. After ``MOST_FAILURES`` in a row it ends after all: memory is no store.
"""

from __future__ import annotations

import logging
from typing import Final

from sensor.output import Recorder
from sensor.outputs.origin import Origin
from sensor.outputs.store_output import StoreOutput
from sensor.store import Store, StoreError

MOST_FAILURES: Final = 300
"""Commits in a row that may fail; there is about one a second."""
SAID_EVERY: Final = 60

log = logging.getLogger("spanwatch")


class PatientOutput(StoreOutput):
    """Spools documents; what cannot be spooled now waits for the commit, which decides."""

    def __init__(self, store: Store, origin: Origin) -> None:
        super().__init__(store, origin)
        self.must = False

    def flush(self) -> None:
        """Make everything gathered so far durable; between commits a failure is left to the commit."""
        try:
            super().flush()
        except StoreError:
            if self.must:
                raise


class PatientRecorder:
    """A ``sensor.output.Recorder`` in front of a store's. ``failures`` counts commits that failed in a row."""

    def __init__(self, recorder: Recorder, output: PatientOutput | None = None) -> None:
        self.failures = 0
        self.facts = recorder.facts
        self.opened = recorder.opened
        self.operation = recorder.operation
        self.window = recorder.window
        self.alert = recorder.alert
        self.asset = recorder.asset
        self._recorder = recorder
        self._output = output

    def commit(self) -> None:
        """Write everything taken so far. Raises ``StoreError`` when that has failed for too long."""
        try:
            self._write()
        except StoreError as error:
            if self.failures >= MOST_FAILURES:
                raise
            if self.failures % SAID_EVERY == 0:
                log.error("%s; it is kept in memory and tried again", error)  # noqa: TRY400  # a sentence, no trace
            self.failures += 1
        else:
            if self.failures:
                log.info("the store is written again")
            self.failures = 0

    def _write(self) -> None:
        if self._output is None:
            self._recorder.commit()
            return
        self._output.must = True
        try:
            self._recorder.commit()
        finally:
            self._output.must = False
