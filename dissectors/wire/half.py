"""One direction of a flow: its end, its counters, and where its stream stands. Compiled with mypyc.

Bounds: a direction holds at most MAX_HELD_BYTES in MAX_HELD_SEGMENTS out of order and MAX_PENDING_BYTES of an unfinished
message; a strand as much again, and MAX_STRANDS of them.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.connection import Side
from dissectors.wire.datagrams import Datagrams
from dissectors.wire.seen import (
    KEPT,
    KEPT_UNANSWERED,
    MAX_COMPARED_BYTES,
    MAX_COPIED,
    MAX_GROWN,
    MAX_KEPT,
    NOTHING,
    SPACE,
    Room,
    Seen,
    grown,
    ring_of,
    signed,
)

MAX_HELD_BYTES: Final = 65_536
MAX_HELD_SEGMENTS: Final = 64
MAX_PENDING_BYTES: Final = 65_536
MAX_STRANDS: Final = 8


@final
class Held:
    """A segment that came before its turn."""

    def __init__(self, sequence: i64, data: bytes, frame: i64) -> None:
        self.sequence: i64 = sequence
        self.data: bytes = data
        self.frame: i64 = frame
        self.was_read: bool = False
        """It was read with other numbers: it goes on what comes in front of it, or is not missed."""


NO_SEGMENTS: Final[list[Held]] = []
"""What a direction holds that holds nothing: most never hold anything, and a flood makes many. Never added to."""


NO_PLACES: Final[list[i64]] = []
"""The places of a direction that has none. Never added to."""


NO_STRANDS: Final[list[Half]] = []
"""The strands of a direction that has none. Never added to."""


@final
class Half:
    """One direction, sent by ``end``. ``next`` is the sequence number that is due, ``acked`` what the receiver had last,
    ``unread`` where an unfinished message of another reading of its bytes begins, -1 when there is none.
    """

    def __init__(self, end: Side) -> None:
        # What every packet touches stands together, first what a packet of the other direction touches, too.
        self.next: i64 = 0
        self.acked: i64 = -1
        self.answered: i64 = -1
        """What the receiver had when it last sent data: an acknowledgement alone is easily forged."""
        self.side: i64 = end.number
        self.tag: i64 = -1
        """The tag of the place where this direction is seen, -1 before its first packet."""
        self.started: bool = False
        self.mac: i64 = -1
        self.packets: i64 = 0
        self.bytes: i64 = 0
        self.missed: i64 = 0
        self.unread: i64 = -1
        self.held: list[Held] = NO_SEGMENTS
        self.pending: bytes = b""
        self.seen: Seen | None = None
        self.round: i64 = -1
        """The last round of blocks that a segment or datagram of this direction lies in."""
        self.strands: list[Half] = NO_STRANDS
        """Further places where this direction goes on (``strands``)."""
        self.datagrams: Datagrams | None = None
        self.copied: i64 = 0
        self.end: Side = end
        self.held_bytes: i64 = 0
        self.hole_since: i64 = 0
        self.finished: bool = False
        self.stop: i64 = -1
        """Where the hole ends that this is the reading of, -1 when it is none."""
        self.began: i64 = -1
        """The first number seen, of a direction without its SYN."""
        self.renewed: bool = False
        """The other direction has numbers of a new SYN, so that other numbers are to be expected here."""
        self.announced: bool = False
        """A SYN gave these numbers, and no data went on with them yet."""
        self.hunting: bool = False
        """Its next message is looked for: set while it is a strand."""
        self.first: i64 = -1
        self.mac_to: i64 = -1
        self.hops: i64 = -1
        """TTL or hop limit of the first packet."""
        self.kept: i64 = 0
        self.doubts: list[i64] = NO_PLACES
        """Where unfinished messages of other readings begin, ``unread`` the first of them."""
        self.across: list[i64] = NO_PLACES
        """Where messages begin that were read across the ends of holes, the newest."""
        self.urgent: list[i64] = NO_PLACES
        """The sequence numbers of urgent bytes, which belong to one of two readings."""

    def ahead(self, sequence: i64) -> i64:
        """Return how far ``sequence`` is ahead of what is due, negative when behind."""
        distance: i64 = (sequence - self.next) & SPACE
        return distance - 0x100000000 if distance >= 0x80000000 else distance

    def place(self, room: Room, is_begun: bool = False) -> Seen:
        """Return the place in the memory of this direction for its newest segment; ``is_begun``: within a message."""
        last = self.seen
        if last is None:
            last = Seen()
            self.kept = KEPT
            self.seen = last
            return last
        is_begun = is_begun or self.unread >= 0
        if last.sequence < 0 or (self.answered >= 0 and not is_begun and signed(last.stop - self.answered) <= 0):
            if last.after is not last:
                self.shrink(room)
            return last
        place = last.after
        limit: i64 = KEPT_UNANSWERED
        if is_begun or (self.acked >= 0 and signed(place.stop - self.acked) > 0):
            limit = MAX_KEPT
        if place.sequence >= 0 and (is_begun or self.answered < 0 or signed(place.stop - self.answered) > 0):
            if self.kept < limit and room.grown < MAX_GROWN:
                place = grown(last)
                self.kept += 1
                room.grown += 1
            elif (is_begun or self.kept >= MAX_KEPT) and room.copied < MAX_COPIED:
                place = self.join(last, room, is_begun)
        self.seen = place
        return place

    def join(self, last: Seen, room: Room, is_begun: bool) -> Seen:
        """Make one of two segments remembered, the second of which goes on behind the first; return the place that is free then.

        Of segments that are messages, the two oldest are looked at alone.
        """
        before = last
        first = last.after
        while first.after is not last and first is not last:
            second = first.after
            size: i64 = first.end - first.start + second.end - second.start
            if first.sequence >= 0 and first.stop == second.sequence and size <= MAX_COMPARED_BYTES:
                copied: i64 = second.join(first)
                self.copied += copied
                room.copied += copied
                before.after = second
                first.after = last.after
                last.after = first
                return first
            if not is_begun:
                break
            before = first
            first = second
        return last.after

    def shrink(self, room: Room) -> None:
        """Keep nothing but the newest segment remembered."""
        last = self.seen
        if last is not None:
            room.grown -= self.kept - KEPT
            self.kept = KEPT
            last.after = last

    def further_place(self, room: Room) -> Seen:
        """Return a place for another version of a segment that is remembered: nothing makes way for it while there is room."""
        last = self.seen
        if last is None or self.kept >= MAX_KEPT or room.grown >= MAX_GROWN:
            return self.place(room, True)
        self.kept += 1
        room.grown += 1
        self.seen = grown(last)
        return self.seen

    def release(self, number: i64, room: Room) -> bool:
        """Copy the segments remembered out of the blocks of round ``number``, and the datagrams out of theirs.

        Without room for copies they are forgotten, and False is returned.
        """
        has_room = room.copied < MAX_COPIED
        copied: i64 = 0
        datagrams = self.datagrams
        if datagrams is not None:
            if has_room:
                copied = datagrams.release()
            else:
                self.datagrams = None
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

    def remember_as(self, other: Half, room: Room) -> None:
        """Take over the segments that ``other`` remembers, copied out of their blocks, as the newest of this direction."""
        if self.unread < 0:
            self.unread = other.unread
            self.doubts = other.doubts
        if not self.urgent:
            self.urgent = other.urgent
        last = other.seen
        if last is None:
            return
        for seen in ring_of(last):
            if seen.number >= 0:
                seen.release()
                other.copied += i64(len(seen.block))
                room.copied += i64(len(seen.block))
        before = self.seen
        if before is None:
            self.kept = other.kept
        else:
            oldest = before.after
            before.after = last.after
            last.after = oldest
            self.kept += other.kept
            room.grown += KEPT
        self.seen = last
        self.copied += other.copied
        other.seen = None
        other.copied = 0

    def forget(self, room: Room) -> None:
        """Let go of the segments and datagrams remembered; the ring is cut, so that nothing keeps its blocks."""
        last = self.seen
        if last is not None:
            last.after = NOTHING
            self.seen = None
            room.grown -= self.kept - KEPT
        self.unread = -1
        self.datagrams = None
        room.copied -= self.copied
        self.copied = 0
