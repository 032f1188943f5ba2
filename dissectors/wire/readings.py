"""Bytes of a stream that can be read two ways: which of them the target takes is known, or both are judged. Compiled with mypyc.

Two segments hold the same sequence numbers and different bytes. When the first has a wrong checksum and its sender's are right
otherwise, the target dropped it: it is a decoy, and the stream is read again without it. Else the target's choice depends on its
stack and on what reached it (overlaps, a low time to live, old timestamps, options it refuses): the messages of the second reading
are taken as well, marked with ``reading: other``, and a violation names both operations.

Limits: all readings go through one session, so that its counters hold them all; others than the first are followed (``others``) as
far as their bytes are remembered (``seen``), until they end where the first does. Of urgent bytes the last MAX_URGENT are known.
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i16_be
from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.base.violations import repeats_of
from dissectors.wire.checksum import RIGHT, UNKNOWN, WRONG, ends_sum, header_sum, ip4_start, transport_sum
from dissectors.wire.copies import lives_text
from dissectors.wire.flow import Flow
from dissectors.wire.half import MAX_PENDING_BYTES, Half
from dissectors.wire.naming import Naming
from dissectors.wire.numbers import TCP
from dissectors.wire.others import Others
from dissectors.wire.pieces import base_of, segments_of, text_of
from dissectors.wire.recognise import Recogniser
from dissectors.wire.seen import SPACE, Room, Seen, ring_of, signed
from dissectors.wire.senders import LEFT_TO_CARD, Senders
from dissectors.wire.streams import Streams
from dissectors.wire.versions import NO_BYTE

URGENT_POINTER: Final = 18
MAX_URGENT: Final = 4
"""Urgent bytes of a direction that are known."""


@final
class Readings:
    """Judges the two readings of what came again with other bytes. ``conflicts`` counts how often that was."""

    def __init__(
        self, recorder: Recorder, naming: Naming, recogniser: Recogniser, streams: Streams, senders: Senders
    ) -> None:
        self.recorder = recorder
        self.naming = naming
        self.recogniser = recogniser
        self.streams = streams
        self.others = Others(recorder, recogniser, streams)
        self.senders = senders
        self.conflicts: i64 = 0
        self.room = Room()

    # Checksums.

    def look(self, flow: Flow, block: bytes, header: i64, end: i64) -> i64:
        """Return what the checksums of a segment say: WRONG when one of them is."""
        if header < 0:
            return UNKNOWN
        ends: i64 = ends_sum(flow.x_high, flow.x_low, flow.y_high, flow.y_low)
        result: i64 = transport_sum(ends, TCP, block, header, end)
        if result != WRONG:
            at: i64 = ip4_start(block, header)
            if at >= 0 and header_sum(block, at, header) == WRONG:
                return WRONG
        return result

    def is_wrong(self, flow: Flow, half: Half, block: bytes, header: i64, end: i64) -> bool:
        """Return whether the target drops a segment for its checksum, without counting that: a SYN must change nothing then."""
        result: i64 = self.look(flow, block, header, end)
        if result == WRONG:
            self._learn(flow, half)
        return self.senders.means_dropped(half.end.ip, result)

    def is_dropped(self, flow: Flow, half: Half, block: bytes, header: i64, start: i64, end: i64) -> bool:
        """Look at an unusual segment; return whether its target drops it, and report that."""
        result: i64 = self.look(flow, block, header, end)
        address = half.end.ip
        if self.senders.note(address, result):
            self._report_card(flow, half)
        if result == WRONG:
            self._learn(flow, half)
        if not self.senders.means_dropped(address, result):
            return False
        self.senders.dropped += 1
        text = f"a segment with a wrong checksum, {int(end - start)} bytes: the target drops it"
        self.report(flow, half, "bad_checksum", "RFC 9293 3.1", text, 0, block, start, end)
        return True

    def _report_card(self, flow: Flow, half: Half) -> None:
        """Say of a device that its checksums prove nothing here: its frames were captured before its network card."""
        end = flow.connection.end(half.end)
        self.recorder.sighting(
            ip=end.ip,
            mac=end.mac,
            vlan=flow.connection.vlan,
            attribute="checksums",
            value="left to its network card, not judged",
            method="checksum",
            confidence="weak",
            network=flow.connection.network,
        )

    def _learn(self, flow: Flow, half: Half) -> None:
        """Look at the segments remembered of a sender of whom no right checksum is known."""
        address = half.end.ip
        sender = self.senders.known.get(address)
        last = half.seen
        if last is None or (sender is not None and (sender.right > 0 or sender.wrong > LEFT_TO_CARD)):
            return
        for seen in ring_of(last):
            if self.look(flow, seen.block, seen.header, seen.end) == RIGHT:
                self.senders.note(address, RIGHT)

    # Two versions.

    def judge(
        self, flow: Flow, half: Half, old: Seen, sequence: i64, block: bytes, header: i64, start: i64, end: i64, at: i64
    ) -> bool:
        """Take a segment that differs from ``old`` from its byte ``at`` on; return whether the stream was read again with it."""
        self.conflicts += 1
        self.recogniser.settle(flow, is_over=False)
        was_open = half.unread >= 0
        acked = half.acked >= 0 and signed(sequence + at - half.acked) < 0
        address = half.end.ip
        result: i64 = self.look(flow, old.block, old.header, old.end)
        if result == WRONG:
            self._learn(flow, half)
        if self.look(flow, block, header, end) == RIGHT:
            self.senders.note(address, RIGHT)
        frames = f"frame {int(old.frame)}", f"frame {int(self.recorder.frame)}"
        lives = lives_text(old, block, header)
        place: i64 = old.sequence
        segments = segments_of(flow, half)
        base: i64 = base_of(segments, place)
        before = text_of(segments, base, False)
        altered: i64 = (sequence + at - base) & SPACE
        begin: i64 = self.others.message_start(flow, half, before, base, altered)
        first = self.others.named(flow, half, before, begin)
        self.remember(half, sequence, block, header, start, end)
        if self.senders.means_dropped(address, result):
            self.senders.dropped += 1
            self._drop_wrong(flow, half, sequence)
            second = self._read_again(flow, half, base, altered)
            text = f"{first} in {frames[0]} has a wrong checksum, the target reads {second} in {frames[1]}"
            self.report(flow, half, "decoy", "RFC 9293 3.1", text, at, block, start, end)
            return True
        newest = half.seen
        segments = segments_of(flow, half)
        base = base_of(segments, place)
        altered = (sequence + at - base) & SPACE
        after = text_of(segments, base, True)
        begin = self.others.message_start(flow, half, after, base, altered)
        second = self.others.named(flow, half, after, begin)
        taken = ""
        if flow.session is None:
            self.others.offer(flow, half, after, begin)
        else:
            starts = self.others.starts(half, segments, (base + begin) & SPACE, (base + altered) & SPACE)
            taken = self.others.follow(flow, half, newest, segments, starts, NO_BYTE)
        if taken:
            second = taken
        second = "another one" if second == first else second
        text = f"the same bytes are {first} in {frames[0]} and {second} in {frames[1]}{lives}"
        name = "overlap_conflict" if acked else "two_readings"
        if not was_open or acked or taken:
            self.report(flow, half, name, "RFC 9293 3.10.7.4", text, at, block, start, end)
        return False

    def repeat(self, flow: Flow, half: Half, sequence: i64, block: bytes, header: i64, start: i64, end: i64) -> None:
        """Remember a segment that brings nothing new, for other readings that are not at their end."""
        self.remember(half, sequence, block, header, start, end)
        self.resume(flow, half, half.seen)

    def resume(self, flow: Flow, half: Half, newest: Seen | None) -> None:
        """Go on with the other readings whose messages were not whole: ``newest`` has come."""
        segments = segments_of(flow, half)
        self.recogniser.settle(flow, is_over=False)
        base: i64 = half.unread
        if flow.session is None:
            half.unread = -1
            self.others.offer(flow, half, text_of(segments, base, True), 0)
            return
        name = self.others.follow(flow, half, newest, segments, self._open(half), NO_BYTE)
        if name and newest is not None:
            self.conflicts += 1
            clause = "RFC 9293 3.10.7.4"
            text = f"bytes that came twice are also {name}"
            if half.urgent:
                clause = "RFC 6093 3"
                text = f"without an urgent byte the bytes are {name}"
            self.report(flow, half, "two_readings", clause, text, 0, newest.block, newest.start, newest.end)

    def _open(self, half: Half) -> list[i64]:
        """Return where messages of other readings are unfinished."""
        return [half.unread, *[place for place in half.doubts if place != half.unread]]

    # Urgent bytes.

    def expect_urgent(self, flow: Flow, half: Half, sequence: i64, block: bytes, header: i64) -> i64:
        """Note where the urgent byte of a segment is, which may come later; return its place, NO_BYTE when that is behind."""
        pointer: i64 = i64(read_i16_be(block, header + URGENT_POINTER)) & 0xFFFF
        if flow.session is None or pointer == 0:
            return NO_BYTE
        place: i64 = (sequence + pointer - 1) & SPACE
        ahead: i64 = signed(place - half.next)
        if ahead > MAX_PENDING_BYTES or place in half.urgent:
            return NO_BYTE
        half.urgent = [*half.urgent[1 - MAX_URGENT :], place]
        if ahead < 0:
            return place
        if half.unread < 0:
            half.unread = (half.next - i64(len(half.pending))) & SPACE
        return NO_BYTE

    def urgent(
        self, flow: Flow, half: Half, sequence: i64, block: bytes, header: i64, start: i64, end: i64, behind: i64
    ) -> None:
        """Read the segment taken once more without its urgent byte: stacks take that out of the stream (RFC 6093 3)."""
        pointer: i64 = i64(read_i16_be(block, header + URGENT_POINTER)) & 0xFFFF
        self.recogniser.settle(flow, is_over=False)
        if flow.session is None or pointer == 0 or pointer > end - start:
            return
        segments = segments_of(flow, half)
        base: i64 = base_of(segments, sequence)
        place: i64 = ((sequence - base) & SPACE) + pointer - 1
        second = ""
        if behind != NO_BYTE:
            known = text_of(segments, base, True)
            likely: i64 = (base + self.others.message_start(flow, half, known, base, place)) & SPACE
            starts = self.others.starts(half, segments, likely, (base + place) & SPACE)
            second = self.others.follow(flow, half, None, segments, starts, behind)
        data = text_of(segments, base, True)
        other = data[:place] + data[place + 1 :]
        first = self.others.named(flow, half, data, self.others.message_start(flow, half, data, base, place))
        if not second:
            second = self.others.named(flow, half, other, self.others.message_start(flow, half, other, base, place))
        text = f"with its urgent byte the segment is {first}, without it {second}"
        self.report(flow, half, "two_readings", "RFC 6093 3", text, pointer - 1, block, start, end)

    # The bytes of a reading.

    def remember(self, half: Half, sequence: i64, block: bytes, header: i64, start: i64, end: i64) -> None:
        """Keep a copy of a segment, beside another version of it."""
        seen = half.further_place(self.room)
        seen.copy(sequence, block, header, start, end, self.recorder.frame)
        size: i64 = i64(len(seen.block))
        half.copied += size
        self.room.copied += size

    # What becomes of a reading.

    def _drop_wrong(self, flow: Flow, half: Half, sequence: i64) -> None:
        """Forget the segments from ``sequence`` on whose checksum is wrong."""
        last = half.seen
        if last is None:
            return
        for seen in ring_of(last):
            if signed(seen.stop - sequence) > 0 and self.look(flow, seen.block, seen.header, seen.end) == WRONG:
                seen.forget()

    def _read_again(self, flow: Flow, half: Half, base: i64, altered: i64) -> str:
        """Let the stream go on with the bytes that are left, from the message with byte ``altered`` on; return what it is."""
        data = text_of(segments_of(flow, half), base, True)
        begin: i64 = self.others.message_start(flow, half, data, base, altered)
        size: i64 = i64(len(data))
        half.next = (base + size) & SPACE
        half.unread = -1
        self.streams.drop(half)
        session = flow.session
        name = self.others.named(flow, half, data, begin)
        if session is None:
            if flow.sealed:
                return name
            self.streams.kept -= flow.evict_early(half.side)
            flow.identified = False
            self.recogniser.payload(flow, half, data, begin, size)
        else:
            session.hunting &= ~(half.side + 1)
            self.streams.feed(flow, half, data, begin, size)
        return name

    def report(
        self, flow: Flow, half: Half, name: str, clause: str, text: str, at: i64, data: bytes, start: i64, end: i64
    ) -> None:
        """Report a violation of TCP, those that come often by their count."""
        self.naming.open_silent(flow)
        channel = flow.spoken()
        if channel is None and flow.passed_over:
            return
        seen: i64 = 1 if channel is None else channel.violated(name)
        self.recorder.violation(
            flow.connection,
            channel=flow.channel_id(),
            protocol="tcp",
            name=name,
            at=at,
            clause=clause,
            text=text,
            side=half.side,
            data=data,
            start=start,
            end=end,
            repeats=repeats_of(seen),
            counted=None if channel is None else channel.counted(seen),
        )
