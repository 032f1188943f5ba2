"""A request on its way: kept until its answer comes or its time is up. Compiled with mypyc."""

from __future__ import annotations

from typing import final

from mypy_extensions import i64

from dissectors.base.channel import Channel, Operation
from dissectors.base.message import ANYTHING, PLAIN_READ
from dissectors.facts import Value


@final
class Request:
    """An outstanding request that needs more than the slot: not routine, or one of several.

    Requests with one tag wait in a row: ``next`` is the one asked after this one, ``last`` (of the first) the end of the row.
    """

    def __init__(self, channel: Channel, operation: Operation, tag: i64, time: i64, frame: i64) -> None:
        self.channel = channel
        self.operation = operation
        self.tag: i64 = tag
        self.time: i64 = time
        self.frame: i64 = frame
        self.values: tuple[Value, ...] = ()
        self.detail: dict[str, Value] = {}
        self.excerpt: bytes = b""
        self.offset: i64 = -1
        self.length: i64 = 0
        self.mirror: i64 = PLAIN_READ if operation.routine else ANYTHING
        self.doubtful_until: i64 = 0
        """It was given up: until then an answer of equal shape may be its own or that of a later one with its tag."""
        self.is_optional: bool = False
        """Nobody owes an answer to it."""
        self.by_server: bool = False
        """The server asked it, which is no client for that: unanswered, it is told as what nobody asked for."""
        self.is_counted: bool = False
        """It was counted unanswered."""
        self.next: Request | None = None
        self.last: Request | None = None

    def fits(self, mirror: i64) -> bool:
        """Return whether an answer with ``mirror`` may be the answer to this request."""
        return self.mirror == mirror or self.mirror == ANYTHING or mirror == ANYTHING
