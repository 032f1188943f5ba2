"""Recorded facts: batches of MessagePack, cut by packet time so that the same capture gives the same batches.

A batch holds the facts of one source in ``SLOT_SECONDS`` of packet time, at most ``BATCH_FACTS``; its key is its
first fact. An unfinished batch is written at every commit and written again, longer, at the next.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

from dissectors.facts import AnyFact, decode_all, encode_all

SLOT_SECONDS: Final = 10
BATCH_FACTS: Final = 4_096
SECOND: Final = 1_000_000_000

_WRITE: Final = """INSERT INTO facts (source, time, frame, sequence, least, greatest, count, bytes, batch)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (source, time, frame, sequence) DO UPDATE SET least = excluded.least, greatest = excluded.greatest,
    count = excluded.count, bytes = excluded.bytes, batch = excluded.batch WHERE excluded.count >= facts.count"""


class FactLog:
    """Takes facts in order, gives rows to write."""

    def __init__(self) -> None:
        self._open: dict[str, list[AnyFact]] = {}
        self._slot: dict[str, int] = {}
        self._dirty: dict[str, None] = {}
        self._closed: list[list[AnyFact]] = []

    def add(self, facts: Sequence[AnyFact]) -> None:
        """Take facts of any sources."""
        source = ""
        batch: list[AnyFact] | None = None
        until = 0
        for fact in facts:
            if batch is None or fact.source != source or fact.time >= until or len(batch) >= BATCH_FACTS:
                source = fact.source
                batch = self._batch(fact)
                until = (self._slot[source] + 1) * SLOT_SECONDS * SECOND
            batch.append(fact)

    def _batch(self, fact: AnyFact) -> list[AnyFact]:
        source = fact.source
        slot = fact.time // (SLOT_SECONDS * SECOND)
        batch = self._open.get(source)
        self._dirty[source] = None
        # A slot only ever moves on: a clock that jumped back stays in the batch it was met in.
        if batch is not None and slot <= self._slot[source] and len(batch) < BATCH_FACTS:
            return batch
        if batch:
            self._closed.append(batch)
        fresh: list[AnyFact] = []
        self._open[source] = fresh
        self._slot[source] = slot
        return fresh

    def write(self, connection: sqlite3.Connection) -> None:
        """Write everything taken so far, in the transaction that is open."""
        batches = [*self._closed, *(self._open[source] for source in self._dirty)]
        connection.executemany(_WRITE, [_row(batch) for batch in batches if batch])

    def written(self) -> None:
        """Note that the transaction holds: finished batches can go."""
        self._closed, self._dirty = [], {}

    def give_up(self) -> int:
        """Forget every batch that is not written whole; return how many facts that were."""
        unfinished = [self._open.pop(source) for source in self._dirty]
        count = sum(len(batch) for batch in [*self._closed, *unfinished])
        self.written()
        return count


def _row(batch: list[AnyFact]) -> tuple[str, int, int, int, int, int, int, int, bytes]:
    first = batch[0]
    times = [fact.time for fact in batch]
    body = encode_all(batch)
    return (
        first.source, first.time, first.frame, first.sequence, min(times), max(times), len(batch), len(body), body,
    )  # fmt: skip


def order(fact: AnyFact) -> tuple[int, str, int, int]:
    """Return the place of a fact in the one total order."""
    return fact.time, fact.source, fact.frame, fact.sequence


def read_facts(connection: sqlite3.Connection, since: int, until: int) -> Iterator[AnyFact]:
    """Yield recorded facts with ``since`` <= time < ``until`` in the total order; holds overlapping batches only."""
    rows = connection.execute(
        "SELECT least, batch FROM facts WHERE greatest >= ? AND least < ? ORDER BY least, source, frame, sequence",
        (since, until),
    )
    waiting: list[AnyFact] = []
    for minimum, body in rows:
        if waiting and waiting[0].time < minimum:
            ready = [fact for fact in waiting if fact.time < minimum]
            waiting = waiting[len(ready) :]
            yield from (fact for fact in ready if since <= fact.time < until)
        waiting.extend(decode_all(body))
        waiting.sort(key=order)
    yield from (fact for fact in waiting if since <= fact.time < until)
