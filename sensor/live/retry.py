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

from sensor.sinks.sink import Sink
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


class RetryingCommit:
    """Commits ``sinks`` in the pipeline's place, in their order. A sink that fails keeps what it took.

    ``failures`` counts commits that failed in a row, ``lost`` what was given up. ``clock`` is steady, in seconds; it never
    reaches a fact.
    """

    def __init__(self, sinks: Sequence[Sink], clock: Callable[[], float] = time.monotonic) -> None:
        self.failures = 0
        self.lost = 0
        self._sinks = tuple(sinks)
        self._clock = clock
        self._since = 0.0
        self._said = 0.0

    def __call__(self) -> None:
        """Write everything taken so far, or leave it waiting; what has waited for too long is given up."""
        try:
            for sink in self._sinks:
                sink.commit()
        except StoreError as error:
            self._failed(error)
        else:
            if self.failures:
                log.info("the store is written again")
            self.failures = 0

    def end(self) -> None:
        """Try a last time, and say what is lost with the process when that fails too."""
        if not self.failures:
            return
        self()
        if self.failures:
            count = self._give_up()
            log.error("the store could not be written to the end: %d rows that waited for it are lost", count)

    def _give_up(self) -> int:
        count = sum(sink.give_up() for sink in self._sinks)
        self.lost += count
        return count

    def _failed(self, error: StoreError) -> None:
        now = self._clock()
        if not self.failures:
            self._since = now
        if not self.failures or now - self._said >= SAID_SECONDS:
            self._said = now
            log.error("%s; it is kept in memory and tried again", error)
        self.failures += 1
        waiting = sum(sink.waiting() for sink in self._sinks)
        if now - self._since < MAX_SECONDS and waiting <= MAX_WAITING:
            return
        self._since = now
        count = self._give_up()
        log.error("%s; watching goes on, but %d rows that waited for it are lost", error, count)
