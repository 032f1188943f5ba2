"""The five NDJSON files of a sensor that watches: lines are added as they come, whole ones only, and every file has a bound.

A line is in its file when ``flush`` has returned. What a killed process left of a line is cut off at the next start; lines of
earlier runs stay. A file that reaches ``MAX_BYTES`` becomes ``NAME.1``, older ones count up, the oldest of ``KEPT`` goes. A
disk that is full does not stop anybody: lines wait, at most ``MAX_WAITING`` bytes a file, then the oldest are lost and counted.
"""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path
from typing import Final

import msgspec

from dissectors.facts import AnyFact, ChannelOpened, Fact
from rules.detections.alert import Alert
from rules.policy.verdict import Verdict
from rules.scene import AssetEvent, AssetView
from sensor.inventory.record import AssetRecord
from sensor.outputs.documents import WANTED, Documents
from sensor.outputs.ndjson import FILES, OutputError
from sensor.outputs.origin import Origin
from sensor.outputs.text import Document

MAX_BYTES: Final = 128 << 20
KEPT: Final = 8
MAX_WAITING: Final = 16 << 20
TAIL_BYTES: Final = 1 << 20
"""How far back the end of the last whole line is looked for; no document is longer."""

log = logging.getLogger("spanwatch")


class _File:
    """One file, open for adding."""

    def __init__(self, path: Path, most: int) -> None:
        self.path = path
        self.most = most
        self.waiting: list[bytes] = []
        self.octets = 0
        self.lost = 0
        self.failing = False
        self.descriptor = -1
        self.size = 0
        self._open()

    def _open(self) -> None:
        self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self.size = _whole_lines(self.descriptor)
        os.ftruncate(self.descriptor, self.size)

    def add(self, line: bytes) -> None:
        """Hold a line until ``flush``."""
        self.waiting.append(line)
        self.octets += len(line)
        while self.octets > MAX_WAITING and len(self.waiting) > 1:
            self.octets -= len(self.waiting.pop(0))
            self.lost += 1

    def flush(self) -> None:
        """Write what is held; what cannot be written is held on, and the file is left with whole lines."""
        if not self.waiting:
            return
        body = b"".join(self.waiting)
        try:
            if self.size and self.size + len(body) > self.most:
                self._turn_over()
            _write(self.descriptor, body, self.size)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self.descriptor, self.size)
            if not self.failing:
                text = "%s: cannot be written (%s); lines wait in memory. Free space, or choose another folder"
                log.error(text, self.path, error.strerror)  # noqa: TRY400  # a sentence, no trace
            self.failing = True
            return
        self.failing = False
        self.size += len(body)
        self.waiting, self.octets = [], 0

    def _turn_over(self) -> None:
        for number in range(KEPT - 1, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            if older.exists():
                older.replace(self.path.with_name(f"{self.path.name}.{number + 1}"))
        self.path.replace(self.path.with_name(f"{self.path.name}.1"))
        os.close(self.descriptor)
        self._open()

    def close(self) -> None:
        """Make everything durable and close."""
        self.flush()
        with contextlib.suppress(OSError):
            os.fsync(self.descriptor)
        os.close(self.descriptor)


class LiveNdjson:
    """Adds the documents of one run to the files in ``directory``. A ``sensor.output.Output`` once it has begun.

    Raises ``OutputError`` when the folder or a file cannot be written at the start. ``lost`` counts lines given up.
    """

    def __init__(self, directory: Path | str, most: int = MAX_BYTES) -> None:
        self.directory = Path(directory)
        self._encoder = msgspec.json.Encoder()
        self._documents: Documents | None = None
        self._files: dict[str, _File] = {}
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            for word, name in FILES.items():
                self._files[word] = _File(self.directory / name, most)
        except OSError as error:
            reason = error.strerror or str(error)
            fix = "Free space or choose another folder with --output"
            raise OutputError(f"{error.filename or self.directory}: cannot be written ({reason}). {fix}") from error

    @property
    def lost(self) -> int:
        """Lines that could not be written and found no room to wait."""
        return sum(file.lost for file in self._files.values())

    def begin(self, origin: Origin) -> None:
        """Name the run; called once, before anything is told."""
        self._documents = Documents(origin, self._write)

    def _made(self) -> Documents:
        if self._documents is None:
            raise ValueError("begin was not called")
        return self._documents

    def _write(self, word: str, document: Document) -> None:
        self._files[word].add(self._encoder.encode(document) + b"\n")

    def flush(self) -> None:
        """Write what was told so far."""
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
        """Write what was told and close the files."""
        files, self._files = self._files, {}
        for file in files.values():
            file.close()


def _whole_lines(descriptor: int) -> int:
    """Return how long the file is up to the end of its last whole line."""
    size = os.fstat(descriptor).st_size
    start = max(0, size - TAIL_BYTES)
    tail = os.pread(descriptor, size - start, start)
    return start + tail.rfind(b"\n") + 1


def _write(descriptor: int, body: bytes, at: int) -> None:
    rest = memoryview(body)
    while rest:
        count = os.pwrite(descriptor, rest, at)
        rest = rest[count:]
        at += count
