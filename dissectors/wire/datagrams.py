"""The last datagrams of one direction, to know their copies. Compiled with mypyc.

The last one is kept, and MAX_BURST before it while they follow fast. They stay where they are in their block of the capture;
``release`` copies them when the block goes.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.wire.clock import COPY_NANOSECONDS
from dissectors.wire.seen import MAX_COMPARED_BYTES, NO_IDENTIFICATION, without_block

MAX_BURST: Final = 3
"""Datagrams kept before the last one of a direction, to know their copies."""


@final
class Datagram:
    """A datagram that was seen: where it lies in its block of the capture, and when it came."""

    def __init__(self) -> None:
        self.block: bytes = b""
        self.start: i64 = 0
        self.end: i64 = 0
        self.header: i64 = NO_IDENTIFICATION
        self.time: i64 = -1

    def release(self) -> i64:
        """Copy the datagram out of its block of the capture; return how many bytes that are."""
        if self.end - self.start > MAX_COMPARED_BYTES:
            self.end = self.start + MAX_COMPARED_BYTES
        self.header = without_block(self.block, self.header)
        self.block = self.block[self.start : self.end]
        self.end -= self.start
        self.start = 0
        return self.end


NO_BURST: Final[list[Datagram]] = []
"""The burst of a direction that has none. Never added to."""


@final
class Datagrams:
    """The datagrams remembered: the ``last`` one, and the ``burst`` before it."""

    def __init__(self) -> None:
        self.last: Datagram = Datagram()
        self.burst: list[Datagram] = NO_BURST
        self.place: i64 = 0

    def next(self, soon: bool) -> Datagram:
        """Return the place for a new datagram. The one before stays when the new one comes ``soon`` after it."""
        if not soon:
            self.burst = NO_BURST
            return self.last
        if not self.burst:
            self.burst = [Datagram() for _ in range(MAX_BURST)]
        place: i64 = self.place
        oldest = self.burst[place]
        self.burst[place] = self.last
        self.last = oldest
        self.place = (place + 1) % MAX_BURST
        return oldest

    def forget_burst(self, now: i64) -> None:
        """Forget the datagrams before the last one when their copies cannot come any more."""
        if self.burst and now - self.last.time > COPY_NANOSECONDS:
            self.burst = NO_BURST

    def release(self) -> i64:
        """Copy the datagrams out of their blocks of the capture; return the bytes of the copies."""
        copied: i64 = self.last.release()
        for old in self.burst:
            copied += old.release()
        return copied
