"""Fragments of IPv4 (RFC 791) and IPv6 (RFC 8200 4.5) put together. Compiled with mypyc.

Fragments that overlap with other bytes can be read two ways: ``add`` returns the reading in which the first to come wins,
``other`` holds the one in which the last wins (stacks do either, or drop the datagram: RFC 5722). A datagram is remembered when it
is whole, because a fragment that differs may still come and be the one that the target took. A fragment that comes twice is the
same fragment. The header behind the fragment header is the one that the first fragment names. The frames of a datagram that never
came whole are counted (``unread``) when it is given up; ``given_up`` holds those whose conversation is known until it is told.

Bounds: MAX_DATAGRAMS at a time, the oldest goes first; MAX_BYTES, twice that with overlaps, MAX_PIECES and MAX_READINGS each; LIFETIME_NANOSECONDS of packet time.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.wire.flow import Flow

MAX_DATAGRAMS: Final = 256
MAX_BYTES: Final = 65_535
MAX_PIECES: Final = 1_024
MAX_READINGS: Final = 8
"""Fragments that come to a whole datagram and change it; then it is forgotten."""
LIFETIME_NANOSECONDS: Final = 30_000_000_000


@final
class Datagram:
    """The fragments of one datagram in the order in which they came. ``following`` is what the first of them holds.

    ``frames`` counts them with those that came twice. ``flow``, ``side`` and ``sequence`` (TCP, -1 else) are those of the first
    fragment, as far as its conversation is known.
    """

    def __init__(self, added: i64) -> None:
        self.added: i64 = added
        self.pieces: list[tuple[int, bytes]] = []
        self.following: i64 = -1
        self.total: i64 = -1
        self.reach: i64 = 0
        self.byte_count: i64 = 0
        self.whole: bool = False
        self.conflict: bool = False
        self.dropped: i64 = 0
        self.readings: i64 = 0
        self.frames: i64 = 0
        self.flow: Flow | None = None
        self.side: i64 = 0
        self.sequence: i64 = -1

    def read(self, newest: bool) -> bytes:
        """Return the payload, of two versions of a byte the newest or the oldest; b"" while some of it is missing."""
        if self.total < 0 or self.byte_count < self.total:
            return b""
        if not self.conflict and self.reach == self.byte_count:
            return b"".join([data for _, data in sorted(self.pieces)])
        text = bytearray(int(self.total))
        known = bytearray(int(self.total))
        pieces = list(self.pieces)
        if not newest:
            pieces.reverse()
        for offset, data in pieces:
            part = data[: max(0, int(self.total) - offset)]
            text[offset : offset + len(part)] = part
            known[offset : offset + len(part)] = b"\x01" * len(part)
        return b"" if known.find(0) >= 0 else bytes(text)


@final
class Fragments:
    """All datagrams in fragments. ``last`` is the one of the fragment that came last, ``other`` its other reading."""

    def __init__(self) -> None:
        self.datagrams: dict[str, Datagram] = {}
        self.last: Datagram = Datagram(0)
        self.other: bytes = b""
        self.evicted: i64 = 0
        self.overlaps: i64 = 0
        self.unread: i64 = 0
        self.given_up: list[Datagram] = []

    def find(self, key: str, now: i64) -> Datagram:
        """Return the datagram with this key, begun when there is none."""
        datagram = self.datagrams.get(key)
        if datagram is not None and is_late(datagram, now):
            self._remove(key, datagram)
            datagram = None
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

    def add(self, key: str, following: i64, offset: i64, more: bool, data: bytes, now: i64) -> bytes:
        """Take one fragment; return the whole payload when it has come, else b""; ``other`` is a second reading of it."""
        self.other = b""
        datagram = self.find(key, now)
        datagram.frames += 1
        if (int(offset), data) in datagram.pieces:
            return b""
        size: i64 = i64(len(data))
        conflict = False
        for start, piece in datagram.pieces:
            first: i64 = max(offset, start)
            stop: i64 = min(offset + size, start + i64(len(piece)))
            if first < stop:
                self.overlaps += 1
                conflict = conflict or data[first - offset : stop - offset] != piece[first - start : stop - start]
        if datagram.whole and not conflict:
            if offset + size <= datagram.total:
                return b""
            self._remove(key, datagram)  # the number is used again
            datagram = self.find(key, now)
            datagram.frames = 1
        too_much = datagram.byte_count + size > 2 * MAX_BYTES or datagram.readings >= MAX_READINGS
        if offset + size > MAX_BYTES or len(datagram.pieces) >= MAX_PIECES or too_much:
            self.evicted += 1
            self._remove(key, datagram)
            return b""
        datagram.pieces.append((int(offset), data))
        datagram.byte_count += size
        datagram.reach = max(datagram.reach, offset + size)
        datagram.conflict = datagram.conflict or conflict
        if offset == 0 and (datagram.following < 0 or datagram.whole):
            datagram.following = following
        if not more:
            datagram.total = offset + size
        if datagram.whole:
            datagram.readings += 1
            self.other = datagram.read(True)
            return b""
        whole = datagram.read(False)
        if whole:
            datagram.whole = True
            if datagram.conflict:
                self.other = datagram.read(True)
        return whole

    def expire(self, now: i64) -> None:
        """Give up the datagrams that have waited too long, the oldest first."""
        while self.datagrams:
            oldest = next(iter(self.datagrams))
            datagram = self.datagrams[oldest]
            if not is_late(datagram, now):
                return
            self._remove(oldest, datagram)

    def give_up_all(self) -> None:
        """Give up every datagram."""
        for key, datagram in list(self.datagrams.items()):
            self._remove(key, datagram)

    def _remove(self, key: str, datagram: Datagram) -> None:
        del self.datagrams[key]
        if not datagram.whole:
            self.unread += datagram.frames
            if datagram.flow is not None:
                self.given_up.append(datagram)


def is_late(datagram: Datagram, now: i64) -> bool:
    """Return whether the time of a datagram is over; after a jump of the clock, too."""
    waited: i64 = now - datagram.added
    return waited > LIFETIME_NANOSECONDS or waited < -LIFETIME_NANOSECONDS
