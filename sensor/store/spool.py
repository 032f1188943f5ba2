"""Documents that wait for shipping. A second process reads and removes them while the sensor adds; nobody waits.

Bounded by bytes: beyond it the oldest go, and are counted in the store itself so that both processes see it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from sensor.store.error import explained
from sensor.store.row import Waiting

SPOOL_BYTES: Final = 1 << 30
"""Bytes of waiting documents kept."""
TRIM_SHARE: Final = 20
"""One part in so many is dropped at once when the spool is full."""


class Spool:
    """The queue in the store, first in first out. A document is known by (stream, id) and waits once."""

    def __init__(self, path: Path, connection: sqlite3.Connection, max_bytes: int = SPOOL_BYTES) -> None:
        self._path = path
        self._connection = connection
        self._max_bytes = max_bytes
        self._at_most = -1

    def add(self, documents: Iterable[tuple[str, str, bytes]]) -> None:
        """Add (stream, id, body) documents durably; those that wait already are left alone."""
        rows = list(documents)
        with explained(self._path), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany("INSERT OR IGNORE INTO spool (stream, id, body) VALUES (?, ?, ?)", rows)
            self._bound(sum(len(body) for _, _, body in rows))

    def _bound(self, added: int) -> None:
        """Drop the oldest when too much waits; the sum is only taken when it can have passed the bound."""
        self._at_most = self._bytes() if self._at_most < 0 else self._at_most + added
        if self._at_most <= self._max_bytes:
            return
        self._at_most = self._bytes()
        if self._at_most > self._max_bytes:
            self._drop(self._at_most - self._max_bytes + self._max_bytes // TRIM_SHARE)
            self._at_most = self._bytes()

    def waiting(self, limit: int = 500, after: int = 0) -> list[Waiting]:
        """Return the oldest documents behind ``after``, at most ``limit``."""
        with explained(self._path):
            rows = self._connection.execute(
                "SELECT place, stream, id, body FROM spool WHERE place > ? ORDER BY place LIMIT ?", (after, limit)
            ).fetchall()
        return [Waiting(place=place, stream=stream, id=name, body=body) for place, stream, name, body in rows]

    def shipped(self, places: Sequence[int]) -> None:
        """Remove documents that have arrived."""
        with explained(self._path), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany("DELETE FROM spool WHERE place = ?", [(place,) for place in places])

    def size(self) -> tuple[int, int, int]:
        """Return documents and bytes waiting, and documents dropped since the store was made."""
        with explained(self._path):
            documents = self._connection.execute("SELECT count(*) FROM spool").fetchone()[0]
            dropped = self._connection.execute("SELECT value FROM meta WHERE key = 'spool_dropped'").fetchone()
            return int(documents), self._bytes(), int(dropped[0]) if dropped else 0

    def _bytes(self) -> int:
        return int(self._connection.execute("SELECT coalesce(sum(length(body)), 0) FROM spool").fetchone()[0])

    def _drop(self, excess: int) -> None:
        doomed: list[tuple[int]] = []
        for place, size in self._connection.execute("SELECT place, length(body) FROM spool ORDER BY place"):
            if excess <= 0:
                break
            doomed.append((place,))
            excess -= size
        self._connection.executemany("DELETE FROM spool WHERE place = ?", doomed)
        self._connection.execute(
            """INSERT INTO meta VALUES ('spool_dropped', ?) ON CONFLICT (key) DO UPDATE
            SET value = CAST(value AS INTEGER) + excluded.value""",
            (str(len(doomed)),),
        )
