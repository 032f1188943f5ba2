"""One NDJSON file that lines are added to: whole ones only, never another's file, turned over when it is full.

Only a regular file is added to, no link: what is found there is never cut unless it is the rest of a line behind whole ones.
When it is turned over the new file is made first, so that a full disk changes nothing; an operator who moved or deleted the
current file gets a new one and keeps the older ones.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import stat
from pathlib import Path
from typing import Final

import msgspec

MAX_BYTES: Final = 128 << 20
KEPT: Final = 8
MAX_WAITING: Final = 16 << 20
MODE: Final = 0o640
"""Who may read a file: its owner and its group."""
TAIL_BYTES: Final = 1 << 20
"""How far back the end of the last whole line is looked for; no document is longer."""
BEGINNING: Final = b'{"@timestamp":"'
"""How every document begins."""
FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK

log = logging.getLogger("spanwatch")


class NdjsonFile:
    """One file, open for adding. Raises ``OSError`` when it cannot be opened at the start; later failures only wait."""

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        self.path = path
        self.max_bytes = max_bytes
        self.waiting: list[bytes] = []
        self.byte_count = 0
        self.lost = 0
        self.failing = False
        self.descriptor = -1
        self.size = 0
        self._open()

    def add(self, line: bytes) -> None:
        """Hold a line until ``flush``, or until MAX_WAITING bytes are held; those that then cannot be written are lost and counted."""
        self.waiting.append(line)
        self.byte_count += len(line)
        if self.byte_count > MAX_WAITING and not self.failing:
            self.flush()  # the end of a run may give more at once than is held
        while self.byte_count > MAX_WAITING and len(self.waiting) > 1:
            self.byte_count -= len(self.waiting.pop(0))
            self.lost += 1

    def flush(self) -> None:
        """Write what is held; what cannot be written is held on, and the file is left with whole lines."""
        if not self.waiting:
            return
        body = b"".join(self.waiting)
        try:
            self._see_to()
            if self.size and self.size + len(body) > self.max_bytes:
                self._turn_over()
            self._put(body)
        except OSError as error:
            if not self.failing:
                text = "%s: cannot be written (%s); lines wait in memory. Free space, or choose another folder"
                log.error(text, self.path, error.strerror)  # noqa: TRY400  # a sentence, no trace
            self.failing = True
            return
        self.failing = False
        self.size += len(body)
        self.waiting, self.byte_count = [], 0

    def close(self) -> None:
        """Make everything durable and close; lines that still cannot be written are lost, said and counted."""
        self.flush()
        if self.waiting:
            log.error(
                "%s: could not be written to the end: %d lines that waited for it are lost",
                self.path,
                len(self.waiting),
            )
            self.lost += len(self.waiting)
            self.waiting, self.byte_count = [], 0
        if self.descriptor >= 0:
            with contextlib.suppress(OSError):
                os.fsync(self.descriptor)
        self._let_go()

    def _open(self) -> None:
        try:
            descriptor = os.open(self.path, FLAGS, MODE)
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            raise OSError(errno.ELOOP, "it is a link, and links are not followed", str(self.path)) from error
        try:
            _must_be_plain(descriptor, self.path)
            self.size = _ended_line(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        self.descriptor = descriptor

    def _let_go(self) -> None:
        """Close the file; its number may belong to another file from now on."""
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _see_to(self) -> None:
        """Open the file again when it is closed, or when somebody moved or deleted it."""
        if self.descriptor >= 0 and not self._is_in_place():
            self._let_go()
        if self.descriptor < 0:
            self._open()
        self.size = min(self.size, os.fstat(self.descriptor).st_size)  # somebody may have emptied it

    def _is_in_place(self) -> bool:
        try:
            found = os.lstat(self.path)
        except FileNotFoundError:
            return False
        return os.path.samestat(found, os.fstat(self.descriptor))

    def _put(self, body: bytes) -> None:
        try:
            _write(self.descriptor, body, self.size)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self.descriptor, self.size)
            raise

    def _turn_over(self) -> None:
        """Begin a new file; the older ones count up once there is one."""
        fresh = self.path.with_name(f".{self.path.name}.new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, FLAGS | os.O_EXCL, MODE)
        try:
            self._shift()
            fresh.replace(self.path)
        except BaseException:
            os.close(descriptor)
            with contextlib.suppress(OSError):
                fresh.unlink()
            raise
        self._let_go()
        self.descriptor, self.size = descriptor, 0

    def _shift(self) -> None:
        """Make ``NAME.1`` free and put the current file there. What a shift that failed left free ends the next one."""
        free = 1
        while free <= KEPT and self._older(free).exists():
            free += 1
        for number in range(min(free, KEPT), 1, -1):
            self._older(number - 1).replace(self._older(number))
        self.path.replace(self._older(1))

    def _older(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")


def _must_be_plain(descriptor: int, path: Path) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, "it is no regular file", str(path))


def _ended_line(descriptor: int) -> int:
    """Cut what a killed process left of one of our documents behind a whole line, and return the size.

    Whatever else the file ends with stays: a newline ends it.
    """
    size = os.fstat(descriptor).st_size
    start = max(0, size - TAIL_BYTES)
    tail = os.pread(descriptor, size - start, start)
    if not tail or tail.endswith(b"\n"):
        return size
    last = tail.rfind(b"\n") + 1
    if last and _is_rest(tail[last:]):
        os.ftruncate(descriptor, start + last)
        return start + last
    _write(descriptor, b"\n", size)
    return size + 1


def _is_rest(line: bytes) -> bool:
    """Whether this is a document of ours without its end: it begins as all do and is no whole one."""
    if not (line.startswith(BEGINNING) or BEGINNING.startswith(line)):
        return False
    try:
        msgspec.json.decode(line)
    except msgspec.DecodeError:
        return True
    return False


def _write(descriptor: int, body: bytes, at: int) -> None:
    rest = memoryview(body)
    while rest:
        count = os.pwrite(descriptor, rest, at)
        rest = rest[count:]
        at += count
