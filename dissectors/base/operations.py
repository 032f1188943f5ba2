"""Which operations a connection carries, counted on their channels, and which followed which. Compiled with mypyc."""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel import MAX_OPERATIONS, MAX_TRANSITIONS, Channel, Operation, Transition
from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.message import LEFT_OUT, Message, fold
from dissectors.base.recorder import Recorder
from dissectors.facts import FURTHER, Target, Value

OVERFLOW_KEY: Final = 1 << 62
"""Marks the keys of functions whose operations are no longer told apart."""
LABEL_KEY: Final = 1 << 61
"""Marks the keys that are made of labels."""


@final
class Operations:
    """The operations of one connection. ``last`` is the one that came last."""

    def __init__(self, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> None:
        self.connection = connection
        self.recorder = recorder
        self.channel_table = channel_table
        self.last: Operation | None = None

    def of(self, channel: Channel, message: Message) -> Operation:
        """Return the operation that function and targets of ``message`` name on its channel, making it when new."""
        name = message.name().encode("utf-8", "replace")
        return self.with_key(channel, fold(name, 0, i64(len(name))) | LABEL_KEY, message)

    def with_key(self, channel: Channel, key: i64, message: Message) -> Operation:
        """Return the operation with ``key``, making it known on its channel when new."""
        operation = channel.operations.get(key)
        return operation if operation is not None else self._add(channel, key, message)

    def _add(self, channel: Channel, key: i64, message: Message) -> Operation:
        table = self.channel_table
        if table.operations >= table.operation_limit:
            table.make_room(channel)
        if i64(len(channel.operations)) >= MAX_OPERATIONS or table.operations >= table.operation_limit:
            channel.evicted += 1
            return self._overflow(channel, message)
        targets: tuple[Target, ...] = tuple(message.targets)
        operation = Operation(key, message.label(), message.verb, message.operation, message.code, targets)
        operation.routine = message.routine
        self._know(channel, operation, message.detail)
        return operation

    def _know(self, channel: Channel, operation: Operation, detail: dict[str, Value]) -> None:
        table = self.channel_table
        if LEFT_OUT in detail:
            table.targets_left_out += i64(int(detail[LEFT_OUT]))
        operation.number = table.number()
        channel.operations[operation.key] = operation
        table.operations += 1
        self.recorder.operation_first(
            self.connection,
            channel=channel.identity,
            verb=operation.verb,
            operation=operation.name,
            code=operation.code,
            label=operation.label,
            targets=operation.targets,
            detail=detail,
        )

    def enter(self, channel: Channel, operation: Operation, detail: dict[str, Value]) -> Operation:
        """Return an operation that was on no channel as one of ``channel``; it stays on none when the tables are full."""
        known = channel.operations.get(operation.key)
        if known is not None:
            return known
        table = self.channel_table
        if table.operations >= table.operation_limit:
            table.make_room(channel)
        if i64(len(channel.operations)) >= MAX_OPERATIONS or table.operations >= table.operation_limit:
            channel.evicted += 1
            return operation
        operation.stray = False
        self._know(channel, operation, detail)
        return operation

    def _overflow(self, channel: Channel, message: Message) -> Operation:
        """Return the operation that stands for all of one function, whatever they are about, when a table is full.

        Its target says that it may be about anything, so only an allow for all objects covers it. Functions with a name are few; all others share one, so that a flood of them hides no command.
        """
        is_named = message.verb != "unknown"
        name = message.operation.encode("utf-8", "replace") if is_named else b""
        key: i64 = (fold(name, 0, i64(len(name))) | OVERFLOW_KEY) if is_named else OVERFLOW_KEY
        known = channel.operations.get(key)
        if known is None:
            label = f"overflow {message.operation}" if is_named else "overflow"
            targets: tuple[Target, ...] = (Target(FURTHER),)
            known = Operation(key, label, message.verb, message.operation, message.code, targets)
            known.number = self.channel_table.number()
            channel.operations[key] = known
            self.recorder.operation_first(
                self.connection,
                channel=channel.identity,
                verb=message.verb,
                operation=message.operation,
                code=message.code,
                label=label,
                targets=targets,
                detail=message.detail,
            )
        return known

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
        previous = self.last
        self.last = operation
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

    def report(self, channel: Channel, operation: Operation, now: i64) -> None:
        """Count what a device says by itself: an operation like any other, but nobody asked."""
        self.count(channel, operation, now)
        channel.requests -= 1
        channel.reports += 1

    def usual(self) -> Operation | None:
        """Return the operation that most lately followed the last one: the first guess of what comes now."""
        last = self.last
        if last is None:
            return None
        moved = last.recent
        return moved.operation if moved is not None else None

    def _transition(self, channel: Channel, previous: Operation, operation: Operation) -> Transition | None:
        """Return the transition between two operations, reporting a new one; None when the channel's table is full."""
        moved = previous.successors.get(operation.number)
        if moved is not None:
            return moved
        table = self.channel_table
        if channel.transitions >= MAX_TRANSITIONS or table.transitions >= table.transition_limit:
            channel.evicted += 1
            return None
        channel.transitions += 1
        table.transitions += 1
        moved = Transition(previous, operation)
        previous.successors[operation.number] = moved
        self.recorder.transition_first(
            self.connection, channel=channel.identity, previous=previous.label, label=operation.label
        )
        return moved
