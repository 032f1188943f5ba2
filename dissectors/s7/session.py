"""One connection of S7comm or S7CommPlus: counts repeated reads, pairs answers, joins fragments, reports everything else.

A job is paired with its answer by PDU reference, direction and function, S7CommPlus by its sequence number. A plain read that
is known costs a comparison of its parameters with the expected ones and of the answer's data with those of the last
answer. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel import Operation
from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.message import ONE_WAY, REPORT, REQUEST, RESPONSE, Message, ProtocolViolation, fold, same
from dissectors.base.recorder import Recorder
from dissectors.iso import payload as carried
from dissectors.iso.cotp import u16
from dissectors.iso.payload import S7_ID
from dissectors.iso.session import IsoSession
from dissectors.s7 import plus
from dissectors.s7.change import has_same_form, items_of, report_changes
from dissectors.s7.direction import classic_direction
from dissectors.s7.item import Item
from dissectors.s7.lists import Lists
from dissectors.s7.parse import ANSWER_HEADER, HEADER, parse
from dissectors.s7.table import ACK_DATA, JOB, READ_VAR, SECRET_SERVICES, SERVICE, USERDATA
from dissectors.s7.transfer import Transfers

ANSWER_DATA: Final = 14
"""Where the data of a read answer begin: header, function, item count."""
MAX_ITEM_LISTS: Final = 256
"""Reads whose address items are kept parsed; then the memory starts anew."""
KEY_BIT: Final = 1 << 60
"""Keys of plain reads lie apart from those made of labels."""
CONTINUATION_BIT: Final = 1 << 61


NUMBERING: Final = frozenset({"pdu_reference", "sequence", "more", "bytes"})
"""What numbers the messages of one exchange and says nothing of it."""


@final
class S7Session(IsoSession):
    """The two directions of one connection."""

    def __init__(self, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> None:
        super().__init__(connection, recorder, channel_table)
        self.conversation.exchanges.numbering = NUMBERING
        self.lists = Lists()
        self.transfers = Transfers()
        self.inside: i64 = 0
        """The bit of a side is set while an S7CommPlus message of it goes on in the next fragment."""
        self.seen_s7: bool = False
        self.plus_fragments: i64 = 0
        self.items: dict[i64, list[Item]] = {}

    def gap(self, side: i64, since: i64) -> None:
        """Forget what was half read."""
        super().gap(side, since)
        self.lists.parts.clear()
        self.transfers.running.clear()
        self.inside = 0

    def payload(self, side: i64, data: bytes, start: i64, end: i64, frame: i64) -> None:
        """Count a known read or its unchanged answer; take any other message apart."""
        if end - start >= ANSWER_DATA and data[start] == S7_ID and self.seen_s7:
            if side == self.connection.client_side:
                if data[start + 1] == JOB and data[start + HEADER] == READ_VAR and self._known_read(data, start, end):
                    return
            elif data[start + 1] == ACK_DATA and data[start + ANSWER_HEADER] == READ_VAR:
                if self._same_answer(data, start, end):
                    return
        if self.encrypted:
            return
        kind: i64 = carried.kind_of(data, start, end)
        if kind == carried.S7COMM:
            self._classic(side, data, start, end, frame)
        elif kind == carried.S7COMMPLUS:
            self._plus(side, data, start, end, frame)
        elif kind == carried.TLS and not self.seen_s7:
            self.note_encrypted(data, start, end)
        elif self.seen_s7:
            self._foreign_payload(side, data, start, end, frame)
        else:
            self.foreign(side, data, start, end)

    def read_again(self, side: i64, data: bytes) -> None:
        """Take a message without its transport header, or a transport unit that opens the connection."""
        if data[0] == S7_ID:
            self.payload(side, data, 0, i64(len(data)), 0)
        else:
            self.message(side, data, 0, i64(len(data)))

    # The fast path.

    def _known_read(self, data: bytes, start: i64, end: i64) -> bool:
        """Count a read job that is known on the channel; return whether it was one."""
        channel = self.units.channel
        if channel is None or u16(data, start + 8) != 0 or HEADER + u16(data, start + 6) != end - start:
            return False
        known = self.operations.usual()
        if known is None or not known.routine or not same(data, start + HEADER, end, known.request):
            known = channel.operations.get(fold(data, start + HEADER, end) | KEY_BIT)
            if known is None or not known.routine or not same(data, start + HEADER, end, known.request):
                return False
        self.operations.count(channel, known, self.recorder.now)
        self.pairing.ask(channel, known, u16(data, start + 4), None)
        return True

    def _same_answer(self, data: bytes, start: i64, end: i64) -> bool:
        """Count a successful answer to a plain read, reporting what changed; return whether it was one."""
        tag: i64 = u16(data, start + 4)
        operation = self._open_routine(tag)
        if operation is None:
            return False
        if data[start + 10] != 0 or data[start + 11] != 0 or not operation.reply:
            return False
        if u16(data, start + 6) != 2 or data[start + 13] != operation.request[1]:
            return False
        if ANSWER_DATA + u16(data, start + 8) != end - start:
            return False
        unchanged = same(data, start + ANSWER_DATA, end, operation.reply)
        if not unchanged and not self._changed(operation, data, start, end):
            return False
        self.conversation.answered_routine(tag)
        return True

    def _open_routine(self, tag: i64) -> Operation | None:
        """Return the routine operation that waits with ``tag``."""
        operation = self.pairing.asked(tag)
        return operation if operation is not None and operation.routine else None

    def _changed(self, operation: Operation, data: bytes, start: i64, end: i64) -> bool:
        """Report the elements that differ from the last answer; return False when this one has another form."""
        if not has_same_form(operation, data, start + ANSWER_DATA, end):
            return False
        channel = self.units.channel
        if self.pairing.given_up.is_doubtful(u16(data, start + 4), self.recorder.now):
            return True
        if channel is not None:
            items = self.items.get(operation.key)
            if items is None:
                if len(self.items) >= MAX_ITEM_LISTS:
                    self.items.clear()
                items = items_of(operation)
                self.items[operation.key] = items
            report_changes(self.reporting, channel, operation, items, data, start + ANSWER_DATA)
        operation.reply = data[start + ANSWER_DATA : end]
        return True

    # The general path.

    def _classic(self, side: i64, data: bytes, start: i64, end: i64, frame: i64) -> None:
        self.seen_s7 = True
        self.speak("s7comm")
        says: i64 = classic_direction(data, start, end)
        if says == 1 and not self.connection.asked:
            self.asked_by(side)
        from_client = side == self.connection.client_side
        message = parse(data, start, end, from_client)
        if says >= 0 and (says == 1) != from_client and message is not None:
            asks = message.kind == REQUEST
            if self.contradicted(side, message.tag, asks, True, data[start:end]):
                message = parse(data, start, end, not from_client)
            else:
                self.conversation.goes_back(message)
        if message is None:
            text = f"{int(end - start)} bytes are no whole S7comm header"
            found = ProtocolViolation("length", 0, "S7 header", text)
            self.reporting.violation(self.current_channel(), found, side, data, start, end)
            return
        self.place_on_unit(message)
        rosctr: i64 = i64(data[start + 1])
        key: i64 = -1
        stop: i64 = end
        if rosctr == USERDATA:
            stop = self._userdata(message, data, start, end)
        elif message.code.startswith("0x1"):
            self.transfers.follow(message, data, start, end)
            self.conversation.units.channel_table.evicted_protocol_state += self.transfers.take_evicted()
        if rosctr == JOB and message.routine:
            key = fold(data, start + HEADER, end) | KEY_BIT
        elif rosctr == JOB and data[start + HEADER : start + HEADER + 1] == bytes((SERVICE,)):
            stop = secret_end(message, data, start, end)
        if message.kind == RESPONSE and message.operation == "ack":
            message.verb = "session"
        if message.kind == RESPONSE and message.routine and not message.error:
            self._plain_answer(side, message, data, start, end, frame)
            return
        operation = self.conversation.take(side, message, key, data, frame, stop)
        if operation is not None and key >= 0 and not operation.request:
            operation.request = data[start + HEADER : end]

    def _plain_answer(self, side: i64, message: Message, data: bytes, start: i64, end: i64, frame: i64) -> None:
        """Pair a successful read answer and keep its data to compare the next one with."""
        self._check_count(message, data, start)
        operation = self.conversation.take(side, message, -1, data, frame, end)
        doubtful = self.pairing.given_up.is_doubtful(message.tag, self.recorder.now)
        if operation is not None and operation.routine and not message.violations and not doubtful:
            operation.reply = data[start + ANSWER_DATA : end]

    def _check_count(self, message: Message, data: bytes, start: i64) -> None:
        """Report an answer that has not as many items as its request."""
        operation = self._open_routine(message.tag)
        if operation is None or len(operation.request) < 2:
            return
        asked = operation.request[1]
        if data[start + 13] != asked:
            text = f"{asked} items were asked for, {data[start + 13]} are answered"
            message.violations.append(ProtocolViolation("item_count", 13, "S7 variable services", text))

    def _userdata(self, message: Message, data: bytes, start: i64, end: i64) -> i64:
        """Join lists; return where the part of the message ends that may be shown."""
        if message.kind == RESPONSE:
            self.lists.join(message, data, start, end)
        if message.verb == "auth":
            middle: i64 = start + HEADER + u16(data, start + 6)
            return min(end, middle + 4)
        return end

    def _plus(self, side: i64, data: bytes, start: i64, end: i64, frame: i64) -> None:
        """Take the first fragment of an S7CommPlus message; count the others."""
        self.seen_s7 = True
        self.speak("s7commplus")
        more = not plus.is_last(data, start, end)
        inside = (self.inside & (side + 1)) != 0
        if more:
            self.inside |= side + 1
        else:
            self.inside &= ~(side + 1)
        if inside:
            self.plus_fragments += 1
            return
        message = plus.parse(data, start, end, side == self.connection.client_side)
        if message is None:
            return
        self.place_on_unit(message)
        if message.routine and (message.kind == ONE_WAY or message.kind == REPORT):
            channel = self.units.open(message.unit, message.unit_key)
            key: i64 = KEY_BIT | CONTINUATION_BIT | (i64(data[start + 1]) << 1) | (1 if message.kind == REPORT else 0)
            operation = self.operations.with_key(channel, key, message)
            if message.kind == REPORT:
                self.operations.report(channel, operation, self.recorder.now)
            else:
                self.operations.count(channel, operation, self.recorder.now)
            return
        self.conversation.take(side, message, -1, data, frame, end)

    def _foreign_payload(self, side: i64, data: bytes, start: i64, end: i64, frame: i64) -> None:
        """Report a payload that is neither of both on a connection that spoke S7 before; TLS turns it encrypted."""
        if carried.kind_of(data, start, end) == carried.TLS and self.units.protocol == "s7commplus":
            self.note_encrypted(data, start, end)
            return
        byte_count = data[start : min(end, start + 2)].hex()
        found = ProtocolViolation(
            "rosctr", 0, "S7 header", f"the message begins with {byte_count or 'nothing'}, 32 or 72 belong there"
        )
        self.reporting.violation(self.current_channel(), found, side, data, frame, end)


def secret_end(message: Message, data: bytes, start: i64, end: i64) -> i64:
    """Return where the part of a program service ends that may be shown: before a password."""
    name = message.code[5:]
    return min(end, start + HEADER + 8) if name in SECRET_SERVICES else end
