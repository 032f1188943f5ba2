"""The ways in which bytes can be read that came in several versions, message by message. Compiled with mypyc.

Which segments reached the target is not known: a way takes, wherever it stands, any segment that holds the next byte, up to its
end or to where a segment with other bytes begins. It ends where what it took is no message. Those that follow the order in
which the segments came are gone first. An urgent byte may be part of the stream or not (RFC 6093 3).

Bounds: MAX_STEPS steps and MAX_TAKEN messages of one search.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.session import Session
from dissectors.wire.half import MAX_PENDING_BYTES
from dissectors.wire.seen import Seen, signed

MAX_STEPS: Final = 256
MAX_TAKEN: Final = 8
MAX_COST: Final = 8
"""How often a way may go back to a segment that came before the one it took last."""
NO_BYTE: Final = -1


@final
class Way:
    """One way: ``data`` is the message begun at ``begin``, both relative to the search; the next byte is that at ``at``."""

    def __init__(self, begin: i64, at: i64, data: bytes, order: i64, cost: i64) -> None:
        self.begin: i64 = begin
        self.at: i64 = at
        self.data: bytes = data
        self.order: i64 = order
        self.cost: i64 = cost
        self.is_new: bool = False
        self.is_other: bool = False


@final
class Whole:
    """A whole message found, relative to the search. ``is_other``: it is not made of what came first alone."""

    def __init__(self, begin: i64, end: i64, data: bytes, is_other: bool) -> None:
        self.begin: i64 = begin
        self.end: i64 = end
        self.data: bytes = data
        self.is_other: bool = is_other


@final
class Versions:
    """Searches the segments ``seen``, the oldest first, for messages with bytes that only ``newest`` brought.

    ``urgent`` are the places of urgent bytes; a message without the one at ``fresh_urgent`` is new as well.
    """

    def __init__(
        self, session: Session, side: i64, seen: list[Seen], newest: Seen | None, urgent: list[i64], fresh_urgent: i64
    ) -> None:
        self.session = session
        self.side = side
        self.seen = seen
        self.newest = newest
        self.urgent = urgent
        self.fresh_urgent = fresh_urgent
        self.steps: i64 = 0
        self.found: list[Whole] = []
        self.fronts: list[Way] = []
        """Where the ways end for which no more bytes are known."""
        self.begin: i64 = 0
        self.first: bytes = b""
        self.fresh: bytes = b""
        self.fresh_from: i64 = 0
        self.is_repeated: bool = False
        """The newest segment was searched before it was read."""
        self.waiting: list[list[Way]] = []
        self.known: set[tuple[int, int, bytes]] = set()

    def search(self, begin: i64) -> bool:
        """Go all ways from sequence number ``begin`` on; return whether any has new bytes."""
        self.begin = begin
        self.first = self._first()
        self._compare()
        self.found = []
        self.fronts = []
        self.known = set()
        self.waiting = [[] for _ in range(MAX_COST)]
        self._wait(Way(0, 0, b"", 0, 0))
        cost = 0
        while cost < MAX_COST:
            if not self.waiting[cost]:
                cost += 1
            elif self.steps >= MAX_STEPS or len(self.found) >= MAX_TAKEN:
                break
            else:
                self.steps += 1
                self._go(self.waiting[cost].pop())
        if self.found:
            return True
        return any([way.is_new for way in self.fronts])

    def _first(self) -> bytes:
        """Return the bytes from the begin on as they came first; zeros where none did."""
        size: i64 = 0
        for seen in self.seen:
            size = max(size, min(signed(seen.sequence - self.begin) + seen.end - seen.start, 2 * MAX_PENDING_BYTES))
        whole = bytearray(int(size))
        for index in range(len(self.seen) - 1, -1, -1):
            seen = self.seen[index]
            at: i64 = signed(seen.sequence - self.begin)
            start: i64 = seen.start
            if at < 0:
                start -= at
                at = 0
            if start < seen.end and at < size:
                stop: i64 = min(size, at + seen.end - start)
                whole[at:stop] = seen.block[start : start + stop - at]
        return bytes(whole)

    def _compare(self) -> None:
        """Mark the bytes of the newest segment that no other one holds."""
        newest = self.newest
        if newest is None:
            self.fresh = b""
            return
        size: i64 = newest.end - newest.start
        marks = bytearray(b"\x01" * int(size))
        for seen in self.seen:
            if seen is newest:
                continue
            if seen.frame == newest.frame and seen.sequence == newest.sequence:
                self.is_repeated = True
                continue
            shift: i64 = signed(newest.sequence - seen.sequence)
            at: i64 = max(0, -shift)
            old: i64 = seen.start + at + shift
            while at < size and old < seen.end:
                if seen.block[old] == newest.block[newest.start + at]:
                    marks[at] = 0
                at += 1
                old += 1
        self.fresh = bytes(marks)
        self.fresh_from = signed(newest.sequence - self.begin)

    def is_first(self, seen: Seen) -> bool:
        """Return whether a segment holds what came first."""
        at: i64 = signed(seen.sequence - self.begin)
        start: i64 = seen.start - min(0, at)
        at = max(0, at)
        return self.first[at : at + seen.end - start] == seen.block[start : seen.end]

    def _go(self, way: Way) -> None:
        """Take the next bytes in all ways there are."""
        at: i64 = way.at
        cut: i64 = 2 * MAX_PENDING_BYTES
        for place in self.urgent:
            ahead: i64 = signed(place - self.begin) - at
            if ahead == 0:
                without = Way(way.begin, at + 1, way.data, way.order, way.cost)
                without.is_other = True
                without.is_new = way.is_new or place == self.fresh_urgent
                if not way.data:
                    without.begin = at + 1
                self._wait(without)
            elif 0 < ahead < cut - at:
                cut = at + ahead
        goes_on = False
        order: i64 = 0
        for seen in self.seen:
            shift: i64 = at - signed(seen.sequence - self.begin)
            if 0 <= shift < seen.end - seen.start:
                goes_on = True
                end: i64 = at + seen.end - seen.start - shift
                self._take(way, seen, order, min(end, cut))
                for other in self.seen:
                    begin: i64 = signed(other.sequence - self.begin)
                    if other is not seen and at < begin < min(end, cut) and differ(seen, other, begin - at + shift):
                        self._take(way, seen, order, begin)
            order += 1
        if not goes_on:
            self.fronts.append(way)

    def _take(self, way: Way, seen: Seen, order: i64, stop: i64) -> None:
        """Take the bytes of a segment up to ``stop``, and the messages that are whole with them."""
        at: i64 = way.at
        offset: i64 = seen.start + at - signed(seen.sequence - self.begin)
        data = way.data + seen.block[offset : offset + stop - at]
        size: i64 = i64(len(data))
        cost: i64 = way.cost + (1 if order < way.order else 0)
        if cost >= MAX_COST or size > MAX_PENDING_BYTES:
            return
        is_new = way.is_new
        is_other = way.is_other
        used: i64 = 0
        while used < size:
            length: i64 = self.session.measure(self.side, data, used, size)
            if length < 0:
                return
            done: i64 = stop - (size - used)
            upto: i64 = stop if length == 0 or length > size - used else done + length
            low: i64 = max(at, done) if used else at
            is_new = is_new or (seen is self.newest and self._is_fresh(low, upto))
            is_other = is_other or seen.block[offset + low - at : offset + upto - at] != self.first[low:upto]
            if length == 0 or length > size - used:
                break
            if is_new:
                begin: i64 = way.begin if used == 0 else done
                self._keep(Whole(begin, upto, data[used : used + length], is_other))
            used += length
            is_new = False
            is_other = False
        further = Way(way.begin if used == 0 else stop - (size - used), stop, data[used:], order, cost)
        further.is_new = is_new
        further.is_other = is_other
        self._wait(further)

    def _keep(self, whole: Whole) -> None:
        for known in self.found:
            if known.begin == whole.begin and known.data == whole.data:
                return
        self.found.append(whole)

    def _is_fresh(self, start: i64, stop: i64) -> bool:
        low: i64 = max(0, start - self.fresh_from)
        high: i64 = stop - self.fresh_from
        return high > low and self.fresh.find(1, int(low), int(high)) >= 0

    def _wait(self, way: Way) -> None:
        key = (int(way.begin), int(way.at), way.data)
        if key not in self.known:
            self.known.add(key)
            self.waiting[way.cost].append(way)


def differ(seen: Seen, other: Seen, shift: i64) -> bool:
    """Return whether two segments differ, the second beginning ``shift`` bytes behind the begin of the first."""
    size: i64 = min(seen.end - seen.start - shift, other.end - other.start)
    first = seen.block[seen.start + shift : seen.start + shift + size]
    return first != other.block[other.start : other.start + size]
