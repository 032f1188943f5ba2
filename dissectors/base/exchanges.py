"""When an exchange is reported as a fact and when it is only counted. Compiled with mypyc.

An exchange identical to the last one of its operation (values, answers, outcome) in the same window is only counted.
Changing ones are reported in full for the first REPORTED_IN_FULL of the window; then the last one and the minimum and maximum of
its values are kept and reported when the window closes.
"""

from __future__ import annotations

from typing import final

from mypy_extensions import i64

from dissectors.base.channel import REPORTED_IN_FULL, Channel, Operation
from dissectors.base.connection import Connection
from dissectors.base.message import Message
from dissectors.base.recorder import EXCERPT_BYTES, Recorder
from dissectors.base.request import Request
from dissectors.facts import Exchange, Target, Value


@final
class Exchanges:
    """Reports the exchanges of one connection."""

    def __init__(self, connection: Connection, recorder: Recorder) -> None:
        self.connection = connection
        self.recorder = recorder

    def answered(self, request: Request, message: Message, latency: i64, data: bytes, start: i64, end: i64) -> None:
        """Report a request with its answer."""
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
            request.operation,
            values=request.values,
            answers=tuple(message.values),
            outcome="failure" if message.error else "success",
            error_code=message.error_code,
            error=message.error,
            latency=latency,
            request_time=request.time,
            request_frame=request.frame,
            response_frame=self.recorder.frame,
            detail=detail,
            excerpt=excerpt,
            offset=offset,
            length=length,
        )

    def unanswered(self, request: Request) -> None:
        """Report a request that nobody answered."""
        request.channel.unanswered += 1
        self._report(
            request.channel,
            request.operation,
            values=request.values,
            answers=(),
            outcome="unanswered",
            error_code=0,
            error="",
            latency=0,
            request_time=request.time,
            request_frame=request.frame,
            response_frame=0,
            detail=request.detail,
            excerpt=request.excerpt,
            offset=request.offset,
            length=request.length,
        )

    def one_way(
        self, channel: Channel, operation: Operation, message: Message, data: bytes, start: i64, end: i64
    ) -> None:
        """Report a message that expects no answer, or a report."""
        self._report(
            channel,
            operation,
            values=tuple(message.values),
            answers=(),
            outcome="one_way",
            error_code=message.error_code,
            error=message.error,
            latency=0,
            request_time=self.recorder.now,
            request_frame=self.recorder.frame,
            response_frame=0,
            detail=message.detail,
            excerpt=data[start : min(end, start + EXCERPT_BYTES)],
            offset=self.recorder.place(data, start),
            length=end - start,
        )

    def unmatched(self, channel: Channel, message: Message, data: bytes, start: i64, end: i64) -> None:
        """Report an answer that no open request asked for."""
        targets: tuple[Target, ...] = tuple(message.targets)
        operation = Operation(-1, message.label(), message.verb, message.operation, message.code, targets)
        seen = channel.violations.get("unmatched", 0) + 1
        channel.violations["unmatched"] = seen
        if seen > REPORTED_IN_FULL:
            return
        self._report(
            channel,
            operation,
            values=(),
            answers=tuple(message.values),
            outcome="unmatched",
            error_code=message.error_code,
            error=message.error,
            latency=0,
            request_time=self.recorder.now,
            request_frame=0,
            response_frame=self.recorder.frame,
            detail=message.detail,
            excerpt=data[start : min(end, start + EXCERPT_BYTES)],
            offset=self.recorder.place(data, start),
            length=end - start,
        )

    def _report(
        self,
        channel: Channel,
        operation: Operation,
        *,
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
        connection = self.connection
        exchange = Exchange(
            time=recorder.now,
            source=recorder.source,
            frame=recorder.frame,
            sequence=recorder.number(),
            channel=channel.identity,
            verb=operation.verb,
            operation=operation.name,
            code=operation.code,
            label=operation.label,
            targets=operation.targets,
            values=values,
            answers=answers,
            outcome=outcome,
            error_code=error_code,
            error=error,
            latency=latency,
            request_time=request_time,
            request_frame=request_frame,
            response_frame=response_frame,
            repeats=operation.repeats,
            detail=detail,
            visibility=connection.visibility(),
            flow=connection.flow(),
            client_port=connection.client().port,
            excerpt=excerpt,
            offset=offset,
            length=length,
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
        self.recorder.facts.append(exchange)

    def _hold(self, operation: Operation, exchange: Exchange, values: tuple[Value, ...]) -> None:
        """Keep the exchange as the last one and take its values into minimum and maximum."""
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
