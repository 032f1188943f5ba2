"""Five NDJSON files, one document per line, each line exactly what Elasticsearch receives.

Nothing appears under its final name before all of it is there: files are written under hidden temporary names in the
same folder, synchronised, and renamed at the end. Other files of the folder are left alone.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from dissectors.context import AssetEvent, AssetView, Verdict
from dissectors.facts import AnyFact, ChannelOpened, Fact
from rules.detections.alert import Alert
from sensor.documents.documents import Documents
from sensor.documents.origin import Origin
from sensor.documents.text import Document
from sensor.inventory.record import AssetRecord

FILES: Final = {
    "alert": "alerts.ndjson",
    "operation": "operations.ndjson",
    "channel": "channels.ndjson",
    "asset": "assets.ndjson",
    "sensor": "sensor.ndjson",
}
"""The file of each stream."""
BUFFER_BYTES: Final = 1 << 18


class OutputError(Exception):
    """A file cannot be written; the message names it, the reason and what to do."""


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        fix = "Free space or choose another folder with --output"
        raise OutputError(f"{path}: cannot be written ({reason}). {fix}") from error


class NdjsonOutput:
    """Writes the documents of one run to ``directory`` (made when missing). A ``sensor.sinks.sink.Output``.

    ``finish`` puts the files in place; ``abandon`` removes what was written so far and leaves older files as they
    were. Raises ``OutputError`` when the folder or a file cannot be written. ``counts`` holds the documents written
    per stream.
    """

    def __init__(self, directory: Path | str, origin: Origin) -> None:
        self.directory = Path(directory)
        self.counts = dict.fromkeys(FILES, 0)
        self._documents = Documents(origin, self._write)
        self._encoder = msgspec.json.Encoder()
        self._files: dict[str, BinaryIO] = {}
        with _explained(self.directory):
            self.directory.mkdir(parents=True, exist_ok=True)
        for word in FILES:
            with self._guarded(word):
                self._part(word).unlink(missing_ok=True)
                self._files[word] = self._part(word).open("xb", buffering=BUFFER_BYTES)

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

    def _write(self, word: str, document: Document) -> None:
        with self._guarded(word):
            self._files[word].write(self._encoder.encode(document) + b"\n")
        self.counts[word] += 1

    @property
    def wants(self) -> frozenset[type[Fact]]:
        """The fact types that documents are made of."""
        return self._documents.wants

    def fact(
        self,
        fact: AnyFact,
        channel: ChannelOpened | None,
        client: AssetView | None,
        server: AssetView | None,
        verdict: Verdict | None,
    ) -> None:
        """Take one fact."""
        self._documents.fact(fact, channel, client, server, verdict)

    def alert(self, alert: Alert) -> None:
        """Take one revision of an incident."""
        self._documents.alert(alert)

    def asset(self, asset: AssetRecord, event: AssetEvent | None) -> None:
        """Take an asset as it is now."""
        self._documents.asset(asset, event)

    def finish(self) -> None:
        """Write what is held back, then put all five files in place of older ones."""
        self._documents.finish()
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

    def _synchronise(self) -> None:
        """Make the new names durable where the system can."""
        with contextlib.suppress(OSError):
            folder = os.open(self.directory, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def abandon(self) -> None:
        """Give up: close and remove the temporary files."""
        files, self._files = self._files, {}
        for word, file in files.items():
            with contextlib.suppress(OSError):
                file.close()
            with contextlib.suppress(OSError):
                self._part(word).unlink()
