"""The holes of a direction that were given up, each of them a strand of it. Compiled with mypyc.

What comes late into a hole is put in order and read for itself: the target takes it, and executes the message in it. Bytes behind
the hole are joined with it once it is full: all of them while no message was found there, else the one message across its end.

Limits: what lies behind a hole is known as far as its segments are remembered (``seen``).
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.session import Session
from dissectors.wire.delivery import Delivery
from dissectors.wire.flow import Flow
from dissectors.wire.half import MAX_PENDING_BYTES, Half
from dissectors.wire.pieces import segments_of, text_of
from dissectors.wire.reorder import HOLE_NANOSECONDS, Reorder
from dissectors.wire.repeats import Repeats
from dissectors.wire.seen import SPACE, ring_of, signed
from dissectors.wire.streams import Streams

MAX_ACROSS: Final = 32
"""Messages of a direction that are remembered as read across the ends of holes."""


@final
class Holes:
    """Reads what comes late into the holes of all directions."""

    def __init__(self, delivery: Delivery, repeats: Repeats, streams: Streams, reorder: Reorder) -> None:
        self.delivery = delivery
        self.repeats = repeats
        self.streams = streams
        self.reorder = reorder

    def fill(
        self, flow: Flow, half: Half, hole: Half, sequence: i64, block: bytes, header: i64, start: i64, end: i64
    ) -> i64:
        """Take the part of a segment that lies in a hole; return where the rest of it begins.

        What lies in front of the hole is compared with what came there.
        """
        if signed(sequence - hole.first) < 0 and self.repeats.compare(flow, half, sequence, block, header, start, end):
            return end
        stop: i64 = max(start, min(end, start + signed(hole.stop - sequence)))
        if stop <= start:
            return end
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
                self.repeats.remember(flow, hole, sequence, block, whole, start, stop)
                self.reorder.catch_up(flow, hole)
        self._leave(flow, hole, outside)
        if hole.next != before:
            if half.unread >= 0:
                self.repeats.readings.resume(flow, half, hole.seen)
            self._advanced(flow, half, hole, signed(hole.next - before))
        return stop

    def fill_front(
        self, flow: Flow, half: Half, sequence: i64, block: bytes, header: i64, start: i64, end: i64
    ) -> bool:
        """Take a segment in front of the first one seen of a direction, whose SYN was not; return whether it is read with that.

        It is when it reaches to it: what was read before goes on as another reading, so that a forged segment in front hides
        nothing. Else what lies between is a hole: the first one seen may have been forged as well, far ahead.
        """
        if end - start <= 1 and half.seen is None:
            return False  # a keep-alive
        before: i64 = half.began
        segments = segments_of(flow, half)
        data = b""
        touches = signed(sequence + end - start - before) >= 0
        if touches:
            data = block[start : start + signed(before - sequence)] + text_of(segments, before, False)
        size: i64 = i64(len(data))
        if not touches or size != signed(half.next - sequence):
            if not is_known(half, sequence):
                self.reorder.open_before(flow, half, sequence)
                half.first = -1
                half.began = sequence
            return False
        self.repeats.readings.remember(half, sequence, block, header, start, end)
        half.began = sequence
        recogniser = self.delivery.recogniser
        recogniser.settle(flow, is_over=False)
        session = flow.session
        if session is not None:
            session.hunting &= ~(half.side + 1)
            self.streams.drop(half)
            self.delivery.deliver(flow, half, data, 0, size)
            half.unread = before
        elif not flow.sealed:
            early = [known for known in flow.early if known.side == half.side]
            self.streams.kept -= flow.evict_early(half.side)
            recogniser.payload(flow, half, data, 0, size)
            if flow.session is not None or flow.evidence is not None:
                half.unread = before
            elif early and not any(known.side == half.side for known in flow.early):
                flow.early = [*flow.early, *early]
                for known in early:
                    flow.early_bytes += i64(len(known.data))
                    self.streams.kept += i64(len(known.data))
        return True

    def give_up_old(self, flow: Flow, half: Half, now: i64) -> None:
        """Give up what has been missing in strands for too long."""
        for strand in list(half.strands):
            if strand.held and now - strand.hole_since > HOLE_NANOSECONDS:
                self._give_up(flow, half, strand)

    def give_up_all(self, flow: Flow, half: Half) -> None:
        """Give up everything that is missing in strands: nothing more comes."""
        for strand in list(half.strands):
            while strand.held:
                self._give_up(flow, half, strand)

    def _give_up(self, flow: Flow, half: Half, strand: Half) -> None:
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
            half.remember_as(hole, self.repeats.room)
            self.reorder.take_out(half, hole)
            flow.connection.with_gaps = flow.lost > 0
            half.pending += hole.pending  # its own was read in this hole before the flow had a session
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
        if session is None:
            return
        if hole.hunting:
            self._find_across(flow, half, begun, hole.stop)
            return
        bit: i64 = half.side + 1
        behind = self._behind(half, hole.stop)
        base: i64 = (hole.stop - i64(len(begun))) & SPACE
        span: i64 = i64(len(begun) + len(behind))
        is_new = not any(0 <= signed(place - base) < span for place in half.across)
        size: i64 = signed(half.next - hole.stop)
        if is_new and (session.hunting & bit) != 0 and 0 <= size <= i64(len(behind)):
            self.streams.drop(half)
            session.hunting &= ~bit
            self.delivery.deliver(flow, half, begun + behind[:size], 0, i64(len(begun)) + size)
            return
        at: i64 = (hole.stop + i64(len(behind))) & SPACE
        for later in half.strands if is_new else []:
            if later.stop >= 0 and later.next == at and later.next != later.stop and later.hunting:
                self.streams.drop(later)
                later.hunting = False
                outside = self._enter(flow, later)
                self.delivery.deliver(flow, later, begun + behind, 0, span)
                self._leave(flow, later, outside)
                return
        if not begun and int(hole.stop) in self._read(session, half):
            return
        self._wait_for_rest(flow, half, begun + behind, base)

    def _find_across(self, flow: Flow, half: Half, begun: bytes, stop: i64) -> None:
        """Look for the message that may have begun in a hole in which none was found, now that it is known how it goes on."""
        session = flow.session
        if session is None or not begun:
            return
        data = begun + self._behind(half, stop)
        size: i64 = i64(len(data))
        found: i64 = session.resync(data, 0, size)
        if found < i64(len(begun)):
            self._take_across(flow, half, data[found:], (stop - i64(len(begun)) + found) & SPACE)

    def _wait_for_rest(self, flow: Flow, half: Half, data: bytes, base: i64) -> None:
        """Take the messages of ``data``; what of the last one has not come yet is waited for."""
        done: i64 = self._take_across(flow, half, data, base)
        if done >= 0 and half.unread < 0:
            half.unread = (base + done) & SPACE
            half.doubts = [half.unread]
            if done < i64(len(data)):
                self.repeats.readings.remember(half, half.unread, data, -1, done, i64(len(data)))

    def finish_message(self, flow: Flow, half: Half) -> None:
        """Take the message that a direction has begun, when the rest of it came with other numbers than its own."""
        if half.pending:
            base: i64 = (half.next - i64(len(half.pending))) & SPACE
            if self._take_across(flow, half, half.pending + self._behind(half, half.next), base) != 0:
                self.streams.drop(half)

    def _take_across(self, flow: Flow, half: Half, data: bytes, base: i64) -> i64:
        """Take the messages of ``data`` from its begin on, up to one that was read before.

        Return where one begins of which more has to come, -1 when there is none.
        """
        session = flow.session
        if session is None:
            return -1
        read: set[int] | None = None
        at: i64 = 0
        size: i64 = i64(len(data))
        while at < size:
            length: i64 = session.measure(half.side, data, at, size)
            if length < 0:
                return -1
            if length == 0 or at + length > size:
                return at
            if read is None:
                read = self._read(session, half)
            if int((base + at) & SPACE) in half.across:
                return -1
            session.message(half.side, data, at, at + length)
            half.across = [*half.across[-MAX_ACROSS + 1 :], (base + at) & SPACE]
            at += length
            if int((base + at) & SPACE) in read:
                return -1
        return size

    def _read(self, session: Session, half: Half) -> set[int]:
        """Return where the messages begin that were read of a direction and its holes, as their segments came."""
        places: set[int] = {int(place) for place in half.across}
        begun: dict[int, tuple[bytes, bool]] = {}  # what was begun in front of a hole went on in it
        for known in [half, *half.strands]:
            last = known.seen
            data = b""
            base: i64 = -1
            hunts = True
            for seen in ring_of(last) if last is not None else []:
                size: i64 = i64(len(data))
                ahead: i64 = signed(seen.sequence - base) - size
                if base < 0 or ahead > 0 or ahead <= seen.start - seen.end:
                    if ahead > 0 and base >= 0:
                        begun[int((base + size) & SPACE)] = (data, hunts)
                    data, hunts = begun.get(int(seen.sequence), (b"", True))
                    base = (seen.sequence - i64(len(data))) & SPACE
                    ahead = 0
                data += seen.block[seen.start - ahead : seen.end]
                size = i64(len(data))
                at: i64 = 0
                while at < size:
                    if hunts:
                        found: i64 = session.resync(data, at, size)
                        hunts = found >= size
                        at = max(at, min(size, session.undecided(data, at, size))) if hunts else found
                        if hunts:
                            break
                    length: i64 = session.measure(half.side, data, at, size)
                    if length < 0:
                        hunts = True
                        at += 1
                        continue
                    places.add(int((base + at) & SPACE))
                    if length == 0 or at + length > size:
                        break
                    at += length
                data = data[at:]
                base = (base + at) & SPACE
                if not data and not hunts:
                    places.add(int(base))
        return places

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


def is_known(half: Half, sequence: i64) -> bool:
    """Return whether a strand of a direction goes on at a number, or lies around it."""
    for strand in half.strands:
        if strand.next == sequence or (
            strand.stop >= 0 and 0 <= signed(sequence - strand.first) < strand.stop - strand.first
        ):
            return True
    return False
