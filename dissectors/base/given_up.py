"""Requests that wait no longer and whose answers may still come: reported unanswered, or not kept at all. Compiled with mypyc.

Where a client uses the tag of a read again that it gave up, an answer of equal shape may be the one's or the other's: for as long as
answers of the channel may take its values are doubtful, because they may be of other points. Bound: MAX_GIVEN_UP of a connection,
the oldest goes, all within the budget of the ``ChannelTable``.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable
from dissectors.base.request import Request
from dissectors.base.waiting import NOTHING_WAITS, Waiting

MAX_GIVEN_UP: Final = 256
MAX_ANSWER_SECONDS: Final = 180
"""An answer that comes later than this after its request belongs to none; no link is waited for longer."""
MAX_ANSWER_NANOSECONDS: Final = 180_000_000_000


@final
class GivenUp:
    """The requests of one connection whose answers may still come."""

    def __init__(self, channel_table: ChannelTable) -> None:
        self.channel_table = channel_table
        self.rows = NOTHING_WAITS
        self.not_kept: i64 = 0
        """Requests that there was no room for and whose answers may still come, until ``not_kept_until``."""
        self.not_kept_until: i64 = 0

    def add(self, request: Request, doubtful_until: i64) -> None:
        """Remember a request; until then an answer with its tag may be its own, when it was a routine read."""
        if self.rows is NOTHING_WAITS:
            self.rows = Waiting(self.channel_table, MAX_GIVEN_UP)
        rows = self.rows
        if rows.count >= MAX_GIVEN_UP:
            rows.take(next(iter(rows.rows)))
        if request.operation.routine:
            request.doubtful_until = doubtful_until
        rows.add(request)

    def fits(self, tag: i64, mirror: i64) -> bool:
        """Return whether an answer with ``tag`` and ``mirror`` fits one of them."""
        return self.rows.fitting(tag, mirror) is not None

    def take(self, tag: i64, mirror: i64, now: i64) -> Request | None:
        """Take the oldest request that an answer fits and that is not too old for any answer."""
        request = self.rows.take_fitting(tag, mirror)
        while request is not None and now - request.time > MAX_ANSWER_NANOSECONDS:
            request = self.rows.take_fitting(tag, mirror)
        return request

    def take_reading(self, tag: i64, size: i64) -> Request | None:
        """Take the oldest routine read that an answer of ``size`` bytes fits."""
        return self.rows.take_reading(tag, size)

    def is_doubtful(self, tag: i64, now: i64) -> bool:
        """Return whether an answer with ``tag`` may be that of a read given up not long ago."""
        request = self.rows.newest(tag)
        return request is not None and now < request.doubtful_until

    def forget(self, now: i64) -> None:
        """Forget those whose answers cannot come any more."""
        if self.rows.count:
            for request in self.rows.older_than(now - MAX_ANSWER_NANOSECONDS):
                self.rows.take(request.tag)

    def clear(self) -> None:
        """Forget them all."""
        self.rows.take_all()

    # Requests that there was no room for.

    def count_not_kept(self, asked: i64) -> None:
        """Count a request of the time ``asked`` that there was no room for."""
        self.not_kept += 1
        until: i64 = asked + MAX_ANSWER_NANOSECONDS
        if until > self.not_kept_until:
            self.not_kept_until = until

    def take_not_kept(self, now: i64) -> bool:
        """Take an answer as that of one of them; False when there can be none."""
        if self.not_kept <= 0 or now > self.not_kept_until:
            self.not_kept = 0
            return False
        self.not_kept -= 1
        return True
