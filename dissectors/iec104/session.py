"""One connection of IEC 60870-5-104: sequence numbers, pairing, and the last values of objects. Compiled with mypyc.

A confirmation answers the command of the same type, common address and first object that has the same objects with the same values
and qualifiers: stations mirror a command. Acknowledgements are counted with their
packets and make no message. Bound: MAX_POINTS last values per connection; objects beyond it are not followed.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.message import NEED_MORE, NOT_MINE, ONE_WAY, REPORT, REQUEST, RESPONSE, Message, ProtocolViolation
from dissectors.base.pairing import ANSWER_NANOSECONDS
from dissectors.base.recorder import Recorder
from dissectors.base.reverse import BACKWARDS
from dissectors.base.session import Session
from dissectors.facts import Value
from dissectors.iec104.parse import CLAUSE_CONTROL, OBJECTS, START, measure, parse, sender, u16
from dissectors.iec104.table import REQUESTED, TYPES, UNKNOWN_FIRST

MAX_POINTS: Final = 10_000
"""Information objects of one connection whose last value is remembered."""
SEQUENCE: Final = 0x7FFF
SUPERVISORY: Final = 1
GLOBAL_ADDRESS: Final = 0xFFFF
"""The common address of all stations (IEC 60870-5-101 7.2.4)."""
ADDRESS_SHIFT: Final = 8
"""Where the common address stands in a tag."""
DIRECTION_BIT: Final = 51
"""The bit of a tag that says which direction asked."""


@final
class Iec104Session(Session):
    """The two directions of one connection."""

    def __init__(self, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> None:
        super().__init__("iec104", connection, recorder, channel_table)
        self.conversation.exchanges.numbering = frozenset({"time"})
        self.expected0: i64 = -1
        self.expected1: i64 = -1
        self.everybody: i64 = -1
        """The tag of the command to everybody that was answered last, and when."""
        self.everybody_time: i64 = 0
        self.points: dict[int, Value] = {}

    def close(self) -> None:
        """Give back the points too."""
        super().close()
        self.units.channel_table.points -= i64(len(self.points))
        self.points.clear()

    def measure(self, side: i64, data: bytes, start: i64, end: i64) -> i64:
        """Return the length of the APDU at ``start``."""
        return measure(data, start, end)

    def message(self, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Take one APDU."""
        if data[start + 2] == SUPERVISORY:
            return
        message = parse(data, start, end)
        if message is None:
            return
        if not self.connection.asked and sender(data, start, end) == 1:
            self.asked_by(side)
        if (data[start + 2] & 1) == 0:
            self._number(side, message, u16(data, start + 2) >> 1)
        self._take(side, message, data, start, end)

    def read_again(self, side: i64, data: bytes) -> None:
        """Take an APDU once more, whose number was looked at before."""
        message = parse(data, 0, i64(len(data)))
        if message is not None:
            self._take(side, message, data, 0, i64(len(data)))

    def _take(self, side: i64, message: Message, data: bytes, start: i64, end: i64) -> None:
        if (data[start + 2] & 1) == 0:
            self._repeat(message, i64(data[start + 8]) & 0x3F)
        else:
            # Both ends test and start on their own: a confirmation answers the other direction.
            message.tag |= (side if message.kind == REQUEST else 1 - side) << DIRECTION_BIT
        asks = message.kind == REQUEST
        if asks != (side == self.connection.client_side) and (asks or message.kind == RESPONSE):
            if sender(data, start, end) == (1 if asks else 0):
                if not self.contradicted(side, message.tag, asks, True, data[start:end]):
                    self.conversation.goes_back(message)
        self.conversation.take(side, message, -1, data, start, end)
        if message.kind == REPORT and not message.violations:
            self._follow(message)

    def _number(self, side: i64, message: Message, number: i64) -> None:
        """State the violation when a numbered APDU is not the next one of its direction; after a gap any is."""
        expected: i64 = self.expected0 if side == 0 else self.expected1
        following: i64 = (number + 1) & SEQUENCE
        if side == 0:
            self.expected0 = following
        else:
            self.expected1 = following
        if expected >= 0 and number != expected:
            text = f"send number {int(number)} follows, {int(expected)} is next"
            message.violations.append(ProtocolViolation("sequence_number", 2, CLAUSE_CONTROL, text))

    def _repeat(self, message: Message, cause: i64) -> None:
        """Take what comes after the one answer for what it is: many stations confirm a read, then send the value, and refuse twice."""
        pairing = self.pairing
        if message.kind != RESPONSE or pairing.fitting(message.tag, message.mirror) is not None:
            return
        if self.pairing.asked(message.tag | BACKWARDS) is not None:
            return
        if self._answers_everybody(message):
            return
        if pairing.given_up.fits(message.tag, message.mirror):
            return
        if cause == REQUESTED:
            message.kind = REPORT
        elif cause >= UNKNOWN_FIRST:
            message.kind = ONE_WAY

    def _answers_everybody(self, message: Message) -> bool:
        """Pair an answer with a command to the global address, which every station answers with its own; the first one counts."""
        tag: i64 = message.tag | GLOBAL_ADDRESS << ADDRESS_SHIFT
        now: i64 = self.recorder.now
        if self.pairing.fitting(tag, message.mirror) is not None:
            message.tag = tag
            self.everybody = tag
            self.everybody_time = now
            return True
        if tag == self.everybody and now - self.everybody_time <= ANSWER_NANOSECONDS:
            message.kind = ONE_WAY
            return True
        return False

    def gap(self, side: i64, since: i64) -> None:
        """Forget which number comes next in a direction that lost bytes."""
        super().gap(side, since)
        if side == 0:
            self.expected0 = -1
        else:
            self.expected1 = -1

    def _follow(self, message: Message) -> None:
        """Report the objects whose value is another than the last one."""
        row = TYPES.get(int(message.code)) if message.code.isdigit() else None
        if row is None or row.code > 40:
            return
        table = self.units.channel_table
        points: list[int] = []
        values: list[Value] = []
        previous: list[Value] = []
        at = 0
        for target in message.targets:
            for address in range(target.first, target.last + 1):
                if at >= len(message.values):
                    break
                value = message.values[at]
                at += 1
                key = int(message.unit_key) << 24 | address
                old = self.points.get(key)
                if old is None:
                    if len(self.points) >= MAX_POINTS or table.points >= table.point_limit:
                        table.evicted_protocol_state += 1
                        continue
                    table.points += 1
                self.points[key] = value
                if old is not None and old != value:
                    points.append(address)
                    values.append(value)
                    previous.append(old)
        channel = self.units.channel
        if points and channel is not None:
            self.reporting.changed(channel, "ioa", points, values, previous)

    def resync(self, data: bytes, start: i64, end: i64) -> i64:
        """Return where a chain of two valid APDUs begins, or one that ends exactly at ``end``."""
        at: i64 = start
        while at < end:
            if data[at] == START:
                size: i64 = measure(data, at, end)
                if size > 0 and at + size == end:
                    return at
                if size > 0 and at + size < end and measure(data, at + size, end) != NOT_MINE:
                    return at
            at += 1
        return end

    def undecided(self, data: bytes, start: i64, end: i64) -> i64:
        """Return the first place from which a valid header leads beyond the bytes there are."""
        at: i64 = start
        while at < end:
            if data[at] == START:
                size: i64 = measure(data, at, end)
                if size == NEED_MORE or size > end - at:
                    return at
            at += 1
        return end


def fits(data: bytes, start: i64, end: i64) -> bool:
    """Return whether the APDU is clean and of a known type: enough to know it on any port."""
    message = parse(data, start, end)
    return message is not None and not message.violations and (end - start > OBJECTS or (data[start + 2] & 3) == 3)
