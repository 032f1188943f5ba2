"""Which answer belongs to which request. Compiled with mypyc.

The outstanding request sits in a slot; those that overlap it wait in rows, one for each tag, oldest first. What has waited too long
is reported unanswered and remembered: an answer that still comes is late, not unasked. How long is too long is learned from the
slowest answers of the channel, between ANSWER_SECONDS and MAX_ANSWER_SECONDS. Limits: MAX_WAITING requests wait besides the slot
and MAX_GIVEN_UP are remembered, all within the budget of the ``ChannelTable``; as many answers as there were requests not kept
are taken as theirs. Of equal requests with one tag the oldest is taken to be answered first.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel import Channel, Operation
from dissectors.base.channel_table import ChannelTable
from dissectors.base.exchanges import Exchanges
from dissectors.base.recorder import Recorder
from dissectors.base.request import Request
from dissectors.base.waiting import NOTHING_WAITS, Waiting
from dissectors.facts import Target

MAX_WAITING: Final = 4_096
MAX_GIVEN_UP: Final = 256
ANSWER_SECONDS: Final = 10
ANSWER_NANOSECONDS: Final = 10_000_000_000
MAX_ANSWER_SECONDS: Final = 180
"""An answer that comes later than this after its request belongs to none; no link is waited for longer."""
MAX_ANSWER_NANOSECONDS: Final = 180_000_000_000
LOOK_NANOSECONDS: Final = 1_000_000_000
"""How often a session in use looks for requests that waited too long, besides the sweeps of the wire."""
MAX_ALIKE: Final = 64
"""How many open requests are looked at for one that an answer with another tag could belong to."""


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
        self.next_look: i64 = 0
        self.waiting = NOTHING_WAITS
        self.given_up = NOTHING_WAITS
        self.hit_operation: Operation | None = None
        self.hit_channel: Channel | None = None
        self.hit_request: Request | None = None
        self.hit_time: i64 = 0
        self.hit_frame: i64 = 0
        self.answered: i64 = 0
        """Questions of the client that the server answered."""
        self.unsure_before: i64 = 0
        """What was asked before may have been answered in bytes that the capture lost."""
        self.not_kept: i64 = 0
        """Requests that there was no room for and whose answers may still come, until ``not_kept_until``."""
        self.not_kept_until: i64 = 0

    # Requests.

    def ask(self, channel: Channel, operation: Operation, tag: i64, request: Request | None) -> None:
        """Keep a request until its answer. ``request`` is None for a routine one, whose values nobody needs."""
        now: i64 = self.recorder.now
        if self.operation is not None or self.waiting.count != 0:
            if self._overlaps(tag, now):
                self._add(request or Request(channel, operation, tag, now, self.recorder.frame))
                return
        self.operation = operation
        self.channel = channel
        self.tag = tag
        self.time = now
        self.frame = self.recorder.frame
        self.request = request

    def _overlaps(self, tag: i64, now: i64) -> bool:
        """Return whether a request with ``tag`` waits behind others; False when the slot is free for it."""
        if self.operation is not None:
            if not self._is_late(self.channel, self.time, now) and (self.tag != tag or self.time >= self.unsure_before):
                return True
            self._give_up_slot()
        first = self.waiting.first(tag)
        while first is not None and first.time < self.unsure_before:
            self.waiting.take(tag)
            self._give_up(first)
            first = self.waiting.first(tag)
        return first is not None

    def _add(self, request: Request) -> None:
        """Let a request wait behind those with its tag; without room it is reported at once, how it ended is not seen."""
        if self.wait(request):
            return
        self._count_not_kept(request)
        if not request.operation.routine:
            self.exchanges.unseen(request)

    def wait(self, request: Request) -> bool:
        """Put a request at the end of the row of its tag; False when there is no room for it."""
        if self.waiting is NOTHING_WAITS:
            self.waiting = Waiting(self.channel_table, MAX_WAITING)
        return self.waiting.add(request)

    def _count_not_kept(self, request: Request) -> None:
        self.channel_table.evicted_requests += 1
        self.not_kept += 1
        until: i64 = request.time + MAX_ANSWER_NANOSECONDS
        if until > self.not_kept_until:
            self.not_kept_until = until

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
            return
        self._add(request or Request(channel, operation, tag, self.hit_time, self.hit_frame))

    # Answers.

    def asked(self, tag: i64) -> Operation | None:
        """Return the operation that waits for an answer with ``tag``, without taking it."""
        operation = self.operation
        if operation is not None and self.tag == tag:
            return operation
        request = self.waiting.first(tag)
        return request.operation if request is not None else None

    def has_echo(self, tag: i64, targets: tuple[Target, ...]) -> bool:
        """Return whether several requests wait with ``tag`` and one of them asks for just these points."""
        request = self.waiting.first(tag)
        if request is None:
            return False
        operation = self.operation
        if operation is not None and self.tag == tag and operation.targets == targets:
            return True
        while request is not None:
            if request.operation.targets == targets:
                return True
            request = request.next
        return False

    def alike(self, tag: i64, mask: i64) -> i64:
        """Return the tag of an open request that equals ``tag`` where ``mask`` has bits, -1 when there is none."""
        if self.operation is not None and ((self.tag ^ tag) & mask) == 0:
            return self.tag
        for looked, other in enumerate(self.waiting.rows):
            if ((other ^ tag) & mask) == 0:
                return other
            if looked >= MAX_ALIKE:
                break
        return -1

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
            self.answered += 1
            return True
        return self._hit(self.waiting.take(tag))

    def match_echo(self, tag: i64, targets: tuple[Target, ...]) -> bool:
        """Find the oldest request with ``tag`` whose points the answer repeats."""
        operation = self.operation
        if operation is not None and self.tag == tag and (not operation.targets or operation.targets == targets):
            return self.match(tag)
        return self._hit(self.waiting.take_asking_for(tag, targets))

    def match_read(self, tag: i64, size: i64) -> bool:
        """Find the oldest request with ``tag`` that an answer of ``size`` bytes fits."""
        operation = self.operation
        if operation is not None and self.tag == tag and operation.routine and operation.reply_key == size:
            return self.match(tag)
        return self._hit(self.waiting.take_reading(tag, size))

    def match_late(self, tag: i64) -> bool:
        """Find the request of an answer with ``tag`` among those reported unanswered."""
        now: i64 = self.recorder.now
        request = self.given_up.take(tag)
        while request is not None and now - request.time > MAX_ANSWER_NANOSECONDS:
            request = self.given_up.take(tag)
        return self._hit(request)

    def match_not_kept(self) -> bool:
        """Take an answer as that of a request which there was no room for; False when there can be none."""
        if self.not_kept <= 0 or self.recorder.now > self.not_kept_until:
            self.not_kept = 0
            return False
        self.not_kept -= 1
        return True

    def _hit(self, request: Request | None) -> bool:
        if request is None:
            return False
        self.hit_operation = request.operation
        self.hit_channel = request.channel
        self.hit_request = request
        self.hit_time = request.time
        self.hit_frame = request.frame
        self.answered += 1
        return True

    # Time.

    def look(self, now: i64) -> None:
        """Report what waits too long, once in LOOK_NANOSECONDS; the slot is looked at each time."""
        if now >= self.next_look:
            self.next_look = now + LOOK_NANOSECONDS
            self.time_out_late(now)
        elif self.operation is not None and self._is_late(self.channel, self.time, now):
            self._give_up_slot()

    def time_out_late(self, now: i64) -> None:
        """Report the requests that have waited longer than their channel lets expect."""
        if self.operation is not None and self._is_late(self.channel, self.time, now):
            self._give_up_slot()
        if self.waiting.count:
            for request in self.waiting.older_than(now - ANSWER_NANOSECONDS):
                if self._is_late(request.channel, request.time, now):
                    self.waiting.take(request.tag)
                    self._give_up(request)
        if self.given_up.count:
            for request in self.given_up.older_than(now - MAX_ANSWER_NANOSECONDS):
                self.given_up.take(request.tag)

    def time_out_all(self) -> None:
        """Report every open request unanswered: its connection is over."""
        self._give_up_slot()
        for request in self.waiting.take_all():
            self._give_up(request)
        self.given_up.take_all()

    def release(self) -> None:
        """Forget what is open without a report: the dissector failed, nobody knows what was asked."""
        self.operation = None
        self.request = None
        self.waiting.take_all()
        self.given_up.take_all()

    def take_pending(self) -> list[Request]:
        """Return what is open and worth a report, and forget all that is open: the roles are turned round."""
        found: list[Request] = []
        request = self._take_slot()
        if request is not None and not request.operation.routine:
            found.append(request)
        for request in self.waiting.take_all():
            if not request.operation.routine:
                found.append(request)
        self.given_up.take_all()
        return found

    def end_unseen(self) -> None:
        """Report every open request: the input ends before its answer is due, nobody can say that it is missing."""
        request = self._take_slot()
        if request is not None:
            self._unseen(request)
        for request in self.waiting.take_all():
            self._unseen(request)
        self.given_up.take_all()

    def _is_late(self, channel: Channel | None, asked: i64, now: i64) -> bool:
        """Return whether an answer is overdue: twice the slowest of the channel so far, at least ANSWER_SECONDS."""
        waited: i64 = now - asked
        if waited <= ANSWER_NANOSECONDS:
            return False
        if channel is None:
            return True
        return waited > min(MAX_ANSWER_NANOSECONDS, 2_000 * channel.slowest_answer())

    def _take_slot(self) -> Request | None:
        operation = self.operation
        channel = self.channel
        if operation is None or channel is None:
            return None
        request = self.request
        if request is None:
            request = Request(channel, operation, self.tag, self.time, self.frame)
        self.operation = None
        self.request = None
        return request

    def _give_up_slot(self) -> None:
        request = self._take_slot()
        if request is not None:
            self._give_up(request)

    def _give_up(self, request: Request) -> None:
        """Report a request that was not answered in time, and remember it for an answer that comes late."""
        if request.time < self.unsure_before:
            self._unseen(request)
        else:
            self.exchanges.unanswered(request)
        if self.given_up is NOTHING_WAITS:
            self.given_up = Waiting(self.channel_table, MAX_GIVEN_UP)
        given_up = self.given_up
        if given_up.count >= MAX_GIVEN_UP:
            given_up.take(next(iter(given_up.rows)))
        given_up.add(request)

    def _unseen(self, request: Request) -> None:
        if not request.operation.routine:
            self.exchanges.unseen(request)

    def gap(self, time: i64) -> None:
        """Note that answers to what was asked before ``time`` may have been lost: none of it is unanswered."""
        self.unsure_before = time

    def clock_set(self, now: i64) -> None:
        """The packet clock jumped: what waits has waited since ``now``."""
        self.time = now
        self.next_look = now
        self.unsure_before = 0
        self.not_kept = 0
        self.waiting.asked_at(now)
        self.given_up.take_all()
