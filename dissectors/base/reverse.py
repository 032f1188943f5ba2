"""What the server asks on its client's connection: partners that both ask, each the client of what it asks. Compiled with mypyc.

A command of the server waits like any other. When the client answers it, it is told on a channel of its own, from the server to the
client, with the ends, the verdict and the alerts of that direction. A command that nobody answers opens no such channel: anybody
forges one packet in the name of a server, so it is told as what nobody asked for. Polls open none either; they are counted with
those of the client until the server has been answered a command. Limits: the channel of the unit asked last is at hand.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel import Channel, Operation
from dissectors.base.connection import Connection
from dissectors.base.exchanges import Exchanges
from dissectors.base.message import Message, fold
from dissectors.base.operations import LABEL_KEY, Operations
from dissectors.base.pairing import Pairing
from dissectors.base.recorder import EXCERPT_BYTES
from dissectors.base.reporting import Reporting
from dissectors.base.request import Request
from dissectors.base.units import Units
from dissectors.facts import Value

BACKWARDS: Final = 1 << 61
"""In the tag of a question that the server asks, and of its answer: both ends number their questions alone."""


@final
class Reverse:
    """The questions of the server on one connection, and the channel that they are told on."""

    def __init__(
        self, units: Units, operations: Operations, exchanges: Exchanges, pairing: Pairing, reporting: Reporting
    ) -> None:
        self.units = units
        self.operations = operations
        self.exchanges = exchanges
        self.pairing = pairing
        self.reporting = reporting
        self.connection: Connection = units.connection
        self.channel: Channel | None = None
        """The channel from the server to the client, None before the client has answered a command."""
        self.unit: str = ""

    def known(self, unit: str) -> Channel | None:
        """Return the channel on which the server asks this unit of the client, None before a command was answered."""
        channel = self.channel
        return channel if channel is not None and self.unit == self.units.asked_back(unit) else None

    def ask(self, channel: Channel, message: Message, data: bytes, start: i64, end: i64) -> None:
        """Keep a command of the server until its answer; unanswered it is told on ``channel``."""
        recorder = self.pairing.recorder
        operation = self._operation(message)
        request = Request(channel, operation, message.tag, recorder.now, recorder.frame)
        request.values = tuple(message.values)
        request.detail = message.detail
        request.by_server = True
        request.excerpt = data[start : min(end, start + EXCERPT_BYTES)]
        request.offset = recorder.place(data, start)
        request.length = end - start
        self.pairing.ask(channel, operation, message.tag, request)

    def one_way(self, channel: Channel, message: Message, data: bytes, start: i64, end: i64) -> None:
        """Report what the server commands without an answer: as its own once it was answered another command."""
        own = self.known(message.unit)
        if own is None:
            channel.responses += 1
            channel.unmatched += 1
            self.exchanges.unmatched(channel, message, data, start, end)
            return
        client = self._turn()
        operation = self._enter(own, self._operation(message), message.detail, self.pairing.recorder.now)
        self.exchanges.one_way(own, operation, message, data, start, end)
        self._turn_back(client)

    def answered(self, request: Request, message: Message, data: bytes, start: i64, end: i64, *, late: bool) -> None:
        """Report a command of the server that the client answered."""
        unit = self.units.asked_back(message.unit)
        taken: i64 = self.pairing.recorder.now - request.time
        side: i64 = self.connection.client_side
        client = self._turn()
        channel = self.units.channel_table.open(self.connection, self.units.protocol, unit, "established", "bytes")
        self.channel = channel
        self.unit = unit
        self.units.touch(channel)
        channel.visibility = self.connection.visibility()
        channel.responses += 1
        for identity in message.identity:
            self.reporting.identify(channel, unit, side, identity)
        request.channel = channel
        request.operation = self._enter(channel, request.operation, request.detail, request.time)
        channel.latency(taken)
        if message.error:
            channel.failures += 1
            request.operation.failures += 1
        if late or message.error or not request.operation.routine or not message.routine:
            self.exchanges.answered(request, message, taken, data, start, end, late=late)
        self._turn_back(client)

    def _operation(self, message: Message) -> Operation:
        """Return an operation that is on no channel yet."""
        name = message.name().encode("utf-8", "replace")
        key: i64 = fold(name, 0, i64(len(name))) | LABEL_KEY
        operation = Operation(
            key, message.label(), message.verb, message.operation, message.code, tuple(message.targets)
        )
        operation.routine = message.routine
        operation.stray = True
        return operation

    def _enter(self, channel: Channel, operation: Operation, detail: dict[str, Value], time: i64) -> Operation:
        """Count an operation on the channel of the server's questions; nothing of the client's follows it."""
        before = self.operations.last
        self.operations.last = None
        known = self.operations.enter(channel, operation, detail)
        self.operations.count(channel, known, time)
        self.operations.last = before
        return known

    def _turn(self) -> str:
        """Let the server be the client while something of its own is reported; return by what the client was decided."""
        connection = self.connection
        connection.client_side = 1 - connection.client_side
        before = connection.decided_by
        connection.decided_by = "messages"
        return before

    def _turn_back(self, decided_by: str) -> None:
        self.connection.client_side = 1 - self.connection.client_side
        self.connection.decided_by = decided_by
