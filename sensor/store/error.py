"""What can go wrong with a store, said with the path and the fix."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec


class StoreError(Exception):
    """The store cannot be used; the message names the file and what to do."""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn the errors of SQLite into a ``StoreError`` about ``path``."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {_explain(error)}") from error
    except (msgspec.MsgspecError, UnicodeError, ValueError, TypeError) as error:
        # Only what a changed or broken file holds gets here: everything is checked when it is written.
        raise StoreError(f"{path}: is damaged ({error}). Choose another store, or restore a copy") from error


def _explain(error: sqlite3.Error) -> str:
    text = str(error)
    if "disk is full" in text:
        return "cannot be written (the disk is full). Free space on its file system or move it with --store"
    if "disk I/O error" in text:
        return (
            f"cannot be written ({text}); the disk may be full. Free space on its file system or move it with --store"
        )
    if "not a database" in text or "malformed" in text:
        return f"is no usable Spanwatch store ({text}). Choose another file with --store, or restore a copy"
    if "locked" in text:
        return "is in use by another sensor. Give each sensor its own --store"
    if "readonly" in text or "unable to open" in text:
        return f"cannot be opened for writing ({text}). Check the folder and its permissions"
    return f"failed: {text}"
