"""One Modbus/TCP connection: counts repeated reads, pairs answers, reports everything else. Compiled with mypyc.

An answer is paired by transaction, unit, function and what it repeats of its request. A plain read that is known costs a comparison of its key and of
the answer's bytes with those of the last answer. Serial frames inside TCP get the header of Modbus/TCP first (``serial``), so that
the bytes shown of them are those with this header.
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i32_be
from mypy_extensions import i64

from dissectors.base.channel import Channel, Operation
from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.message import NEED_MORE, NOT_MINE, Message, ProtocolViolation, same
from dissectors.base.recorder import Recorder
from dissectors.base.session import Session
from dissectors.modbus.change import report_changes
from dissectors.modbus.direction import direction
from dissectors.modbus.echo import note_difference
from dissectors.modbus.fields import u16
from dissectors.modbus.parse import HEADER, READ_REQUEST, is_unanswered, key_of, measure, parse, tag_of
from dissectors.modbus.serial import (
    LONGEST,
    MBAP,
    NAMES,
    NO_PROOF,
    UNDECIDED,
    Line,
    find_frame,
    framing_of,
    may_be_serial,
    proof,
    serial_size,
    wrapped,
)
from dissectors.modbus.table import FUNCTIONS, READ_BITS, function_of

UNIT_SHIFT: Final = 16
"""Where the unit stands in a tag."""
ANY_UNIT: Final = 0xFF00FFFF
"""The bits of a tag besides the unit."""

NUMBERING: Final = frozenset({"transaction"})
"""What numbers the messages of one exchange and says nothing of it."""


@final
class ModbusSession(Session):
    """The two directions of one connection."""

    def __init__(self, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> None:
        super().__init__("modbus", connection, recorder, channel_table)
        self.conversation.exchanges.numbering = NUMBERING
        self.told_other_unit: bool = False
        self.framing: i64 = UNDECIDED
        self.line = Line()

    def measure(self, side: i64, data: bytes, start: i64, end: i64) -> i64:
        """Return the length of the message at ``start``."""
        if self.framing == MBAP:
            return measure(data, start, end)
        if self.framing == UNDECIDED:
            self.framing = framing_of(data, start, end)
            if self.framing != UNDECIDED and proof(self.framing, data, start, end) == NO_PROOF:
                self.framing = UNDECIDED
            if self.framing == UNDECIDED:
                size: i64 = measure(data, start, end)
                if (size <= 0 or size > end - start) and may_be_serial(data, start, end):
                    return NEED_MORE
                if size != NEED_MORE:
                    self.framing = MBAP
                return size
            self.connection.framing = NAMES[self.framing]
        return serial_size(self.framing, data, start, end)

    def message(self, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Count a known plain read, take anything else apart."""
        if self.framing != MBAP:
            unwrapped = wrapped(self.framing, data, start, end, 0)
            number: i64 = self.line.transaction(
                side == self.connection.client_side, i64(unwrapped[6]), i64(unwrapped[7])
            )
            data = wrapped(self.framing, data, start, end, number)
            start = 0
            end = i64(len(data))
        function: i64 = i64(data[start + 7])
        unit: i64 = i64(data[start + 6])
        if side == self.connection.client_side:
            key: i64 = -1
            if function <= 4 and function != 0 and end - start == READ_REQUEST:
                key = (unit << 40) | (function << 32) | (i64(read_i32_be(data, start + 8)) & 0xFFFFFFFF)
                units = self.units
                channel = units.channel
                if channel is not None and units.key == unit:
                    operation = self._known(channel, key)
                    if operation is not None:
                        self.operations.count(channel, operation, self.recorder.now)
                        self.pairing.ask(channel, operation, tag_of(data, start), None)
                        return
            self._asked(side, key, data, start, end)
            return
        if function <= 4:
            pairing = self.pairing
            tag: i64 = tag_of(data, start)
            operation = pairing.operation
            if operation is not None and pairing.tag == tag and operation.routine:
                if end - start - 9 == operation.reply_key or pairing.is_alone():
                    channel = pairing.channel
                    pairing.operation = None
                    pairing.answered += 1
                    if channel is not None:
                        if channel is not self.units.channel:
                            self.units.turn_to(channel, unit)
                        self._answer(side, channel, operation, pairing.time, data, start, end)
                    return
            if not pairing.is_alone() and self._read_among_several(side, tag, data, start, end):
                return
        self._answered(side, data, start, end)

    def _read_among_several(self, side: i64, tag: i64, data: bytes, start: i64, end: i64) -> bool:
        """Take the answer to a plain read among several: the oldest with its tag that it fits, open or given up, else the oldest."""
        pairing = self.pairing
        if not pairing.match_read(tag, end - start - 9):
            if pairing.match_late_read(tag, end - start - 9):
                message = parse(data, start, end, False)
                if message is not None:
                    doubtful = pairing.asked(tag) is None and pairing.is_superseded(tag, pairing.hit_time)
                    self.conversation.take_late(side, message, doubtful, data, start, end)
                return True
            oldest = pairing.asked(tag)
            if oldest is None or not oldest.routine or not pairing.match(tag):
                return False
        channel = pairing.hit_channel
        operation = pairing.hit_operation
        if channel is None or operation is None:
            return False
        if channel is not self.units.channel:
            self.units.turn_to(channel, (tag >> UNIT_SHIFT) & 0xFF)
        self._answer(side, channel, operation, pairing.hit_time, data, start, end)
        return True

    def _known(self, channel: Channel, key: i64) -> Operation | None:
        """Return the plain operation with ``key``: first the one that usually comes next, then by look-up."""
        last = self.operations.last
        if last is not None:
            usual = last.recent
            if usual is not None and usual.operation.key == key:
                return usual.operation
        return channel.operations.get(key)

    def _asked(self, side: i64, key: i64, data: bytes, start: i64, end: i64) -> None:
        if not self.connection.asked and self._is_turned_by_client(side, data, start, end):
            self._answered(side, data, start, end)
            return
        if self._is_contrary_answer(side, data, start, end):
            self._answered(side, data, start, end)
            return
        message = parse(data, start, end, True)
        if message is None:
            return
        if message.violations:
            message.routine = False
            key = -1
        if self.framing != MBAP:
            message.detail = {"framing": NAMES[self.framing]}
        if is_unanswered(message):
            message.optional = True
        operation = self.conversation.take(side, message, key, data, start, end)
        if operation is not None and operation.routine and operation.reply_key == 0:
            quantity: i64 = u16(data, start + 10)
            bits = function_of(i64(data[start + 7])).form == READ_BITS
            operation.reply_key = (quantity + 7) // 8 if bits else quantity * 2

    def _answer(
        self, side: i64, channel: Channel, operation: Operation, asked: i64, data: bytes, start: i64, end: i64
    ) -> None:
        """Count the answer to a routine read; report the points that changed."""
        if not channel.active:
            self.units.touch(channel)
        channel.responses += 1
        channel.latency(self.recorder.now - asked)
        size: i64 = end - start - 9
        fits = size >= 0 and size == i64(data[start + 8]) and size == operation.reply_key
        if fits and same(data, start + 9, end, operation.reply):
            return
        if self.pairing.given_up.is_doubtful(tag_of(data, start), self.recorder.now):
            return
        if not fits:
            text = f"{int(size)} bytes answer a read of {int(operation.reply_key)}"
            found = ProtocolViolation("response_mismatch", 8, "V1.1b3 6", text)
            self.reporting.violation(channel, found, side, data, start, end)
            return
        if operation.reply and i64(len(operation.reply)) == size:
            report_changes(self.reporting, channel, operation, data, start + 9)
        operation.reply = data[start + 9 : end]

    def _answered(self, side: i64, data: bytes, start: i64, end: i64) -> None:
        message = parse(data, start, end, False)
        if message is None:
            return
        pairing = self.pairing
        if pairing.asked(message.tag) is None:
            says: i64 = direction(data, start, end)
            if says != 0 and self._asks(side, says):
                self._turn(side)
                self._asked(side, key_of(data, start, end), data, start, end)
                return
            if says != 0 and not self.connection.to_group:
                self.contradicted(side, message.tag, True, says == 1, data[start:end])
            question = parse(data, start, end, True) if says == 1 else None
            if question is not None:
                self.conversation.take_from_server(side, question, data, start, end)
                return
        if self._is_unasked(message) and self._is_of_other_unit(message):
            if i64(data[start + 7]) <= 4 and self._read_among_several(side, message.tag, data, start, end):
                channel = self.units.channel
                if channel is not None:
                    self.conversation.remarks(side, channel, message, data, start, end)
                return
        tag: i64 = message.tag
        if pairing.fitting(tag, message.mirror) is None and not pairing.given_up.fits(tag, message.mirror):
            note_difference(message, pairing)
        self.conversation.take(side, message, -1, data, start, end)

    # Who is who, until it is sure.

    def _is_turned_by_client(self, side: i64, data: bytes, start: i64, end: i64) -> bool:
        """Look at the form of a client's message; return whether it is an answer's, and the roles are turned by it."""
        connection = self.connection
        says: i64 = direction(data, start, end)
        if says == 1:
            connection.asked = connection.prior < 0 or connection.prior == side
        if says != 0 or connection.opened_by == side or connection.prior == side or connection.to_group:
            return False
        self._turn(1 - side)
        return True

    def _asks(self, side: i64, says: i64) -> bool:
        """Return whether a message that answers nothing makes the end taken for the server the client.

        Its form ``says`` that it asks, or it fits both directions and messages alone say that who opened the connection is the
        server. Where the client is known it turns nobody round, until an answer says more of it.
        """
        connection = self.connection
        if connection.to_group or connection.asked or connection.prior == connection.client_side:
            return False
        return says == 1 or (connection.opened_by == side and connection.decided_by == "messages")

    def _is_contrary_answer(self, side: i64, data: bytes, start: i64, end: i64) -> bool:
        """Return whether the client has answered what the server asked, and the roles are turned by it."""
        contrary = self.contrary
        if contrary is None or contrary.asked(tag_of(data, start)) is None:
            return False
        says: i64 = direction(data, start, end)
        return says != 1 and self.contradicted(side, tag_of(data, start), False, says == 0, data[start:end])

    def read_again(self, side: i64, data: bytes) -> None:
        """Take a message that has the header of Modbus/TCP by now."""
        if side == self.connection.client_side:
            self._asked(side, key_of(data, 0, i64(len(data))), data, 0, i64(len(data)))
        else:
            self._answered(side, data, 0, i64(len(data)))

    def _turn(self, client: i64) -> None:
        """Turn the roles round; what was asked the other way round was no question."""
        self.pairing.release()
        self.turn_round(client)

    def _is_unasked(self, message: Message) -> bool:
        """Return whether no request with the tag of an answer is open, and none was given up that it fits."""
        pairing = self.pairing
        return pairing.asked(message.tag) is None and not pairing.given_up.fits(message.tag, message.mirror)

    def _is_of_other_unit(self, message: Message) -> bool:
        """Give an answer to the open request that differs from it in the unit only; remark it once a connection.

        Devices that are no gateways answer every unit as 0 or 255, whatever they were asked as.
        """
        asked: i64 = self.pairing.alike(message.tag, ANY_UNIT)
        if asked < 0:
            return False
        unit: i64 = (asked >> UNIT_SHIFT) & 0xFF
        if not self.told_other_unit:
            self.told_other_unit = True
            text = f"unit {int(unit)} was asked, the answer names unit {message.unit}"
            message.violations.append(ProtocolViolation("answer_unit", 6, "TCP/IP V1.0b 3.1.3", text))
        message.detail["answered_as"] = int(message.unit_key)
        message.tag = asked
        message.unit = str(int(unit))
        message.unit_key = unit
        return True

    def resync(self, data: bytes, start: i64, end: i64) -> i64:
        """Return where a chain of two valid headers begins, or one that ends exactly at ``end``."""
        at: i64 = start
        if self.framing != MBAP and self.framing != UNDECIDED:
            return find_frame(self.framing, data, start, end)
        while at < end:
            size: i64 = measure(data, at, end)
            if size > 0 and at + size == end:
                return at
            if size > 0 and at + size < end and plausible(data, at, end):
                if measure(data, at + size, end) != NOT_MINE:
                    return at
            at += 1
        return end

    def undecided(self, data: bytes, start: i64, end: i64) -> i64:
        """Return the first place from which a valid header leads beyond the bytes there are."""
        if self.framing != MBAP and self.framing != UNDECIDED:
            return max(start, end - LONGEST + 1)
        at: i64 = start
        while at < end:
            size: i64 = measure(data, at, end)
            if size == NEED_MORE or (size > end - at and (end - at <= HEADER or plausible(data, at, end))):
                return at
            at += 1
        return end


def plausible(data: bytes, start: i64, end: i64) -> bool:
    """Return whether the function byte is one that Modbus knows, as request, answer or exception."""
    code = int(data[start + 7])
    return (code & 0x7F) in FUNCTIONS
