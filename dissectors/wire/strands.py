"""The strands of a direction: holes that were given up (``holes``), and numbers that another SYN gave. Compiled with mypyc.

A SYN with other numbers than those of its direction may be forged, or refused by the target (RFC 9293 3.10.7.4, RFC 5961 4): the
numbers known before stay a strand. Whichever of them is continued, or acknowledged by the other end, is the direction from then
on, and that it changed by its data is reported; bytes of both are read. A segment in front of the first byte of its direction is
none of it: it begins a strand of its own.

Bounds: MAX_STRANDS of a direction; what each holds is within the budgets of all streams.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.wire.flow import CLOSED, OPEN, Flow
from dissectors.wire.half import MAX_HELD_BYTES, MAX_HELD_SEGMENTS, NO_SEGMENTS, NO_STRANDS, Half, Held
from dissectors.wire.recognise import Recogniser
from dissectors.wire.reorder import MAX_UNSEEN, Reorder
from dissectors.wire.repeats import Repeats
from dissectors.wire.seen import ring_of, signed

CLAUSE: Final = "RFC 5961 4"


@final
class Strands:
    """Follows the numbers of all directions."""

    def __init__(self, repeats: Repeats, recogniser: Recogniser, reorder: Reorder) -> None:
        self.repeats = repeats
        self.recogniser = recogniser
        self.reorder = reorder

    def synchronise(self, flow: Flow, half: Half, first: i64, *, is_claim: bool) -> Half:
        """Return the direction that a SYN speaks of whose data begins at ``first``; a mere claim does not change it."""
        for strand in half.strands:
            if strand.stop < 0 and strand.next == first:
                return half if is_claim else self.change(flow, half, strand)
        strand = numbers(half, first)
        strand.first = first
        strand.announced = True
        if not is_claim:
            strand.started = False
            flow.other(half).renewed = True
            return self.change(flow, half, strand)
        self.reorder.add_strand(flow, half, strand)
        return half

    def heirs(self, flow: Flow) -> list[Half]:
        """Take out of a connection what goes on should the SYN that ends it be forged: numbers, messages begun, segments held.

        Where a hole goes on the target may be as well: who forged the acknowledgement behind it wants it forgotten.
        """
        session = flow.session
        found: list[Half] = []
        for half in (flow.opener, flow.peer):
            for known in [half, *half.strands]:
                if not known.started or known.stop == known.next:
                    continue
                heir = numbers(half, known.next)
                heir.announced = known.announced
                heir.pending = known.pending
                known.pending = b""
                heir.held = known.held
                heir.held_bytes = known.held_bytes
                heir.hole_since = known.hole_since
                known.held = NO_SEGMENTS
                known.held_bytes = 0
                heir.hunting = known.hunting
                heir.remember_as(known, self.repeats.room)
                if known is half:
                    heir.hunting = session is not None and (session.hunting & (half.side + 1)) != 0
                found.append(heir)
        return found

    def succeed(self, heirs: list[Half], same_way: bool, flow: Flow) -> None:
        """Give a connection what may go on of the one whose place it takes."""
        for heir in heirs:
            half = flow.half(heir.side if same_way else 1 - heir.side)
            heir.side = half.side
            heir.end = half.end
            self.reorder.add_strand(flow, half, heir)

    def begun(self, flow: Flow, half: Half) -> None:
        """A direction begins here: what was known of these very numbers is its own, no strand."""
        for strand in list(half.strands):
            if strand.stop >= 0 or strand.next != half.next:
                continue
            self.reorder.take_out(half, strand)
            if half.held or half.pending or any(early.side == half.side for early in flow.early):
                self.reorder.give_up(strand)
                continue
            half.held = strand.held
            half.held_bytes = strand.held_bytes
            half.hole_since = strand.hole_since
            half.remember_as(strand, self.repeats.room)
            session = flow.session
            if session is None:
                self._take_begun(flow, half, strand)
                continue
            half.pending = strand.pending
            strand.pending = b""
            if strand.hunting:
                session.hunting |= half.side + 1

    def _take_begun(self, flow: Flow, half: Half, strand: Half) -> None:
        """Let the message begun in a strand be recognised: nobody reads the connection yet."""
        begun = strand.pending
        if begun:
            self.recogniser.streams.drop(strand)
            self.recogniser.payload(flow, half, begun, 0, i64(len(begun)))

    def begin_again(self, flow: Flow, half: Half, first: i64) -> None:
        """Take a SYN behind a RST: its numbers are believed until those before them go on, or the other end accepts it."""
        strand = numbers(half, first)
        strand.first = first
        strand.announced = True
        flow.other(half).renewed = True
        self.change(flow, half, strand)

    def acknowledged(self, flow: Flow, half: Half, number: i64) -> Half:
        """Return the direction of which the other end has everything before ``number``: it may lag behind what was seen."""
        behind: i64 = signed(half.next - number)
        if 0 <= behind < MAX_UNSEEN and (half.first < 0 or signed(number - half.first) >= 0):
            return half
        for strand in half.strands:
            if strand.stop < 0 and strand.next == number:
                return self.change(flow, half, strand)
        return half

    def take(self, flow: Flow, half: Half, strand: Half, block: bytes, start: i64, end: i64) -> Half:
        """Go on with other numbers, which data continues. That is reported, unless it is the first data behind a SYN."""
        if strand.announced:
            strand.announced = False
            flow.other(half).renewed = True
            return self.change(flow, half, strand)
        if half.renewed and strand not in half.strands:
            half.renewed = False
            return self.change(flow, half, strand)
        text = (
            f"bytes go on at sequence number {int(strand.next)}, those before or a SYN were at {int(half.next)}: "
            "the target refuses one of the two, both are read"
        )
        sent_with = half
        half = self.change(flow, half, strand)
        self.repeats.readings.report(flow, half, "two_numberings", CLAUSE, text, 0, block, start, end)
        self._hold_known(half, sent_with)
        return half

    def compare_disputed(
        self, flow: Flow, half: Half, taken: Half, sequence: i64, block: bytes, header: i64, start: i64, end: i64
    ) -> None:
        """Let a segment be a part of other readings of the numbers known before, too, where these are not at their end."""
        for known in list(half.strands):
            if known is not taken and known.unread >= 0 and known.stop < 0:
                if known.ahead(sequence) < 0 < signed(sequence + end - start - known.unread):
                    self.repeats.compare(flow, known, sequence, block, header, start, end)

    def change(self, flow: Flow, half: Half, strand: Half) -> Half:
        """Let a strand be the direction; what it was until now becomes a strand."""
        self.recogniser.break_off(flow, half.side)
        if strand in half.strands:
            self.reorder.take_out(half, strand)
        strands = half.strands
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
        else:
            self._take_begun(flow, strand, strand)
        self.reorder.add_strand(flow, strand, half)
        if flow.state == CLOSED and not (flow.opener.finished and flow.peer.finished):
            flow.state = OPEN
        return strand

    def _hold_known(self, half: Half, before: Half) -> None:
        """Hold what is ahead of a direction and was read with the numbers ``before``: its target has it waiting."""
        last = before.seen
        if last is None:
            return
        for seen in ring_of(last):
            size: i64 = seen.end - seen.start
            ahead: i64 = half.ahead(seen.sequence)
            if size <= 0 or not 0 < ahead < MAX_HELD_BYTES:
                continue
            if half.held_bytes + size > MAX_HELD_BYTES or len(half.held) >= MAX_HELD_SEGMENTS:
                break
            if not half.held:
                half.held = []
                half.hole_since = self.repeats.recorder.now
            held = Held(seen.sequence, seen.block[seen.start : seen.end], seen.frame)
            held.was_read = True
            insert(half, held)
            half.held_bytes += size
            self.reorder.held_bytes += size

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
            insert(strand, held)


def insert(half: Half, held: Held) -> None:
    """Add a segment to those held, in order."""
    place: i64 = 0
    for other in half.held:
        if signed(other.sequence - held.sequence) > 0:
            break
        place += 1
    half.held.insert(int(place), held)


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
    exact: Half | None = None
    for strand in half.strands:
        if strand.stop >= 0:
            if signed(sequence + size - strand.first) > 0 and signed(sequence - strand.stop) < 0:
                if found is None or signed(found.stop - found.first) > signed(strand.stop - strand.first):
                    found = strand
        elif strand.next == sequence:
            exact = strand
    if exact is not None and (found is None or (found.next != sequence and not exact.announced)):
        return exact
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


def goes_on(half: Half, sequence: i64) -> bool:
    """Return whether a hole goes on at ``sequence``: whoever sends a SYN with this number wants what is held in it forgotten."""
    for strand in half.strands:
        if strand.stop >= 0 and strand.next == sequence and strand.next != strand.stop:
            return True
    return False


def is_before(half: Half, sequence: i64, size: i64) -> bool:
    """Return whether a segment lies in front of the first byte of a direction; a keep-alive there is none."""
    if half.first < 0:
        return False
    ahead: i64 = signed(sequence - half.first)
    return ahead < -1 or (ahead == -1 and size > 1)
