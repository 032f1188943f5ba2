"""Reading a store: what the command line, the reports and the next start of the sensor ask for."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, TypeVar

import msgspec

from dissectors.context import AssetEvent, Verdict
from dissectors.facts import AnyFact, ChannelOpened, OperationFirst
from rules.detections.alert import SEVERITIES, Alert
from sensor.inventory.record import AssetRecord
from sensor.store.error import explained
from sensor.store.fact_log import read_facts
from sensor.store.row import Capture, ChannelRow, OperationRow

_NEWEST: Final = """SELECT alert FROM alerts AS a WHERE severity >= ? AND last >= ?
    AND revision = (SELECT max(revision) FROM alerts AS b WHERE b.incident = a.incident)
    ORDER BY last DESC, incident LIMIT ?"""

_CHANNELS: Final = """SELECT c.opened, c.verdict, c.first, max(c.time, coalesce(max(w.last), 0)),
    coalesce(sum(w.packets), 0),
    coalesce(sum(w.byte_count), 0), coalesce(sum(w.requests), 0), coalesce(sum(w.failures), 0)
    FROM channels AS c LEFT JOIN windows AS w ON w.channel = c.id GROUP BY c.id ORDER BY c.first, c.id"""

SUMS: Final = ("first", "last", "packets", "byte_count", "requests", "failures")

MAX_LIMIT: Final = 1_000_000
"""Rows of one answer."""

_asset = msgspec.msgpack.Decoder(AssetRecord)
_alert = msgspec.msgpack.Decoder(Alert)
_event = msgspec.msgpack.Decoder(AssetEvent)
_channel = msgspec.msgpack.Decoder(ChannelOpened)
_operation = msgspec.msgpack.Decoder(OperationFirst)
_verdict = msgspec.msgpack.Decoder(Verdict | None)


P = ParamSpec("P")
R = TypeVar("R")


def _explained(method: Callable[Concatenate[Query, P], R]) -> Callable[Concatenate[Query, P], R]:
    """Let damage of any kind become a ``StoreError`` that names the file."""

    @wraps(method)
    def checked(self: Query, /, *args: P.args, **names: P.kwargs) -> R:
        with explained(self.path):
            return method(self, *args, **names)

    return checked


def _integer(value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"a number was expected, not {value!r:.40}")
    return value


class Query:
    """The questions a store answers. Records come back equal to what was taken; damage raises ``StoreError``."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    def _rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with explained(self.path):
            return self._connection.execute(statement, values).fetchall()

    def _blobs(self, statement: str, *values: object) -> Iterator[bytes]:
        for (body,) in self._rows(statement, *values):
            if not isinstance(body, bytes):
                raise TypeError("a record was expected, not text")
            yield body

    @_explained
    def assets(self, merged: bool = False) -> list[AssetRecord]:
        """Return all assets in order of first sight; with ``merged`` also those that became part of another."""
        wanted = "" if merged else "WHERE merged_into = ''"
        return [_asset.decode(body) for body in self._blobs(f"SELECT record FROM assets {wanted} ORDER BY first, id")]

    @_explained
    def asset(self, who: str) -> AssetRecord | None:
        """Return the asset with this id, name, IP or MAC (in this order); the one seen last when several have it."""
        for column in ("id", "name", "ip", "mac"):
            statement = f"SELECT record FROM assets WHERE {column} = ? ORDER BY merged_into, last DESC, id LIMIT 1"
            body = next(self._blobs(statement, who), None)
            if body is not None:
                record = _asset.decode(body)
                return self.asset(record.merged_into) if record.merged_into else record
        return None

    @_explained
    def asset_events(self, asset: str = "", since: int = 0) -> list[AssetEvent]:
        """Return what happened to one asset, or to all, in order of time."""
        body = self._blobs(
            "SELECT event FROM asset_events WHERE (asset = ? OR ? = '') AND time >= ? ORDER BY time, id",
            asset,
            asset,
            since,
        )
        return [_event.decode(row) for row in body]

    @_explained
    def alerts(self, min_severity: str = "low", since: int = 0, limit: int = MAX_LIMIT) -> list[Alert]:
        """Return the newest revision of each incident still active at ``since`` (ns), newest first."""
        rows = self._blobs(_NEWEST, SEVERITIES.index(min_severity), since, min(limit, MAX_LIMIT))
        return [_alert.decode(body) for body in rows]

    @_explained
    def alert(self, incident: str) -> Alert | None:
        """Return the newest revision of an incident; a unique beginning of its id is enough."""
        revisions = self.alert_revisions(incident)
        return revisions[-1] if revisions else None

    @_explained
    def alert_revisions(self, incident: str) -> list[Alert]:
        """Return every revision of one incident, oldest first; nothing when the beginning fits several."""
        until = incident + "\U0010ffff"
        found = self._rows("SELECT DISTINCT incident FROM alerts WHERE incident >= ? AND incident < ?", incident, until)
        names = [name for (name,) in found]
        name = incident if incident in names else names[0] if len(names) == 1 else ""
        rows = self._blobs("SELECT alert FROM alerts WHERE incident = ? ORDER BY revision", name)
        return [_alert.decode(body) for body in rows]

    @_explained
    def channels(self) -> list[ChannelRow]:
        """Return all channels in order of their first packet."""
        return [
            ChannelRow(
                opened=_channel.decode(row[0]),  # type: ignore[arg-type]  # a column of bytes
                verdict=_verdict.decode(row[1]),  # type: ignore[arg-type]  # a column of bytes
                **dict(zip(SUMS, map(_integer, row[2:]), strict=True)),
            )
            for row in self._rows(_CHANNELS)
        ]

    @_explained
    def operations(self, channel: str = "") -> list[OperationRow]:
        """Return the operations of one channel, or of all, in order of first sight."""
        statement = """SELECT fact, verdict FROM operations WHERE channel = ? OR ? = '' ORDER BY time, channel, label"""
        return [
            OperationRow(fact=_operation.decode(fact), verdict=_verdict.decode(verdict))  # type: ignore[arg-type]  # bytes
            for fact, verdict in self._rows(statement, channel, channel)
        ]

    def facts(self, since: int = 0, until: int = 1 << 62) -> Iterator[AnyFact]:
        """Yield the recorded facts with ``since`` <= time < ``until`` (ns) in their total order."""
        with explained(self.path):
            yield from read_facts(self._connection, since, until)

    @_explained
    def captures(self) -> list[Capture]:
        """Return the captures read so far, in the order of their frames."""
        rows = self._rows("SELECT name, sha256, first_frame, packets, first, last FROM captures ORDER BY first, name")
        names = ("name", "sha256", "first_frame", "packets", "first", "last")
        return [msgspec.convert(dict(zip(names, row, strict=True)), Capture) for row in rows]

    def meta(self, key: str) -> str:
        """Return what was noted under ``key``, "" when nothing was."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", key)
        return str(rows[0][0]) if rows else ""
