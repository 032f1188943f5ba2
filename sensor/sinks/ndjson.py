"""Five NDJSON files, one document per line, each line exactly what Elasticsearch receives.

Nothing appears under its final name before all of it is there: files are written under hidden temporary names in the
same folder, synchronised, and renamed at the end. Other files of the folder are left alone.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from sensor.documents.text import Document
from sensor.pipeline.options import Options
from sensor.sinks.alone import Alone, InUseError
from sensor.sinks.document_sink import DocumentSink
from sensor.sinks.sink import SinkKind
from sensor.store import Store

FILES: Final = {
    "alert": "alerts.ndjson",
    "operation": "operations.ndjson",
    "channel": "channels.ndjson",
    "asset": "assets.ndjson",
    "sensor": "sensor.ndjson",
}
"""The file of each stream."""
MODE: Final = 0o640
"""Who may read a file: its owner and its group."""
FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
BUFFER_BYTES: Final = 1 << 18


class OutputError(Exception):
    """A file cannot be written; the message names it, the reason and what to do."""


def alone_in(directory: Path) -> Alone:
    """Hold a folder of documents; raises ``OutputError`` when another run writes into it."""
    try:
        return Alone(directory)
    except InUseError as error:
        text = f"{directory}: another run writes into this folder now. Wait for its end, or choose another folder with --output"
        raise OutputError(text) from error


def cannot_be_written(path: Path | str, error: OSError) -> str:
    """Return the sentence about a file or folder that cannot be written, with the fix for its reason."""
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return f"{path}: cannot be a folder: a file is in the way. Choose another one with --output"
    fix = "Free space" if error.errno in NO_ROOM else "Check the permissions there"
    return f"{path}: cannot be written ({error.strerror or error}). {fix}, or choose another folder with --output"


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(cannot_be_written(path, error)) from error


class NdjsonSink(DocumentSink):
    """Writes the documents of one run to ``directory`` (made when missing).

    ``finish`` puts the files in place; ``abandon`` removes what was written so far and leaves older files as they
    were. Raises ``OutputError`` when the folder or a file cannot be written. ``counts`` holds the documents written
    per stream.
    """

    def __init__(self, directory: Path | str) -> None:
        self.directory = Path(directory)
        self.counts = dict.fromkeys(FILES, 0)
        self._encoder = msgspec.json.Encoder()
        self._files: dict[str, BinaryIO] = {}
        with _explained(self.directory):
            self.directory.mkdir(parents=True, exist_ok=True)
        self._alone = alone_in(self.directory)
        for word in FILES:
            with self._guarded(word):
                self._part(word).unlink(missing_ok=True)
                descriptor = os.open(self._part(word), FLAGS, MODE)
                self._files[word] = os.fdopen(descriptor, "wb", buffering=BUFFER_BYTES)

    def _part(self, word: str) -> Path:
        return self.directory / f".{FILES[word]}.part"

    @contextlib.contextmanager
    def _guarded(self, word: str) -> Iterator[None]:
        """Explain an error of the file of ``word`` and leave no part behind."""
        try:
            with _explained(self.directory / FILES[word]):
                yield
        except OutputError:
            self.abandon()
            raise

    def write(self, word: str, document: Document) -> None:
        """Take one document of the stream ``word``."""
        with self._guarded(word):
            self._files[word].write(self._encoder.encode(document) + b"\n")
        self.counts[word] += 1

    def finish(self) -> None:
        """Write what is held back, then put all five files in place of older ones."""
        super().finish()
        for word, file in self._files.items():
            with self._guarded(word):
                file.flush()
                os.fsync(file.fileno())
                file.close()
        for word in self._files:
            with self._guarded(word):
                self._part(word).replace(self.directory / FILES[word])
        self._files = {}
        self._synchronise()
        self._alone.release()

    def _synchronise(self) -> None:
        """Make the new names durable where the system can."""
        with contextlib.suppress(OSError):
            folder = os.open(self.directory, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def abandon(self) -> None:
        """Close and remove the temporary files."""
        files, self._files = self._files, {}
        for word, file in files.items():
            with contextlib.suppress(OSError):
                file.close()
            with contextlib.suppress(OSError):
                self._part(word).unlink()
        self._alone.release()


def _make(options: Options, store: Store | None) -> NdjsonSink | None:
    return NdjsonSink(options.output) if options.output is not None else None


KIND: Final = SinkKind(name="ndjson", asked_by=("output",), make=_make, live=False)
