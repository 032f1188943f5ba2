"""The ways in which bytes can be read that came in several versions, message by message. Compiled with mypyc.

Which segments reached the target is not known: a way takes, wherever it stands, any segment that holds the next byte, up to its
end, or to where one with other bytes begins that waited for its turn; one that came before those taken only when it came ahead of
its turn, else it would have been read at once. A way ends where what it took is no message. Those that follow the order in which the segments
came are gone first. An urgent byte may be part of the stream or not (RFC 6093 3).

Bounds: MAX_STEPS measured messages and compared segments, and MAX_TAKEN messages of one search.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.session import Session
from dissectors.wire.half import MAX_PENDING_BYTES
from dissectors.wire.seen import Seen, signed

MAX_STEPS: Final = 512
"""Messages measured and segments compared in one search for other readings."""
MAX_TAKEN: Final = 8
"""Messages of other readings that one segment makes whole."""
DEAREST: Final = 8
"""What a way may cost: going back to a segment that came before the one taken last costs one."""
UNLIKELY: Final = 4
"""What it costs to leave a segment that was next when it came, where another begins; only if nothing else makes a message."""
NO_BYTE: Final = -1


@final
class Step:
    """From where on a way took a segment, and the frame of that."""

    def __init__(self, at: i64, frame: i64) -> None:
        self.at: i64 = at
        self.frame: i64 = frame


@final
class Way:
    """One way: ``data`` is the message begun at ``begin``, both relative to the search; the next byte is that at ``at``."""

    def __init__(self, begin: i64, at: i64, data: bytes, cost: i64) -> None:
        self.begin: i64 = begin
        self.at: i64 = at
        self.data: bytes = data
        self.cost: i64 = cost
        self.steps: list[Step] = []
        """The steps that took a segment which came later than those taken before."""
        self.is_new: bool = False
        self.is_other: bool = False


@final
class Whole:
    """A whole message found, relative to the search. ``is_other``: it is not made of what came first alone."""

    def __init__(self, begin: i64, end: i64, data: bytes, cost: i64, is_new: bool, is_other: bool) -> None:
        self.begin: i64 = begin
        self.end: i64 = end
        self.data: bytes = data
        self.cost: i64 = cost
        self.is_new: bool = is_new
        self.is_other: bool = is_other


@final
class Versions:
    """Searches the segments ``seen``, the oldest first, for messages that no way made before ``newest`` came.

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
        self.new_from: i64 = 0
        self.new_to: i64 = 2 * MAX_PENDING_BYTES
        """Where the newest segment lies; what is whole behind it was found before."""
        self.with_new: bool = True
        self.is_repeated: bool = newest is not None and is_twice(newest, seen)
        """The newest segment was searched before it was read."""
        self.waiting: list[list[Way]] = []
        self.known: set[tuple[int, int, int, bytes]] = set()

    def search(self, begin: i64) -> bool:
        """Go all ways from sequence number ``begin`` on; return whether any has new bytes."""
        self.begin = begin
        self.first = self._first()
        newest = self.newest
        if newest is not None:
            self.new_from = signed(newest.sequence - begin)
            self.new_to = self.new_from + newest.end - newest.start
        self._walk(True)
        found = [whole for whole in self.found if whole.is_new]
        fronts = self.fronts
        if found:
            self._walk(False)
            before = {(int(whole.begin), whole.data) for whole in self.found}
            found = [whole for whole in found if (int(whole.begin), whole.data) not in before]
        if any(whole.is_other and whole.cost < UNLIKELY for whole in found):
            found = [whole for whole in found if whole.cost < UNLIKELY]
        self.found = found[:MAX_TAKEN]
        self.fronts = fronts
        return len(found) > 0 or any(way.is_new for way in fronts)

    def _walk(self, with_new: bool) -> None:
        """Go all ways, with or without what is new."""
        self.with_new = with_new
        self.steps = 0
        self.found = []
        self.fronts = []
        self.known = set()
        self.waiting = [[] for _ in range(DEAREST)]
        self._wait(Way(0, 0, b"", 0))
        cost = 0
        while cost < DEAREST and self.steps < MAX_STEPS:
            if not self.waiting[cost]:
                cost += 1
            else:
                way = self.waiting[cost].pop()
                if not self._is_known(way):
                    self._go(way)

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

    def is_first(self, seen: Seen) -> bool:
        """Return whether a segment holds what came first."""
        at: i64 = signed(seen.sequence - self.begin)
        start: i64 = seen.start - min(0, at)
        at = max(0, at)
        return self.first[at : at + seen.end - start] == seen.block[start : seen.end]

    def _go(self, way: Way) -> None:
        """Take the next bytes in all ways there are."""
        at: i64 = way.at
        if not way.data and at >= self.new_to:
            self.fronts.append(way)
            return
        self.steps += 1
        cut: i64 = 2 * MAX_PENDING_BYTES
        for urgent in self.urgent:
            ahead: i64 = signed(urgent - self.begin) - at
            if ahead == 0:
                if urgent == self.fresh_urgent and not self.with_new:
                    continue
                without = Way(way.begin, at + 1, way.data, way.cost)
                without.steps = way.steps
                without.is_other = True
                without.is_new = way.is_new or urgent == self.fresh_urgent
                if not way.data:
                    without.begin = at + 1
                self._wait(without)
            elif 0 < ahead < cut - at:
                cut = at + ahead
        goes_on = False
        for seen in self.seen:
            if self.newest is not None and not self.with_new and self._is_new(seen):
                continue
            begin: i64 = signed(seen.sequence - self.begin)
            stop: i64 = begin + seen.end - seen.start
            if not begin <= at < stop:
                continue
            if self._is_past(way, seen.frame, begin):
                continue
            goes_on = True
            stop = min(stop, cut)
            waited = len(way.steps) > 0 and way.steps[-1].frame > seen.frame
            for other in self.seen:
                place: i64 = signed(other.sequence - self.begin)
                if not at < place < stop:
                    continue
                self.steps += 1
                if differ(seen, other, place - begin):
                    self._take(way, seen, place, 0 if waited or other.frame < seen.frame else UNLIKELY)
            self._take(way, seen, stop, 0)
        if not goes_on:
            self.fronts.append(way)

    def _is_new(self, seen: Seen) -> bool:
        newest = self.newest
        return newest is not None and (
            seen is newest or (seen.frame == newest.frame and seen.sequence == newest.sequence)
        )

    def _is_past(self, way: Way, frame: i64, begin: i64) -> bool:
        """Return whether a segment was read or dropped before those that a way took."""
        for step in way.steps:
            if step.frame > frame:
                return step.at >= begin
        return False

    def _take(self, way: Way, seen: Seen, stop: i64, more: i64) -> None:
        """Take the bytes of a segment up to ``stop``, and the messages that are whole with them."""
        if self.steps > MAX_STEPS:
            return
        at: i64 = way.at
        offset: i64 = seen.start + at - signed(seen.sequence - self.begin)
        data = way.data + seen.block[offset : offset + stop - at]
        size: i64 = i64(len(data))
        steps = way.steps
        cost: i64 = way.cost + more
        if not steps or steps[-1].frame < seen.frame:
            steps = [*steps, Step(at, seen.frame)]
        elif steps[-1].frame > seen.frame:
            cost += 1
        if cost >= DEAREST or size > MAX_PENDING_BYTES:
            return
        is_new = way.is_new
        is_other = way.is_other
        used: i64 = 0
        while used < size:
            length: i64 = self.session.measure(self.side, data, used, size)
            self.steps += 1
            if length < 0 or self.steps > MAX_STEPS:
                return
            is_whole = 0 < length <= size - used
            low: i64 = max(at, stop - (size - used))
            high: i64 = stop - (size - used) + length if is_whole else stop
            is_new = is_new or self._is_new(seen)
            is_other = is_other or seen.block[offset + low - at : offset + high - at] != self.first[low:high]
            if not is_whole:
                break
            begin: i64 = way.begin if used == 0 else low
            if high > self.new_from:
                self.found.append(Whole(begin, high, data[used : used + length], cost, is_new, is_other))
            used += length
            is_new = False
            is_other = False
            if high >= self.new_to:
                stop = high
                size = used
        further = Way(way.begin if used == 0 else stop - (size - used), stop, data[used:], cost)
        further.steps = steps
        further.is_new = is_new
        further.is_other = is_other
        self._wait(further)

    def _wait(self, way: Way) -> None:
        self.waiting[way.cost].append(way)

    def _is_known(self, way: Way) -> bool:
        """Return whether another way came here with the same bytes, and note this one."""
        frame: i64 = way.steps[-1].frame if way.steps else -1
        key = (int(way.begin), int(way.at), int(frame), way.data)
        if key in self.known:
            return True
        self.known.add(key)
        return False


def differ(seen: Seen, other: Seen, shift: i64) -> bool:
    """Return whether two segments differ, the second beginning ``shift`` bytes behind the begin of the first."""
    size: i64 = min(seen.end - seen.start - shift, other.end - other.start)
    first = seen.block[seen.start + shift : seen.start + shift + size]
    return first != other.block[other.start : other.start + size]


def is_twice(seen: Seen, segments: list[Seen]) -> bool:
    """Return whether a segment is remembered twice: as another version, and as the next bytes."""
    for other in segments:
        if other is not seen and other.frame == seen.frame and other.sequence == seen.sequence:
            return True
    return False
