"""When an exchange is told as a fact and when it is only counted. Compiled with mypyc.

An exchange identical to the last one of its operation (values, answers, outcome) in the same window is only counted.
Changing ones are told in full for the first TOLD_IN_FULL of the window; then the last, the least and the greatest
value are kept and told when the window closes.
"""

from __future__ import annotations

from typing import final

from mypy_extensions import i64

from dissectors.channel import TOLD_IN_FULL, Channel, Operation
from dissectors.connection import Connection
from dissectors.facts import Exchange, Target, Value
from dissectors.message import Message
from dissectors.recorder import Recorder
from dissectors.request import PROOF_BYTES, Request


@final
class Telling:
    """Tells the exchanges of one connection."""

    def __init__(self, connection: Connection, recorder: Recorder) -> None:
        self.connection = connection
        self.recorder = recorder

    def answered(self, request: Request, message: Message, latency: i64, data: bytes, start: i64, end: i64) -> None:
        """Tell a request with its answer."""
        operation = request.operation
        detail = request.detail
        if message.detail:
            detail = {**detail, **message.detail}
        proof = request.proof
        offset: i64 = request.offset
        length: i64 = request.length
        if not proof or message.error:
            proof = data[start : min(end, start + PROOF_BYTES)]
            offset = self.recorder.place(data, start)
            length = end - start
        self._tell(
            request.channel,
            operation,
            request.values,
            tuple(message.values),
            "failure" if message.error else "success",
            message.error_code,
            message.error,
            latency,
            request.time,
            request.frame,
            self.recorder.frame,
            detail,
            proof,
            offset,
            length,
        )

    def unanswered(self, request: Request) -> None:
        """Tell a request that nobody answered."""
        channel = request.channel
        channel.unanswered += 1
        self._tell(
            channel,
            request.operation,
            request.values,
            (),
            "unanswered",
            0,
            "",
            0,
            request.time,
            request.frame,
            0,
            request.detail,
            request.proof,
            request.offset,
            request.length,
        )

    def one_way(
        self, channel: Channel, operation: Operation, message: Message, data: bytes, start: i64, end: i64
    ) -> None:
        """Tell a message that expects no answer, or a report."""
        now: i64 = self.recorder.now
        frame: i64 = self.recorder.frame
        self._tell(
            channel,
            operation,
            tuple(message.values),
            (),
            "one_way",
            message.error_code,
            message.error,
            0,
            now,
            frame,
            0,
            message.detail,
            data[start : min(end, start + PROOF_BYTES)],
            self.recorder.place(data, start),
            end - start,
        )

    def unasked(self, channel: Channel, message: Message, data: bytes, start: i64, end: i64) -> None:
        """Tell an answer that no open request asked for."""
        operation = Operation(-1, message.label(), message.verb, message.operation, message.code, ())
        targets: tuple[Target, ...] = tuple(message.targets)
        operation.targets = targets
        seen = channel.violations.get("unasked", 0) + 1
        channel.violations["unasked"] = seen
        if seen > TOLD_IN_FULL:
            return
        now: i64 = self.recorder.now
        self._tell(
            channel,
            operation,
            (),
            tuple(message.values),
            "unasked",
            message.error_code,
            message.error,
            0,
            now,
            0,
            self.recorder.frame,
            message.detail,
            data[start : min(end, start + PROOF_BYTES)],
            self.recorder.place(data, start),
            end - start,
        )

    def _tell(
        self,
        channel: Channel,
        operation: Operation,
        values: tuple[Value, ...],
        answers: tuple[Value, ...],
        outcome: str,
        error_code: i64,
        error: str,
        latency: i64,
        request_time: i64,
        request_frame: i64,
        response_frame: i64,
        detail: dict[str, Value],
        proof: bytes,
        offset: i64,
        length: i64,
    ) -> None:
        if operation.told_window != channel.window:
            operation.told_window = channel.window
            operation.told = 0
            operation.told_outcome = ""
            operation.repeats = 0
        if not operation.listed:
            channel.list_busy(operation)
        if (
            operation.told_outcome == outcome
            and operation.told_error == error_code
            and operation.told_values == values
            and operation.told_answers == answers
        ):
            operation.repeats += 1
            return
        recorder = self.recorder
        exchange = Exchange(
            recorder.now,
            recorder.source,
            recorder.frame,
            recorder.number(),
            channel.identity,
            operation.verb,
            operation.name,
            operation.code,
            operation.label,
            operation.targets,
            values,
            answers,
            outcome,
            error_code,
            error,
            latency,
            request_time,
            request_frame,
            response_frame,
            operation.repeats,
            detail,
            self.connection.visibility(),
            self.connection.flow(),
            self.connection.client_port(),
            proof,
            offset,
            length,
        )
        operation.told_outcome = outcome
        operation.told_error = error_code
        operation.told_values = values
        operation.told_answers = answers
        if operation.told >= TOLD_IN_FULL:
            self._hold(operation, exchange, values)
            return
        operation.told += 1
        operation.repeats = 0
        recorder.facts.append(exchange)

    def _hold(self, operation: Operation, exchange: Exchange, values: tuple[Value, ...]) -> None:
        """Keep the exchange as the last one and take its values into the least and greatest."""
        first = operation.held is None
        operation.held = exchange
        operation.repeats += 1
        for value in values:
            if isinstance(value, str):
                continue
            number = float(value)
            if first or number < operation.least:
                operation.least = number
            if first or number > operation.greatest:
                operation.greatest = number
            first = False
