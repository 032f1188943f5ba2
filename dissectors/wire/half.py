"""One direction of a flow: its end, its counters, and where its stream stands. Compiled with mypyc.

Bounds: a direction holds at most MAX_HELD_BYTES in MAX_HELD_SEGMENTS out of order and MAX_PENDING_BYTES of an unfinished
message.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.connection import Side

MAX_HELD_BYTES: Final = 65_536
MAX_HELD_SEGMENTS: Final = 64
MAX_PENDING_BYTES: Final = 65_536
MAX_COMPARED_BYTES: Final = 2_048
"""How much of a direction's last segment is kept to compare a repeat with, once its block of the capture is gone."""
SPACE: Final = 0xFFFFFFFF
"""The space of sequence numbers."""


@final
class Held:
    """A segment that came before its turn."""

    def __init__(self, sequence: i64, data: bytes, frame: i64) -> None:
        self.sequence: i64 = sequence
        self.data: bytes = data
        self.frame: i64 = frame


NO_SEGMENTS: Final[list[Held]] = []
"""What a direction holds that holds nothing: most never hold anything, and a flood makes many. Never added to."""


@final
class Half:
    """One direction, sent by ``end``. ``next`` is the sequence number that is due."""

    def __init__(self, end: Side) -> None:
        # What every packet touches stands together.
        self.side: i64 = end.number
        self.sent: bool = False
        self.started: bool = False
        self.mac: i64 = -1
        self.packets: i64 = 0
        self.bytes: i64 = 0
        self.next: i64 = 0
        self.missed: i64 = 0
        self.held: list[Held] = NO_SEGMENTS
        self.pending: bytes = b""
        self.last_sequence: i64 = -1
        self.last_block: bytes = b""
        self.last_start: i64 = 0
        self.last_end: i64 = 0
        self.block: i64 = -1
        self.copied: i64 = 0
        self.end: Side = end
        self.held_bytes: i64 = 0
        self.hole_since: i64 = 0
        self.finished: bool = False
        self.late: i64 = -1
        self.first: i64 = -1

    def ahead(self, sequence: i64) -> i64:
        """Return how far ``sequence`` is ahead of what is due, negative when behind."""
        distance: i64 = (sequence - self.next) & SPACE
        return distance - 0x100000000 if distance >= 0x80000000 else distance

    def forget_last(self) -> None:
        """Forget the last segment: a repeat of it is counted and not compared."""
        self.last_block = b""
        self.last_start = 0
        self.last_end = 0
        self.last_sequence = -1
        self.copied = 0

    def release(self) -> None:
        """Copy the last segment out of its block of the capture."""
        if self.last_end - self.last_start > MAX_COMPARED_BYTES:
            self.last_end = self.last_start + MAX_COMPARED_BYTES
        self.last_block = self.last_block[self.last_start : self.last_end]
        self.copied = self.last_end - self.last_start
        self.last_end -= self.last_start
        self.last_start = 0
