"""What a worker process reports to the pipeline: facts, how far its time has come, and what its interfaces counted.

Reports go through a pipe as length-prefixed MessagePack. A report is the only thing that crosses; a full pipe makes the
worker wait, the kernel's ring fill and the kernel count what it drops, so nothing grows without a bound.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

import msgspec

from dissectors.facts import AnyFact

PREFIX: Final = 4
MAX_REPORT: Final = 64 << 20
"""Bytes of one report; a worker sends long before."""
READ_BYTES: Final = 1 << 20

STATES: Final = ("up", "down", "gone")
"""An interface delivers packets, is switched off, or has vanished."""


class InterfaceCount(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Totals of one interface in one worker since that worker process began.

    ``seen`` packets were given to the worker, ``dropped`` were not (the kernel's count): together all that arrived.
    """

    name: str
    seen: int
    byte_count: int
    dropped: int
    state: str = "up"
    note: str = ""


class Report(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One message. No later fact of this worker is earlier than ``watermark`` (ns of packet time, 0 = not known)."""

    worker: int
    watermark: int
    facts: tuple[AnyFact, ...] = ()
    interfaces: tuple[InterfaceCount, ...] = ()
    finished: bool = False


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Report)


def write_report(descriptor: int, report: Report) -> None:
    """Write one report completely; waits while the pipe is full. Raises ``OSError`` when nobody reads."""
    body = _encoder.encode(report)
    waiting = memoryview(len(body).to_bytes(PREFIX, "little") + body)
    while waiting:
        waiting = waiting[os.write(descriptor, waiting) :]


class ReportReader:
    """Reads reports from a pipe as they come; give it a non-blocking descriptor."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.closed = False
        self._held = bytearray()

    def read(self) -> Iterator[Report]:
        """Yield the reports that are complete by now. Raises ``ValueError`` for anything that is none."""
        while not self.closed:
            try:
                block = os.read(self.descriptor, READ_BYTES)
            except BlockingIOError:
                break
            self._held += block
            self.closed = not block
            yield from self._complete()
            if len(block) < READ_BYTES:
                break

    def _complete(self) -> Iterator[Report]:
        while len(self._held) >= PREFIX:
            length = int.from_bytes(self._held[:PREFIX], "little")
            if length > MAX_REPORT:
                raise ValueError(f"a report of {length} bytes")
            if len(self._held) < PREFIX + length:
                return
            body = bytes(self._held[PREFIX : PREFIX + length])
            del self._held[: PREFIX + length]
            yield _decoder.decode(body)
