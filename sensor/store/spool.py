"""Documents that wait for shipping. A second process reads and removes them while the sensor adds; nobody waits.

Bounded by bytes: beyond it the oldest of the least important stream go, and are counted in the store itself so that
both processes see it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from sensor.store.error import explained
from sensor.store.row import Spooled, Waiting

SPOOL_BYTES: Final = 1 << 30
"""Bytes of waiting documents kept."""
TRIM_SHARE: Final = 20
"""One part in so many is dropped at once when the spool is full."""
IMPORTANCE: Final = (".alert-", ".asset-", ".sensor-", ".operation-", ".channel-")
"""Parts of stream names, those that matter most first: they are shipped first and dropped last."""

_ROWS: Final = "SELECT place, stream, id, body FROM spool"


def importance(stream: str) -> tuple[int, str]:
    """Return the place of a stream in the order of shipping."""
    for rank, part in enumerate(IMPORTANCE):
        if part in stream:
            return rank, stream
    return len(IMPORTANCE), stream


class Spool:
    """The queue in the store, first in first out in each stream. A document is known by (stream, id), waits once."""

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
            self._connection.executemany(
                "INSERT OR IGNORE INTO spool (stream, id, body, byte_count, added) "
                "VALUES (?, ?, ?, ?, CAST(strftime('%s', 'now') AS INTEGER))",
                [(*row, len(row[2])) for row in rows],
            )
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
                f"{_ROWS} WHERE place > ? ORDER BY place LIMIT ?", (after, limit)
            ).fetchall()
        return [Waiting(place=place, stream=stream, id=name, body=body) for place, stream, name, body in rows]

    def streams(self) -> list[str]:
        """Return the streams that something waits for, the most important first."""
        found: list[str] = []
        with explained(self._path):
            name = ""
            # One step in the index for each stream: DISTINCT would walk over every document.
            while True:
                name = self._connection.execute("SELECT min(stream) FROM spool WHERE stream > ?", (name,)).fetchone()[0]
                if name is None:
                    return sorted(found, key=importance)
                found.append(name)

    def batch(self, documents: int, byte_count: int, without: Collection[str] = ()) -> list[Waiting]:
        """Return what to ship next: important streams first, each in its order, none of ``without``.

        At most ``documents`` with together at most ``byte_count`` bytes; a single document may be larger.
        """
        found: list[Waiting] = []
        total = 0
        for stream in self.streams():
            if stream in without:
                continue
            with explained(self._path):
                rows = self._connection.execute(
                    f"{_ROWS} WHERE stream = ? ORDER BY place LIMIT ?", (stream, documents - len(found))
                )
                for place, _, name, body in rows:
                    total += len(body)
                    if found and total > byte_count:
                        rows.close()
                        return found
                    found.append(Waiting(place=place, stream=stream, id=name, body=body))
            if len(found) >= documents:
                break
        return found

    def shipped(self, places: Sequence[int]) -> None:
        """Remove documents that have arrived."""
        self.settle(places, {})

    def settle(self, places: Sequence[int], notes: Mapping[str, str]) -> None:
        """Remove documents and keep ``notes`` in the table ``meta``, both or neither."""
        with explained(self._path), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany("DELETE FROM spool WHERE place = ?", [(place,) for place in places])
            self._connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(notes.items()))

    def size(self) -> tuple[int, int, int]:
        """Return documents and bytes waiting, and documents dropped since the store was made."""
        with explained(self._path):
            documents = self._connection.execute("SELECT count(*) FROM spool").fetchone()[0]
            dropped = self._connection.execute("SELECT value FROM meta WHERE key = 'spool_dropped'").fetchone()
            return int(documents), self._bytes(), int(dropped[0]) if dropped else 0

    def state(self) -> Spooled:
        """Return what waits, for status and health; the age is that of the oldest document, by the wall clock."""
        documents, byte_count, dropped = self.size()
        with explained(self._path):
            row = self._connection.execute(
                "SELECT CAST(strftime('%s', 'now') AS INTEGER) - added FROM spool ORDER BY place LIMIT 1"
            ).fetchone()
        age = max(0, int(row[0])) if row else 0
        return Spooled(documents=documents, byte_count=byte_count, oldest_age_seconds=age, dropped=dropped)

    def _bytes(self) -> int:
        return int(self._connection.execute("SELECT coalesce(sum(byte_count), 0) FROM spool").fetchone()[0])

    def _drop(self, excess: int) -> None:
        doomed: list[tuple[int]] = []
        for stream in reversed(self.streams()):
            sizes = self._connection.execute(
                "SELECT place, byte_count FROM spool WHERE stream = ? ORDER BY place", (stream,)
            )
            for place, size in sizes:
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
