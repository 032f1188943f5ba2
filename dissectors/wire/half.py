"""One direction of a flow: its end, its counters, and where its stream stands. Compiled with mypyc.

Bounds: a direction holds at most MAX_HELD_BYTES in MAX_HELD_SEGMENTS out of order and MAX_PENDING_BYTES of an unfinished
message.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.connection import Side
from dissectors.wire.clock import COPY_NANOSECONDS
from dissectors.wire.seen import (
    KEPT,
    KEPT_UNANSWERED,
    MAX_COMPARED_BYTES,
    MAX_COPIED,
    MAX_GROWN,
    MAX_KEPT,
    NO_IDENTIFICATION,
    NOTHING,
    SPACE,
    Room,
    Seen,
    grown,
    ring,
    signed,
    without_block,
)

MAX_HELD_BYTES: Final = 65_536
MAX_HELD_SEGMENTS: Final = 64
MAX_PENDING_BYTES: Final = 65_536
MAX_BURST: Final = 3
"""Datagrams kept before the last one of a direction, to know their copies."""


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
    """One direction, sent by ``end``. ``next`` is the sequence number that is due, ``acked`` what the receiver had last,
    ``unread`` where an unfinished message of another reading of its bytes begins, -1 when there is none.
    """

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
        self.held: list[Held] = NO_SEGMENTS
        self.pending: bytes = b""
        self.last_block: bytes = b""
        self.last_start: i64 = 0
        self.last_end: i64 = 0
        self.last_header: i64 = -1
        self.last_time: i64 = -1
        self.seen: Seen | None = None
        self.acked: i64 = -1
        self.unread: i64 = -1
        self.block: i64 = -1
        self.copied: i64 = 0
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
        self.kept: i64 = 0

    def ahead(self, sequence: i64) -> i64:
        """Return how far ``sequence`` is ahead of what is due, negative when behind."""
        distance: i64 = (sequence - self.next) & SPACE
        return distance - 0x100000000 if distance >= 0x80000000 else distance

    def forget_burst(self, now: i64) -> None:
        """Forget the datagrams before the last one when their copies cannot come any more."""
        if self.burst is not None and now - self.last_time > COPY_NANOSECONDS:
            self.burst = None

    def place(self, room: Room) -> Seen:
        """Return the place in the memory of this direction for its newest segment."""
        last = self.seen
        if last is None:
            self.kept = KEPT
            last = ring(KEPT)
        place = last.after
        limit: i64 = MAX_KEPT if self.acked >= 0 else KEPT_UNANSWERED
        if place.sequence >= 0 and self.kept < limit and room.grown < MAX_GROWN:
            if self.acked < 0 or signed(place.stop - self.acked) > 0:
                place = grown(last)
                self.kept += 1
                room.grown += 1
        self.seen = place
        return place

    def further_place(self, room: Room) -> Seen:
        """Return a place for another version of a segment that is remembered: nothing makes way for it while there is room."""
        last = self.seen
        if last is None or self.kept >= MAX_KEPT or room.grown >= MAX_GROWN:
            return self.place(room)
        self.kept += 1
        room.grown += 1
        self.seen = grown(last)
        return self.seen

    def release(self, number: i64, room: Room) -> bool:
        """Copy the segments remembered out of block ``number`` of the capture, and the datagrams out of theirs.

        Without room for copies they are forgotten, and False is returned.
        """
        has_room = room.copied < MAX_COPIED
        copied: i64 = 0
        if self.last_time >= 0:
            if has_room:
                copied = self._release_datagrams()
            else:
                self._forget_datagrams()
        last = self.seen
        if last is not None and (self.copied != 0 or last.after.number <= number):
            seen = last
            while True:
                if seen.number == number:
                    if has_room:
                        seen.release()
                    else:
                        seen.forget()
                if seen.number < 0:
                    copied += i64(len(seen.block))
                seen = seen.after
                if seen is last:
                    break
        room.copied += copied - self.copied
        self.copied = copied
        return has_room

    def forget(self, room: Room) -> None:
        """Let go of the segments and datagrams remembered; the ring is cut, so that nothing keeps its blocks."""
        last = self.seen
        if last is not None:
            last.after = NOTHING
            self.seen = None
            room.grown -= self.kept - KEPT
        self.unread = -1
        self._forget_datagrams()
        room.copied -= self.copied
        self.copied = 0

    def _forget_datagrams(self) -> None:
        self.last_block = b""
        self.last_start = 0
        self.last_end = 0
        self.last_header = NO_IDENTIFICATION
        self.last_time = -1
        self.burst = None

    def _release_datagrams(self) -> i64:
        """Copy the last datagram, and those before it, out of their blocks of the capture; return the bytes of the copies."""
        if self.last_end - self.last_start > MAX_COMPARED_BYTES:
            self.last_end = self.last_start + MAX_COMPARED_BYTES
        self.last_header = without_block(self.last_block, self.last_header)
        self.last_block = self.last_block[self.last_start : self.last_end]
        self.last_end -= self.last_start
        self.last_start = 0
        copied: i64 = self.last_end
        burst = self.burst
        if burst is not None:
            for kept in burst.datagrams:
                kept.header = without_block(kept.block, kept.header)
                kept.block = kept.block[kept.start : kept.end]
                kept.end -= kept.start
                kept.start = 0
                copied += kept.end
        return copied
