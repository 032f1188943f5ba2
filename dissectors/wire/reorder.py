"""Segments before their turn, and holes in a stream. Compiled with mypyc.

A hole is given up after HOLE_NANOSECONDS of packet time or when too much is held behind it. It stays open as a strand of its
direction: bytes that still come into it are put in order and read for themselves, so that no segment ahead of its time can hide
those that follow.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.wire.delivery import Delivery
from dissectors.wire.flow import Flow
from dissectors.wire.half import (
    MAX_HELD_BYTES,
    MAX_HELD_SEGMENTS,
    MAX_STRANDS,
    NO_SEGMENTS,
    Half,
    Held,
)
from dissectors.wire.repeats import Repeats
from dissectors.wire.seen import SPACE, signed
from dissectors.wire.streams import Streams

HOLE_NANOSECONDS: Final = 500_000_000
MAX_UNSEEN: Final = 1_048_576
"""Bytes that an acknowledgement may be ahead of what was seen; beyond it the number is not believed. No hole is larger."""
ENDLESS: Final = -1
DONE: Final = 0
"""How much a strand is needed, which is said by these: its hole is full."""
CLAIMED: Final = 1
LOST: Final = 2
"""The other end acknowledged what is behind the hole: of these the oldest goes, of all others the newest."""
OPEN_HOLE: Final = 3
NUMBERED: Final = 4
ANSWERED: Final = 5
MAX_ALL_STRANDS: Final = 8_000
"""Strands of all directions."""


@final
class Reorder:
    """Puts the segments of all TCP flows in order. ``held_bytes`` counts those that wait for their turn."""

    def __init__(self, recorder: Recorder, delivery: Delivery, repeats: Repeats, streams: Streams) -> None:
        self.recorder = recorder
        self.delivery = delivery
        self.repeats = repeats
        self.streams = streams
        self.held_bytes: i64 = 0
        self.strands: i64 = 0
        self.limit: i64 = MAX_ALL_STRANDS
        self.evicted: i64 = 0
        """Strands for which there was no room among those of all directions."""

    def hold(self, flow: Flow, half: Half, sequence: i64, block: bytes, start: i64, end: i64) -> None:
        """Keep a segment that came before its turn, sorted; give the hole up when too much is held."""
        if not half.held:
            half.hole_since = self.recorder.now
            half.held = []
        ahead: i64 = (sequence - half.next) & SPACE
        place: i64 = 0
        for held in half.held:
            other: i64 = (held.sequence - half.next) & SPACE
            if other == ahead:
                flow.retransmissions += 1
                same = held.data[: end - start] == block[start : min(end, start + i64(len(held.data)))]
                if same and end - start <= i64(len(held.data)):
                    return  # another version is held as well, to be compared when its turn comes
            if other > ahead:
                break
            place += 1
        half.held.insert(int(place), Held(sequence, block[start:end], self.recorder.frame))
        half.held_bytes += end - start
        self.held_bytes += end - start
        if place > 0 and half.held[0].sequence == half.next:
            self.catch_up(flow, half)  # data of a SYN, which waited for what goes on behind it
            return
        if i64(len(half.held)) > MAX_HELD_SEGMENTS:
            join(half)
        if (
            self.held_bytes > self.streams.limit
            or half.held_bytes > MAX_HELD_BYTES
            or len(half.held) > MAX_HELD_SEGMENTS
            or self.recorder.now - half.hole_since > HOLE_NANOSECONDS
        ):
            self.give_up_hole(flow, half)

    def catch_up(self, flow: Flow, half: Half) -> None:
        """Deliver what was held and is next now."""
        frame: i64 = self.recorder.frame
        while half.held:
            first = half.held[0]
            ahead: i64 = half.ahead(first.sequence)
            if ahead > 0:
                half.hole_since = self.recorder.now
                break
            del half.held[0]
            size: i64 = i64(len(first.data))
            half.held_bytes -= size
            self.held_bytes -= size
            self.recorder.frame = first.frame
            if ahead < 0 and self.repeats.compare(flow, half, first.sequence, first.data, -1, 0, size):
                continue
            ahead = half.ahead(first.sequence)
            if -ahead < size:
                half.next = (first.sequence + size) & SPACE
                self.delivery.deliver(flow, half, first.data, -ahead, size)
                self.repeats.remember(flow, half, first.sequence, first.data, -1, 0, size)
        self.recorder.frame = frame

    def acknowledged(self, flow: Flow, half: Half, number: i64) -> None:
        """The other end has received everything of this direction before ``number``: what was not seen will not come.

        Without this, the answer to a request that the capture lost would look unmatched. One byte may be an unseen FIN.
        """
        ahead: i64 = (number - half.next) & SPACE
        if ahead <= 1 or ahead > MAX_UNSEEN:
            return
        while half.held:
            first = half.held[0]
            reached: i64 = (number - first.sequence) & SPACE
            if reached == 0 or reached > MAX_UNSEEN:
                break
            self.give_up_hole(flow, half)
        ahead = (number - half.next) & SPACE
        if ahead <= 1 or ahead > MAX_UNSEEN:
            return
        if half.missed + ahead > MAX_UNSEEN:
            self.give_up_missed(flow, half)
        if half.missed == 0:
            half.hole_since = self.recorder.now
            self.open_hole(flow, half, number)
        else:
            for strand in half.strands:
                if strand.stop == half.next:
                    strand.stop = number
        half.missed += ahead
        half.next = number
        flow.connection.with_gaps = True
        self.catch_up(flow, half)

    def give_up_old(self, flow: Flow, now: i64) -> None:
        """Give up what has been missing of a flow for longer than HOLE_NANOSECONDS."""
        opener = flow.opener
        peer = flow.peer
        if opener.held and now - opener.hole_since > HOLE_NANOSECONDS:
            self.give_up_hole(flow, opener)
        if peer.held and now - peer.hole_since > HOLE_NANOSECONDS:
            self.give_up_hole(flow, peer)
        if opener.missed != 0 and now - opener.hole_since > HOLE_NANOSECONDS:
            self.give_up_missed(flow, opener)
        if peer.missed != 0 and now - peer.hole_since > HOLE_NANOSECONDS:
            self.give_up_missed(flow, peer)

    def give_up_all(self, flow: Flow) -> None:
        """Give up everything that is missing of a flow: nothing more comes."""
        for side in (0, 1):
            half = flow.half(side)
            while half.held:
                self.give_up_hole(flow, half)
                half = flow.half(side)
            if half.missed != 0:
                self.give_up_missed(flow, half)

    def give_up_hole(self, flow: Flow, half: Half) -> None:
        """The missing bytes will not come: report the gap and go on behind it."""
        while half.held and half.held[0].was_read:
            size: i64 = i64(len(half.held[0].data))
            half.held_bytes -= size
            self.held_bytes -= size
            del half.held[0]
        if not half.held:
            return
        first = half.held[0]
        missing: i64 = half.ahead(first.sequence)
        if missing > 0:
            self.open_hole(flow, half, first.sequence if missing <= MAX_UNSEEN else ENDLESS)
            half.next = first.sequence
            self.delivery.gap(flow, half, missing, half.hole_since)
        self.catch_up(flow, half)

    def give_up_missed(self, flow: Flow, half: Half) -> None:
        """The bytes that the other end has received did not come a little later: they are lost to the capture.

        What was begun behind them, of segments that were held, goes on.
        """
        missing: i64 = half.missed
        half.missed = 0
        begun = half.pending
        self.delivery.gap(flow, half, missing, half.hole_since)
        if begun:
            self.delivery.deliver(flow, half, begun, 0, i64(len(begun)))

    def drop(self, half: Half) -> None:
        """Forget what is held and remembered of a direction: its flow is over."""
        half.forget(self.repeats.room)
        self.drop_held(half)
        self.strands -= i64(len(half.strands))
        for strand in half.strands:
            # Their numbers stay: a flow that takes the place of this one has them as well.
            strand.forget(self.repeats.room)
            self.drop_held(strand)
            self.streams.drop(strand)

    def open_hole(self, flow: Flow, half: Half, stop: i64) -> None:
        """Let what still comes into the hole from ``half.next`` to ``stop`` be read for itself, behind the message begun.

        An ENDLESS one is none: no target has such a window, so that the numbers up to here may go on as well as those behind.
        """
        strand = Half(half.end)
        strand.started = True
        strand.first = half.next
        strand.next = half.next
        strand.stop = stop
        strand.pending = half.pending
        half.pending = b""
        session = flow.session
        strand.hunting = session is not None and (session.hunting & (half.side + 1)) != 0
        self.add_strand(flow, flow.half(half.side), strand)

    def open_before(self, flow: Flow, half: Half, first: i64) -> None:
        """Let what still comes between a SYN and the data that came before it be read for itself."""
        half.first = first
        if half.began == first:
            return
        strand = Half(half.end)
        strand.started = True
        strand.first = first
        strand.next = first
        strand.stop = half.began
        strand.hunting = True
        self.add_strand(flow, half, strand)

    def add_strand(self, flow: Flow, half: Half, strand: Half) -> None:
        """Add a strand to a direction; without room the one goes that is needed least.

        A direction without any strand gives up this one, when those of all directions are too many.
        """
        is_full = self.strands >= self.limit
        if is_full:
            self.evicted += 1
        if not half.strands:
            if is_full:
                self.give_up(strand)
                return
            half.strands = []
        elif is_full or len(half.strands) >= MAX_STRANDS:
            goes = half.strands[0]
            least: i64 = need_of(half, goes)
            for known in half.strands:
                need: i64 = need_of(half, known)
                if need < least or (need == least and need != LOST):
                    goes = known
                    least = need
            if least >= NUMBERED:
                self._forgotten(flow, half, goes)
            self.take_out(half, goes)
            self.give_up(goes)
        half.strands.append(strand)
        self.strands += 1

    def _forgotten(self, flow: Flow, half: Half, strand: Half) -> None:
        """Report numbers that are not followed any more although bytes came with them: what goes on with them is not read."""
        if strand.seen is None:
            return
        text = (
            f"there are more than {MAX_STRANDS} places where bytes may go on: what goes on at sequence number "
            f"{int(strand.next)} is not read any more"
        )
        self.repeats.readings.report(flow, half, "two_numberings", "RFC 5961 4", text, 0, b"", 0, 0)

    def take_out(self, half: Half, strand: Half) -> None:
        """Let a strand be none of its direction any more."""
        half.strands.remove(strand)
        self.strands -= 1

    def give_up(self, strand: Half) -> None:
        """Forget what a strand holds."""
        self.drop(strand)
        self.streams.drop(strand)

    def drop_held(self, half: Half) -> None:
        """Forget the segments of a direction that wait for their turn."""
        self.held_bytes -= half.held_bytes
        half.held = NO_SEGMENTS
        half.held_bytes = 0


def need_of(half: Half, strand: Half) -> i64:
    """Return how much a strand is needed: least one that is done, most numbers that the other end has answered."""
    if strand.stop >= 0:
        if strand.stop == strand.next:
            return DONE
        return LOST if half.acked >= 0 and signed(strand.stop - half.acked) <= 0 else OPEN_HOLE
    if strand.seen is None and not strand.pending and not strand.held:
        return CLAIMED
    return NUMBERED if strand.answered < 0 else ANSWERED


def join(half: Half) -> None:
    """Make one of the segments held that follow each other without a gap: many small ones are no reason to give a hole up."""
    joined: list[Held] = []
    parts: list[bytes] = []
    for held in half.held:
        if joined and joined[-1].was_read == held.was_read:
            if signed(joined[-1].sequence + sum([len(part) for part in parts]) - held.sequence) == 0:
                parts.append(held.data)
                continue
        if len(parts) > 1:
            joined[-1].data = b"".join(parts)
        joined.append(held)
        parts = [held.data]
    if len(parts) > 1:
        joined[-1].data = b"".join(parts)
    half.held = joined
