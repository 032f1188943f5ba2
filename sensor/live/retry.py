"""A store that cannot be written for a while: it is said, what was taken waits, and it is tried again, for ever.

A disk that is full or a lock that another program holds too long must not end the watching: files, the screen and the log
still report alerts. What was taken stays in memory and is written with the next commit that succeeds. Bound: what waits for
``MAX_SECONDS``, or is more than ``MAX_WAITING``, is given up, said and counted, and waiting begins anew.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from dissectors.facts import AnyFact
from sensor.documents.origin import Origin
from sensor.sinks.sink import Recorder
from sensor.sinks.store_output import StoreOutput
from sensor.store import Store, StoreError

MAX_SECONDS: Final = 300.0
"""How long what was taken waits for a store that cannot be written."""
MAX_WAITING: Final = 1_000_000
"""Facts and documents that wait at most."""
SAID_SECONDS: Final = 60.0

log = logging.getLogger("spanwatch")


class RetryingNotes:
    """Notes in the table of a store; one that cannot be written now is said once and written with a later one."""

    def __init__(self, store: Store | None) -> None:
        self._store = store
        self._waiting: dict[str, str] = {}
        self._failing = False

    def note(self, key: str, value: str) -> None:
        """Keep a value, now or as soon as the store can be written."""
        if self._store is None:
            return
        self._waiting[key] = value
        self.retry()

    def retry(self) -> None:
        """Write the notes that wait."""
        if self._store is None:
            return
        try:
            for key in list(self._waiting):
                self._store.note(key, self._waiting[key])
                del self._waiting[key]
        except StoreError as error:
            if not self._failing:
                log.error("%s; the note waits in memory and is tried again", error)  # noqa: TRY400  # a sentence
            self._failing = True
        else:
            self._failing = False


class RetryingOutput(StoreOutput):
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

    def waiting(self) -> int:
        """Return how many documents wait."""
        return len(self._held)

    def give_up(self) -> int:
        """Forget the documents that wait; return how many there were."""
        count, self._held = len(self._held), []
        return count


class RetryingRecorder:
    """A ``sensor.sinks.sink.Recorder`` in front of a store's.

    ``give_up`` makes it forget what waits and says how much that was. ``failures`` counts commits that failed in a row,
    ``lost`` what was given up. ``clock`` is steady, in seconds; it never reaches a fact.
    """

    def __init__(
        self,
        recorder: Recorder,
        give_up: Callable[[], int],
        output: RetryingOutput | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.failures = 0
        self.lost = 0
        self.opened = recorder.opened
        self.operation = recorder.operation
        self.window = recorder.window
        self.alert = recorder.alert
        self.asset = recorder.asset
        self._recorder = recorder
        self._give_up = give_up
        self._output = output
        self._clock = clock
        self._facts = 0
        self._since = 0.0
        self._said = 0.0

    def facts(self, facts: Sequence[AnyFact]) -> None:
        """Keep one batch of facts."""
        self._facts += len(facts)
        self._recorder.facts(facts)

    def commit(self) -> None:
        """Write everything taken so far, or leave it waiting; what has waited for too long is given up."""
        try:
            self._write()
        except StoreError as error:
            self._failed(error)
        else:
            if self.failures:
                log.info("the store is written again")
            self.failures = self._facts = 0

    def end(self) -> None:
        """Try a last time, and say what is lost with the process when that fails too."""
        if not self.failures:
            return
        self.commit()
        if self.failures:
            count = self._give_up_all()
            log.error("the store could not be written to the end: %d rows that waited for it are lost", count)

    def _give_up_all(self) -> int:
        count = self._give_up() + (self._output.give_up() if self._output is not None else 0)
        self.lost += count
        self._facts = 0
        return count

    def _failed(self, error: StoreError) -> None:
        now = self._clock()
        if not self.failures:
            self._since = now
        if not self.failures or now - self._said >= SAID_SECONDS:
            self._said = now
            log.error("%s; it is kept in memory and tried again", error)
        self.failures += 1
        waiting = self._facts + (self._output.waiting() if self._output is not None else 0)
        if now - self._since < MAX_SECONDS and waiting <= MAX_WAITING:
            return
        self._since = now
        count = self._give_up_all()
        log.error("%s; watching goes on, but %d rows that waited for it are lost", error, count)

    def _write(self) -> None:
        if self._output is None:
            self._recorder.commit()
            return
        self._output.must = True
        try:
            self._recorder.commit()
        finally:
            self._output.must = False
