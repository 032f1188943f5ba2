"""When an exchange is reported as a fact and when it is only counted. Compiled with mypyc.

A command is a fact each time it goes without an answer; of others those that equal the last one of their operation, but for
numbers of messages (``numbering``), are counted in ``Repeats`` and told together. A window's facts stand for all its exchanges.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel import Channel, Operation
from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.message import Message
from dissectors.base.recorder import EXCERPT_BYTES, Recorder
from dissectors.base.repeats import FULL, Repeats
from dissectors.base.request import Request
from dissectors.facts import Exchange, Target, Value

NO_ANSWER: Final = ("unanswered", "unseen")
MAX_STRAYS: Final = 64
"""Kinds of unasked answers kept apart per channel and window; the others are told under one name."""


@final
class Exchanges:
    """Reports the exchanges of one connection. ``numbering`` names the details that only number messages."""

    def __init__(self, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> None:
        self.connection = connection
        self.recorder = recorder
        self.channel_table = channel_table
        self.numbering: frozenset[str] = frozenset()

    def answered(
        self, request: Request, message: Message, latency: i64, data: bytes, start: i64, end: i64, *, late: bool = False
    ) -> None:
        """Report a request with its answer; ``late``: it was reported before, without it."""
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
            outcome="late" if late else "failure" if message.error else "success",
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
        if request.is_optional or request.by_server:
            self.unseen(request)
            return
        request.channel.unanswered += 1
        request.is_counted = True
        self._without_answer(request, "unanswered")

    def unseen(self, request: Request) -> None:
        """Report a request of which nobody can say whether it was answered."""
        if request.by_server:
            self.asked_by_server(request)
        else:
            self._without_answer(request, "one_way" if request.is_optional else "unseen")

    def asked_by_server(self, request: Request) -> None:
        """Report a question in the name of the server, which nobody answered: the client said nothing."""
        request.channel.unmatched += 1
        self._without_answer(request, "unmatched")

    def _without_answer(self, request: Request, outcome: str) -> None:
        self._report(
            request.channel,
            request.operation,
            values=request.values,
            answers=(),
            outcome=outcome,
            error_code=0,
            error="",
            latency=0,
            request_time=request.time,
            request_frame=0 if outcome == "unmatched" else request.frame,
            response_frame=request.frame if outcome == "unmatched" else 0,
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
        self._report(
            channel,
            self._stray(channel, message),
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
        if not channel.active:
            self.channel_table.activate(channel)
        if not operation.listed and not operation.stray:
            channel.list_busy(operation)
        recorder = self.recorder
        repeats = operation.repeats
        if repeats is None:
            repeats = Repeats()
            operation.repeats = repeats
        if not repeats.listed:
            repeats.listed = True
            channel.told.append(repeats)
        fate: i64 = repeats.fate(
            recorder,
            (outcome, int(error_code), error, values, answers, operation.targets, self._said(detail)),
            in_full=outcome in NO_ANSWER and not operation.routine,
        )
        if fate == FULL and channel.again:
            channel.tell_again(recorder)
        connection = self.connection
        exchange = Exchange(
            time=recorder.now,
            source=recorder.source,
            frame=recorder.frame,
            sequence=recorder.number() if fate == FULL else 0,
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
            repeats=0,
            detail=detail,
            visibility=connection.visibility(),
            flow=connection.flow(),
            client_port=connection.client().port,
            excerpt=excerpt,
            offset=offset,
            length=length,
        )
        if fate == FULL:
            recorder.facts.append(exchange)
        else:
            if repeats.keep(fate, exchange) == 1:
                channel.again.append(repeats)

    def _said(self, detail: dict[str, Value]) -> dict[str, Value]:
        """Return a detail without what only numbers messages."""
        numbering = self.numbering
        if not numbering or not detail:
            return detail
        return {name: value for name, value in detail.items() if name not in numbering}

    def _stray(self, channel: Channel, message: Message) -> Operation:
        """Return the operation under which an unasked answer is told; it belongs to none that was asked."""
        label = message.label()
        known = channel.strays.get(label)
        if known is None and len(channel.strays) >= MAX_STRAYS:
            label = message.operation
            known = channel.strays.get(label)
        if known is not None:
            return known
        targets: tuple[Target, ...] = tuple(message.targets)
        operation = Operation(-1, message.label(), message.verb, message.operation, message.code, targets)
        operation.stray = True
        if len(channel.strays) < 2 * MAX_STRAYS:
            channel.strays[label] = operation
        return operation
