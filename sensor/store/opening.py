"""Opening the file of a store, to write or only to read, as an auditor does who may write neither to it nor beside it.

A store has a write-ahead log, and SQLite wants to make a file beside it even for a reader. So a reader tries three ways, each
asking for less: as a sensor would, so that nothing is left behind; without writing, where a sensor that runs has made these
files already; and as a file that nobody changes (``immutable``), as on a medium that cannot be written. The last ignores the log, so
it is taken only where the log is empty.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

from sensor.store.error import StoreError
from sensor.store.schema import distrust

BUSY_SECONDS: Final = 5.0
MODE: Final = 0o640
"""Who may read a new store: its owner and its group. SQLite gives the files beside it the rights of the store."""
IMMUTABLE: Final = "immutable=1"
WAYS: Final = ("mode=rw", "mode=ro", IMMUTABLE)
"""How a reader opens the file, by what is left when it may not do more (https://sqlite.org/wal.html, section 5)."""
NOT_ALLOWED: Final = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
PRIMARY: Final = 0xFF
"""The part of an extended error code that says which error it is."""


def _own(path: Path) -> None:
    """Make a new file with the rights of a store, also behind a link; one that is there keeps its own."""
    try:
        os.close(os.open(os.path.realpath(path), os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE))
    except OSError:
        return  # it is there, or SQLite says what is wrong


def open_to_write(path: Path) -> sqlite3.Connection:
    """Return the connection of a sensor or shipper; the file is made when it is not there."""
    _own(path)
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    distrust(connection)
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """Return a connection that changes nothing; raises ``StoreError`` for a file that may not even be read."""
    reason = ""
    for way in WAYS:
        if way == IMMUTABLE and _log_bytes(path):
            raise StoreError(
                f"{path}: cannot be read where it is: its newest rows are still in {path.name}-wal. Copy both files into a folder "
                "that you may write to, and read them there"
            )
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?{way}", BUSY_SECONDS, isolation_level=None, uri=True)
        try:
            distrust(connection)
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            connection.execute("PRAGMA query_only = ON")
        except sqlite3.OperationalError as error:
            connection.close()
            if error.sqlite_errorcode & PRIMARY not in NOT_ALLOWED:
                raise
            reason = str(error)
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise StoreError(f"{path}: cannot be read ({reason}). Check its permissions")


def _log_bytes(path: Path) -> int:
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size
    except OSError:
        return 0
