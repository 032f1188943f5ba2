"""The segments of one direction that may come again with other bytes: a ring of places in the capture. Compiled with mypyc.

What the receiver has answered with data is settled; the last of it is remembered. A segment that nobody acknowledged may still be
taken in another version, so the ring grows while such segments are under way, up to MAX_KEPT. One that was acknowledged and not
answered may be in doubt as well, since an acknowledgement is easily forged: of these KEPT_UNANSWERED are kept, and so where the
capture holds no acknowledgements; within a message that is not whole, MAX_KEPT, small ones joined. Over all flows the rings grow
by MAX_GROWN places. Segments stay where they are in their block of the capture; ``release`` copies them when the block goes.
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i16_be
from mypy_extensions import i64

KEPT: Final = 1
KEPT_UNANSWERED: Final = 8
MAX_KEPT: Final = 64
MAX_GROWN: Final = 16_384
"""Places beyond KEPT, over all directions of all flows."""
MAX_COPIED: Final = 6_291_456
"""Bytes of segments and datagrams copied out of their blocks, over all directions, and as many of other versions of them; what
comes on top of that is not compared."""
MAX_COMPARED_BYTES: Final = 2_048
"""How much of a segment's payload is kept once its block of the capture is gone."""
SPACE: Final = 0xFFFFFFFF
"""The space of sequence numbers."""
HALF_SPACE: Final = 0x80000000
NO_IDENTIFICATION: Final = -1
"""Not IPv4, or put together from fragments."""


@final
class Seen:
    """One segment: its payload is ``block[start:end]``, its TCP header begins at ``header``, -1 when that is not known whole.

    ``ip`` is where its IP header begins, or what ``without_block`` made of it; ``time`` is when it came.
    """

    def __init__(self) -> None:
        self.sequence: i64 = -1
        self.stop: i64 = 0
        self.header: i64 = -1
        self.start: i64 = 0
        self.end: i64 = 0
        self.number: i64 = -1
        self.frame: i64 = 0
        self.block: bytes = b""
        self.ip: i64 = NO_IDENTIFICATION
        self.time: i64 = -1
        self.after: Seen = self

    def distance(self, sequence: i64) -> i64:
        """Return how far ``sequence`` lies behind the begin of this segment, negative when it lies before."""
        return signed(sequence - self.sequence)

    def forget(self) -> None:
        """Let go of the segment: it was none."""
        self.sequence = -1
        self.block = b""
        self.ip = NO_IDENTIFICATION
        self.number = -1

    def copy(self, sequence: i64, block: bytes, header: i64, start: i64, end: i64, frame: i64) -> None:
        """Take a segment with its header, out of its block of the capture."""
        first: i64 = start if header < 0 else header
        self.sequence = sequence
        self.stop = (sequence + end - start) & SPACE
        self.header = header if header < 0 else 0
        self.block = block[first:end]
        self.start = start - first
        self.end = end - first
        self.number = -1
        self.frame = frame
        self.ip = NO_IDENTIFICATION
        self.time = -1

    def join(self, first: Seen) -> i64:
        """Take the bytes of the segment in front of this one as well; return how many more are copied."""
        before: i64 = (i64(len(self.block)) if self.number < 0 else 0) + (
            i64(len(first.block)) if first.number < 0 else 0
        )
        self.block = first.block[first.start : first.end] + self.block[self.start : self.end]
        self.sequence = first.sequence
        self.frame = first.frame
        self.header = -1
        self.start = 0
        self.end = i64(len(self.block))
        self.number = -1
        self.ip = NO_IDENTIFICATION
        first.forget()
        return self.end - before

    def release(self) -> None:
        """Copy the segment out of its block of the capture, with its header when it is short enough to be kept whole."""
        if self.end - self.start > MAX_COMPARED_BYTES:
            self.end = self.start + MAX_COMPARED_BYTES
            self.stop = (self.sequence + MAX_COMPARED_BYTES) & SPACE
            self.header = -1
        self.ip = without_block(self.block, self.ip)
        first: i64 = self.start if self.header < 0 else self.header
        self.block = self.block[first : self.end]
        self.start -= first
        self.end -= first
        if self.header >= 0:
            self.header = 0
        self.number = -1


@final
class Room:
    """The places that rings have grown by, over all flows, and the bytes that directions have copied."""

    def __init__(self) -> None:
        self.grown: i64 = 0
        self.copied: i64 = 0


NOTHING: Final = Seen()
"""Where a ring ends that is taken apart."""


def grown(seen: Seen) -> Seen:
    """Return a new place put behind ``seen``."""
    new = Seen()
    new.after = seen.after
    seen.after = new
    return new


def ring_of(last: Seen) -> list[Seen]:
    """Return the segments remembered, the oldest first."""
    found: list[Seen] = []
    seen = last.after
    while True:
        if seen.sequence >= 0:
            found.append(seen)
        if seen is last:
            return found
        seen = seen.after


def signed(distance: i64) -> i64:
    """Return the distance of two sequence numbers as the shorter way around, negative when backwards."""
    distance &= SPACE
    return distance - (SPACE + 1) if distance >= HALF_SPACE else distance


def identification(block: bytes, header: i64) -> i64:
    """Return the identification of the IPv4 packet with its header at ``header``, NO_IDENTIFICATION where there is none."""
    if header < NO_IDENTIFICATION:
        return NO_IDENTIFICATION - 1 - header
    if header < 0 or header + 6 > i64(len(block)) or block[header] >> 4 != 4:
        return NO_IDENTIFICATION
    return i64(read_i16_be(block, header + 4)) & 0xFFFF


def without_block(block: bytes, header: i64) -> i64:
    """Return what stands for the header of a packet when its block goes: its identification, as a number below that of none."""
    number: i64 = identification(block, header)
    return NO_IDENTIFICATION if number < 0 else NO_IDENTIFICATION - 1 - number
