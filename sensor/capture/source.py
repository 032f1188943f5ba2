"""Opens a capture file or standard input and gives its contents in blocks, unpacked if it is compressed.

What a file is, is decided by its first bytes and never by its name. Memory stays flat whatever the size.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

from sensor.capture.compression import GZIP_MAGIC, ZSTD_MAGIC, unpack_gzip, unpack_zstd

BLOCK: Final = 65_536
"""Bytes per read. Three times as fast as 1 MiB (30 against 9 million packets a second, one run): blocks of this size
stay in the processor's cache and the allocator does not give them back to the system each time."""

MAX_AGAIN: Final = 4_096
"""The largest end of a block that is read again. A block that is not full is the last one: its end is never."""

STANDARD_INPUT: Final = "-"
INHERITED: Final = ("/dev/fd/", "/proc/self/fd/", "/dev/stdin")
"""Where files that the shell opened have names."""
NOT_OPENED: Final = {
    errno.ENOENT: "; check the name",
    errno.ENOTDIR: "; check the name",
    errno.EACCES: "; let the user who runs Spanwatch read it",
    errno.ENXIO: "; name a capture file",
}
"""What to do about a capture that cannot be opened."""


class Source:
    """One opened input. ``byte_count`` counts the bytes read from it as it is on disk."""

    def __init__(self, path: str) -> None:
        """Open ``path``; raises OSError when that fails, standard input is a terminal or the file a FIFO."""
        if path == STANDARD_INPUT:
            if sys.__stdin__ is not None and sys.__stdin__.isatty():
                raise OSError("standard input is a terminal; pipe a capture into it: tcpdump -w - | ...")
            self._file = io.FileIO(0, "rb", closefd=False)
        else:
            self._file = io.FileIO(_open(path), "rb")
        self.byte_count = 0
        self.compression = ""
        self._may_go_back = False

    def __enter__(self) -> Self:
        """Use as a context that closes the file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()

    def blocks(self) -> Iterator[bytes]:
        """Give the contents in order; raises OSError and CompressionError after what was readable."""
        first = b""
        while len(first) < len(ZSTD_MAGIC) and (data := self._read()):
            first += data
        if first.startswith(GZIP_MAGIC):
            self.compression = "gzip"
            return unpack_gzip(self._pieces(first))
        if first.startswith(ZSTD_MAGIC):
            self.compression = "zstd"
            return unpack_zstd(self._pieces(first))
        self._may_go_back = self._file.seekable()
        return self._pieces(first)

    def give_back(self, size: int, block: int) -> bool:
        """Let the last ``size`` bytes of a block of ``block`` bytes come again with what follows them; False when they cannot.

        Reading a few bytes twice is cheaper than copying a whole block to put them in front of it.
        """
        if not self._may_go_back or block != BLOCK or not 0 < size <= MAX_AGAIN:
            return False
        self._file.seek(-size, io.SEEK_CUR)
        self.byte_count -= size
        return True

    def _pieces(self, first: bytes) -> Iterator[bytes]:
        """Give what was read already, then the rest as it comes."""
        if first:
            yield first
        while data := self._read():
            yield data

    def _read(self) -> bytes:
        data = self._file.read(BLOCK) or b""
        self.byte_count += len(data)
        return data


def _open(path: str) -> int:
    """Open a file without waiting: a FIFO that nobody writes to would block for ever, so none is opened by its name.

    The pipe of a shell's ``<(command)`` has its writer already and is read as standard input is.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK)
    if stat.S_ISFIFO(os.fstat(descriptor).st_mode) and not path.startswith(INHERITED):
        os.close(descriptor)
        raise OSError(f"is a FIFO: give - and feed it to standard input: spanwatch replay - < {shown(path)}")
    os.set_blocking(descriptor, True)
    return descriptor


def why_not_opened(error: OSError) -> str:
    """Why a capture could not be opened, and what to do."""
    fix = NOT_OPENED.get(error.errno or 0, "")
    return f"{error.strerror or error}{fix}"


def shown(path: str) -> str:
    """The path as text that can be written everywhere: bytes of a file name that are no UTF-8 are replaced."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def bytes_of(path: str) -> int | None:
    """The size of a regular file in bytes, None for everything whose size is not known before it ends."""
    return Path(path).stat().st_size if path != STANDARD_INPUT and Path(path).is_file() else None
