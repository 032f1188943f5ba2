"""What every protocol's session shares: cutting messages, pairing answers with requests, reporting exchanges.

A dissector's session implements ``measure`` (how long is the message here), ``message`` (count a known plain
operation, or hand the parsed message to ``take``) and ``resync`` (where could a message begin). Limits: MAX_WAITING
requests may be outstanding besides the slot; an answer later than ANSWER_SECONDS counts as unmatched. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.base.channel import MAX_OPERATIONS, MAX_TRANSITIONS, Channel, Operation, Transition
from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.message import NEED_MORE, ONE_WAY, REPORT, REQUEST, RESPONSE, Message, ProtocolViolation, fold
from dissectors.base.recorder import Recorder
from dissectors.base.reporting import Reporting
from dissectors.base.request import EXCERPT_BYTES, Request
from dissectors.facts import OperationFirst, Sighting, Target, TransitionFirst, Value, ValueChange, Violation

MAX_WAITING: Final = 512
MAX_UNITS: Final = 1_024
"""Units (sub-devices) kept per connection."""
ANSWER_SECONDS: Final = 10
ANSWER_NANOSECONDS: Final = 10_000_000_000
LOOK_NANOSECONDS: Final = 1_000_000_000
"""How often a session in use looks for requests that waited too long, besides the sweeps of the wire."""
MAX_CHANGED_POINTS: Final = 64
MAX_IDENTITIES: Final = 4_096
"""Identity claims remembered per connection so that each is reported once."""
VIOLATIONS_REPORTED: Final = 5
"""Violations of one name reported per channel and window; the rest is only counted."""
OVERFLOW_KEY: Final = -2


class Session:
    """One connection of one protocol."""

    def __init__(self, protocol: str, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> None:
        self.protocol: str = protocol
        self.connection = connection
        self.recorder = recorder
        self.channel_table = channel_table
        self.recognised_by: str = "bytes"
        self.channel: Channel | None = None
        self.unit_key: i64 = -1
        self.channels: dict[i64, Channel] = {}
        self.last_operation: Operation | None = None
        self.open_operation: Operation | None = None
        self.open_channel: Channel | None = None
        self.open_tag: i64 = 0
        self.open_time: i64 = 0
        self.open_frame: i64 = 0
        self.open_request: Request | None = None
        self.waiting: dict[i64, Request] = {}
        self.hit_operation: Operation | None = None
        self.hit_channel: Channel | None = None
        self.hit_request: Request | None = None
        self.hit_time: i64 = 0
        self.hit_frame: i64 = 0
        self.hunting0: bool = False
        self.hunting1: bool = False
        self.after_gap: bool = False
        self.next_look: i64 = 0
        self.lost_since: i64 = 0
        self.identified: dict[str, i64] = {}
        self.resyncs: i64 = 0
        self.skipped_bytes: i64 = 0
        self.reporting = Reporting(connection, recorder)

    # What a protocol gives.

    def measure(self, side: i64, data: bytes, start: i64, end: i64) -> i64:
        """Return the length of the message at ``start``, NEED_MORE, or NOT_MINE. Reads only [start, end)."""
        return NEED_MORE

    def message(self, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Take the whole message ``data[start:end]``."""

    def resync(self, data: bytes, start: i64, end: i64) -> i64:
        """Return the offset in [start, end) of the next plausible message, or ``end``.

        Everything before the returned offset is given up. Work is bounded by the bytes given.
        """
        return end

    def undecided(self, data: bytes, start: i64, end: i64) -> i64:
        """Return where in [start, end) a message may begin whose end has not come; ``end`` when nowhere.

        Asked when ``resync`` found nothing; bytes from there on are kept and looked at again with those that follow.
        """
        return end

    def expire(self, now: i64) -> None:
        """Give up what waited too long besides requests (half-built fragments of the protocol)."""

    # Bytes to messages.

    def feed(self, side: i64, data: bytes, start: i64, end: i64) -> i64:
        """Take every whole message of ``data[start:end]``; return the offset of the first byte not used."""
        at: i64 = start
        if self.recorder.now >= self.next_look:
            self.next_look = self.recorder.now + LOOK_NANOSECONDS
            self._time_out_late(self.recorder.now)
        elif self.open_operation is not None and self.recorder.now - self.open_time > ANSWER_NANOSECONDS:
            self._time_out_slot()
        if side == 0:
            if self.hunting0:
                at = self._hunt(side, data, at, end)
                if self.hunting0:
                    return at
        elif self.hunting1:
            at = self._hunt(side, data, at, end)
            if self.hunting1:
                return at
        while at < end:
            size: i64 = self.measure(side, data, at, end)
            if size == NEED_MORE:
                break
            if size < 0:
                if not self.after_gap:
                    self.violation_of_stream(side, data, at, end)
                self.resyncs += 1
                at = self._hunt(side, data, at + 1, end)
                if self.hunting0 if side == 0 else self.hunting1:
                    return at
                continue
            if at + size > end:
                break
            self.after_gap = False
            self.message(side, data, at, at + size)
            at += size
        return at

    def _hunt(self, side: i64, data: bytes, start: i64, end: i64) -> i64:
        found: i64 = self.resync(data, start, end)
        lost = found >= end
        if lost:
            found = max(start, min(end, self.undecided(data, start, end)))
        self.skipped_bytes += found - start
        if side == 0:
            self.hunting0 = lost
        else:
            self.hunting1 = lost
        return found

    def violation_of_stream(self, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Report that the bytes at ``start`` are not this protocol's."""
        found = ProtocolViolation("not_" + self.protocol, 0, "", f"the bytes are no {self.protocol} message")
        channel = self.channel
        if channel is None:
            channel = self.unit_channel("", -1)
        self.violation(channel, found, side == self.connection.client_side, data, start, end)

    def gap(self, side: i64) -> None:
        """Bytes of one direction were lost: look for its next message.

        Answers may have been lost with them: what was asked before ``lost_since`` is forgotten and not reported unanswered.
        """
        self.after_gap = True
        self.last_operation = None
        if side != self.connection.client_side:
            if self.open_operation is not None and self.open_time < self.lost_since:
                self.open_operation = None
                self.open_request = None
            if self.waiting:
                self.waiting = {
                    tag: request for tag, request in self.waiting.items() if request.time >= self.lost_since
                }
        if side == 0:
            self.hunting0 = True
        else:
            self.hunting1 = True

    # Channels and operations.

    def unit_channel(self, unit: str, unit_key: i64) -> Channel:
        """Return the channel of a unit of this connection."""
        channel = self.channels.get(unit_key)
        if channel is None:
            channel = self.channel_table.open(self.connection, self.protocol, unit, "established", self.recognised_by)
            channel.connections += 1
            if i64(len(self.channels)) >= MAX_UNITS:
                self.channels.clear()
            self.channels[unit_key] = channel
        self.channel = channel
        self.unit_key = unit_key
        return channel

    def add_operation(self, channel: Channel, key: i64, message: Message) -> Operation:
        """Make the operation of ``message`` known on its channel and report it."""
        if (
            i64(len(channel.operations)) >= MAX_OPERATIONS
            or self.channel_table.operations >= self.channel_table.operation_limit
        ):
            channel.evicted += 1
            known = channel.operations.get(OVERFLOW_KEY)
            if known is not None:
                return known
            operation = Operation(OVERFLOW_KEY, "overflow", message.verb, message.operation, message.code, ())
            operation.number = self.channel_table.number()
            channel.operations[OVERFLOW_KEY] = operation
            return operation
        targets: tuple[Target, ...] = tuple(message.targets)
        label = message.label()
        operation = Operation(key, label, message.verb, message.operation, message.code, targets)
        operation.routine = message.routine
        operation.number = self.channel_table.number()
        channel.operations[key] = operation
        self.channel_table.operations += 1
        recorder = self.recorder
        recorder.facts.append(
            OperationFirst(
                recorder.now,
                recorder.source,
                recorder.frame,
                recorder.number(),
                channel.identity,
                message.verb,
                message.operation,
                message.code,
                label,
                targets,
                message.detail,
                self.connection.visibility(),
                self.connection.flow(),
                self.connection.client_port(),
            )
        )
        return operation

    def ask(self, channel: Channel, operation: Operation, tag: i64, request: Request | None) -> None:
        """Count a request and keep it until its answer. ``request`` is None for a plain one."""
        recorder = self.recorder
        now: i64 = recorder.now
        self.count(channel, operation, now)
        waiting = self.open_operation
        if waiting is None:
            self.open_operation = operation
            self.open_channel = channel
            self.open_tag = tag
            self.open_time = now
            self.open_frame = recorder.frame
            self.open_request = request
            return
        if now - self.open_time > ANSWER_NANOSECONDS or self.open_tag == tag:
            self._time_out_slot()
            self.ask_slot(channel, operation, tag, now, request)
            return
        if request is None:
            request = Request(channel, operation, tag, now, recorder.frame)
        old = self.waiting.get(tag)
        if old is not None:
            self.reporting.unanswered(old)
        elif i64(len(self.waiting)) >= MAX_WAITING:
            self.channel_table.evicted_requests += 1
            return
        self.waiting[tag] = request

    def ask_slot(self, channel: Channel, operation: Operation, tag: i64, now: i64, request: Request | None) -> None:
        """Put a request into the slot."""
        self.open_operation = operation
        self.open_channel = channel
        self.open_tag = tag
        self.open_time = now
        self.open_frame = self.recorder.frame
        self.open_request = request

    def count(self, channel: Channel, operation: Operation, now: i64) -> None:
        """Count ``operation`` and the transition that led to it."""
        if not channel.active:
            self.channel_table.touch(channel)
        channel.requests += 1
        channel.last = now
        channel.last_frame = self.recorder.frame
        if not operation.listed:
            channel.list_busy(operation)
        operation.ask(now)
        previous = self.last_operation
        self.last_operation = operation
        if previous is not None:
            moved = previous.recent
            if moved is None or moved.operation is not operation:
                moved = self._transition(channel, previous, operation)
                if moved is None:
                    return
                previous.recent = moved
            if moved.count == 0:
                channel.moved.append(moved)
            moved.count += 1

    def _transition(self, channel: Channel, previous: Operation, operation: Operation) -> Transition | None:
        """Return the transition between two operations, reporting a new one; None when the channel's table is full."""
        moved = previous.successors.get(operation.number)
        if moved is not None:
            return moved
        if channel.transitions >= MAX_TRANSITIONS:
            channel.evicted += 1
            return None
        channel.transitions += 1
        moved = Transition(previous, operation)
        previous.successors[operation.number] = moved
        recorder = self.recorder
        recorder.facts.append(
            TransitionFirst(
                recorder.now,
                recorder.source,
                recorder.frame,
                recorder.number(),
                channel.identity,
                previous.label,
                operation.label,
                self.connection.visibility(),
            )
        )
        return moved

    # Pairing.

    def match(self, tag: i64) -> bool:
        """Find the request of an answer with ``tag``; the ``hit_`` fields then hold it."""
        operation = self.open_operation
        if operation is not None and self.open_tag == tag:
            self.hit_operation = operation
            self.hit_channel = self.open_channel
            self.hit_request = self.open_request
            self.hit_time = self.open_time
            self.hit_frame = self.open_frame
            self.open_operation = None
            self.open_request = None
            return True
        if len(self.waiting) == 0:
            return False
        request = self.waiting.pop(tag, None)
        if request is None:
            return False
        self.hit_operation = request.operation
        self.hit_channel = request.channel
        self.hit_request = request
        self.hit_time = request.time
        self.hit_frame = request.frame
        return True

    def _time_out_slot(self) -> None:
        operation = self.open_operation
        channel = self.open_channel
        if operation is None or channel is None:
            return
        request = self.open_request
        if request is None:
            request = Request(channel, operation, self.open_tag, self.open_time, self.open_frame)
        self.open_operation = None
        self.open_request = None
        self.reporting.unanswered(request)

    def time_out_all(self) -> None:
        """Report every open request: its connection is over."""
        self._time_out_slot()
        waiting = self.waiting
        self.waiting = {}
        for request in waiting.values():
            self.reporting.unanswered(request)

    def clock_set(self, now: i64) -> None:
        """The packet clock jumped: what waits has waited since ``now``."""
        self.open_time = now
        self.next_look = now
        for request in self.waiting.values():
            request.time = now

    def time_out_waiting(self, now: i64) -> None:
        """Report the requests that have waited longer than ANSWER_SECONDS; let the protocol give up its own."""
        self._time_out_late(now)
        self.expire(now)

    def _time_out_late(self, now: i64) -> None:
        limit: i64 = now - ANSWER_NANOSECONDS
        if self.open_operation is not None and self.open_time < limit:
            self._time_out_slot()
        if self.waiting:
            late: list[Request] = []
            for request in self.waiting.values():
                if request.time < limit:
                    late.append(request)
            for request in late:
                del self.waiting[request.tag]
                self.reporting.unanswered(request)

    # The general path: everything that is not a known plain operation.

    def take(self, side: i64, message: Message, key: i64, data: bytes, start: i64, end: i64) -> Operation | None:
        """Count, pair and report one parsed message. Return its operation, None for an unmatched answer.

        ``key`` identifies the operation on its channel, -1 to take it from the label.
        """
        channel = self.unit_channel(message.unit, message.unit_key)
        if not channel.active:
            self.channel_table.touch(channel)
        channel.visibility = self.connection.visibility()
        for found in message.violations:
            self.violation(channel, found, side == self.connection.client_side, data, start, end)
        for identify in message.identity:
            self.identify(channel, message.unit, identify.attribute, identify.value, identify.method)
        if message.kind == RESPONSE:
            return self._take_answer(channel, message, data, start, end)
        label = message.label()
        if key < 0:
            encoded = label.encode("utf-8", "replace")
            key = fold(encoded, 0, i64(len(encoded))) | (1 << 61)
        operation = channel.operations.get(key)
        if operation is None:
            operation = self.add_operation(channel, key, message)
        if message.kind == REQUEST:
            self.ask(channel, operation, message.tag, self._request(channel, operation, message, data, start, end))
            return operation
        self.count(channel, operation, self.recorder.now)
        if message.kind == REPORT:
            channel.reports += 1
        if message.kind == ONE_WAY or not message.routine:
            self.reporting.one_way(channel, operation, message, data, start, end)
        return operation

    def _request(
        self, channel: Channel, operation: Operation, message: Message, data: bytes, start: i64, end: i64
    ) -> Request | None:
        if operation.routine:
            return None
        request = Request(channel, operation, message.tag, self.recorder.now, self.recorder.frame)
        request.values = tuple(message.values)
        request.detail = message.detail
        request.excerpt = data[start : min(end, start + EXCERPT_BYTES)]
        request.offset = self.recorder.place(data, start)
        request.length = end - start
        return request

    def _take_answer(self, channel: Channel, message: Message, data: bytes, start: i64, end: i64) -> Operation | None:
        channel.responses += 1
        if not self.match(message.tag):
            channel.unmatched += 1
            self.reporting.unmatched(channel, message, data, start, end)
            return None
        operation = self.hit_operation
        asked = self.hit_channel
        if operation is None or asked is None:
            return None
        taken: i64 = self.recorder.now - self.hit_time
        asked.latency(taken)
        failed = bool(message.error)
        if failed:
            asked.failures += 1
            operation.failures += 1
        if failed or not operation.routine or not message.routine:
            request = self.hit_request
            if request is None:
                request = Request(asked, operation, message.tag, self.hit_time, self.hit_frame)
            self.reporting.answered(request, message, taken, data, start, end)
        return operation

    # What else a session reports.

    def violation(
        self, channel: Channel, found: ProtocolViolation, from_client: bool, data: bytes, start: i64, end: i64
    ) -> None:
        """Report a violation, at most VIOLATIONS_TOLD of a name per channel and window; ``repeats`` counts the rest."""
        if not channel.active:
            self.channel_table.touch(channel)
        seen = channel.violations.get(found.name, 0) + 1
        channel.violations[found.name] = seen
        if seen > VIOLATIONS_REPORTED and (seen & (seen - 1)) != 0:
            return
        recorder = self.recorder
        recorder.facts.append(
            Violation(
                recorder.now,
                recorder.source,
                recorder.frame,
                recorder.number(),
                channel.identity,
                self.protocol,
                found.name,
                found.at,
                found.clause,
                found.text,
                from_client,
                self.connection.visibility(),
                self.connection.flow(),
                self.connection.client_port(),
                data[start : min(end, start + EXCERPT_BYTES)],
                recorder.place(data, start),
                end - start,
                max(0, seen - VIOLATIONS_REPORTED),
            )
        )

    def identify(self, channel: Channel, unit: str, attribute: str, value: str, method: str) -> None:
        """Report something the server says of itself, once per connection and value."""
        key = f"{unit}|{method}|{attribute}|{value}"
        if key in self.identified:
            return
        if i64(len(self.identified)) >= MAX_IDENTITIES:
            self.identified.clear()
        self.identified[key] = self.recorder.now
        server = self.connection.server()
        recorder = self.recorder
        confidence = "strong" if self.connection.visibility() == "complete" else "medium"
        recorder.facts.append(
            Sighting(
                recorder.now,
                recorder.source,
                recorder.frame,
                recorder.number(),
                server.ip,
                server.mac,
                self.connection.vlan,
                self.protocol,
                unit,
                attribute,
                value,
                method,
                confidence,
                channel.identity,
            )
        )

    def changed(
        self,
        channel: Channel,
        kind: str,
        points: list[int],
        values: list[Value],
        previous: list[Value],
    ) -> None:
        """Report points of one table that changed."""
        if not points:
            return
        channel.value_changes += i64(len(points))
        recorder = self.recorder
        recorder.facts.append(
            ValueChange(
                recorder.now,
                recorder.source,
                recorder.frame,
                recorder.number(),
                channel.identity,
                kind,
                tuple(points[:MAX_CHANGED_POINTS]),
                tuple(values[:MAX_CHANGED_POINTS]),
                tuple(previous[:MAX_CHANGED_POINTS]),
                max(0, len(points) - MAX_CHANGED_POINTS),
                "",
                self.connection.visibility(),
            )
        )
