"""Bytes of a stream that can be read two ways: which of them the target takes is known, or both are judged. Compiled with mypyc.

Two segments hold the same sequence numbers and different bytes. When the first has a wrong checksum and its sender's are right
otherwise, the target dropped it: it is a decoy, and the stream is read again without it. Else the target's choice depends on its
stack and on what reached it (overlaps, a low time to live, old timestamps, options it refuses): the messages of the second reading
are taken as well, marked with ``reading: other``, and a violation names both operations.

Limits: both readings go through one session, so that its counters hold both; a second reading is followed to the end of the
message it changes, as far as its bytes are remembered (``seen``).
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i16_be
from mypy_extensions import i64

from dissectors.base.message import label_of
from dissectors.base.recorder import Recorder
from dissectors.base.violations import repeats_of
from dissectors.wire.checksum import RIGHT, UNKNOWN, WRONG, ends_sum, header_sum, ip4_start, transport_sum
from dissectors.wire.copies import lives_text
from dissectors.wire.flow import Flow
from dissectors.wire.half import MAX_PENDING_BYTES, Half
from dissectors.wire.naming import Naming
from dissectors.wire.numbers import TCP
from dissectors.wire.recognise import Recogniser
from dissectors.wire.seen import SPACE, Room, Seen, ring_of, signed
from dissectors.wire.senders import LEFT_TO_CARD, Senders
from dissectors.wire.streams import Streams

URGENT_POINTER: Final = 18


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

    def is_dropped(self, flow: Flow, half: Half, block: bytes, header: i64, start: i64, end: i64) -> bool:
        """Look at an unusual segment; return whether its target drops it, and report that."""
        result: i64 = self.look(flow, block, header, end)
        address = half.end.ip
        self.senders.note(address, result)
        if result == WRONG:
            self._learn(flow, half)
        if not self.senders.means_dropped(address, result):
            return False
        self.senders.dropped += 1
        text = f"a segment with a wrong checksum, {int(end - start)} bytes: the target drops it"
        self.report(flow, half, "bad_checksum", "RFC 9293 3.1", text, 0, block, start, end)
        return True

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
        base: i64 = self._base(half, old.sequence)
        self.remember(half, sequence, block, header, start, end)
        before = self._text(half, base, False)
        altered: i64 = (sequence + at - base) & SPACE
        if self.senders.means_dropped(address, result):
            self.senders.dropped += 1
            first = self._named(flow, half, before, self._message_start(flow, half, before, base, altered))
            self._drop_wrong(flow, half, sequence)
            second = self._read_again(flow, half, base, altered)
            text = f"{first} in {frames[0]} has a wrong checksum, the target reads {second} in {frames[1]}"
            self.report(flow, half, "decoy", "RFC 9293 3.1", text, at, block, start, end)
            return True
        after = self._text(half, base, True)
        begin: i64 = self._message_start(flow, half, after, base, altered)
        first = self._named(flow, half, before, self._message_start(flow, half, before, base, altered))
        second = self._named(flow, half, after, begin)
        text = f"the same bytes are {first} in {frames[0]} and {second} in {frames[1]}{lives}"
        name = "overlap_conflict" if acked else "two_readings"
        if not was_open or acked:
            self.report(flow, half, name, "RFC 9293 3.10.7.4", text, at, block, start, end)
        until: i64 = (sequence + end - start - base) & SPACE
        self._take_alone(flow, half, after, begin, (sequence - base) & SPACE, end - start)
        self._take_other(flow, half, after, begin, until, base)
        return False

    def resume(self, flow: Flow, half: Half) -> None:
        """Go on with another reading whose message was not whole: more bytes have come."""
        base: i64 = half.unread
        half.unread = -1
        data = self._text(half, base, True)
        size: i64 = i64(len(data))
        if size and size < MAX_PENDING_BYTES:
            name = self._named(flow, half, data, 0)
            if self._take_other(flow, half, data, 0, size, base):
                text = f"bytes that came twice are also {name}"
                self.report(flow, half, "two_readings", "RFC 9293 3.10.7.4", text, 0, data, 0, size)

    def urgent(self, flow: Flow, half: Half, sequence: i64, block: bytes, header: i64, start: i64, end: i64) -> None:
        """Read the segment just delivered once more without its urgent byte: stacks take that out of the stream (RFC 6093 3)."""
        pointer: i64 = i64(read_i16_be(block, header + URGENT_POINTER)) & 0xFFFF
        if flow.session is None or pointer == 0 or pointer > end - start:
            return
        base: i64 = self._base(half, sequence)
        data = self._text(half, base, True)
        place: i64 = ((sequence - base) & SPACE) + pointer - 1
        other = data[:place] + data[place + 1 :]
        begin: i64 = self._message_start(flow, half, other, base, place)
        first = self._named(flow, half, data, self._message_start(flow, half, data, base, place))
        second = self._named(flow, half, other, begin)
        self._take_other(flow, half, other, begin, i64(len(other)), base)
        half.unread = -1
        self.conflicts += 1
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

    def _base(self, half: Half, sequence: i64) -> i64:
        """Return where the bytes begin that are remembered without a hole before ``sequence``."""
        last = half.seen
        if last is None:
            return sequence
        base: i64 = sequence
        moved = True
        while moved:
            moved = False
            for seen in ring_of(last):
                if signed(seen.sequence - base) < 0 and signed(seen.stop - base) >= 0:
                    base = seen.sequence
                    moved = True
        return base

    def _text(self, half: Half, base: i64, newest: bool) -> bytes:
        """Return the bytes remembered from ``base`` on up to the first hole; of two versions the newest or the oldest."""
        last = half.seen
        if last is None:
            return b""
        segments = ring_of(last)
        if not newest:
            segments.reverse()
        whole = bytearray()
        known = bytearray()
        for seen in segments:
            at: i64 = signed(seen.sequence - base)
            start: i64 = seen.start
            if at < 0:
                start -= at
                at = 0
            if start >= seen.end or at > MAX_PENDING_BYTES:
                continue
            stop: i64 = at + seen.end - start
            if stop > i64(len(whole)):
                more = bytes(int(stop - i64(len(whole))))
                whole += more
                known += more
            whole[at:stop] = seen.block[start : seen.end]
            known[at:stop] = b"\x01" * int(stop - at)
        hole: i64 = i64(known.find(0))
        return bytes(whole) if hole < 0 else bytes(whole[:hole])

    def _message_start(self, flow: Flow, half: Half, data: bytes, base: i64, altered: i64) -> i64:
        """Return where in ``data`` the message with byte ``altered`` begins; a segment's begin is one of the places tried."""
        session = flow.session
        last = half.seen
        size: i64 = i64(len(data))
        if session is None or last is None or altered >= size:
            return min(altered, size)
        places = [int(altered)]
        for seen in ring_of(last):
            place: i64 = signed(seen.sequence - base)
            if 0 <= place < altered:
                places.append(int(place))
        for begin in sorted(places):
            at: i64 = begin
            length: i64 = session.measure(half.side, data, at, size)
            while length > 0 and at + length <= altered:
                at += length
                length = session.measure(half.side, data, at, size)
            if length >= 0:
                return at
        return altered

    def _named(self, flow: Flow, half: Half, data: bytes, begin: i64) -> str:
        """Return the operation of the message at ``begin``, in words."""
        session = flow.session
        dissector = flow.dissector
        size: i64 = i64(len(data))
        if session is None or dissector is None or begin >= size:
            return "other bytes"
        length: i64 = session.measure(half.side, data, begin, size)
        if length == 0 or begin + length > size:
            return "a part of a message"
        if length < 0:
            return "no message"
        message = dissector.parse(data, begin, begin + length, half.side == flow.connection.client_side)
        return "a message" if message is None else label_of(message.operation, message.targets)

    # What becomes of a reading.

    def _take_other(self, flow: Flow, half: Half, data: bytes, begin: i64, until: i64, base: i64) -> bool:
        """Take the messages from ``begin`` on up to byte ``until`` as the other reading; return whether there was a whole one."""
        self.recogniser.settle(flow)
        session = flow.session
        if session is None:
            if not flow.identified and data:
                self.streams.kept -= flow.evict_early(half.side)
                self.recogniser.payload(flow, half, data, begin, i64(len(data)))
            return False
        at: i64 = begin
        size: i64 = i64(len(data))
        taken = False
        self.recorder.other_reading = True
        while at < min(until, size):
            length: i64 = session.measure(half.side, data, at, size)
            if length < 0:
                at = until
            elif length == 0 or at + length > size:
                break
            else:
                session.message(half.side, data, at, at + length)
                at += length
                taken = True
        self.recorder.other_reading = False
        half.unread = (base + at) & SPACE if at < until else -1
        return taken

    def _take_alone(self, flow: Flow, half: Half, data: bytes, begin: i64, place: i64, size: i64) -> None:
        """Take a segment that is a whole message by itself, when none of the messages from ``begin`` on begins there."""
        session = flow.session
        if place + size > i64(len(data)):
            return
        at: i64 = begin
        length: i64 = 1
        while session is not None and at < place and length > 0:
            length = session.measure(half.side, data, at, i64(len(data)))
            at += length
        if session is not None and at != place and session.measure(half.side, data, place, place + size) == size:
            self.recorder.other_reading = True
            session.message(half.side, data, place, place + size)
            self.recorder.other_reading = False

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
        self.recogniser.settle(flow)
        data = self._text(half, base, True)
        begin: i64 = self._message_start(flow, half, data, base, altered)
        size: i64 = i64(len(data))
        half.next = (base + size) & SPACE
        half.unread = -1
        self.streams.drop(half)
        session = flow.session
        name = self._named(flow, half, data, begin)
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
