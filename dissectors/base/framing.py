"""How a stream is cut into messages, and the way back into it after bytes that are none. Compiled with mypyc."""

from __future__ import annotations

from typing import final

from mypy_extensions import i64, mypyc_attr

from dissectors.base.message import NEED_MORE


@mypyc_attr(allow_interpreted_subclasses=True)
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
    """Where the two directions of one connection stand."""

    def __init__(self) -> None:
        self.hunting: i64 = 0
        """The bit of a side is set while its next message is looked for."""
        self.after_gap: bool = False
        self.resyncs: i64 = 0
        self.skipped_bytes: i64 = 0

    def gap(self, side: i64) -> None:
        """Bytes of one direction were lost: look for its next message."""
        self.after_gap = True
        self.hunting |= side + 1

    def hunts(self, side: i64) -> bool:
        """Return whether the next message of a direction is still looked for."""
        return (self.hunting & (side + 1)) != 0

    def foreign(self, frames: Frames, side: i64, data: bytes, start: i64, end: i64) -> i64:
        """Report that no message begins at ``start`` and look for the next one; return where to go on."""
        if not self.after_gap:
            frames.violation_of_stream(side, data, start, end)
        self.resyncs += 1
        return self.hunt(frames, side, data, start + 1, end)

    def hunt(self, frames: Frames, side: i64, data: bytes, start: i64, end: i64) -> i64:
        """Look for the next message; return where it begins, or from where on the bytes are to be kept."""
        found: i64 = frames.resync(data, start, end)
        if found >= end:
            found = max(start, min(end, frames.undecided(data, start, end)))
            self.hunting |= side + 1
        else:
            self.hunting &= ~(side + 1)
        self.skipped_bytes += found - start
        return found
