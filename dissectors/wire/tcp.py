"""TCP segments to bytes in order, RFC 9293: the next one at once, any other by its parts. Compiled with mypyc.

``handshake`` says how a connection begins, ``strands`` with which numbers it goes on, ``reorder`` keeps what comes before its turn
and gives up what does not come, ``holes`` reads it when it comes late after all,
``repeats`` compares what comes again, ``readings`` judges what differs, ``delivery`` gives the bytes on. Checksums are looked at
where a segment is unusual; the next one in order is believed until another comes in its place.
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i32_be
from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.wire.copies import Copies
from dissectors.wire.delivery import Delivery
from dissectors.wire.flow import CLOSED, OPEN, OPENING, REFUSED, Flow
from dissectors.wire.half import Half
from dissectors.wire.handshake import ACK, FIN, RST, SYN, URG, begin, is_late
from dissectors.wire.holes import Holes
from dissectors.wire.link import Link
from dissectors.wire.naming import Naming
from dissectors.wire.reorder import Reorder
from dissectors.wire.repeats import Repeats
from dissectors.wire.seen import SPACE, signed
from dissectors.wire.strands import Strands, goes_on, numbers, strand_of

IDLE_NANOSECONDS: Final = 1_000_000_000
"""A keep-alive comes when nothing was said for longer than this."""


@final
class Tcp:
    """Follows the directions of all TCP flows."""

    def __init__(
        self,
        recorder: Recorder,
        link: Link,
        naming: Naming,
        delivery: Delivery,
        repeats: Repeats,
        reorder: Reorder,
        copies: Copies,
        strands: Strands,
        holes: Holes,
    ) -> None:
        self.recorder = recorder
        self.naming = naming
        self.delivery = delivery
        self.repeats = repeats
        self.reorder = reorder
        self.link = link
        self.copies = copies
        self.strands = strands
        self.holes = holes

    def segment(
        self,
        flow: Flow,
        half: Half,
        sequence: i64,
        number: i64,
        flags: i64,
        block: bytes,
        header: i64,
        start: i64,
        end: i64,
        missing: i64,
    ) -> None:
        """Take the segment with its TCP header at ``header``, which acknowledges what is before ``number``.

        ``missing`` bytes of its payload were cut off by the capture.
        """
        if (
            (flags & (SYN | FIN | RST | URG | ACK)) == ACK
            and half.started
            and sequence == half.next
            and not half.held
            and half.missed == 0
            and half.unread < 0
        ):
            other = flow.peer if half.side == 0 else flow.opener
            size: i64 = end - start
            if size > 0 or missing > 0:
                if number != other.next:
                    other = self._acknowledge(flow, other, number)
                other.acked = number
                other.answered = number
                half.next = (sequence + size + missing) & SPACE
                seen = half.seen
                if seen is None or half.answered < 0 or seen.after is not seen or signed(seen.stop - half.answered) > 0:
                    seen = half.place(self.repeats.room, flow.is_begun(half))
                seen.sequence = sequence
                seen.stop = half.next
                if missing == 0:
                    seen.header = header
                else:
                    seen.header = -1
                seen.start = start
                seen.end = end
                seen.number = self.repeats.round
                seen.frame = self.recorder.frame
                seen.block = block
                seen.ip = self.link.header
                seen.time = self.recorder.now
                if half.round != seen.number:
                    self.repeats.borrow(half)
                if flow.state == OPENING:
                    flow.state = OPEN
                self.delivery.deliver(flow, half, block, start, end)
                if missing > 0:
                    self.delivery.gap(flow, half, missing, self.recorder.now + 1)
            else:
                other.acked = number
        elif (flags & SYN) != 0:
            self._synchronise(flow, half, sequence, flags, block, header, start, end, missing)
        else:
            self._unusual(flow, half, sequence, flags, block, header, start, end, missing)

    def _synchronise(
        self,
        flow: Flow,
        half: Half,
        sequence: i64,
        flags: i64,
        block: bytes,
        header: i64,
        start: i64,
        end: i64,
        missing: i64,
    ) -> None:
        """Take a SYN. Its data waits until the answer shows whether the target took it (RFC 9293 3.10.7.2, RFC 7413)."""
        if missing == 0 and self.repeats.readings.is_dropped(flow, half, block, header, start, end):
            return
        other = flow.other(half)
        if (flags & ACK) != 0 and other.started and (other.held or other.strands):
            number: i64 = i64(read_i32_be(block, header + 8)) & SPACE
            if other.strands and number != other.next:
                other = self.strands.acknowledged(flow, other, number)
            if other.held and flow.state == OPENING:
                if number == other.next:
                    self.reorder.drop_held(other)
                else:
                    self.reorder.acknowledged(flow, other, number)
        first: i64 = (sequence + 1) & SPACE
        if is_late(half, first):
            self.reorder.open_before(flow, half, first)
            return
        if half.started and half.next != first and half.first != first:
            if flow.state == OPENING or flow.state == REFUSED:
                half = self.strands.synchronise(flow, half, first, is_claim=False)
            elif flow.state == CLOSED and (flags & ACK) == 0:
                if not goes_on(half, first):
                    self.strands.begin_again(flow, half, first)
                return
            elif (flags & ACK) != 0:
                self.strands.synchronise(flow, half, first, is_claim=True)
        begin(flow, half, sequence, flags)
        if half.strands and half.next == first:
            self.strands.begun(flow, half)
        if end > start and half.next == ((sequence + 1) & SPACE):
            self.reorder.hold(flow, half, half.next, block, start, end)

    def _acknowledge(self, flow: Flow, other: Half, number: i64) -> Half:
        """Take it that everything of the other direction before ``number`` has arrived; return that direction."""
        if other.started:
            if other.strands and number != other.next:
                other = self.strands.acknowledged(flow, other, number)
            self.reorder.acknowledged(flow, other, number)
        return other

    def _unusual(
        self,
        flow: Flow,
        half: Half,
        sequence: i64,
        flags: i64,
        block: bytes,
        header: i64,
        start: i64,
        end: i64,
        missing: i64,
    ) -> None:
        """Take everything but a SYN and the next segment in order."""
        connection = flow.connection
        size: i64 = end - start
        if missing == 0 and half.started and (size > 0 or (flags & (FIN | RST)) != 0):
            if self.repeats.readings.is_dropped(flow, half, block, header, start, end):
                return
        if not half.started and (flags & RST) == 0:
            half.started = True
            half.next = sequence
            half.began = sequence
            if half.strands:
                self.strands.begun(flow, half)
            if not flow.syn:
                connection.midstream = True
                if flow.state == OPENING:
                    flow.state = OPEN
        if flow.state == OPENING and (flags & RST) == 0 and size > 0:
            flow.state = OPEN
        if (size > 0 or missing > 0 or (flags & FIN) != 0) and (flags & ACK) != 0:
            other = flow.other(half)
            number: i64 = i64(read_i32_be(block, header + 8)) & SPACE
            other = self._acknowledge(flow, other, number)
            other.acked = number
            if size > 0 or missing > 0:
                other.answered = number
        if size > 0 or missing > 0:
            self._data(flow, half, sequence, flags, block, header, start, end, missing)
            half = flow.half(half.side)
        elif (flags & URG) != 0 and half.started:
            self.repeats.readings.expect_urgent(flow, half, sequence, block, header)
        if (flags & FIN) != 0:
            half.finished = True
            if flow.opener.finished and flow.peer.finished:
                flow.state = CLOSED
        if (flags & RST) != 0:
            flow.resets += 1
            if flow.state == OPENING and half.side == 1 and flow.syn:
                flow.state = REFUSED
                self.naming.open_silent(flow)
            elif flow.state != REFUSED:
                flow.state = CLOSED

    def _data(
        self,
        flow: Flow,
        half: Half,
        sequence: i64,
        flags: i64,
        block: bytes,
        header: i64,
        start: i64,
        end: i64,
        missing: i64,
    ) -> None:
        """Take the data of a segment that is not the next in order, or comes with a flag."""
        ahead: i64 = half.ahead(sequence)
        if ahead == 1 and half.seen is None and not flow.syn:
            half.next = sequence  # the capture began with a keep-alive, whose number is one behind
            ahead = 0
        size: i64 = end - start
        if ahead < 0 and half.first < 0 <= half.began and signed(half.began - sequence) > 0 and missing == 0:
            if self.holes.fill_front(flow, half, sequence, block, header, start, end):
                return
        strand = half
        is_changed = False
        if (
            flow.rival == sequence
            and flow.rival_side == half.side
            and ahead != 0
            and half.first != sequence
            and not goes_on(half, sequence)
        ):
            strand = numbers(half, sequence)
            strand.announced = True
            flow.rival = -1
        elif half.strands or ahead < -1:
            strand = strand_of(half, sequence, size)
            if half.strands and missing == 0:
                self.strands.compare_disputed(flow, half, strand, sequence, block, header, start, end)
        if strand is not half:
            if strand.stop >= 0 and strand.ahead(sequence) + size <= 0:
                half = strand
            elif strand.stop >= 0:
                if (flags & URG) != 0 and missing == 0:
                    self.repeats.readings.expect_urgent(flow, strand, sequence, block, header)
                whole: i64 = header if missing == 0 else -1
                rest: i64 = self.holes.fill(flow, half, strand, sequence, block, whole, start, end)
                if start < rest < end:
                    sequence = (sequence + rest - start) & SPACE
                    self._data(flow, half, sequence, flags, block, header, rest, end, missing)
                return
            elif strand.ahead(sequence) + size + missing > 0:
                half = self.strands.take(flow, half, strand, block, start, end)
                is_changed = True
            else:
                half = strand
            ahead = half.ahead(sequence)
        if half.missed != 0 and ahead >= 0:
            self.reorder.give_up_missed(flow, half)
        is_urgent = (flags & URG) != 0 and missing == 0
        urgent: i64 = -1
        conflicts: i64 = self.repeats.readings.conflicts
        if is_urgent:
            urgent = self.repeats.readings.expect_urgent(flow, half, sequence, block, header)
        if ahead <= 0:
            self._again(flow, half, sequence, -ahead, block, header, start, end, missing)
            if is_urgent and self.repeats.readings.conflicts == conflicts:
                self.repeats.readings.urgent(flow, half, sequence, block, header, start, end, urgent)
        else:
            self.reorder.hold(flow, half, sequence, block, start, end)
        if is_changed and half.pending:
            self.holes.finish_message(flow, half)

    def _again(
        self,
        flow: Flow,
        half: Half,
        sequence: i64,
        behind: i64,
        block: bytes,
        header: i64,
        start: i64,
        end: i64,
        missing: i64,
    ) -> None:
        """Bytes that begin at or before what is due: a keep-alive, a repeat, a repeat with news at its end, or the next ones."""
        size: i64 = end - start
        if behind == 1 and size <= 1 and half.unread < 0 and half.stop < 0 and self._may_be_keep_alive(half):
            if start <= header + (i64(block[header + 12]) >> 4) * 4:  # else it is the end of a longer segment
                return
        whole: i64 = header if missing == 0 else -1
        if behind > 0:
            if (
                behind >= size
                and self.copies.is_of_segment(half, block)
                and not self.repeats.is_other(half, sequence, block, start, end)
            ):
                self.copies.take(flow)
                flow.uncount(flow.half(half.side), end - header + missing)
            else:
                flow.retransmissions += 1
            if self.repeats.compare(flow, half, sequence, block, whole, start, end):
                self.reorder.catch_up(flow, half)
                return
        if behind < size or (behind == 0 and missing > 0):
            half.next = (sequence + size + missing) & SPACE
            self.delivery.deliver(flow, half, block, start + behind, end)
            self.repeats.remember(flow, half, sequence, block, whole, start, end)
            if missing > 0:
                self.delivery.gap(flow, half, missing, self.recorder.now + 1)
            self.reorder.catch_up(flow, half)

    def _may_be_keep_alive(self, half: Half) -> bool:
        """Return whether a byte in the place of the last one may be a keep-alive, whose byte means nothing (RFC 9293 3.8.4)."""
        last = half.seen
        if last is None or last.header < 0 or half.acked < 0 or half.acked == half.next:
            return True  # without a header it came before its turn: its time is that of the hole
        return self.recorder.now - last.time >= IDLE_NANOSECONDS
