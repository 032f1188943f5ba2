"""The strands of a direction: holes that were given up, and numbers that another SYN gave. Compiled with mypyc.

What comes late into a hole is put in order and read for itself: the target takes it, and executes the message in it. It is never
joined with the bytes behind the hole, but for the one message that lies across its end.

A SYN with other numbers than those of its direction may be forged, or refused by the target (RFC 9293 3.10.7.4, RFC 5961 4): the
numbers known before stay a strand. Whichever of them is continued, or acknowledged by the other end, is the direction from then
on, and that it changed by its data is reported; bytes of both are read. A segment in front of the first byte of its direction is
none of it: it begins a strand of its own.

Bounds: MAX_STRANDS of a direction; what each holds is within the budgets of all streams.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.wire.delivery import Delivery
from dissectors.wire.flow import CLOSED, OPEN, Flow
from dissectors.wire.half import MAX_PENDING_BYTES, NO_STRANDS, Half, Held
from dissectors.wire.reorder import HOLE_NANOSECONDS, MAX_UNSEEN, Reorder
from dissectors.wire.repeats import Repeats
from dissectors.wire.seen import SPACE, ring_of, signed
from dissectors.wire.streams import Streams

CLAUSE: Final = "RFC 5961 4"


@final
class Strands:
    """Follows the strands of all directions."""

    def __init__(
        self, recorder: Recorder, delivery: Delivery, repeats: Repeats, streams: Streams, reorder: Reorder
    ) -> None:
        self.recorder = recorder
        self.delivery = delivery
        self.repeats = repeats
        self.streams = streams
        self.reorder = reorder

    # The numbers of another SYN.

    def synchronise(self, flow: Flow, half: Half, first: i64, *, is_claim: bool) -> Half:
        """Return the direction that a SYN speaks of whose data begins at ``first``; a mere claim does not change it."""
        for strand in half.strands:
            if strand.stop < 0 and strand.next == first:
                return half if is_claim else self.change(flow, half, strand)
        strand = numbers(half, first)
        strand.first = first
        if not is_claim:
            strand.started = False
            return self.change(flow, half, strand)
        self.reorder.add_strand(half, strand)
        return half

    def succeed(self, old: Flow, flow: Flow) -> None:
        """Let a connection take the place of ``old``, which goes on should the SYN or what ended it be forged."""
        same_way = old.x_opened == flow.x_opened
        opener = old.opener if same_way else old.peer
        peer = old.peer if same_way else old.opener
        self._inherit(opener, flow.opener)
        self._inherit(peer, flow.peer)

    def _inherit(self, old: Half, half: Half) -> None:
        for known in [*old.strands, old]:
            if known.started and known.stop < 0:
                self.reorder.add_strand(half, numbers(half, known.next))

    def begin_again(self, flow: Flow, half: Half, first: i64) -> None:
        """Take a SYN behind a RST: its numbers are believed until those before them go on, or the other end accepts it."""
        strand = numbers(half, first)
        strand.first = first
        self.change(flow, half, strand)

    def acknowledged(self, flow: Flow, half: Half, number: i64) -> Half:
        """Return the direction of which the other end has everything before ``number``."""
        for strand in half.strands:
            if strand.stop < 0 and strand.next == number:
                return self.change(flow, half, strand)
        return half

    def take(self, flow: Flow, half: Half, strand: Half, block: bytes, start: i64, end: i64) -> Half:
        """Go on with other numbers, which data continues; that is reported."""
        text = (
            f"data goes on at number {int(strand.next)}, a SYN or data before it was at {int(half.next)}: "
            "the target takes one of the two, both are read"
        )
        half = self.change(flow, half, strand)
        self.repeats.readings.report(flow, half, "two_numberings", CLAUSE, text, 0, block, start, end)
        return half

    def change(self, flow: Flow, half: Half, strand: Half) -> Half:
        """Let a strand be the direction; what it was until now becomes a strand."""
        strands = [known for known in half.strands if known is not strand]
        half.strands = NO_STRANDS
        strand.strands = strands
        strand.side = half.side
        strand.tag = half.tag
        strand.mac = half.mac
        strand.mac_to = half.mac_to
        strand.hops = half.hops
        strand.packets = half.packets
        strand.bytes = half.bytes
        if half.side == 0:
            flow.opener = strand
        else:
            flow.peer = strand
        self._move_held(half, strand)
        session = flow.session
        if session is not None:
            bit: i64 = half.side + 1
            half.hunting = (session.hunting & bit) != 0
            session.hunting &= ~bit
            if strand.hunting:
                session.hunting |= bit
        elif flow.early:
            self.streams.kept -= flow.evict_early(half.side)
        self.reorder.add_strand(strand, half)
        if flow.state == CLOSED and not (flow.opener.finished and flow.peer.finished):
            flow.state = OPEN
        return strand

    def _move_held(self, half: Half, strand: Half) -> None:
        """Let the strand have what was held in front of it: with which numbers it was sent is known now only."""
        moved: list[Held] = []
        size: i64 = 0
        for held in half.held:
            ahead: i64 = strand.ahead(held.sequence)
            if 0 < ahead < MAX_UNSEEN:
                moved.append(held)
                size += i64(len(held.data))
        if not moved:
            return
        half.held = [held for held in half.held if held not in moved]
        half.held_bytes -= size
        if not strand.held:
            strand.held = []
            strand.hole_since = half.hole_since
        strand.held_bytes += size
        for held in moved:
            place: i64 = 0
            for other in strand.held:
                if signed(other.sequence - held.sequence) > 0:
                    break
                place += 1
            strand.held.insert(int(place), held)

    # What comes into a hole.

    def fill(
        self, flow: Flow, half: Half, hole: Half, sequence: i64, block: bytes, header: i64, start: i64, end: i64
    ) -> i64:
        """Take the part of a segment that lies in a hole; return where the rest of it begins."""
        stop: i64 = min(end, start + signed(hole.stop - sequence))
        before: i64 = hole.next
        outside = self._enter(flow, hole)
        ahead: i64 = hole.ahead(sequence)
        if ahead > 0:
            self.reorder.hold(flow, hole, sequence, block, start, stop)
        else:
            whole: i64 = header if stop == end else -1
            behind: i64 = -ahead
            if behind > 0:
                flow.retransmissions += 1
                self.repeats.compare(flow, hole, sequence, block, whole, start, stop)
                behind = signed(hole.next - sequence)
            if 0 <= behind < stop - start:
                hole.next = (sequence + stop - start) & SPACE
                self.delivery.deliver(flow, hole, block, start + behind, stop)
                self.repeats.remember(hole, sequence, block, whole, start, stop)
                self.reorder.catch_up(flow, hole)
        self._leave(flow, hole, outside)
        if hole.next != before:
            self._advanced(flow, half, hole, signed(hole.next - before))
        return stop

    def give_up_old(self, flow: Flow, half: Half, now: i64) -> None:
        """Give up what has been missing in strands for too long."""
        for strand in list(half.strands):
            if strand.held and now - strand.hole_since > HOLE_NANOSECONDS:
                before: i64 = strand.next
                outside = self._enter(flow, strand)
                self.reorder.give_up_hole(flow, strand)
                self._leave(flow, strand, outside)
                if strand.stop >= 0:
                    self._advanced(flow, half, strand, signed(strand.next - before))

    def _enter(self, flow: Flow, strand: Half) -> bool:
        """Let the session read a strand; return whether it looks for the next message outside of it."""
        session = flow.session
        if session is None:
            return False
        bit: i64 = strand.side + 1
        outside = (session.hunting & bit) != 0
        session.hunting &= ~bit
        if strand.hunting:
            session.hunting |= bit
        return outside

    def _leave(self, flow: Flow, strand: Half, outside: bool) -> None:
        session = flow.session
        if session is None:
            return
        bit: i64 = strand.side + 1
        strand.hunting = (session.hunting & bit) != 0
        session.hunting &= ~bit
        if outside:
            session.hunting |= bit

    def _advanced(self, flow: Flow, half: Half, hole: Half, size: i64) -> None:
        """Take it that a hole is smaller; when it is full, what is begun in it goes on behind it."""
        is_open = half.missed != 0 and hole.stop == half.next
        if is_open:
            half.missed -= size
        if hole.next != hole.stop:
            return
        if is_open:
            half.missed = 0
            flow.connection.with_gaps = flow.lost > 0
            half.pending = hole.pending
            hole.pending = b""
            if flow.session is not None and hole.hunting:
                flow.session.hunting |= half.side + 1
        else:
            self._beyond(flow, half, hole)

    def _beyond(self, flow: Flow, half: Half, hole: Half) -> None:
        """Go on behind a hole that is full: with all that came there while no message was found in it, up to the next hole;
        else with the message that lies across the end, and what of that has not come yet is waited for.
        """
        session = flow.session
        begun = hole.pending
        self.streams.drop(hole)
        if session is None or hole.hunting:
            return
        bit: i64 = half.side + 1
        behind = self._behind(half, hole.stop)
        size: i64 = signed(half.next - hole.stop)
        if (session.hunting & bit) != 0 and size <= i64(len(behind)):
            self.streams.drop(half)
            session.hunting &= ~bit
            self.delivery.deliver(flow, half, begun + behind[:size], 0, i64(len(begun)) + size)
            return
        at: i64 = (hole.stop + i64(len(behind))) & SPACE
        for later in half.strands:
            if later.stop >= 0 and later.next == at and later.next != later.stop and later.hunting:
                self.streams.drop(later)
                later.hunting = False
                outside = self._enter(flow, later)
                self.delivery.deliver(flow, later, begun + behind, 0, i64(len(begun) + len(behind)))
                self._leave(flow, later, outside)
                return
        if begun:
            data = begun + behind
            base: i64 = (hole.stop - i64(len(begun))) & SPACE
            done: i64 = self._take_across(flow, half, data, base)
            if done >= 0 and half.unread < 0:
                half.unread = (base + done) & SPACE
                self.repeats.readings.remember(half, half.unread, data, -1, done, i64(len(data)))

    def finish_message(self, flow: Flow, half: Half) -> None:
        """Take the message that a direction has begun, when the rest of it came with other numbers than its own."""
        if half.pending:
            base: i64 = (half.next - i64(len(half.pending))) & SPACE
            if self._take_across(flow, half, half.pending + self._behind(half, half.next), base) != 0:
                self.streams.drop(half)

    def _take_across(self, flow: Flow, half: Half, data: bytes, base: i64) -> i64:
        """Take the message at the begin of ``data``, and those that begin in holes in which none was found.

        Return where one begins of which more has to come, -1 when there is none.
        """
        session = flow.session
        at: i64 = 0
        size: i64 = i64(len(data))
        while session is not None and at < size:
            length: i64 = session.measure(half.side, data, at, size)
            if length < 0:
                return -1
            if length == 0 or at + length > size:
                return at
            session.message(half.side, data, at, at + length)
            at += length
            if not is_lost(half, base + at):
                return -1
        return -1

    def _behind(self, half: Half, begin: i64) -> bytes:
        """Return the bytes remembered from ``begin`` on without a hole, whichever strand they were read in."""
        found = bytearray()
        at: i64 = begin
        goes_on = True
        while goes_on and i64(len(found)) < MAX_PENDING_BYTES:
            goes_on = False
            for known in [half, *half.strands]:
                last = known.seen
                if last is None:
                    continue
                for seen in ring_of(last):
                    shift: i64 = signed(at - seen.sequence)
                    if 0 <= shift < seen.end - seen.start:
                        found += seen.block[seen.start + shift : seen.end]
                        at = (seen.sequence + seen.end - seen.start) & SPACE
                        goes_on = True
        return bytes(found)


def numbers(half: Half, first: i64) -> Half:
    """Return a strand of a direction whose next byte is number ``first``."""
    strand = Half(half.end)
    strand.started = True
    strand.next = first
    return strand


def strand_of(half: Half, sequence: i64, size: i64) -> Half:
    """Return the strand that a segment belongs to, ``half`` itself for most; a new one for what lies in front of all numbers."""
    if sequence == half.next:
        return half
    found: Half | None = None
    for strand in half.strands:
        if strand.stop >= 0:
            if signed(sequence + size - strand.first) > 0 and signed(sequence - strand.stop) < 0:
                if (
                    found is None
                    or found.stop < 0
                    or signed(found.stop - found.first) > signed(strand.stop - strand.first)
                ):
                    found = strand
        elif strand.next == sequence and found is None:
            found = strand
    if found is not None:
        return found
    ahead: i64 = half.ahead(sequence)
    if not is_before(half, sequence, size) and -MAX_UNSEEN < ahead < MAX_UNSEEN:
        return half
    least: i64 = MAX_UNSEEN
    for strand in half.strands:
        if strand.stop < 0 and not is_before(strand, sequence, size):
            ahead = strand.ahead(sequence)
            if ahead < 0:
                ahead = -ahead
            if ahead < least:
                least = ahead
                found = strand
    if found is not None:
        return found
    if not is_before(half, sequence, size):
        return half
    missing: i64 = signed(sequence - half.acked)
    return numbers(half, half.acked if half.acked >= 0 and 0 < missing < MAX_UNSEEN else sequence)


def is_lost(half: Half, sequence: i64) -> bool:
    """Return whether a byte lies in a hole that is full and in which no message was found, or between such a one and the last."""
    nearest: Half | None = None
    for strand in half.strands:
        if strand.stop >= 0 and signed(sequence - strand.stop) < 0:
            if nearest is None or signed(strand.first - nearest.first) < 0:
                nearest = strand
    return nearest is not None and nearest.next == nearest.stop and nearest.hunting


def is_before(half: Half, sequence: i64, size: i64) -> bool:
    """Return whether a segment lies in front of the first byte of a direction; a keep-alive there is none."""
    if half.first < 0:
        return False
    ahead: i64 = signed(sequence - half.first)
    return ahead < -1 or (ahead == -1 and size > 1)
