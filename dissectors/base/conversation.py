"""One conversation of a client and a server: its parts, and the general path of a message through them. Compiled with mypyc.

A session whose fast path does not know a message parses it and hands it over here: it is counted as an operation, an answer is
paired with its request, and what is worth a fact is reported.
"""

from __future__ import annotations

from typing import final

from mypy_extensions import i64

from dissectors.base.channel import Channel, Operation
from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.exchanges import Exchanges
from dissectors.base.group import Asked
from dissectors.base.message import ONE_WAY, REPORT, REQUEST, RESPONSE, Message
from dissectors.base.operations import Operations
from dissectors.base.pairing import Pairing
from dissectors.base.recorder import EXCERPT_BYTES, Recorder
from dissectors.base.reporting import Reporting
from dissectors.base.request import Request
from dissectors.base.reverse import BACKWARDS, Reverse
from dissectors.base.units import Units


@final
class Conversation:
    """The parts that sessions of all protocols share."""

    def __init__(self, protocol: str, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> None:
        self.connection = connection
        self.recorder = recorder
        self.units = Units(protocol, connection, channel_table)
        self.operations = Operations(connection, recorder, channel_table)
        self.exchanges = Exchanges(connection, recorder, channel_table)
        self.pairing = Pairing(recorder, channel_table, self.exchanges)
        self.reporting = Reporting(self.units, recorder)
        self.backwards: bool = False
        """The message at hand is a question of the server, or its client's answer to one."""
        self.reverse: Reverse | None = None
        """What the server asks; None before it asks anything but what it polls."""

    def answered_routine(self, tag: i64) -> None:
        """Count the routine answer of the routine request with ``tag``."""
        pairing = self.pairing
        if pairing.match(tag):
            channel = pairing.hit_channel
            if channel is not None:
                self.units.touch(channel)
                channel.responses += 1
                channel.latency(self.recorder.now - pairing.hit_time)

    def take(self, side: i64, message: Message, key: i64, data: bytes, start: i64, end: i64) -> Operation | None:
        """Count, pair and report one parsed message, then what more it carries.

        Return its (first) operation, None for an unmatched answer. ``key`` identifies the operation on its channel, -1 to
        take it from the label.
        """
        operation = self._take(side, message, key, data, start, end)
        for part in message.more:
            self._take(side, part, -1, data, start, end)
        self.backwards = False
        return operation

    def goes_back(self, message: Message) -> None:
        """Take the message at hand for a question of the server, or its client's answer to one."""
        self.backwards = True
        message.tag |= BACKWARDS
        for part in message.more:
            part.tag |= BACKWARDS

    def _take(self, side: i64, message: Message, key: i64, data: bytes, start: i64, end: i64) -> Operation | None:
        if self.backwards and self._take_back(side, message, data, start, end):
            return None
        channel = self.units.open(message.unit, message.unit_key)
        self.units.touch(channel)
        channel.visibility = self.connection.visibility()
        if self.recorder.other_reading:
            message.detail["reading"] = "other"
        self.remarks(side, channel, message, data, start, end)
        if message.kind == RESPONSE:
            return self._answer(channel, message, data, start, end)
        operations = self.operations
        operation = operations.of(channel, message) if key < 0 else operations.with_key(channel, key, message)
        if message.kind == REPORT:
            operations.report(channel, operation, self.recorder.now)
        else:
            operations.count(channel, operation, self.recorder.now)
        if message.kind == REQUEST and not self.connection.to_group:
            request = self._request(channel, operation, message, data, start, end)
            self.pairing.ask(channel, operation, message.tag, request)
            return operation
        if message.kind == REQUEST:
            recorder = self.recorder
            units = self.units
            units.channel_table.group_requests.ask(
                units.protocol, self.connection, message.tag, recorder.now, recorder.frame
            )
        if message.kind == ONE_WAY or not message.routine:
            self.exchanges.one_way(channel, operation, message, data, start, end)
        return operation

    def _take_back(self, side: i64, message: Message, data: bytes, start: i64, end: i64) -> bool:
        """Take a command of the server or the answer to one; return False for polls, which are counted like the client's."""
        asks = message.kind != RESPONSE
        waits = self.pairing.asked(message.tag)
        reverse = self.reverse
        if message.routine and asks and (reverse is None or reverse.known(message.unit) is None):
            return False
        if not asks and (waits is None or not waits.stray):
            return False
        if reverse is None:
            reverse = Reverse(self.units, self.operations, self.exchanges, self.pairing, self.reporting)
            self.reverse = reverse
        channel = self.units.current()
        self.units.touch(channel)
        if self.recorder.other_reading:
            message.detail["reading"] = "other"
        for found in message.violations:
            self.reporting.violation(channel, found, side, data, start, end)
        if message.kind == REQUEST:
            reverse.ask(channel, message, data, start, end)
        elif asks:
            reverse.one_way(channel, message, data, start, end)
        else:
            self._answer(channel, message, data, start, end)
        return True

    def take_from_server(self, side: i64, message: Message, data: bytes, start: i64, end: i64) -> None:
        """Report a question in the name of the server at once, as something that nobody asked for."""
        channel = self.units.open(message.unit, message.unit_key)
        self.units.touch(channel)
        channel.visibility = self.connection.visibility()
        self.remarks(side, channel, message, data, start, end)
        channel.responses += 1
        channel.unmatched += 1
        self.exchanges.unmatched(channel, message, data, start, end)

    def remarks(self, side: i64, channel: Channel, message: Message, data: bytes, start: i64, end: i64) -> None:
        """Report the violations of a message and what it says of a device."""
        for found in message.violations:
            self.reporting.violation(channel, found, side, data, start, end)
        if not self.backwards:  # who the server asked is told by ``reverse``
            for identity in message.identity:
                self.reporting.identify(channel, message.unit, side, identity)

    def _request(
        self, channel: Channel, operation: Operation, message: Message, data: bytes, start: i64, end: i64
    ) -> Request | None:
        if operation.routine:
            return None
        request = Request(channel, operation, message.tag, self.recorder.now, self.recorder.frame)
        request.mirror = message.mirror
        request.values = tuple(message.values)
        request.detail = message.detail
        request.is_optional = message.optional
        request.excerpt = data[start : min(end, start + EXCERPT_BYTES)]
        request.offset = self.recorder.place(data, start)
        request.length = end - start
        return request

    def _answer(self, channel: Channel, message: Message, data: bytes, start: i64, end: i64) -> Operation | None:
        if not self.backwards:
            channel.responses += 1
        pairing = self.pairing
        late = False
        if not pairing.match_fitting(message.tag, message.mirror):
            units = self.units
            now: i64 = self.recorder.now
            asked_group = units.channel_table.group_requests.find(units.protocol, self.connection, message.tag, now)
            if asked_group is not None:
                return self._answer_to_group(channel, message, asked_group, data, start, end)
            late = pairing.match_late(message.tag, message.mirror)
            if not late:
                if not pairing.given_up.take_not_kept(now):
                    channel.unmatched += 1
                    self.exchanges.unmatched(channel, message, data, start, end)
                return None
        is_doubtful = late and pairing.is_superseded(message.tag, pairing.hit_time)
        return self._pair(message, late, is_doubtful, data, start, end)

    def take_late(self, side: i64, message: Message, is_doubtful: bool, data: bytes, start: i64, end: i64) -> None:
        """Report the answer to a request just found among those given up; a read that it may not belong to is only counted."""
        channel = self.units.open(message.unit, message.unit_key)
        self.units.touch(channel)
        channel.responses += 1
        self.remarks(side, channel, message, data, start, end)
        self._pair(message, True, is_doubtful, data, start, end)

    def _pair(
        self, message: Message, late: bool, is_doubtful: bool, data: bytes, start: i64, end: i64
    ) -> Operation | None:
        """Report an answer with its request, which was just found."""
        pairing = self.pairing
        operation = pairing.hit_operation
        asked = pairing.hit_channel
        if operation is None or asked is None:
            return None
        request = pairing.hit_request
        if request is not None and request.by_server and self.reverse is not None:
            self.reverse.answered(request, message, data, start, end, late=late)
            return None
        taken: i64 = self.recorder.now - pairing.hit_time
        asked.latency(taken)
        failed = bool(message.error)
        if failed:
            asked.failures += 1
            operation.failures += 1
        if late and request is not None and request.is_counted:
            asked.late += 1
        if is_doubtful and operation.routine and message.routine:
            return operation
        if late or failed or not operation.routine or not message.routine:
            if request is None:
                request = Request(asked, operation, message.tag, pairing.hit_time, pairing.hit_frame)
            self.exchanges.answered(request, message, taken, data, start, end, late=late)
        return operation

    def _answer_to_group(
        self, channel: Channel, message: Message, asked: Asked, data: bytes, start: i64, end: i64
    ) -> Operation:
        """Report an answer to what its client asked a group; the request lies on the channel of the group."""
        operation = self.operations.of(channel, message)
        taken: i64 = self.recorder.now - asked.time
        channel.latency(taken)
        if message.error:
            channel.failures += 1
        request = Request(channel, operation, message.tag, asked.time, asked.frame)
        self.exchanges.answered(request, message, taken, data, start, end)
        return operation
