"""What a store forgets: named bounds by age, size and rows, each with a counter of what went."""

from __future__ import annotations

import sqlite3
from typing import Final

import msgspec

SECOND: Final = 1_000_000_000

_ROWS: Final = (
    ("asset_events", "asset_events", "time"),
    ("alerts", "alerts", "last"),
    ("channels", "channels", "time"),
    ("operations", "operations", "time"),
    ("windows", "windows", "last"),
    ("assets", "assets", "last"),
)


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """How much a store keeps: facts by packet time and bytes, the other tables by rows, oldest first out."""

    facts_seconds: int = 30 * 86_400
    facts_bytes: int = 4 << 30
    asset_events: int = 200_000
    alerts: int = 200_000
    channels: int = 400_000
    operations: int = 1_000_000
    windows: int = 2_000_000
    assets: int = 40_000


def retain(connection: sqlite3.Connection, bounds: Retention, now: int) -> dict[str, int]:
    """Delete what is beyond ``bounds`` at packet time ``now``, in the open transaction; return rows gone by table."""
    gone: dict[str, int] = {}
    before = now - bounds.facts_seconds * SECOND
    aged = connection.execute("DELETE FROM facts WHERE greatest < ?", (before,)).rowcount
    total = int(connection.execute("SELECT coalesce(sum(bytes), 0) FROM facts").fetchone()[0])
    if total > bounds.facts_bytes:
        aged += _shrink(connection, total - bounds.facts_bytes)
    if aged:
        gone["fact_batches"] = aged
    for table, bound, clock in _ROWS:
        excess = int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) - getattr(bounds, bound)
        if excess > 0:
            limit = connection.execute(f"SELECT {clock} FROM {table} ORDER BY {clock} LIMIT 1 OFFSET ?", (excess - 1,))
            gone[table] = connection.execute(f"DELETE FROM {table} WHERE {clock} <= ?", limit.fetchone()).rowcount
    return gone


def _shrink(connection: sqlite3.Connection, excess: int) -> int:
    rows = connection.execute("SELECT rowid, bytes FROM facts ORDER BY greatest, rowid")
    doomed: list[tuple[int]] = []
    for rowid, size in rows:
        if excess <= 0:
            break
        doomed.append((rowid,))
        excess -= size
    connection.executemany("DELETE FROM facts WHERE rowid = ?", doomed)
    return len(doomed)
