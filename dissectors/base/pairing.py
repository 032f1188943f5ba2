"""Which answer belongs to which request. Compiled with mypyc.

The outstanding request sits in a slot; a dict only where requests overlap. Limits: MAX_WAITING requests may be outstanding
besides the slot; an answer later than ANSWER_SECONDS counts as unmatched.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel import Channel, Operation
from dissectors.base.channel_table import ChannelTable
from dissectors.base.exchanges import Exchanges
from dissectors.base.recorder import Recorder
from dissectors.base.request import Request

MAX_WAITING: Final = 512
ANSWER_SECONDS: Final = 10
ANSWER_NANOSECONDS: Final = 10_000_000_000
LOOK_NANOSECONDS: Final = 1_000_000_000
"""How often a session in use looks for requests that waited too long, besides the sweeps of the wire."""


@final
class Pairing:
    """The open requests of one connection. After a match the ``hit_`` fields hold the request that was found."""

    def __init__(self, recorder: Recorder, channel_table: ChannelTable, exchanges: Exchanges) -> None:
        self.recorder = recorder
        self.channel_table = channel_table
        self.exchanges = exchanges
        self.operation: Operation | None = None
        self.channel: Channel | None = None
        self.tag: i64 = 0
        self.time: i64 = 0
        self.frame: i64 = 0
        self.request: Request | None = None
        self.waiting: dict[i64, Request] = {}
        self.hit_operation: Operation | None = None
        self.hit_channel: Channel | None = None
        self.hit_request: Request | None = None
        self.hit_time: i64 = 0
        self.hit_frame: i64 = 0
        self.next_look: i64 = 0

    def ask(self, channel: Channel, operation: Operation, tag: i64, request: Request | None) -> None:
        """Keep a request until its answer. ``request`` is None for a routine one, whose values nobody needs."""
        now: i64 = self.recorder.now
        if self.operation is not None:
            if self.tag != tag and now - self.time <= ANSWER_NANOSECONDS:
                self._overlap(request or Request(channel, operation, tag, now, self.recorder.frame))
                return
            self._time_out_slot()
        self.operation = operation
        self.channel = channel
        self.tag = tag
        self.time = now
        self.frame = self.recorder.frame
        self.request = request

    def _overlap(self, request: Request) -> None:
        """Keep a request beside the one in the slot."""
        old = self.waiting.get(request.tag)
        if old is not None:
            self.exchanges.unanswered(old)
        elif i64(len(self.waiting)) >= MAX_WAITING:
            self.channel_table.evicted_requests += 1
            return
        self.waiting[request.tag] = request

    def reopen(self, tag: i64) -> None:
        """Keep the request just matched open under ``tag``: its answer goes on in another message."""
        operation = self.hit_operation
        channel = self.hit_channel
        if operation is None or channel is None:
            return
        request = self.hit_request
        if request is not None:
            request.tag = tag
        if self.operation is None:
            self.operation = operation
            self.channel = channel
            self.tag = tag
            self.time = self.hit_time
            self.frame = self.hit_frame
            self.request = request
        elif i64(len(self.waiting)) < MAX_WAITING:
            if request is None:
                request = Request(channel, operation, tag, self.hit_time, self.hit_frame)
            self.waiting[tag] = request

    def asked(self, tag: i64) -> Operation | None:
        """Return the operation that waits for an answer with ``tag``, without taking it."""
        operation = self.operation
        if operation is not None and self.tag == tag:
            return operation
        if self.waiting:
            request = self.waiting.get(tag)
            if request is not None:
                return request.operation
        return None

    def match(self, tag: i64) -> bool:
        """Find the request of an answer with ``tag``; the ``hit_`` fields then hold it."""
        operation = self.operation
        if operation is not None and self.tag == tag:
            self.hit_operation = operation
            self.hit_channel = self.channel
            self.hit_request = self.request
            self.hit_time = self.time
            self.hit_frame = self.frame
            self.operation = None
            self.request = None
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

    # Time.

    def look(self, now: i64) -> None:
        """Report what waits too long, once in LOOK_NANOSECONDS; the slot is looked at each time."""
        if now >= self.next_look:
            self.next_look = now + LOOK_NANOSECONDS
            self.time_out_late(now)
        elif self.operation is not None and now - self.time > ANSWER_NANOSECONDS:
            self._time_out_slot()

    def time_out_late(self, now: i64) -> None:
        """Report the requests that have waited longer than ANSWER_SECONDS."""
        limit: i64 = now - ANSWER_NANOSECONDS
        if self.operation is not None and self.time < limit:
            self._time_out_slot()
        if self.waiting:
            late: list[Request] = []
            for request in self.waiting.values():
                if request.time < limit:
                    late.append(request)
            for request in late:
                del self.waiting[request.tag]
                self.exchanges.unanswered(request)

    def time_out_all(self) -> None:
        """Report every open request: its connection is over."""
        self._time_out_slot()
        waiting = self.waiting
        self.waiting = {}
        for request in waiting.values():
            self.exchanges.unanswered(request)

    def _time_out_slot(self) -> None:
        operation = self.operation
        channel = self.channel
        if operation is None or channel is None:
            return
        request = self.request
        if request is None:
            request = Request(channel, operation, self.tag, self.time, self.frame)
        self.operation = None
        self.request = None
        self.exchanges.unanswered(request)

    def forget_before(self, time: i64) -> None:
        """Forget what was asked before ``time``: the answers may have been lost."""
        if self.operation is not None and self.time < time:
            self.operation = None
            self.request = None
        if self.waiting:
            self.waiting = {tag: request for tag, request in self.waiting.items() if request.time >= time}

    def clock_set(self, now: i64) -> None:
        """The packet clock jumped: what waits has waited since ``now``."""
        self.time = now
        self.next_look = now
        for request in self.waiting.values():
            request.time = now
