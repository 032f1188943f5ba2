"""Which answer belongs to which request. Compiled with mypyc.

The outstanding request sits in a slot; those that overlap it wait in rows, one for each tag, oldest first. What has waited too long
is reported unanswered and remembered: an answer that still comes is late, not unasked. How long is too long is learned from the
slowest answers of the channel, between ANSWER_SECONDS and MAX_ANSWER_SECONDS. Limits: MAX_WAITING requests wait besides the slot
and MAX_GIVEN_UP are remembered, all within the budget of the ``ChannelTable``; as many answers as there were requests not kept
are taken as theirs. An answer that says what was asked (its ``mirror``) belongs to the oldest request with its tag that asked
just this, open or given up; of equal ones the oldest is taken to be answered first.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel import Channel, Operation
from dissectors.base.channel_table import ChannelTable
from dissectors.base.exchanges import Exchanges
from dissectors.base.given_up import MAX_ANSWER_NANOSECONDS, GivenUp
from dissectors.base.message import PLAIN_READ
from dissectors.base.recorder import Recorder
from dissectors.base.request import Request
from dissectors.base.waiting import NOTHING_WAITS, Waiting

MAX_WAITING: Final = 4_096
ANSWER_SECONDS: Final = 10
ANSWER_NANOSECONDS: Final = 10_000_000_000
RETRY_NANOSECONDS: Final = 100_000_000
"""No client gives a request up sooner: one with the same tag that follows it faster does not wait for its answer."""
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
        self.next_look: i64 = 0
        self.waiting = NOTHING_WAITS
        self.given_up = GivenUp(channel_table)
        self.hit_operation: Operation | None = None
        self.hit_channel: Channel | None = None
        self.hit_request: Request | None = None
        self.hit_time: i64 = 0
        self.hit_frame: i64 = 0
        self.answered: i64 = 0
        """Questions of the client that the server answered."""
        self.answered_until: i64 = 0
        """When the latest request that was answered had been asked, as far as it is known."""
        self.unsure_before: i64 = 0
        """What was asked before may have been answered in bytes that the capture lost."""

    # Requests.

    def ask(self, channel: Channel, operation: Operation, tag: i64, request: Request | None) -> None:
        """Keep a request until its answer. ``request`` is None for a routine one, whose values nobody needs."""
        now: i64 = self.recorder.now
        if self.operation is not None or self.waiting.count != 0:
            if self._overlaps(operation, tag, now):
                self._add(request or Request(channel, operation, tag, now, self.recorder.frame))
                return
        self.operation = operation
        self.channel = channel
        self.tag = tag
        self.time = now
        self.frame = self.recorder.frame
        self.request = request

    def _overlaps(self, asked: Operation, tag: i64, now: i64) -> bool:
        """Return whether a request with ``tag`` waits behind others; False when the slot is free for it.

        A request whose tag is used again waits no longer when a later one was answered, or a read for longer than answers take.
        """
        operation = self.operation
        if operation is None:
            if self.time > self.answered_until:
                self.answered_until = self.time
        else:
            late = self._is_late(self.channel, self.time, now)
            if not late and (self.tag != tag or not self._is_given_up(operation, self.channel, self.time, now)):
                return True
            self._give_up_slot()
        first = self.waiting.first(tag)
        while first is not None and self._is_given_up(first.operation, first.channel, first.time, now):
            self.waiting.take(tag)
            self._give_up(first)
            first = self.waiting.first(tag)
        return first is not None

    def _is_given_up(self, operation: Operation, channel: Channel | None, asked: i64, now: i64) -> bool:
        """Return whether its client waits no longer for the answer to an open request whose tag it uses again."""
        if asked < self.unsure_before or asked < self.answered_until:
            return True
        if not operation.routine or channel is None:
            return False
        slowest: i64 = channel.slowest_answer()
        return slowest > 0 and now - asked > RETRY_NANOSECONDS and now - asked > 2_000 * slowest

    def _add(self, request: Request) -> None:
        """Let a request wait behind those with its tag; without room it is reported at once, how it ended is not seen."""
        if self.wait(request):
            return
        self.channel_table.evicted_requests += 1
        self.given_up.count_not_kept(request.time)
        if not request.operation.routine:
            self.exchanges.unseen(request)

    def wait(self, request: Request) -> bool:
        """Put a request at the end of the row of its tag; False when there is no room for it."""
        if self.waiting is NOTHING_WAITS:
            self.waiting = Waiting(self.channel_table, MAX_WAITING)
        return self.waiting.add(request)

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

    def fitting(self, tag: i64, mirror: i64) -> Operation | None:
        """Return the operation that an answer with ``tag`` and ``mirror`` belongs to, without taking it."""
        if self._slot_fits(tag, mirror):
            return self.operation
        request = self.waiting.fitting(tag, mirror)
        return request.operation if request is not None else None

    def _slot_fits(self, tag: i64, mirror: i64) -> bool:
        operation = self.operation
        if operation is None or self.tag != tag:
            return False
        request = self.request
        if request is not None:
            return request.fits(mirror)
        return mirror <= PLAIN_READ or not operation.routine

    def alike(self, tag: i64, mask: i64) -> i64:
        """Return the tag of an open request that equals ``tag`` where ``mask`` has bits, -1 when there is none."""
        if self.operation is not None and ((self.tag ^ tag) & mask) == 0:
            return self.tag
        return self.waiting.alike(tag, mask)

    def is_alone(self) -> bool:
        """Return whether no request waits beside the slot and none was given up."""
        return self.waiting.count == 0 and self.given_up.rows.count == 0

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

    def match_fitting(self, tag: i64, mirror: i64) -> bool:
        """Find the oldest request with ``tag`` that an answer with ``mirror`` fits."""
        if self._slot_fits(tag, mirror):
            return self.match(tag)
        return self._hit(self.waiting.take_fitting(tag, mirror))

    def match_read(self, tag: i64, size: i64) -> bool:
        """Find the oldest request with ``tag`` that an answer of ``size`` bytes fits."""
        operation = self.operation
        if operation is not None and self.tag == tag and operation.routine and operation.reply_key == size:
            return self.match(tag)
        return self._hit(self.waiting.take_reading(tag, size))

    def match_late(self, tag: i64, mirror: i64) -> bool:
        """Find the request of an answer among those reported unanswered."""
        return self._hit(self.given_up.take(tag, mirror, self.recorder.now))

    def match_late_read(self, tag: i64, size: i64) -> bool:
        """Find the request of an answer of ``size`` bytes among the reads reported unanswered."""
        return self._hit(self.given_up.take_reading(tag, size))

    def is_superseded(self, tag: i64, asked: i64) -> bool:
        """Return whether another request with ``tag`` went out after ``asked``: an answer may have been the one's or the other's."""
        return self.tag == tag and self.time > asked

    def _hit(self, request: Request | None) -> bool:
        if request is None:
            return False
        self.hit_operation = request.operation
        self.hit_channel = request.channel
        self.hit_request = request
        self.hit_time = request.time
        self.hit_frame = request.frame
        if request.time > self.answered_until:
            self.answered_until = request.time
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
        self.given_up.forget(now)

    def time_out_all(self) -> None:
        """Report every open request unanswered: its connection is over."""
        self._give_up_slot()
        for request in self.waiting.take_all():
            self._give_up(request)
        self.given_up.clear()

    def release(self) -> None:
        """Forget what is open without a report: the dissector failed, nobody knows what was asked."""
        self.operation = None
        self.request = None
        self.waiting.take_all()
        self.given_up.clear()

    def take_pending(self) -> list[Request]:
        """Return what is open and worth a report, and forget all that is open: the roles are turned round."""
        found: list[Request] = []
        request = self._take_slot()
        if request is not None and not request.operation.routine:
            found.append(request)
        for request in self.waiting.take_all():
            if not request.operation.routine:
                found.append(request)
        self.given_up.clear()
        return found

    def end_unseen(self) -> None:
        """Report every open request: the input ends before its answer is due, nobody can say that it is missing."""
        request = self._take_slot()
        if request is not None:
            self._unseen(request)
        for request in self.waiting.take_all():
            self._unseen(request)
        self.given_up.clear()

    def _is_late(self, channel: Channel | None, asked: i64, now: i64) -> bool:
        """Return whether an answer is overdue: twice the slowest of the channel so far, at least ANSWER_SECONDS."""
        waited: i64 = now - asked
        if waited <= ANSWER_NANOSECONDS:
            return False
        if channel is None:
            return True
        return waited > self._longest(channel)

    def _longest(self, channel: Channel) -> i64:
        """Return how long an answer of a channel may take."""
        learned: i64 = 2_000 * channel.slowest_answer()
        if learned < ANSWER_NANOSECONDS:
            return ANSWER_NANOSECONDS
        return MAX_ANSWER_NANOSECONDS if learned > MAX_ANSWER_NANOSECONDS else learned

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
        self.time = 0
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
        self.given_up.add(request, self.recorder.now + self._longest(request.channel))

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
        self.answered_until = 0
        self.given_up.not_kept = 0
        self.waiting.asked_at(now)
        self.given_up.clear()
