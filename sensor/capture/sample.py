"""Walks a file before it is read, to know what it holds: the whole of it, or as much as a sample takes."""

from __future__ import annotations

from dissectors.wire.sink import PacketSink
from sensor.capture.compression import CompressionError
from sensor.capture.file_type import MAGIC_BYTES, walker_for
from sensor.capture.source import Source
from sensor.capture.walker import Walker


class Sampler(PacketSink):
    """Takes some packets from ``begin`` on; ``left`` says how many more."""

    def __init__(self, begin: int, left: int) -> None:
        super().__init__()
        self.begin = begin
        self.left = left


def walk(file: str, sink: PacketSink) -> Walker | None:
    """Walk a file as far as it can be read, or until the sample is complete."""
    walker: Walker | None = None
    sampler = sink if isinstance(sink, Sampler) else None
    waiting = b""
    try:
        with Source(file) as source:
            for block in source.blocks():
                waiting += block
                if walker is None and len(waiting) >= MAGIC_BYTES:
                    walker = walker_for("", waiting)
                    if walker is None:
                        return None
                if walker is not None and len(waiting) >= walker.need:
                    waiting = waiting[walker.walk(waiting, sink) :]
                    if walker.stopped or (sampler is not None and sampler.left == 0):
                        break
    except (OSError, CompressionError):
        pass  # what is wrong with a file is reported when it is read
    return walker
