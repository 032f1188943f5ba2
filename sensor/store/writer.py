"""Writing to a store: everything is gathered and goes in as one transaction at ``commit``.

After ``commit`` has returned, the end of the process at any moment loses nothing of it; the end of the machine may
lose the last moments, never the file. Ids come from the content, so the same capture twice leaves one of each.
"""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path
from typing import Final

import msgspec

from dissectors.context import AssetEvent, Context, Verdict
from dissectors.facts import AnyFact, ChannelOpened, ChannelWindow, OperationFirst
from rules.detections.alert import SEVERITIES, Alert
from sensor.inventory.record import AssetRecord
from sensor.sinks.sink import FACT_TYPES, OWN_SOURCE, Sink
from sensor.store.error import explained
from sensor.store.fact_log import FactLog
from sensor.store.retention import SECOND, Retention, retain

RETAIN_SECONDS: Final = 3_600
"""Packet time between two looks at what is beyond the bounds."""

_STATEMENTS: Final = {
    "asset": "INSERT OR REPLACE INTO assets VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    "event": "INSERT OR IGNORE INTO asset_events VALUES (?, ?, ?, ?, ?)",
    "channel": """INSERT INTO channels VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
        protocol = excluded.protocol, first = min(first, excluded.first), time = excluded.time,
        opened = excluded.opened, verdict = excluded.verdict WHERE excluded.time >= channels.time""",
    "operation": """INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (channel, label) DO UPDATE SET
        time = excluded.time, fact = excluded.fact, verdict = excluded.verdict
        WHERE excluded.time <= operations.time""",
    "window": "INSERT OR REPLACE INTO windows VALUES (?, ?, ?, ?, ?, ?, ?)",
    "alert": "INSERT OR REPLACE INTO alerts VALUES (?, ?, ?, ?, ?, ?, ?)",
}

_encode = msgspec.msgpack.Encoder(order="deterministic").encode


class Writer(Sink):
    """The sink that keeps everything. ``evicted`` counts rows beyond the bounds, by table."""

    wants = FACT_TYPES
    keeps_assets = True

    def __init__(self, path: Path, connection: sqlite3.Connection, bounds: Retention) -> None:
        self._path = path
        self._connection = connection
        self._bounds = bounds
        self._log = FactLog()
        self._facts: list[AnyFact] = []
        self._unwritten = 0
        self._rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in _STATEMENTS}
        self._now = 0
        self._retained = 0
        self.evicted: dict[str, int] = {}

    def take(self, context: Context) -> None:
        """Keep one fact, and what it says of its channel."""
        fact = context.fact
        if fact.source == OWN_SOURCE:
            return
        self._facts.append(fact)
        if isinstance(fact, ChannelWindow):
            self._window(fact)
        elif isinstance(fact, OperationFirst):
            row = (
                fact.channel,
                fact.label,
                fact.time,
                fact.verb,
                fact.operation,
                _encode(fact),
                _encode(context.verdict),
            )
            self._rows["operation"].append(row)
        elif isinstance(fact, ChannelOpened):
            self._opened(fact, context.verdict)

    def _opened(self, channel: ChannelOpened, verdict: Verdict | None) -> None:
        self._rows["channel"].append(
            (
                channel.channel, channel.protocol, channel.client.ip, channel.server.ip, channel.first, channel.time,
                _encode(channel), _encode(verdict),
            )
        )  # fmt: skip

    def _window(self, fact: ChannelWindow) -> None:
        packets = fact.packets_client + fact.packets_server
        byte_count = fact.bytes_client + fact.bytes_server
        last = fact.last or min(fact.time, fact.end)
        self._rows["window"].append((fact.channel, fact.start, last, packets, byte_count, fact.requests, fact.failures))

    def alert(self, alert: Alert) -> None:
        """Keep one revision of an incident."""
        self._rows["alert"].append(
            (
                alert.incident, alert.revision, alert.id, SEVERITIES.index(alert.severity), alert.first, alert.last,
                _encode(alert),
            )
        )  # fmt: skip

    def asset(self, asset: AssetRecord, event: AssetEvent | None) -> None:
        """Keep the newest state of an asset and what happened to it."""
        self._rows["asset"].append(
            (asset.id, asset.name, asset.ip, asset.mac, asset.first, asset.last, asset.merged_into, _encode(asset))
        )
        if event is not None:
            body = _encode(event)
            identifier = hashlib.sha256(body).hexdigest()[:24]
            self._rows["event"].append((identifier, asset.id, event.time, event.kind, body))

    def commit(self) -> None:
        """Write everything taken so far as one transaction; raises ``StoreError`` and keeps it when that fails."""
        self._record()
        with explained(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                for name, rows in self._rows.items():
                    if rows:
                        self._connection.executemany(_STATEMENTS[name], rows)
                self._log.write(self._connection)
                self._retain()
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        for rows in self._rows.values():
            rows.clear()
        self._log.written()
        self._unwritten = 0

    def _record(self) -> None:
        """Give the facts taken since the last commit to the log."""
        facts, self._facts = self._facts, []
        if facts:
            self._log.add(facts)
            self._unwritten += len(facts)
            self._now = max(self._now, facts[-1].time)

    def waiting(self) -> int:
        """Return how many facts are not written."""
        return self._unwritten + len(self._facts)

    def give_up(self) -> int:
        """Forget what ``commit`` could not write: it must not grow without end. Return how many rows and facts that was."""
        self._record()
        self._unwritten = 0
        count = sum(len(rows) for rows in self._rows.values()) + self._log.give_up()
        for rows in self._rows.values():
            rows.clear()
        return count

    def _retain(self) -> None:
        if self._now - self._retained < RETAIN_SECONDS * SECOND:
            return
        self._retained = self._now
        for table, count in retain(self._connection, self._bounds, self._now).items():
            self.evicted[table] = self.evicted.get(table, 0) + count
