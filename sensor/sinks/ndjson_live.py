"""The five NDJSON files of a sensor that watches: lines are added as they come, whole ones only, and every file has a bound.

A line is in its file when ``commit`` has returned. What a killed process left of a line is cut off at the next start; lines of
earlier runs stay. A file that reaches ``MAX_BYTES`` becomes ``NAME.1``, older ones count up, the oldest of ``KEPT`` goes. A
disk that is full does not stop anybody: lines wait, at most ``MAX_WAITING`` bytes a file, then the oldest are lost and counted, and so is what still waits at the end.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from sensor.documents.text import Document
from sensor.pipeline.options import Options
from sensor.sinks.document_sink import DocumentSink
from sensor.sinks.ndjson import FILES, OutputError, alone_in, cannot_be_written
from sensor.sinks.ndjson_file import MAX_BYTES, NdjsonFile
from sensor.sinks.sink import SinkKind
from sensor.store import Store


class LiveNdjsonSink(DocumentSink):
    """Adds the documents of one run to the files in ``directory``.

    Raises ``OutputError`` when the folder or a file cannot be written at the start. ``lost`` counts lines given up.
    """

    def __init__(self, directory: Path | str, max_bytes: int = MAX_BYTES) -> None:
        self.directory = Path(directory)
        self._encoder = msgspec.json.Encoder()
        self._files: dict[str, NdjsonFile] = {}
        self._lost = 0
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            self._alone = alone_in(self.directory)
            for word, name in FILES.items():
                self._files[word] = NdjsonFile(self.directory / name, max_bytes)
        except OSError as error:
            raise OutputError(cannot_be_written(error.filename or self.directory, error)) from error

    @property
    def lost(self) -> int:
        """Lines that could not be written: they found no room to wait, or waited until the end."""
        return self._lost + sum(file.lost for file in self._files.values())

    def write(self, word: str, document: Document) -> None:
        """Take one document of the stream ``word``."""
        self._files[word].add(self._encoder.encode(document) + b"\n")

    def commit(self) -> None:
        """Write what was reported so far; what a full disk refuses waits."""
        for file in self._files.values():
            file.flush()

    def abandon(self) -> None:
        """Write what was reported and close the files."""
        files, self._files = self._files, {}
        for file in files.values():
            file.close()
            self._lost += file.lost
        self._alone.release()


def _make(options: Options, store: Store | None) -> LiveNdjsonSink | None:
    return LiveNdjsonSink(options.output) if options.output is not None else None


KIND: Final = SinkKind(name="ndjson_live", asked_by=("output",), make=_make, live=True)
