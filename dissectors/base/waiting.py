"""Requests in rows, one row for each tag, oldest first: what is open beside the slot, and what was given up. Compiled with mypyc.

Clients use a tag again while it is open (a retry, a constant transaction id, a sequence of four bits): answers come in the order
of the requests. All rows of a worker share the budget of the ``ChannelTable``.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable
from dissectors.base.request import Request

MAX_ALIKE: Final = 64
"""How many tags of open requests are looked at for one that an answer with another tag could belong to."""


@final
class Waiting:
    """Rows of requests by tag; ``count`` is how many stand in all of them, ``limit`` how many may."""

    def __init__(self, channel_table: ChannelTable | None, limit: i64) -> None:
        self.channel_table = channel_table
        self.limit: i64 = limit
        self.count: i64 = 0
        self.rows: dict[i64, Request] = {}

    def add(self, request: Request) -> bool:
        """Put a request at the end of the row of its tag; False when there is no room for it."""
        table = self.channel_table
        if table is None or self.count >= self.limit or table.waiting >= table.waiting_limit:
            return False
        self.count += 1
        table.waiting += 1
        request.next = None
        first = self.rows.get(request.tag)
        if first is None:
            request.last = request
            self.rows[request.tag] = request
            return True
        end = first.last
        if end is not None:
            end.next = request
        request.last = None
        first.last = request
        return True

    def first(self, tag: i64) -> Request | None:
        """Return the oldest request with ``tag`` without taking it."""
        return self.rows.get(tag) if self.count else None

    def take(self, tag: i64) -> Request | None:
        """Take the oldest request with ``tag``."""
        first = self.rows.get(tag) if self.count else None
        if first is not None:
            self.remove(first, None)
        return first

    def remove(self, request: Request, before: Request | None) -> None:
        """Take a request out of its row; ``before`` stands before it, None for the first."""
        self.count -= 1
        if self.channel_table is not None:
            self.channel_table.waiting -= 1
        following = request.next
        if before is None:
            if following is None:
                del self.rows[request.tag]
            else:
                following.last = request.last
                self.rows[request.tag] = following
        else:
            before.next = following
            if following is None:
                self.rows[request.tag].last = before
        request.next = None
        request.last = None

    def fitting(self, tag: i64, mirror: i64) -> Request | None:
        """Return the oldest request with ``tag`` that an answer with ``mirror`` fits, without taking it."""
        request = self.rows.get(tag) if self.count else None
        while request is not None and not request.fits(mirror):
            request = request.next
        return request

    def alike(self, tag: i64, mask: i64) -> i64:
        """Return the tag of a request that equals ``tag`` where ``mask`` has bits, -1 when there is none among the first MAX_ALIKE."""
        for looked, other in enumerate(self.rows):
            if ((other ^ tag) & mask) == 0:
                return other
            if looked >= MAX_ALIKE:
                break
        return -1

    def newest(self, tag: i64) -> Request | None:
        """Return the newest request with ``tag`` without taking it."""
        first = self.rows.get(tag) if self.count else None
        if first is None or first.last is None:
            return first
        return first.last

    def take_fitting(self, tag: i64, mirror: i64) -> Request | None:
        """Take the oldest request with ``tag`` that an answer with ``mirror`` fits."""
        before: Request | None = None
        request = self.rows.get(tag) if self.count else None
        while request is not None:
            if request.fits(mirror):
                self.remove(request, before)
                return request
            before = request
            request = request.next
        return None

    def take_reading(self, tag: i64, size: i64) -> Request | None:
        """Take the oldest routine request with ``tag`` whose answer has ``size`` bytes of values."""
        before: Request | None = None
        request = self.rows.get(tag) if self.count else None
        while request is not None:
            if request.operation.routine and request.operation.reply_key == size:
                self.remove(request, before)
                return request
            before = request
            request = request.next
        return None

    def older_than(self, limit: i64) -> list[Request]:
        """Return the requests asked before ``limit``, row by row."""
        found: list[Request] = []
        for first in self.rows.values():
            request: Request | None = first
            while request is not None and request.time < limit:
                found.append(request)
                request = request.next
        return found

    def take_all(self) -> list[Request]:
        """Take every request, row by row, oldest first."""
        found: list[Request] = []
        if self.count == 0 or self.channel_table is None:
            return found
        for first in self.rows.values():
            request: Request | None = first
            while request is not None:
                found.append(request)
                request = request.next
        for request in found:
            request.next = None
            request.last = None
        self.channel_table.waiting -= self.count
        self.count = 0
        self.rows = {}
        return found

    def asked_at(self, time: i64) -> None:
        """Let every request have been asked at ``time``."""
        for first in self.rows.values():
            request: Request | None = first
            while request is not None:
                request.time = time
                request = request.next


NOTHING_WAITS: Final = Waiting(None, 0)
"""The rows of a connection on which no two requests were open at a time: most connections have no others. Never added to."""
