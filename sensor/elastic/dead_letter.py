"""Documents a cluster will never take, kept beside the store with the reason: one JSON object per line.

They hold process data, so the file is for its owner only (mode 0600). Bounded: when the file is full the document is
dropped and counted. The first ones are kept, because they show the cause. Move the file away to begin anew.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from sensor.elastic.classify import Answer
from sensor.store import Waiting

MAX_BYTES: Final = 64 << 20


def dead_letter_path(store: Path) -> Path:
    """Return the place of the dead letters of a store."""
    return store.with_name(f"{store.name}.dead-letter.ndjson")


class DeadLetters:
    """The file. ``add`` returns how many documents it kept, after they are safe on the disk."""

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        self.path = path
        self._max_bytes = max_bytes

    def add(self, refused: Sequence[tuple[Waiting, Answer]], moment: str) -> int:
        """Append documents with the time (text), status, type and reason; raises ``OSError``."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            os.fchmod(file.fileno(), 0o600)
            size = os.fstat(file.fileno()).st_size
            if size and os.pread(file.fileno(), 1, size - 1) != b"\n":
                # The process ended in the middle of a line.
                size += file.write(b"\n")
            kept = 0
            for document, answer in refused:
                line = _line(document, answer, moment)
                size += len(line)
                if size > self._max_bytes:
                    break
                file.write(line)
                kept += 1
            file.flush()
            os.fsync(file.fileno())
        return kept


def _line(document: Waiting, answer: Answer, moment: str) -> bytes:
    entry: dict[str, Any] = {
        "time": moment,
        "stream": document.stream,
        "id": document.id,
        "status": answer.status,
        "type": answer.kind,
        "reason": answer.reason,
    }
    try:
        entry["document"] = msgspec.json.decode(document.body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        entry["text"] = document.body.decode("utf-8", "replace")
    return msgspec.json.encode(entry) + b"\n"
