"""TCP segments to bytes in order, RFC 9293: the next one at once, any other by its parts. Compiled with mypyc.

``handshake`` says how a connection begins, ``reorder`` keeps what comes before its turn and gives up what does not come,
``repeats`` compares what comes again, ``delivery`` gives the bytes on.
"""

from __future__ import annotations

from typing import final

from librt.strings import read_i32_be
from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.wire.copies import Copies
from dissectors.wire.delivery import Delivery
from dissectors.wire.flow import CLOSED, OPEN, OPENING, REFUSED, Flow
from dissectors.wire.half import SPACE, Half
from dissectors.wire.handshake import ACK, FIN, RST, SYN, begin
from dissectors.wire.link import Link
from dissectors.wire.naming import Naming
from dissectors.wire.reorder import Reorder
from dissectors.wire.repeats import Repeats


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
    ) -> None:
        self.recorder = recorder
        self.naming = naming
        self.delivery = delivery
        self.repeats = repeats
        self.reorder = reorder
        self.link = link
        self.copies = copies

    def segment(
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
        """Take the segment with its TCP header at ``header``. ``missing`` bytes of its payload were cut off by the capture."""
        if (
            (flags & (SYN | FIN | RST)) == 0
            and half.started
            and sequence == half.next
            and not half.held
            and half.missed == 0
        ):
            size: i64 = end - start
            if size > 0 or missing > 0:
                other = flow.peer if half.side == 0 else flow.opener
                number: i64 = i64(read_i32_be(block, header + 8)) & SPACE
                if number != other.next:
                    self._acknowledge(flow, other, flags, number)
                half.next = (sequence + size + missing) & SPACE
                half.last_sequence = sequence
                half.last_block = block
                half.last_start = start
                half.last_end = end
                half.last_header = self.link.header
                half.last_time = self.recorder.now
                if half.block != self.repeats.block:
                    self.repeats.borrow(half)
                if flow.state == OPENING:
                    flow.state = OPEN
                self.delivery.deliver(flow, half, block, start, end)
                if missing > 0:
                    self.delivery.gap(flow, half, missing, self.recorder.now + 1)
        elif (flags & SYN) != 0:
            begin(flow, half, sequence, flags)
        else:
            self._unusual(flow, half, sequence, flags, block, header, start, end, missing)

    def _acknowledge(self, flow: Flow, other: Half, flags: i64, number: i64) -> None:
        """Take it that everything of the other direction before ``number`` has arrived."""
        if other.started and (flags & ACK) != 0:
            self.reorder.acknowledged(flow, other, number)

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
        if not half.started and (flags & RST) == 0:
            half.started = True
            half.next = sequence
            if not flow.syn:
                connection.midstream = True
                if flow.state == OPENING:
                    flow.state = OPEN
        size: i64 = end - start
        if flow.state == OPENING and (flags & RST) == 0 and size > 0:
            flow.state = OPEN
        if size > 0 or missing > 0 or (flags & FIN) != 0:
            self._acknowledge(flow, flow.other(half), flags, i64(read_i32_be(block, header + 8)) & SPACE)
        if size > 0 or missing > 0:
            ahead: i64 = half.ahead(sequence)
            if ahead == 1 and half.last_sequence < 0 and not flow.syn:
                half.next = sequence  # the capture began with a keep-alive, whose number is one behind
                ahead = 0
            if half.missed != 0 and ahead >= 0:
                self.reorder.give_up_missed(flow, half)
            if ahead != 0 and sequence == half.late and not self.repeats.is_last(half, sequence, block, start, end):
                self.reorder.take_late(flow, half, sequence, block, start, end)
            elif ahead == 0 and not half.held:
                self.segment(flow, half, sequence, flags & ACK, block, header, start, end, missing)
            elif ahead <= 0:
                self._again(flow, half, sequence, -ahead, block, header, start, end, missing)
            else:
                self.reorder.hold(flow, half, sequence, block, start, end)
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
        """Bytes that begin before what was delivered: a keep-alive, a repeat, or a repeat with news at its end."""
        size: i64 = end - start
        if behind == 1 and size <= 1:
            return
        if behind > 0:
            if behind >= size and self.copies.is_of_segment(half, block):
                self.copies.take(flow)
                flow.uncount(half, end - header + missing)
            else:
                flow.retransmissions += 1
            self.repeats.compare(flow, half, sequence, block, start, end)
        if behind < size:
            half.next = (sequence + size + missing) & SPACE
            self.delivery.deliver(flow, half, block, start + behind, end)
            self.repeats.remember(half, sequence, block, start, end)
            if missing > 0:
                self.delivery.gap(flow, half, missing, self.recorder.now + 1)
            self.reorder.catch_up(flow, half)
