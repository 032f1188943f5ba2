"""The five NDJSON files of a sensor that watches: lines are added as they come, whole ones only, and every file has a bound.

A line is in its file when ``flush`` has returned. What a killed process left of a line is cut off at the next start; lines of
earlier runs stay. A file that reaches ``MAX_BYTES`` becomes ``NAME.1``, older ones count up, the oldest of ``KEPT`` goes. A
disk that is full does not stop anybody: lines wait, at most ``MAX_WAITING`` bytes a file, then the oldest are lost and counted.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from dissectors.context import AssetEvent, AssetView, Verdict
from dissectors.facts import AnyFact, ChannelOpened, Fact
from rules.detections.alert import Alert
from sensor.documents.documents import WANTED, Documents
from sensor.documents.origin import Origin
from sensor.documents.text import Document
from sensor.inventory.record import AssetRecord
from sensor.sinks.ndjson import FILES, OutputError
from sensor.sinks.ndjson_file import MAX_BYTES, NdjsonFile


class LiveNdjson:
    """Adds the documents of one run to the files in ``directory``. A ``sensor.sinks.sink.Output`` once it has begun.

    Raises ``OutputError`` when the folder or a file cannot be written at the start. ``lost`` counts lines given up.
    """

    def __init__(self, directory: Path | str, most: int = MAX_BYTES) -> None:
        self.directory = Path(directory)
        self._encoder = msgspec.json.Encoder()
        self._documents: Documents | None = None
        self._files: dict[str, NdjsonFile] = {}
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            for word, name in FILES.items():
                self._files[word] = NdjsonFile(self.directory / name, most)
        except OSError as error:
            reason = error.strerror or str(error)
            fix = "Free space or choose another folder with --output"
            raise OutputError(f"{error.filename or self.directory}: cannot be written ({reason}). {fix}") from error

    @property
    def lost(self) -> int:
        """Lines that could not be written and found no room to wait."""
        return sum(file.lost for file in self._files.values())

    def begin(self, origin: Origin) -> None:
        """Name the run; called once, before anything is reported."""
        self._documents = Documents(origin, self._write)

    def _made(self) -> Documents:
        if self._documents is None:
            raise ValueError("begin was not called")
        return self._documents

    def _write(self, word: str, document: Document) -> None:
        self._files[word].add(self._encoder.encode(document) + b"\n")

    def flush(self) -> None:
        """Write what was reported so far."""
        for file in self._files.values():
            file.flush()

    @property
    def wants(self) -> frozenset[type[Fact]]:
        """The fact types that documents are made of."""
        return WANTED

    def fact(
        self,
        fact: AnyFact,
        channel: ChannelOpened | None,
        client: AssetView | None,
        server: AssetView | None,
        verdict: Verdict | None,
    ) -> None:
        """Take one fact."""
        self._made().fact(fact, channel, client, server, verdict)

    def alert(self, alert: Alert) -> None:
        """Take one revision of an incident."""
        self._made().alert(alert)

    def asset(self, asset: AssetRecord, event: AssetEvent | None) -> None:
        """Take an asset as it is now."""
        self._made().asset(asset, event)

    def finish(self) -> None:
        """Write what is held back and close the files."""
        if self._documents is not None:
            self._documents.finish()
        self.close()

    def close(self) -> None:
        """Write what was reported and close the files."""
        files, self._files = self._files, {}
        for file in files.values():
            file.close()
