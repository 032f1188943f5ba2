"""TCP segments to bytes in order, RFC 9293: out of order, overlap, retransmission, gaps. Compiled with mypyc.

Limits: retransmitted bytes are compared with the last segment of their direction and with segments still held; older
ones are only counted. A hole is given up after HOLE_NANOSECONDS of packet time or when too much is held behind it; bytes
that continue at its begin are still taken, late, so that no segment ahead of its time can hide those that follow.
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i32_be
from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.base.request import EXCERPT_BYTES
from dissectors.base.session import VIOLATIONS_REPORTED
from dissectors.facts import Violation, Visibility
from dissectors.wire.flow import (
    CLOSED,
    MAX_HELD_BYTES,
    MAX_HELD_SEGMENTS,
    OPEN,
    OPENING,
    REFUSED,
    Flow,
    Half,
    Held,
)
from dissectors.wire.recognise import Identifier

FIN: Final = 1
SYN: Final = 2
RST: Final = 4
ACK: Final = 16
HOLE_NANOSECONDS: Final = 500_000_000
SPACE: Final = 0xFFFFFFFF
MAX_UNSEEN: Final = 1_048_576
"""Bytes that an acknowledgement may be ahead of what was seen; beyond it the number is not believed."""
BLOCKS_KEPT: Final = 16
"""Blocks of the capture whose segments may still be compared in place; older segments are copied."""


@final
class Tcp:
    """Follows the directions of all TCP flows."""

    def __init__(self, recorder: Recorder, identifier: Identifier) -> None:
        self.recorder = recorder
        self.identifier = identifier
        self.block: i64 = 0
        self.borrowers: list[Half] = []
        self.kept: list[list[Half]] = []
        self.held_bytes: i64 = 0
        self.conflicts: i64 = 0

    def segment(
        self,
        flow: Flow,
        side: i64,
        sequence: i64,
        flags: i64,
        block: bytes,
        header: i64,
        start: i64,
        end: i64,
        missing: i64,
    ) -> None:
        """Take the segment with its TCP header at ``header``. ``missing`` bytes of its payload were cut off by the capture."""
        half = flow.half0 if side == 0 else flow.half1
        if (
            (flags & (SYN | FIN | RST)) == 0
            and half.started
            and sequence == half.next
            and not half.held
            and half.missed == 0
        ):
            size: i64 = end - start
            if size > 0 or missing > 0:
                other = flow.half1 if side == 0 else flow.half0
                if (i64(read_i32_be(block, header + 8)) & SPACE) != other.next and other.started:
                    self._acknowledged(flow, 1 - side, other, flags, i64(read_i32_be(block, header + 8)) & SPACE)
                half.next = (sequence + size + missing) & SPACE
                half.last_sequence = sequence
                half.last_block = block
                half.last_start = start
                half.last_end = end
                if half.block != self.block:
                    half.block = self.block
                    self.borrowers.append(half)
                if flow.state == OPENING:
                    flow.state = OPEN
                self._deliver(flow, side, block, start, end)
                if missing > 0:
                    self._gap(flow, side, half, missing, self.recorder.now + 1)
            return
        self._unusual(flow, side, half, sequence, flags, block, header, start, end, missing)

    def _deliver(self, flow: Flow, side: i64, block: bytes, start: i64, end: i64) -> None:
        if flow.session is not None:
            self.identifier.feed(flow, side, block, start, end)
        elif not flow.identified:
            self.identifier.payload(flow, side, block, start, end)

    def _unusual(
        self,
        flow: Flow,
        side: i64,
        half: Half,
        sequence: i64,
        flags: i64,
        block: bytes,
        header: i64,
        start: i64,
        end: i64,
        missing: i64,
    ) -> None:
        """Everything but the next segment in order."""
        connection = flow.connection
        if (flags & SYN) != 0:
            self._opening(flow, side, half, sequence, flags)
            return
        if not half.started:
            half.started = True
            half.next = sequence
            if not connection.midstream and not self._half_open(flow, side):
                connection.midstream = True
            if flow.state == OPENING and not flow.syn:
                flow.state = OPEN
        if flow.state == OPENING and (flags & RST) == 0 and end > start:
            flow.state = OPEN
        size: i64 = end - start
        if size > 0 or missing > 0 or (flags & FIN) != 0:
            other = flow.half1 if side == 0 else flow.half0
            if other.started:
                self._acknowledged(flow, 1 - side, other, flags, i64(read_i32_be(block, header + 8)) & SPACE)
        if size > 0 or missing > 0:
            ahead: i64 = (sequence - half.next) & SPACE
            if ahead >= 0x80000000:
                ahead -= 0x100000000
            if ahead == 1 and half.last_sequence < 0 and not flow.syn:
                half.next = sequence  # the capture began with a keep-alive, whose number is one behind
                ahead = 0
            if half.missed != 0 and ahead >= 0:
                self.give_up_missed(flow, side, half)
            if ahead != 0 and sequence == half.late and not self._repeats_last(half, sequence, block, start, end):
                self._take_late(flow, side, half, sequence, block, start, end)
            elif ahead == 0 and not half.held:
                self.segment(flow, side, sequence, flags & ACK, block, header, start, end, missing)
            elif ahead <= 0:
                self._again(flow, side, half, sequence, -ahead, block, start, end, missing)
            else:
                self._hold(flow, side, half, sequence, block, start, end)
        if (flags & FIN) != 0:
            half.finished = True
            if flow.half0.finished and flow.half1.finished:
                flow.state = CLOSED
        if (flags & RST) != 0:
            flow.resets += 1
            if flow.state == OPENING and side == 1 and flow.syn:
                flow.state = REFUSED
                self.identifier.name_unknown(flow)
            elif flow.state != REFUSED:
                flow.state = CLOSED

    def _acknowledged(self, flow: Flow, side: i64, half: Half, flags: i64, number: i64) -> None:
        """The other end has received everything of this direction before ``number``: what was not seen will not come.

        Without this, the answer to a request that the capture lost would look unmatched. One byte may be an unseen FIN.
        """
        ahead: i64 = (number - half.next) & SPACE
        if ahead <= 1 or ahead > MAX_UNSEEN or (flags & ACK) == 0:
            return
        while half.held:
            first = half.held[0]
            reached: i64 = (number - first.sequence) & SPACE
            if reached == 0 or reached > MAX_UNSEEN:
                break
            self.give_up_hole(flow, side, half)
        ahead = (number - half.next) & SPACE
        if ahead <= 1 or ahead > MAX_UNSEEN:
            return
        if half.missed == 0:
            half.late = half.next
            half.hole_since = self.recorder.now
        half.missed += ahead
        half.next = number
        flow.connection.with_gaps = True
        self._catch_up(flow, side, half)

    def give_up_missed(self, flow: Flow, side: i64, half: Half) -> None:
        """The bytes that the other end has received did not come a little later: they are lost to the capture."""
        missing: i64 = half.missed
        half.missed = 0
        self._gap(flow, side, half, missing, half.hole_since)

    def _half_open(self, flow: Flow, side: i64) -> bool:
        """Return whether this direction's start is known from the other direction's handshake."""
        return flow.syn

    def _opening(self, flow: Flow, side: i64, half: Half, sequence: i64, flags: i64) -> None:
        connection = flow.connection
        if half.started and half.next == ((sequence + 1) & SPACE):
            flow.retransmissions += 1
            if flow.state == OPENING:
                flow.attempts += 1
            return
        if half.started and flow.state != OPENING:
            return
        half.started = True
        half.next = (sequence + 1) & SPACE
        half.first = half.next
        if (flags & ACK) != 0:
            if (flags & (FIN | RST)) == 0:
                connection.client_side = 1 - side
            if flow.state == OPENING:
                flow.state = OPEN
        else:
            flow.attempts += 1
            if (flags & (FIN | RST)) == 0:
                connection.client_side = side
        if (flags & (FIN | RST)) == 0:
            connection.decided_by = "handshake"
        flow.syn = True

    def _again(
        self,
        flow: Flow,
        side: i64,
        half: Half,
        sequence: i64,
        behind: i64,
        block: bytes,
        start: i64,
        end: i64,
        missing: i64,
    ) -> None:
        """Bytes that begin before what was delivered: a keep-alive, a repeat, or a repeat with news at its end."""
        size: i64 = end - start
        if behind == 1 and size <= 1:
            return
        if behind > 0:
            flow.retransmissions += 1
            self._compare(flow, side, half, sequence, block, start, end)
        if behind < size:
            half.next = (sequence + size + missing) & SPACE
            self._deliver(flow, side, block, start + behind, end)
            self._remember(half, sequence, block, start, end)
            if missing > 0:
                self._gap(flow, side, half, missing, self.recorder.now + 1)
            self._catch_up(flow, side, half)

    def _take_late(self, flow: Flow, side: i64, half: Half, sequence: i64, block: bytes, start: i64, end: i64) -> None:
        """Take bytes that continue where the stream stood before a hole was given up or its sequence numbers jumped."""
        size: i64 = end - start
        if half.missed != 0:
            half.missed -= size
            if half.missed <= 0:
                half.next = (half.next - half.missed) & SPACE
                half.missed = 0
                flow.connection.with_gaps = flow.lost > 0
        elif half.pending:
            self.identifier.drop_pending(half)
            if flow.session is not None:
                flow.session.lost_since = self.recorder.now
                flow.session.gap(side)
        half.late = (sequence + size) & SPACE
        if half.late == half.next:
            half.late = -1
        self._deliver(flow, side, block, start, end)

    def _repeats_last(self, half: Half, sequence: i64, block: bytes, start: i64, end: i64) -> bool:
        """Return whether the segment is the last one again, byte for byte."""
        if half.last_sequence != sequence or half.last_end - half.last_start != end - start:
            return False
        at: i64 = 0
        while at < end - start:
            if half.last_block[half.last_start + at] != block[start + at]:
                return False
            at += 1
        return True

    def _remember(self, half: Half, sequence: i64, block: bytes, start: i64, end: i64) -> None:
        half.last_sequence = sequence
        half.last_block = block
        half.last_start = start
        half.last_end = end
        if half.block != self.block:
            half.block = self.block
            self.borrowers.append(half)

    def _compare(self, flow: Flow, side: i64, half: Half, sequence: i64, block: bytes, start: i64, end: i64) -> None:
        """Compare repeated bytes with the last segment where they overlap."""
        if half.last_sequence < 0:
            return
        shift: i64 = (sequence - half.last_sequence) & SPACE
        if shift >= 0x80000000:
            shift -= 0x100000000
        old: i64 = half.last_start + (shift if shift > 0 else 0)
        new: i64 = start + (-shift if shift < 0 else 0)
        while old < half.last_end and new < end:
            if half.last_block[old] != block[new]:
                self._conflict(flow, side, block, start, end, new - start)
                return
            old += 1
            new += 1

    def _conflict(self, flow: Flow, side: i64, data: bytes, start: i64, end: i64, at: i64) -> None:
        self.conflicts += 1
        recorder = self.recorder
        self.identifier.name_unknown(flow)
        session = flow.session
        channel = flow.channel
        if session is not None and session.channel is not None:
            channel = session.channel
        if channel is not None:
            seen = channel.violations.get("overlap_conflict", 0) + 1
            channel.violations["overlap_conflict"] = seen
            if seen > VIOLATIONS_REPORTED and (seen & (seen - 1)) != 0:
                return
        recorder.facts.append(
            Violation(
                recorder.now,
                recorder.source,
                recorder.frame,
                recorder.number(),
                channel.identity if channel is not None else "",
                "tcp",
                "overlap_conflict",
                at,
                "RFC 9293 3.10.7.4",
                f"repeated bytes differ from those seen before, from byte {int(at)} of the segment",
                side == flow.connection.client_side,
                flow.connection.visibility(),
                flow.connection.flow(),
                flow.connection.client_port(),
                data[start : min(end, start + EXCERPT_BYTES)],
                recorder.place(data, start),
                end - start,
            )
        )

    def _hold(self, flow: Flow, side: i64, half: Half, sequence: i64, block: bytes, start: i64, end: i64) -> None:
        """Keep a segment that came before its turn, sorted; give the hole up when too much is held."""
        if not half.held:
            half.hole_since = self.recorder.now
        ahead: i64 = (sequence - half.next) & SPACE
        place: i64 = 0
        for held in half.held:
            other: i64 = (held.sequence - half.next) & SPACE
            if other == ahead:
                flow.retransmissions += 1
                if held.data[: end - start] != block[start : min(end, start + i64(len(held.data)))]:
                    self._conflict(flow, side, block, start, end, 0)
                if end - start <= i64(len(held.data)):
                    return
            if other > ahead:
                break
            place += 1
        half.held.insert(int(place), Held(sequence, block[start:end], self.recorder.frame))
        half.held_bytes += end - start
        self.held_bytes += end - start
        if (
            self.held_bytes > self.identifier.limit
            or half.held_bytes > MAX_HELD_BYTES
            or len(half.held) > MAX_HELD_SEGMENTS
            or self.recorder.now - half.hole_since > HOLE_NANOSECONDS
        ):
            self.give_up_hole(flow, side, half)

    def give_up_hole(self, flow: Flow, side: i64, half: Half) -> None:
        """The missing bytes will not come: report the gap and go on behind it."""
        if not half.held:
            return
        first = half.held[0]
        missing: i64 = (first.sequence - half.next) & SPACE
        half.late = half.next
        half.next = first.sequence
        self._gap(flow, side, half, missing, half.hole_since)
        self._catch_up(flow, side, half)

    def _catch_up(self, flow: Flow, side: i64, half: Half) -> None:
        """Deliver what was held and is next now."""
        frame: i64 = self.recorder.frame
        while half.held:
            first = half.held[0]
            ahead: i64 = (first.sequence - half.next) & SPACE
            if ahead >= 0x80000000:
                ahead -= 0x100000000
            if ahead > 0:
                half.hole_since = self.recorder.now
                break
            del half.held[0]
            size: i64 = i64(len(first.data))
            half.held_bytes -= size
            self.held_bytes -= size
            if ahead < 0:
                self._compare(flow, side, half, first.sequence, first.data, 0, size)
            if -ahead < size:
                half.next = (first.sequence + size) & SPACE
                self.recorder.frame = first.frame
                self._deliver(flow, side, first.data, -ahead, size)
                self._remember(half, first.sequence, first.data, 0, size)
        self.recorder.frame = frame

    def _gap(self, flow: Flow, side: i64, half: Half, missing: i64, since: i64) -> None:
        """Report that bytes are lost; answers to what was asked before ``since`` may be among them."""
        flow.gaps += 1
        flow.lost += 1
        flow.connection.with_gaps = True
        self.identifier.drop_pending(half)
        if flow.early:
            flow.evict_early(side)
        session = flow.session
        if session is not None:
            session.lost_since = since
            session.gap(side)
        if flow.reported_gap:
            return
        flow.reported_gap = True
        recorder = self.recorder
        channel = flow.channel
        if session is not None and session.channel is not None:
            channel = session.channel
        recorder.facts.append(
            Visibility(
                recorder.now,
                recorder.source,
                recorder.frame,
                recorder.number(),
                channel.identity if channel is not None else "",
                "gaps",
                "bytes of the stream are missing from the capture",
                missing,
                flow.connection.flow(),
            )
        )

    def end_of_block(self) -> None:
        """Keep the last BLOCKS_KEPT blocks alive; copy what still lies in the one that goes."""
        self.kept.append(self.borrowers)
        self.borrowers = []
        self.block += 1
        if len(self.kept) > BLOCKS_KEPT:
            gone: i64 = self.block - i64(len(self.kept))
            for half in self.kept.pop(0):
                if half.block == gone:
                    half.release()
