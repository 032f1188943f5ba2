"""Reads captures into a packet sink: files, folders and standard input, one after the other, frames counted on.

Whatever is wrong with a file, what comes before it is read, the problem is reported, and the next file is read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from dissectors.wire.sink import PacketSink
from sensor.capture.compression import CompressionError
from sensor.capture.file_type import MAGIC_BYTES, refusal, walker_for
from sensor.capture.folder import find
from sensor.capture.record import CaptureFile, CaptureProblem, Reading
from sensor.capture.source import STANDARD_INPUT, Source, bytes_of, shown
from sensor.capture.walker import Walker

Progress = Callable[[int, "int | None"], None]
"""Called with the bytes read so far and the bytes there are (None: not known), both as they are on disk."""


def read(
    paths: Sequence[Path | str],
    sink: PacketSink,
    *,
    progress: Progress | None = None,
    after_block: Callable[[], None] | None = None,
) -> Reading:
    """Read captures into ``sink`` and report on each.

    A path is a pcap or pcapng file, plain or compressed with gzip or zstd, a folder of them, or "-". After each block
    ``sink.end_of_block()`` is called, then ``after_block``, then ``progress``, and this once more after each file. Raises
    only what these raise.
    """
    found = find(paths)
    sizes = [_size(file) for file in found.files]
    known = [size for size in sizes if size is not None]
    reader = _Reader(sink, progress, after_block, sum(known) if len(known) == len(sizes) else None)
    reader.problems.extend(found.problems)
    reader.notes.extend(found.notes)
    for file, size in zip(found.files, sizes, strict=True):
        reader.read_file(file, size or 0)
    return Reading(tuple(reader.files), tuple(reader.problems), tuple(reader.notes))


def _size(file: str) -> int | None:
    try:
        return bytes_of(file)
    except OSError:  # reported when the file is opened
        return 0


class _Reader:
    """What goes on from file to file: the frame count, the bytes done, and what is to be reported."""

    def __init__(
        self, sink: PacketSink, progress: Progress | None, after_block: Callable[[], None] | None, total: int | None
    ) -> None:
        self.sink = sink
        self.progress = progress
        self.after_block = after_block
        self.total = total
        self.done = 0
        self.frames = 0
        self.files: list[CaptureFile] = []
        self.problems: list[CaptureProblem] = []
        self.notes: list[str] = []

    def read_file(self, file: str, size: int) -> None:
        """Read one file of ``size`` bytes (0: not known) and report on it."""
        try:
            source = Source(file)
        except OSError as error:
            self.problems.append(CaptureProblem(shown(file), 0, error.strerror or str(error), self.frames))
            return
        with source:
            contents = _Contents(shown(Path(file).name if file != STANDARD_INPUT else file))
            fault = self._walk(source, contents)
        self.done += max(source.byte_count, size)
        if self.progress is not None:
            self.progress(self.done, self.total)
        walker = contents.walker
        if walker is None:
            what = fault or refusal(contents.waiting)
            self.problems.append(CaptureProblem(shown(file), 0, what, self.frames, source.compression))
            return
        self._report(file, source.compression, contents, walker, fault)
        self.frames += walker.packets

    def _walk(self, source: Source, contents: _Contents) -> str:
        """Walk the whole file; give the fault of disk or compression that ended it, or ""."""
        try:
            for block in source.blocks():
                go_on = contents.take(block, self.sink)
                self.sink.end_of_block()
                if self.after_block is not None:
                    self.after_block()
                if self.progress is not None:
                    self.progress(self.done + source.byte_count, self.total)
                if not go_on:
                    break
        except CompressionError as error:
            return str(error)
        except OSError as error:
            return f"reading failed: {error.strerror or error}"
        return ""

    def _report(self, file: str, compression: str, contents: _Contents, walker: Walker, fault: str) -> None:
        packets = walker.packets
        earliest, latest = (walker.earliest, walker.latest) if packets else (0, 0)
        self.files.append(CaptureFile(walker.name, self.frames + 1, packets, earliest, latest, walker.byte_count, file))

        def problem(offset: int, what: str, before: int) -> None:
            self.problems.append(CaptureProblem(shown(file), offset, what, self.frames + before, compression))

        if walker.problem:
            more = f"; {walker.damaged - 1} more such faults follow" if walker.damaged > 1 else ""
            problem(walker.problem_offset, walker.problem + more, walker.problem_packets)
        left = contents.byte_count
        if not walker.stopped and fault:
            problem(walker.position + left, fault, packets)
        elif not walker.stopped and left:
            problem(walker.position, f"the file ends after {left} bytes of {walker.unfinished()}", packets)
        elif not packets and not walker.problem:
            self.notes.append(f"{shown(file)}: a capture without packets")


class _Contents:
    """The unpacked contents of one file on their way into its walker, which is chosen by the first bytes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.walker: Walker | None = None
        self.pieces: list[bytes] = []
        self.byte_count = 0

    @property
    def waiting(self) -> bytes:
        """The bytes that are not walked yet."""
        return b"".join(self.pieces)

    def take(self, piece: bytes, sink: PacketSink) -> bool:
        """Take the next piece; False when nothing behind it will be read."""
        self.pieces.append(piece)
        self.byte_count += len(piece)
        if self.byte_count < (MAGIC_BYTES if self.walker is None else self.walker.need):
            return True
        block = self.waiting if len(self.pieces) > 1 else piece
        if self.walker is None:
            self.walker = walker_for(self.name, block)
            if self.walker is None:
                return False
            sink.source(self.name, "")
        rest = block[self.walker.walk(block, sink) :]
        self.pieces = [rest] if rest else []
        self.byte_count = len(rest)
        return not self.walker.stopped
