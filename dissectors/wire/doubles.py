"""Frames that come twice: a mirror of both directions, or two mirrors of one link, shows each frame two times.

A frame counts as doubled when it is the one before it again, byte for byte, within DOUBLE_NANOSECONDS. Limits: copies
that differ (in a VLAN tag, or a TTL on the far side of a router) or that have other frames between them are not found; nothing
is left out, doubled frames are read like all others. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

DOUBLE_NANOSECONDS: Final = 5_000_000
"""Between the two copies; what a station repeats on purpose comes later than that."""


@final
class Doubles:
    """Remembers the frame before. ``count`` says how many came twice."""

    def __init__(self) -> None:
        self.count: i64 = 0
        self.block: bytes = b""
        self.start: i64 = 0
        self.length: i64 = 0
        self.time: i64 = 0

    def look(self, block: bytes, start: i64, length: i64, time: i64) -> None:
        """Take a frame; a pair counts once, so that a third copy begins another pair."""
        if length == self.length and time - self.time <= DOUBLE_NANOSECONDS and self._is_same(block, start):
            self.count += 1
            self.length = 0
            return
        self.block = block
        self.start = start
        self.length = length
        self.time = time

    def _is_same(self, block: bytes, start: i64) -> bool:
        if self.length == 0:
            return False
        at: i64 = 0
        while at < self.length:
            if self.block[self.start + at] != block[start + at]:
                return False
            at += 1
        return True
