"""Reads captures into a packet sink: files, folders and standard input, one after the other, frames counted on.

Files of the same time can be read together, by packet time; the two legs of a tap are, unless it is declined. To know them,
several files are walked once before they are read.

Whatever is wrong with a file, what comes before it is read, the problem is reported, and the next file is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from dissectors.base.singular import singular
from dissectors.wire.sink import PacketSink
from sensor.capture import overlap
from sensor.capture.compression import CompressionError
from sensor.capture.file_type import MAGIC_BYTES, refusal, walker_for
from sensor.capture.folder import NAMED, find
from sensor.capture.merge import Waiting
from sensor.capture.merge import merge as merged
from sensor.capture.overlap import MAX_TOGETHER, NO_EXTENT, Together, arrange
from sensor.capture.record import NEVER_OPENED, CaptureFile, CaptureProblem, Reading
from sensor.capture.source import STANDARD_INPUT, Source, bytes_of, shown, why_not_opened
from sensor.capture.walker import Walker

MAX_UNFINISHED_BYTES: Final = 2 << 20
"""Bytes of unfinished records of all files that are read together; the file that goes beyond it is not read further."""
PIECE: Final = 16 << 10
"""Bytes of a file whose packets wait while files are read together; of smaller records there are more packets in it."""

Progress = Callable[[int, "int | None"], None]
"""Called with the bytes read so far and the bytes there are (None: not known), both as they are on disk."""


def read(
    paths: Sequence[Path | str],
    sink: PacketSink,
    *,
    progress: Progress | None = None,
    after_block: Callable[[], None] | None = None,
    merge: bool | None = None,
) -> Reading:
    """Read captures into ``sink`` and report on each.

    A path is a pcap or pcapng file, plain or compressed with gzip or zstd, a folder of them, or "-". After each block
    ``sink.end_of_block()`` is called, then ``after_block``, then ``progress``, and this once more after each file. ``merge``
    reads files of the same time together: all with True, none with False, the legs of taps with None. Raises only what these
    raise.
    """
    found = find(paths)
    sizes = [_size(file) for file in found.files]
    known = [size for size in sizes if size is not None]
    reader = _Reader(sink, progress, after_block, sum(known) if len(known) == len(sizes) else None)
    reader.problems.extend(found.problems)
    reader.notes.extend(found.notes)
    extents = [overlap.extent(file) for file in found.files] if len(found.files) > 1 and merge is not False else []
    parts = arrange(found.files, extents, merge) if any(extents) else [Together((n,)) for n in range(len(found.files))]
    for part in parts:
        members = [(found.files[number], sizes[number] or 0) for number in part.files]
        if len(members) > 1:
            spans = [extents[number] or NO_EXTENT for number in part.files]
            reader.read_together(members, spans, part.shifts or (0,) * len(members))
            reader.notes.extend(part.remarks)
        else:
            reader.read_file(*members[0])
    reader.offer([found.files[number] for part in parts if part.same_time for number in part.files])
    reader.excuse([found.files[part.files[0]] for part in parts if part.too_many])
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
            self.problems.append(CaptureProblem(shown(file), NEVER_OPENED, why_not_opened(error), self.frames))
            return
        with source:
            contents = _Contents(shown(Path(file).name if file != STANDARD_INPUT else file))
            fault = self._walk(source, contents)
        self.done += max(source.byte_count, size)
        self._conclude(file, source.compression, contents, fault)

    def _conclude(self, file: str, compression: str, contents: _Contents, fault: str) -> None:
        """Report on a file that was read, and count its frames."""
        if self.progress is not None:
            self.progress(self.done, self.total)
        walker = contents.walker
        if walker is None:
            what = fault or refusal(contents.waiting)
            self.problems.append(CaptureProblem(shown(file), 0, what, self.frames, compression))
            return
        self._report(file, compression, contents, walker, fault)
        self.frames += walker.packets

    def read_together(self, files: list[tuple[str, int]], extents: list[overlap.Extent], shifts: Sequence[int]) -> None:
        """Read files, each with its size, its extent and what its clock lacks, by packet time and report on each."""
        members: list[_Member] = []
        waiting: list[Waiting] = []
        for (file, size), extent, shift in zip(files, extents, shifts, strict=True):
            member = _Member(file, size, members)
            members.append(member)
            waiting.append(Waiting(member.walk, self.frames, extent.first + shift, shift))
            self.frames += extent.packets

        def after_block() -> None:
            if self.after_block is not None:
                self.after_block()
            if self.progress is not None:
                self.progress(self.done + sum(member.bytes_read for member in members), self.total)

        self.notes.append("read together, by packet time: " + ", ".join(shown(file) for file, _ in files))
        first = self.frames - sum(extent.packets for extent in extents)
        merged(waiting, self.sink, after_block)
        for member, extent in zip(members, extents, strict=True):
            self.frames = first
            self.done += max(member.bytes_read, member.size)
            self._conclude(member.file, member.compression, member.contents, member.fault)
            first += extent.packets
            self.frames = first

    def offer(self, files: list[str]) -> None:
        """Say which files are of the same time and were not read together."""
        if files:
            named = ", ".join(shown(file) for file in files[:NAMED])
            more = f" and {len(files) - NAMED} more" if len(files) > NAMED else ""
            self.notes.append(
                f"of the same time, read one after the other: {named}{more}; if they show one network, add --merge"
            )

    def excuse(self, files: list[str]) -> None:
        """Say which files could not be read together because too many are of one time."""
        if files:
            named = ", ".join(shown(file) for file in files[:NAMED])
            more = f" and {len(files) - NAMED} more" if len(files) > NAMED else ""
            self.notes.append(
                f"more than {MAX_TOGETHER} files are of one time, read one after the other: {named}{more}; "
                "join them first (mergecap) or give fewer"
            )

    def _walk(self, source: Source, contents: _Contents) -> str:
        """Walk the whole file; give the fault of disk or compression that ended it, or ""."""
        try:
            for block in source.blocks():
                go_on = contents.take(block, self.sink)
                if go_on and source.give_back(contents.byte_count, len(block)):
                    contents.drop()
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
            self.problems.append(CaptureProblem(shown(file), offset, singular(what), self.frames + before, compression))

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


class _Member:
    """A file that is read together with others: a block is walked when its packets are due."""

    def __init__(self, file: str, size: int, others: list[_Member]) -> None:
        self.file = file
        self.size = size
        self.contents = _Contents(shown(Path(file).name))
        self.fault = ""
        self.compression = ""
        self.bytes_read = 0
        self._others = others
        self._blocks = self._read()

    def walk(self, sink: PacketSink) -> bool:
        """Walk the next block into ``sink``; False when there is none."""
        block = next(self._blocks, None)
        if block is None:
            return False
        go_on = self.contents.take(block, sink)
        if sum(member.contents.byte_count for member in self._others) > MAX_UNFINISHED_BYTES:
            self.fault = f"a record longer than can wait while {len(self._others)} files are read together; read it with --no-merge"
            return False
        return go_on

    def _read(self) -> Iterator[bytes]:
        try:
            with Source(self.file) as source:
                for block in source.blocks():
                    self.bytes_read = source.byte_count
                    self.compression = source.compression
                    for start in range(0, len(block), PIECE):
                        yield block[start : start + PIECE]
        except CompressionError as error:
            self.fault = str(error)
        except OSError as error:
            self.fault = f"reading failed: {error.strerror or error}"


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

    def drop(self) -> None:
        """Forget the bytes that are not walked yet: they come again."""
        self.pieces.clear()
        self.byte_count = 0

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
