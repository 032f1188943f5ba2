"""The tables of a store and how an older file becomes a current one.

``application_id`` marks the file as ours, ``user_version`` is the schema version. A migration is one list of
statements that brings a file from its number to the next; it is never edited once released, only followed.
"""

from __future__ import annotations

import sqlite3
from typing import Final

APPLICATION_ID: Final = 0x53505741

_VERSION_3: Final = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE assets (id TEXT PRIMARY KEY, name TEXT NOT NULL, ip TEXT NOT NULL, mac TEXT NOT NULL,
       first INTEGER NOT NULL, last INTEGER NOT NULL, merged_into TEXT NOT NULL, record BLOB NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX assets_name ON assets (name)",
    "CREATE INDEX assets_ip ON assets (ip)",
    """CREATE TABLE asset_events (id TEXT PRIMARY KEY, asset TEXT NOT NULL, time INTEGER NOT NULL, kind TEXT NOT NULL,
       event BLOB NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX asset_events_time ON asset_events (time)",
    """CREATE TABLE channels (id TEXT PRIMARY KEY, protocol TEXT NOT NULL, client TEXT NOT NULL, server TEXT NOT NULL,
       first INTEGER NOT NULL, time INTEGER NOT NULL, opened BLOB NOT NULL, verdict BLOB NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE windows (channel TEXT NOT NULL, start INTEGER NOT NULL, last INTEGER NOT NULL,
       packets INTEGER NOT NULL, byte_count INTEGER NOT NULL, requests INTEGER NOT NULL, failures INTEGER NOT NULL,
       PRIMARY KEY (channel, start)) WITHOUT ROWID""",
    """CREATE TABLE operations (channel TEXT NOT NULL, label TEXT NOT NULL, time INTEGER NOT NULL, verb TEXT NOT NULL,
       operation TEXT NOT NULL, fact BLOB NOT NULL, verdict BLOB NOT NULL,
       PRIMARY KEY (channel, label)) WITHOUT ROWID""",
    """CREATE TABLE alerts (incident TEXT NOT NULL, revision INTEGER NOT NULL, id TEXT NOT NULL,
       severity INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, alert BLOB NOT NULL,
       PRIMARY KEY (incident, revision)) WITHOUT ROWID""",
    "CREATE INDEX alerts_last ON alerts (last)",
    """CREATE TABLE facts (source TEXT NOT NULL, time INTEGER NOT NULL, frame INTEGER NOT NULL,
       sequence INTEGER NOT NULL, least INTEGER NOT NULL, greatest INTEGER NOT NULL, count INTEGER NOT NULL,
       bytes INTEGER NOT NULL, batch BLOB NOT NULL, UNIQUE (source, time, frame, sequence))""",
    "CREATE INDEX facts_least ON facts (least)",
    "CREATE INDEX facts_greatest ON facts (greatest)",
    """CREATE TABLE captures (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, first_frame INTEGER NOT NULL,
       packets INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE spool (place INTEGER PRIMARY KEY AUTOINCREMENT, stream TEXT NOT NULL, id TEXT NOT NULL,
       body BLOB NOT NULL, added INTEGER NOT NULL, byte_count INTEGER NOT NULL, UNIQUE (stream, id))""",
    "CREATE INDEX spool_stream ON spool (stream)",
    # What waits is summed every minute; without this it would mean reading every document.
    "CREATE INDEX spool_bytes ON spool (byte_count)",
)

OLDEST: Final = 3
"""The first schema whose records speak the words of today; files of older ones are refused."""
MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (_VERSION_3,)
"""The first makes a new file, each further one brings a file from its number to the next."""
VERSION: Final = OLDEST + len(MIGRATIONS) - 1


MAX_NAME: Final = 64
"""Characters of a foreign name that a sentence shows."""


class SchemaError(Exception):
    """The file is not ours or too new; the message says which and what to do."""


def distrust(connection: sqlite3.Connection) -> None:
    """Believe nothing that a file says of itself: no function runs from its schema, and no page is read unchecked.

    Called before the first statement; the file may be anybody's.
    """
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA mmap_size = 0")
    setconfig = getattr(connection, "setconfig", None)  # since Python 3.12
    if setconfig is not None:
        for name, value in (("DEFENSIVE", True), ("ENABLE_TRIGGER", False), ("ENABLE_VIEW", False)):
            setconfig(getattr(sqlite3, f"SQLITE_DBCONFIG_{name}"), value)


def examine(connection: sqlite3.Connection) -> None:
    """Compare every object of a prepared file with those of this version, statement by statement.

    Raises ``SchemaError``: a trigger or view would run or answer in our name, a column of another type hold what no reader expects.
    """
    expected = {" ".join(statement.split()) for statements in MIGRATIONS for statement in statements}
    for kind, name, statement in connection.execute("SELECT type, name, sql FROM sqlite_master"):
        own = statement is None and kind == "index" and str(name).startswith("sqlite_autoindex_")
        if own or name == "sqlite_sequence" or (isinstance(statement, str) and " ".join(statement.split()) in expected):
            continue
        raise SchemaError(
            f"holds the {kind} {str(name)[:MAX_NAME]!r}, which no Spanwatch made: somebody changed the file. "
            "Choose another file with --store, or restore a copy"
        )


def _version(connection: sqlite3.Connection) -> int:
    """Return the schema version of a store, 0 of a file with nothing in it; refuse the file of another program."""
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    tables = int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    if application != APPLICATION_ID and (application or version or tables):
        raise SchemaError("is a database of another program. Choose another file with --store")
    if version > VERSION:
        raise SchemaError(
            f"was written by a newer Spanwatch (schema {version}, this one reads up to {VERSION}). "
            "Upgrade, or choose another file with --store"
        )
    if application and version < OLDEST:
        raise SchemaError(
            f"was written by an older Spanwatch (schema {version}), whose records use other words. Keep it for the version "
            "that wrote it; choose another file with --store and replay the captures into it"
        )
    return version


def is_current(connection: sqlite3.Connection) -> None:
    """Refuse to read a file that has to be written first: one with nothing in it, a store of an older schema."""
    version = _version(connection)
    if version == 0:
        raise SchemaError(
            "is empty: nothing was written to it yet. Make it with: spanwatch replay CAPTURE --store FILE"
        )
    if version < VERSION:
        raise SchemaError(
            f"was written by an older Spanwatch (schema {version}). Bring it to schema {VERSION} by writing to it once: "
            "spanwatch replay CAPTURE --store FILE"
        )


def prepare(connection: sqlite3.Connection) -> None:
    """Make a new file a store, or an older store a current one, in one transaction.

    Raises ``SchemaError`` for the file of another program or of a newer Spanwatch.
    """
    version = _version(connection)
    if version == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have migrated while this one waited for the lock.
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        for number in range(max(version + 1, OLDEST), VERSION + 1):
            for statement in MIGRATIONS[number - OLDEST]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has ended it already
            connection.execute("ROLLBACK")
        raise
