"""What reading captures reports: one record per file, one per thing that was wrong, and notes for the reader."""

from __future__ import annotations

from typing import Final

import msgspec

NEVER_OPENED: Final = -1
"""The offset of a problem with a file of which no byte was read."""


class CaptureFile(msgspec.Struct, frozen=True):
    """One file that was read.

    ``name`` is the file name without its folder. Its packets are frames ``first_frame`` to
    ``first_frame + packets - 1`` of the whole input. ``first_time`` and ``last_time`` are the earliest and the latest
    packet time in nanoseconds since 1970 UTC, both 0 without packets. ``byte_count`` are the captured bytes of its packets,
    ``path`` where the file is.
    """

    name: str
    first_frame: int
    packets: int
    first_time: int
    last_time: int
    byte_count: int
    path: str = ""


class CaptureProblem(msgspec.Struct, frozen=True):
    """Something that kept a part of a capture from being read; what came before it was read.

    ``file`` is the path as given. ``offset`` counts bytes from the start of the file, or of its decompressed contents
    when ``compression`` is "gzip" or "zstd"; it is
    ``NEVER_OPENED`` where no byte was read. ``frame`` is the number of the last frame read before it, over the
    whole input, and 0 when there was none. ``what`` says what is wrong, and what to do where something can be done.
    """

    file: str
    offset: int
    what: str
    frame: int
    compression: str = ""

    def __str__(self) -> str:
        """Say it in one line for the terminal and the log."""
        if self.offset == NEVER_OPENED:
            return f"{self.file}: {self.what}"
        place = f"byte {self.offset}" + (f" of the data inside {self.compression}" if self.compression else "")
        return f"{self.file}: {self.what} ({place}, after frame {self.frame})"


class Reading(msgspec.Struct, frozen=True):
    """The outcome of reading captures, in the order they were read. With problems, the exit code is 3."""

    files: tuple[CaptureFile, ...]
    problems: tuple[CaptureProblem, ...]
    notes: tuple[str, ...]
    """Sentences about what is no fault but worth knowing: files of a folder left out, captures without packets."""

    @property
    def packets(self) -> int:
        """The number of packets read."""
        return sum(file.packets for file in self.files)
