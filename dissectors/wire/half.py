"""One direction of a flow: its end, its counters, and where its stream stands. Compiled with mypyc.

Bounds: a direction holds at most MAX_HELD_BYTES in MAX_HELD_SEGMENTS out of order and MAX_PENDING_BYTES of an unfinished
message.
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i16_be
from mypy_extensions import i64

from dissectors.base.connection import Side
from dissectors.wire.clock import COPY_NANOSECONDS

MAX_HELD_BYTES: Final = 65_536
MAX_HELD_SEGMENTS: Final = 64
MAX_PENDING_BYTES: Final = 65_536
MAX_COMPARED_BYTES: Final = 2_048
"""How much of a direction's last segment is kept to compare a repeat with, once its block of the capture is gone."""
MAX_BURST: Final = 3
"""Datagrams kept before the last one of a direction, to know their copies."""
NOTHING: Final = -1
"""No identification: not IPv4, or put together from fragments."""
SPACE: Final = 0xFFFFFFFF
"""The space of sequence numbers."""


@final
class Held:
    """A segment that came before its turn."""

    def __init__(self, sequence: i64, data: bytes, frame: i64) -> None:
        self.sequence: i64 = sequence
        self.data: bytes = data
        self.frame: i64 = frame


@final
class Datagram:
    """A datagram that was seen: where it lies in its block of the capture, and when it came."""

    def __init__(self) -> None:
        self.block: bytes = b""
        self.start: i64 = 0
        self.end: i64 = 0
        self.header: i64 = -1
        self.time: i64 = -1


@final
class Burst:
    """The datagrams before the last one, of a direction that sends them fast."""

    def __init__(self) -> None:
        self.datagrams: list[Datagram] = [Datagram() for _ in range(MAX_BURST)]
        self.place: i64 = 0

    def keep(self, half: Half) -> None:
        """Take over the last datagram of a direction, in the place of the oldest."""
        kept = self.datagrams[self.place]
        kept.block = half.last_block
        kept.start = half.last_start
        kept.end = half.last_end
        kept.header = half.last_header
        kept.time = half.last_time
        self.place = (self.place + 1) % MAX_BURST


@final
class Half:
    """One direction, sent by ``end``. ``next`` is the sequence number that is due."""

    def __init__(self, end: Side) -> None:
        # What every packet touches stands together.
        self.side: i64 = end.number
        self.tag: i64 = -1
        """The tag of the place where this direction is seen, -1 before its first packet."""
        self.started: bool = False
        self.mac: i64 = -1
        self.packets: i64 = 0
        self.bytes: i64 = 0
        self.next: i64 = 0
        self.missed: i64 = 0
        self.held: list[Held] = []
        self.pending: bytes = b""
        self.last_sequence: i64 = -1
        self.last_block: bytes = b""
        self.last_start: i64 = 0
        self.last_end: i64 = 0
        self.last_header: i64 = -1
        self.last_time: i64 = -1
        self.block: i64 = -1
        self.end: Side = end
        self.held_bytes: i64 = 0
        self.hole_since: i64 = 0
        self.finished: bool = False
        self.late: i64 = -1
        self.first: i64 = -1
        self.mac_to: i64 = -1
        self.burst: Burst | None = None
        self.hops: i64 = -1
        """TTL or hop limit of the first packet."""

    def ahead(self, sequence: i64) -> i64:
        """Return how far ``sequence`` is ahead of what is due, negative when behind."""
        distance: i64 = (sequence - self.next) & SPACE
        return distance - 0x100000000 if distance >= 0x80000000 else distance

    def forget_burst(self, now: i64) -> None:
        """Forget the datagrams before the last one when their copies cannot come any more."""
        if self.burst is not None and now - self.last_time > COPY_NANOSECONDS:
            self.burst = None

    def release(self) -> None:
        """Copy the last segment, and the datagrams before it, out of their blocks of the capture."""
        if self.last_end - self.last_start > MAX_COMPARED_BYTES:
            self.last_end = self.last_start + MAX_COMPARED_BYTES
        self.last_header = without_block(self.last_block, self.last_header)
        self.last_block = self.last_block[self.last_start : self.last_end]
        self.last_end -= self.last_start
        self.last_start = 0
        burst = self.burst
        if burst is not None:
            for kept in burst.datagrams:
                kept.header = without_block(kept.block, kept.header)
                kept.block = kept.block[kept.start : kept.end]
                kept.end -= kept.start
                kept.start = 0


def identification(block: bytes, header: i64) -> i64:
    """Return the identification of the IPv4 packet with its header at ``header``, NOTHING where there is none."""
    if header < NOTHING:
        return NOTHING - 1 - header
    if header < 0 or block[header] >> 4 != 4:
        return NOTHING
    return i64(read_i16_be(block, header + 4)) & 0xFFFF


def without_block(block: bytes, header: i64) -> i64:
    """Return what stands for the header of a packet when its block goes: its identification, as a number below NOTHING."""
    number: i64 = identification(block, header)
    return NOTHING if number < 0 else NOTHING - 1 - number
