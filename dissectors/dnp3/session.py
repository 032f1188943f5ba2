"""One DNP3 connection: frames to fragments, requests to responses, what repeats to counters.

A frame that repeats a known read, or answers one with values already seen or readable in place, makes no Message.
Everything else is parsed and goes through ``Conversation``. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i16_le, read_i64_le
from mypy_extensions import i64

from dissectors.base.channel import Operation
from dissectors.base.message import ProtocolViolation, fold, same
from dissectors.dnp3.conversation import Conversation
from dissectors.dnp3.function import CONFIRM, READ, RESPONSE_FUNCTION, UNSOLICITED_RESPONSE
from dissectors.dnp3.indication import ERRORS, STATES
from dissectors.dnp3.link import (
    FROM_MASTER,
    HEADER,
    MIN_LENGTH,
    bad_block,
    destination_of,
    measure,
    next_frame,
    source_of,
    user_data,
    wrong_header,
)
from dissectors.dnp3.pair import Pair
from dissectors.dnp3.parse import (
    MIN_RESPONSE,
    SEQUENCE,
    TRANSPORT_FIRST,
    TRANSPORT_LAST,
    TRANSPORT_SEQUENCE,
    UNSOLICITED,
    WHOLE,
    block_fault,
    is_user_data,
    tag_of,
)
from dissectors.dnp3.repeat import first_block_end, first_block_sealed, repeats
from dissectors.dnp3.transport import DONE, WRONG

OBJECTS: Final = 15
"""Offset of the first object in a frame that holds a whole response."""
FUNCTION: Final = 12
EMPTY_RESPONSE: Final = MIN_LENGTH + 5
MIN_WHOLE: Final = MIN_LENGTH + 3
ONE_BLOCK: Final = MIN_LENGTH + 16


@final
class Dnp3Session(Conversation):
    """One connection, or one pair of UDP ends."""

    def measure(self, side: i64, data: bytes, start: i64, end: i64) -> i64:
        """Return the length of the frame at ``start``; the last good header of each side is not checked again."""
        if start + HEADER > end:
            return measure(data, start, end)
        head: i64 = read_i64_le(data, start)
        crc: i64 = i64(read_i16_le(data, start + 8))
        if side == 0:
            if head == self.head0 and crc == self.crc0:
                return self.size0
        elif head == self.head1 and crc == self.crc1:
            return self.size1
        size: i64 = measure(data, start, end)
        if size > 0:
            if side == 0:
                self.head0 = head
                self.crc0 = crc
                self.size0 = size
            else:
                self.head1 = head
                self.crc1 = crc
                self.size1 = size
        return size

    def resync(self, data: bytes, start: i64, end: i64) -> i64:
        """Return the next 0x0564 with a good header CRC."""
        return next_frame(data, start, end)

    def violation_of_stream(self, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Report once per stretch of foreign bytes what is wrong with its begin."""
        if self.lost0 if side == 0 else self.lost1:
            return
        if side == 0:
            self.lost0 = True
        else:
            self.lost1 = True
        found = wrong_header(data, start, end)
        stop: i64 = start + found.at
        found.at = 0
        channel = self.unit_channel("", -1) if self.pair is None else self.pair.channel
        self.violation(channel, found, side == self.connection.client_side, data, start, stop)

    def gap(self, side: i64) -> None:
        """Forget half-built fragments too."""
        super().gap(side)
        for pair in self.pairs.values():
            pair.gap()

    def expire(self, now: i64) -> None:
        """Give up fragments whose parts never came."""
        for pair in self.pairs.values():
            pair.expire(now)

    def message(self, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Take one whole frame with a good header."""
        if side == 0:
            self.lost0 = False
        else:
            self.lost1 = False
        length: i64 = i64(data[start + 2])
        control: i64 = i64(data[start + 3])
        source: i64 = source_of(data, start)
        destination: i64 = destination_of(data, start)
        by_master = control & FROM_MASTER != 0
        key: i64 = source << 16 | destination if by_master else destination << 16 | source
        pair = self.pair
        if pair is None or pair.key != key:
            pair = self.find_pair(key)
        if length == MIN_LENGTH or not is_user_data(control):
            self.take_link(side, pair, control, source, destination, data, start, end)
            return
        transport: i64 = i64(data[start + HEADER])
        if transport & WHOLE == WHOLE and length >= MIN_WHOLE:
            assembly = pair.from_master if by_master else pair.from_outstation
            if assembly.byte_count == 0 and self._repeated(pair, by_master, length, data, start, end):
                return
        bad: i64 = bad_block(data, start, end)
        if bad >= 0:
            self.violation(pair.channel, block_fault(bad), side == self.connection.client_side, data, start, end)
            return
        user = user_data(data, start, end)
        if transport & WHOLE == WHOLE:
            self._interrupted(side, pair, by_master, data, start, end)
            self.take_fragment(side, user, 1, control, source, destination, data, start, end)
            return
        self._part(side, pair, user, control, source, destination, data, start, end)

    def _part(
        self,
        side: i64,
        pair: Pair,
        user: bytes,
        control: i64,
        source: i64,
        destination: i64,
        data: bytes,
        start: i64,
        end: i64,
    ) -> None:
        """Take a frame that holds a part of a fragment."""
        assembly = pair.from_master if control & FROM_MASTER else pair.from_outstation
        transport: i64 = i64(user[0])
        first = transport & TRANSPORT_FIRST != 0
        if first:
            assembly.started = self.recorder.now
        state: i64 = assembly.add(first, transport & TRANSPORT_LAST != 0, transport & TRANSPORT_SEQUENCE, user[1:])
        if state == WRONG:
            self._broken(side, pair, assembly.text, data, start, end)
        if state != DONE:
            return
        joined = assembly.joined
        assembly.joined = b""
        if not control & FROM_MASTER and self._assembled(pair, joined):
            return
        self.take_fragment(side, joined, 0, control, source, destination, data, start, end)

    def _interrupted(self, side: i64, pair: Pair, by_master: bool, data: bytes, start: i64, end: i64) -> None:
        """Report that a whole fragment came where a part of another was due."""
        assembly = pair.from_master if by_master else pair.from_outstation
        if assembly.byte_count == 0:
            return
        text = f"a whole fragment came where part {assembly.sequence} of another was due"
        assembly.clear()
        assembly.given_up += 1
        self._broken(side, pair, text, data, start, end)

    def _broken(self, side: i64, pair: Pair, text: str, data: bytes, start: i64, end: i64) -> None:
        found = ProtocolViolation("transport_sequence", HEADER, "8.2", text)
        self.violation(pair.channel, found, side == self.connection.client_side, data, start, end)

    # What repeats.

    def _repeated(self, pair: Pair, by_master: bool, length: i64, data: bytes, start: i64, end: i64) -> bool:
        """Count a frame that needs no parsing; False when it does, and nothing has been counted."""
        control: i64 = i64(data[start + 11])
        function: i64 = i64(data[start + FUNCTION])
        if control & WHOLE != WHOLE:
            return False
        if by_master:
            if function == READ and not control & UNSOLICITED:
                return self._known_request(pair, control, data, start, end)
            confirm = pair.confirm
            if function != CONFIRM or length != MIN_WHOLE or confirm is None:
                return False
            if not first_block_sealed(data, start, end):
                return False
            self.count(pair.channel, confirm, self.recorder.now)
            return True
        if length < EMPTY_RESPONSE:
            return False
        if function == RESPONSE_FUNCTION and not control & UNSOLICITED:
            return self._known_response(pair, length, control, data, start, end)
        if function == UNSOLICITED_RESPONSE:
            return self._known_report(pair, length, data, start, end)
        return False

    def _known_request(self, pair: Pair, control: i64, data: bytes, start: i64, end: i64) -> bool:
        operation: Operation | None = None
        last = self.last_operation
        if last is not None:
            moved = last.recent
            if moved is not None and repeats(data, start, end, moved.operation.request, FUNCTION):
                operation = moved.operation
        if operation is None:
            key: i64 = fold(data, start + FUNCTION, first_block_end(start, end))
            operation = pair.requests.get(int(key))
            if operation is None or not repeats(data, start, end, operation.request, FUNCTION):
                return False
        if not first_block_sealed(data, start, end):
            return False
        self.ask(pair.channel, operation, tag_of(pair.key, control & SEQUENCE), None)
        return True

    def _expected(self, pair: Pair, tag: i64, bits: i64) -> Operation | None:
        """Return the plain operation that a response with ``tag`` answers, when its indications say nothing new."""
        if bits & (STATES | ERRORS) != pair.indications:
            return None
        operation = self.asked(tag)
        return operation if operation is not None and operation.routine else None

    def _known_response(self, pair: Pair, length: i64, control: i64, data: bytes, start: i64, end: i64) -> bool:
        tag: i64 = tag_of(pair.key, control & SEQUENCE)
        operation = self._expected(pair, tag, i64(read_i16_le(data, start + 13)) & 0xFFFF)
        if operation is None:
            return False
        if length == EMPTY_RESPONSE:
            if not first_block_sealed(data, start, end):
                return False
            self.answered(tag)
            return True
        points = pair.points
        if operation.reply_key == points.version and repeats(data, start, end, operation.reply, OBJECTS):
            if not first_block_sealed(data, start, end):
                return False
            self.answered(tag)
            return True
        if bad_block(data, start, end) >= 0 or not self._values(pair, length, data, start, end):
            return False
        operation.reply = data[start:end]
        operation.reply_key = points.version
        self.answered(tag)
        return True

    def _values(self, pair: Pair, length: i64, data: bytes, start: i64, end: i64) -> bool:
        """Take the values of a whole response in one frame: in place when it has one block."""
        if length <= ONE_BLOCK:
            return self.take_values(pair, data, start + OBJECTS, end - 2)
        user = user_data(data, start, end)
        return self.take_values(pair, user, OBJECTS - HEADER, i64(len(user)))

    def _assembled(self, pair: Pair, joined: bytes) -> bool:
        """Count a response put together from parts like one in a single frame."""
        if i64(len(joined)) < MIN_RESPONSE or joined[1] != RESPONSE_FUNCTION:
            return False
        control: i64 = i64(joined[0])
        if control & (WHOLE | UNSOLICITED) != WHOLE:
            return False
        tag: i64 = tag_of(pair.key, control & SEQUENCE)
        operation = self._expected(pair, tag, i64(read_i16_le(joined, 2)) & 0xFFFF)
        if operation is None:
            return False
        size: i64 = i64(len(joined))
        points = pair.points
        if operation.reply_key != points.version or not same(joined, 4, size, operation.reply):
            if not self.take_values(pair, joined, 4, size):
                return False
            operation.reply = joined[4:]
            operation.reply_key = points.version
        self.answered(tag)
        return True

    def _known_report(self, pair: Pair, length: i64, data: bytes, start: i64, end: i64) -> bool:
        if i64(read_i16_le(data, start + 13)) & (STATES | ERRORS) != pair.indications or not pair.reports:
            return False
        if bad_block(data, start, end) >= 0 or not self._values(pair, length, data, start, end):
            return False
        operation = pair.reports.get(int(pair.points.kinds))
        if operation is None:
            return False
        self.count(pair.channel, operation, self.recorder.now)
        pair.channel.reports += 1
        return True
