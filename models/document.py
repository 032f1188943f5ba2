"""Reads one JSON document of a baseline into its record, refusing what a careful writer would never have written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from models.baseline import BaselineError

Record = TypeVar("Record", bound=msgspec.Struct)


class _UnsoundError(ValueError):
    """A key stands twice."""


def read_document(path: Path, data: bytes, kind: type[Record]) -> Record:
    """Return ``data`` as ``kind``. Raises ``BaselineError`` on duplicate or unknown keys, wrong types, NaN, depth."""
    try:
        record = msgspec.json.decode(data, type=kind)
        # Only what has the expected form is worth a second look, for what the first one does not mind.
        json.loads(data, object_pairs_hook=_once)
    except msgspec.ValidationError as error:
        reason = f"does not have the expected form ({error})"
    except (_UnsoundError, ValueError, RecursionError) as error:
        # UnicodeDecodeError, JSONDecodeError and msgspec.DecodeError are all ValueError
        reason = f"is not sound JSON ({error})"
    else:
        return record
    raise BaselineError(f"{path}: {reason}; copy the baseline again or learn it anew")


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Refuse an object with a key twice; nothing of it is kept, msgspec reads it again."""
    if len({key for key, _ in pairs}) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # adds
        raise _UnsoundError(f"the key {twice[:60]!r} stands twice")
