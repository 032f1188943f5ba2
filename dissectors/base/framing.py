"""Bytes to messages: cutting a stream, and the way back into it after bytes that are no message. Compiled with mypyc."""

from __future__ import annotations

from typing import final

from mypy_extensions import i64

from dissectors.base.message import NEED_MORE


class Frames:
    """What a protocol knows of its messages: how long one is, and where one may begin."""

    def measure(self, side: i64, data: bytes, start: i64, end: i64) -> i64:
        """Return the length of the message at ``start``, NEED_MORE, or NOT_MINE. Reads only [start, end)."""
        return NEED_MORE

    def message(self, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Take the whole message ``data[start:end]``."""

    def resync(self, data: bytes, start: i64, end: i64) -> i64:
        """Return the offset in [start, end) of the next plausible message, or ``end``.

        Everything before the returned offset is given up. Work is bounded by the bytes given.
        """
        return end

    def undecided(self, data: bytes, start: i64, end: i64) -> i64:
        """Return where in [start, end) a message may begin whose end has not come; ``end`` when nowhere.

        Asked when ``resync`` found nothing; bytes from there on are kept and looked at again with those that follow.
        """
        return end

    def violation_of_stream(self, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Report that the bytes at ``start`` are not this protocol's."""


@final
class Framing:
    """Cuts the two directions of one connection."""

    def __init__(self) -> None:
        self.hunting: i64 = 0
        """The bit of a side is set while its next message is looked for."""
        self.after_gap: bool = False
        self.resyncs: i64 = 0
        self.skipped_bytes: i64 = 0

    def feed(self, frames: Frames, side: i64, data: bytes, start: i64, end: i64) -> i64:
        """Take every whole message of ``data[start:end]``; return the offset of the first byte not used."""
        at: i64 = start
        if self.hunting != 0 and self._hunts(side):
            at = self._hunt(frames, side, data, at, end)
            if self._hunts(side):
                return at
        while at < end:
            size: i64 = frames.measure(side, data, at, end)
            if size == NEED_MORE:
                break
            if size < 0:
                if not self.after_gap:
                    frames.violation_of_stream(side, data, at, end)
                self.resyncs += 1
                at = self._hunt(frames, side, data, at + 1, end)
                if self._hunts(side):
                    return at
                continue
            if at + size > end:
                break
            self.after_gap = False
            frames.message(side, data, at, at + size)
            at += size
        return at

    def gap(self, side: i64) -> None:
        """Bytes of one direction were lost: look for its next message."""
        self.after_gap = True
        self.hunting |= side + 1

    def _hunts(self, side: i64) -> bool:
        return (self.hunting & (side + 1)) != 0

    def _hunt(self, frames: Frames, side: i64, data: bytes, start: i64, end: i64) -> i64:
        found: i64 = frames.resync(data, start, end)
        if found >= end:
            found = max(start, min(end, frames.undecided(data, start, end)))
            self.hunting |= side + 1
        else:
            self.hunting &= ~(side + 1)
        self.skipped_bytes += found - start
        return found
