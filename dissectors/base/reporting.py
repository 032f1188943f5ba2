"""When an exchange is reported as a fact and when it is only counted. Compiled with mypyc.

An exchange identical to the last one of its operation (values, answers, outcome) in the same window is only counted.
Changing ones are reported in full for the first TOLD_IN_FULL of the window; then the last, the least and the greatest
value are kept and reported when the window closes.
"""

from __future__ import annotations

from typing import final

from mypy_extensions import i64

from dissectors.base.channel import REPORTED_IN_FULL, Channel, Operation
from dissectors.base.connection import Connection
from dissectors.base.message import Message
from dissectors.base.recorder import Recorder
from dissectors.base.request import EXCERPT_BYTES, Request
from dissectors.facts import Exchange, Target, Value


@final
class Reporting:
    """Reports the exchanges of one connection."""

    def __init__(self, connection: Connection, recorder: Recorder) -> None:
        self.connection = connection
        self.recorder = recorder

    def answered(self, request: Request, message: Message, latency: i64, data: bytes, start: i64, end: i64) -> None:
        """Report a request with its answer."""
        operation = request.operation
        detail = request.detail
        if message.detail:
            detail = {**detail, **message.detail}
        excerpt = request.excerpt
        offset: i64 = request.offset
        length: i64 = request.length
        if not excerpt or message.error:
            excerpt = data[start : min(end, start + EXCERPT_BYTES)]
            offset = self.recorder.place(data, start)
            length = end - start
        self._report(
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
            excerpt,
            offset,
            length,
        )

    def unanswered(self, request: Request) -> None:
        """Report a request that nobody answered."""
        channel = request.channel
        channel.unanswered += 1
        self._report(
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
            request.excerpt,
            request.offset,
            request.length,
        )

    def one_way(
        self, channel: Channel, operation: Operation, message: Message, data: bytes, start: i64, end: i64
    ) -> None:
        """Report a message that expects no answer, or a report."""
        now: i64 = self.recorder.now
        frame: i64 = self.recorder.frame
        self._report(
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
            data[start : min(end, start + EXCERPT_BYTES)],
            self.recorder.place(data, start),
            end - start,
        )

    def unmatched(self, channel: Channel, message: Message, data: bytes, start: i64, end: i64) -> None:
        """Report an answer that no open request asked for."""
        operation = Operation(-1, message.label(), message.verb, message.operation, message.code, ())
        targets: tuple[Target, ...] = tuple(message.targets)
        operation.targets = targets
        seen = channel.violations.get("unmatched", 0) + 1
        channel.violations["unmatched"] = seen
        if seen > REPORTED_IN_FULL:
            return
        now: i64 = self.recorder.now
        self._report(
            channel,
            operation,
            (),
            tuple(message.values),
            "unmatched",
            message.error_code,
            message.error,
            0,
            now,
            0,
            self.recorder.frame,
            message.detail,
            data[start : min(end, start + EXCERPT_BYTES)],
            self.recorder.place(data, start),
            end - start,
        )

    def _report(
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
        excerpt: bytes,
        offset: i64,
        length: i64,
    ) -> None:
        if operation.reported_window != channel.window:
            operation.reported_window = channel.window
            operation.reported = 0
            operation.reported_outcome = ""
            operation.repeats = 0
        if not operation.listed:
            channel.list_busy(operation)
        if (
            operation.reported_outcome == outcome
            and operation.reported_error == error_code
            and operation.reported_values == values
            and operation.reported_answers == answers
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
            excerpt,
            offset,
            length,
        )
        operation.reported_outcome = outcome
        operation.reported_error = error_code
        operation.reported_values = values
        operation.reported_answers = answers
        if operation.reported >= REPORTED_IN_FULL:
            self._hold(operation, exchange, values)
            return
        operation.reported += 1
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
            if first or number < operation.minimum:
                operation.minimum = number
            if first or number > operation.maximum:
                operation.maximum = number
            first = False
