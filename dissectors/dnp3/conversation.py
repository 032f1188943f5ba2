"""What a DNP3 session does with parsed messages: pairing, indications, values, links. Compiled with mypyc."""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.base.channel import Operation
from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.message import REPORT, RESPONSE, Message, fold
from dissectors.base.recorder import Recorder
from dissectors.base.request import Request
from dissectors.base.session import MAX_WAITING, Session
from dissectors.dnp3.function import FIRST_FROM_OUTSTATION
from dissectors.dnp3.indication import ERRORS, STATES, names_of
from dissectors.dnp3.link import MIN_LENGTH, PRIMARY
from dissectors.dnp3.objects import MAX_VALUES
from dissectors.dnp3.pair import Pair
from dissectors.dnp3.parse import (
    AUTHENTICATION_TAG,
    MIN_RESPONSE,
    SEQUENCE,
    parse_fragment,
    parse_link,
)
from dissectors.dnp3.repeat import first_block_end

MAX_PAIRS: Final = 1_024
LABEL_KEY: Final = 1 << 61
"""Marks the keys that ``Session.take`` makes of labels."""
FUNCTION: Final = 12


class Conversation(Session):
    """The general path of one connection."""

    def __init__(self, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> None:
        super().__init__("dnp3", connection, recorder, channel_table)
        self.pair: Pair | None = None
        self.pairs: dict[int, Pair] = {}
        self.head0: i64 = 0
        self.head1: i64 = 0
        self.crc0: i64 = 0
        self.crc1: i64 = 0
        self.size0: i64 = 0
        self.size1: i64 = 0
        self.lost0: bool = False
        self.lost1: bool = False

    def find_pair(self, key: i64) -> Pair:
        """Return the state of a link pair, making it and its channel when new."""
        pair = self.pairs.get(int(key))
        if pair is None:
            if i64(len(self.pairs)) >= MAX_PAIRS:
                self.channel_table.evicted_protocol_state += i64(len(self.pairs))
                self.pairs.clear()
            channel = self.unit_channel(f"{key >> 16}>{key & 0xFFFF}", key)
            pair = Pair(key, channel, self.recorder.now)
            self.pairs[int(key)] = pair
        self.pair = pair
        return pair

    # Frames without user data.

    def take_link(
        self, side: i64, pair: Pair, control: i64, source: i64, destination: i64, data: bytes, start: i64, end: i64
    ) -> None:
        """Count a link function; its first use on the channel is reported."""
        channel = pair.channel
        length: i64 = i64(data[start + 2])
        known = pair.links.get(int(control & 0x4F)) if length == MIN_LENGTH else None
        if known is not None:
            self.count(channel, known, self.recorder.now)
            return
        message = parse_link(control, source, destination, length)
        for found in message.violations:
            self.violation(channel, found, side == self.connection.client_side, data, start, end)
        if not control & PRIMARY:
            if not channel.active:
                self.channel_table.touch(channel)
            channel.responses += 1
            return
        operation = self.operation_of(pair, message)
        if not message.violations:
            pair.links[int(control & 0x4F)] = operation
        self.count(channel, operation, self.recorder.now)

    def operation_of(self, pair: Pair, message: Message) -> Operation:
        """Return the operation that the label of ``message`` names on its channel, making it when new."""
        label = message.label().encode("utf-8", "replace")
        key: i64 = fold(label, 0, i64(len(label))) | LABEL_KEY
        operation = pair.channel.operations.get(key)
        if operation is None:
            operation = self.add_operation(pair.channel, key, message)
        return operation

    # Application fragments.

    def take_fragment(
        self,
        side: i64,
        apdu: bytes,
        at: i64,
        control: i64,
        source: i64,
        destination: i64,
        data: bytes,
        start: i64,
        end: i64,
    ) -> None:
        """Take the application fragment ``apdu[at:]``; ``data[start:end]`` is the frame that completed it."""
        size: i64 = i64(len(apdu))
        message = parse_fragment(apdu, at, size, control, source, destination)
        pair = self.find_pair(message.unit_key)
        if message.kind == RESPONSE:
            self._take_response(side, pair, message, apdu, at, data, start, end)
        elif message.kind == REPORT:
            self._take_report(side, pair, message, apdu, at, data, start, end)
        elif message.operation == "confirm" and message.routine:
            operation = self.operation_of(pair, message)
            pair.confirm = operation
            self.count(pair.channel, operation, self.recorder.now)
        else:
            known = self.take(side, message, -1, data, start, end)
            if known is not None and known.routine and message.routine and at == 1:
                known.request = data[start:end]
                pair.remember_request(fold(data, start + FUNCTION, first_block_end(start, end)), known)

    def _take_response(
        self, side: i64, pair: Pair, message: Message, apdu: bytes, at: i64, data: bytes, start: i64, end: i64
    ) -> None:
        if message.tag & AUTHENTICATION_TAG and self.asked(message.tag) is None:
            message.tag &= ~AUTHENTICATION_TAG
        operation = self.asked(message.tag)
        self._take_points(pair, message, apdu, at)
        if not message.final and operation is not None:
            self._hold(side, pair, message, apdu, at, data, start, end)
            return
        if self._indicate(pair, message) and operation is not None:
            operation.reported_outcome = ""
        if pair.held_tag == message.tag:
            message.values = (pair.held + message.values)[:MAX_VALUES]
        pair.held = []
        pair.held_tag = -1
        self.take(side, message, -1, data, start, end)

    def _hold(
        self, side: i64, pair: Pair, message: Message, apdu: bytes, at: i64, data: bytes, start: i64, end: i64
    ) -> None:
        """Keep a request open whose answer goes on in the next fragment, or that is challenged first."""
        channel = pair.channel
        for found in message.violations:
            self.violation(channel, found, side == self.connection.client_side, data, start, end)
        for identify in message.identity:
            self.identify(channel, message.unit, identify.attribute, identify.value, identify.method)
        tag: i64 = message.tag
        if message.operation == "response":
            tag = (tag & ~SEQUENCE) | ((tag + 1) & SEQUENCE)
            before = pair.held if pair.held_tag == message.tag else []
            pair.held = (before + message.values)[:MAX_VALUES]
            pair.held_tag = tag
        if not self.match(message.tag):
            return
        request = self.hit_request
        operation = self.hit_operation
        asked = self.hit_channel
        if operation is None or asked is None:
            return
        if request is not None:
            request.tag = tag
        if self.open_operation is None:
            self.ask_slot(asked, operation, tag, self.hit_time, request)
            self.open_frame = self.hit_frame
        elif i64(len(self.waiting)) < MAX_WAITING:
            if request is None:
                request = Request(asked, operation, tag, self.hit_time, self.hit_frame)
            self.waiting[tag] = request

    def _take_report(
        self, side: i64, pair: Pair, message: Message, apdu: bytes, at: i64, data: bytes, start: i64, end: i64
    ) -> None:
        plain_values = self._take_points(pair, message, apdu, at)
        if self._indicate(pair, message):
            self.operation_of(pair, message).reported_outcome = ""
        operation = self.take(side, message, -1, data, start, end)
        if operation is not None and plain_values and message.final and not message.violations and not message.error:
            pair.remember_report(operation)

    def _indicate(self, pair: Pair, message: Message) -> bool:
        """Report in ``message`` which indications rose and fell; return whether any did, or these are the first."""
        bits = message.detail.get("iin")
        if not isinstance(bits, int):
            return False
        states: i64 = i64(bits) & STATES
        before: i64 = pair.indications
        pair.indications = states
        if before == states:
            return False
        message.routine = False
        known: i64 = before if before >= 0 else 0
        rose: i64 = (states & ~known) | (i64(bits) & ERRORS)
        fell: i64 = known & ~states
        if rose:
            message.detail["iin_set"] = names_of(rose)
        if fell:
            message.detail["iin_cleared"] = names_of(fell)
        return True

    # Values.

    def _take_points(self, pair: Pair, message: Message, apdu: bytes, at: i64) -> bool:
        """Take the points of a response or report; False when it is more than values, or has no objects part."""
        size: i64 = i64(len(apdu))
        if size - at < MIN_RESPONSE or apdu[at + 1] < FIRST_FROM_OUTSTATION or not message.code:
            return False
        if message.operation != "response" and message.operation != "unsolicited_response":
            return False
        return self.take_values(pair, apdu, at + MIN_RESPONSE, size)

    def take_values(self, pair: Pair, data: bytes, start: i64, end: i64) -> bool:
        """Take the values of ``data[start:end]`` and report what changed; False when it is more than values."""
        points = pair.points
        whole = points.take(data, start, end)
        self.channel_table.evicted_protocol_state += points.take_refused()
        changes = points.changes
        if changes:
            points.changes = []
            if not pair.channel.active:
                self.channel_table.touch(pair.channel)
            for change in changes:
                self.changed(pair.channel, change.kind, change.points, change.values, change.previous)
        return whole

    # Pairing.

    def asked(self, tag: i64) -> Operation | None:
        """Return the operation that waits for an answer with ``tag``, without taking it."""
        operation = self.open_operation
        if operation is not None and self.open_tag == tag:
            return operation
        if self.waiting:
            request = self.waiting.get(tag)
            if request is not None:
                return request.operation
        return None

    def answered(self, tag: i64) -> None:
        """Count the plain answer of the plain request with ``tag``."""
        if not self.match(tag):
            return
        channel = self.hit_channel
        if channel is None:
            return
        if not channel.active:
            self.channel_table.touch(channel)
        channel.responses += 1
        channel.latency(self.recorder.now - self.hit_time)
