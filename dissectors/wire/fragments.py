"""Fragments of IPv4 (RFC 791) and IPv6 (RFC 8200 4.5) put together. Compiled with mypyc.

``add`` returns the ways to read the datagram that a fragment makes possible (``assembly``). A datagram is remembered when it is
whole, because a fragment that differs may still come and be the one that the target took. A fragment that comes twice is the same
fragment. What a fragment cannot belong to does not harm the others: one that reaches past the longest datagram, or for which there
is no room, is counted and left out. The time of a datagram runs from its first fragment; those that are newer when it is over go on
as another datagram, because the target may never have seen the first. The frames that no reading took are counted (``unread``) when
they are given up; ``given_up`` holds those whose conversation is known until it is told.

Bounds: MAX_DATAGRAMS at a time, the oldest goes first; LIFETIME_NANOSECONDS of packet time; of each, those of ``assembly``.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.wire.assembly import MAX_BYTES, Datagram, Reading, is_late

MAX_DATAGRAMS: Final = 256


@final
class Fragments:
    """All datagrams in fragments. ``last`` is the one of the fragment that came last."""

    def __init__(self) -> None:
        self.datagrams: dict[str, Datagram] = {}
        self.last: Datagram = Datagram(0)
        self.evicted: i64 = 0
        """Datagrams and fragments left out for want of room, and datagrams of which not every reading was tried."""
        self.overlaps: i64 = 0
        self.unread: i64 = 0
        self.given_up: list[Datagram] = []

    def find(self, key: str, now: i64) -> Datagram:
        """Return the datagram with this key, begun when there is none."""
        datagram = self.datagrams.get(key)
        if datagram is not None and is_late(datagram.added, now):
            self._renew(key, datagram, now)
            datagram = self.datagrams.get(key)
        if datagram is None:
            if len(self.datagrams) >= MAX_DATAGRAMS:
                oldest = next(iter(self.datagrams))
                if not self.datagrams[oldest].whole:
                    self.evicted += 1
                self._remove(oldest, self.datagrams[oldest])
            datagram = Datagram(now)
            self.datagrams[key] = datagram
        self.last = datagram
        return datagram

    def add(self, key: str, following: i64, offset: i64, more: bool, data: bytes, now: i64) -> list[Reading]:
        """Take one fragment; return the ways to read the whole datagram that it makes possible."""
        datagram = self.find(key, now)
        same = datagram.find(offset, data, more, following)
        if same is not None and is_late(same.since, now):
            datagram.forget(same)  # so long after the first it is the same part of another datagram
        elif same is not None:
            same.frames += 1
            same.time = now
            return []
        piece = None
        was_bounded = datagram.bounded
        if offset + i64(len(data)) <= MAX_BYTES:
            piece = datagram.add(offset, data, more, following, now)
        if piece is None:
            self.evicted += 1
            self.unread += 1
            return []
        self.overlaps += datagram.overlaps
        datagram.overlaps = 0
        found = datagram.readings(piece)
        if datagram.bounded and not was_bounded:
            self.evicted += 1
        return found

    def expire(self, now: i64) -> None:
        """Give up what has waited too long, the oldest datagram first."""
        while self.datagrams:
            oldest = next(iter(self.datagrams))
            datagram = self.datagrams[oldest]
            if not is_late(datagram.added, now):
                return
            self._renew(oldest, datagram, now)

    def give_up_all(self) -> None:
        """Give up every datagram."""
        for key, datagram in list(self.datagrams.items()):
            self._remove(key, datagram)

    def _renew(self, key: str, datagram: Datagram, now: i64) -> None:
        """Give up the fragments whose time is over; those that came later are a datagram of their own."""
        newer = datagram.split(now)
        self._remove(key, datagram)
        if newer.pieces:
            self.datagrams[key] = newer

    def _remove(self, key: str, datagram: Datagram) -> None:
        del self.datagrams[key]
        self.unread += datagram.unused()
        if datagram.is_told():
            self.given_up.append(datagram)
