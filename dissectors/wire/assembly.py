"""One datagram of which fragments came, and every way to read it. Compiled with mypyc.

Stacks differ on fragments that overlap with other bytes: the first to come wins, the last wins, or the datagram is dropped (RFC 791
3.2, RFC 5722); and a forged fragment may never reach the target at all. So a datagram has one reading for each choice of one version
per part: first the two in which the oldest and the newest bytes win everywhere, then the others; where parts overlap that begin at
other offsets, also the one in which the lower offset wins, as in BSD and Linux. The header behind an IPv6 fragment
header is the one that the first fragment of the reading names, and a fragment without "more fragments" ends only its reading.

Bounds: MAX_VERSIONS of each part, the first ones and the last; MAX_READINGS put together besides the two; MAX_BYTES, twice that with
overlaps, and MAX_PIECES. What exceeds them is not kept, and the datagram goes on with what it has.
"""

from __future__ import annotations

from itertools import product
from typing import Final, final

from mypy_extensions import i64

from dissectors.wire.flow import Flow

MAX_BYTES: Final = 65_535
MAX_PIECES: Final = 1_024
MAX_VERSIONS: Final = 16
MAX_READINGS: Final = 64
LIFETIME_NANOSECONDS: Final = 60_000_000_000
"""How long a target waits for the rest: 60 s (RFC 8200 4.5, RFC 1122 3.3.2)."""


@final
class Piece:
    """One version of one part of a datagram, first seen at ``since`` and last at ``time``. ``following`` counts in the first part only."""

    def __init__(self, offset: i64, data: bytes, more: bool, following: i64, now: i64, number: i64) -> None:
        self.offset = offset
        self.data = data
        self.end: i64 = offset + i64(len(data))
        self.more = more
        self.following = following
        self.since = now
        self.time = now
        self.number = number
        self.frames: i64 = 1
        self.used: bool = False


@final
class Reading:
    """One way to read a datagram."""

    def __init__(self, following: i64, data: bytes) -> None:
        self.following = following
        self.data = data


@final
class Datagram:
    """The fragments of one datagram in the order in which they came.

    ``flow``, ``side`` and ``sequence`` (TCP, -1 else) are those of the first fragment, as far as its conversation is known.
    """

    def __init__(self, added: i64) -> None:
        self.added: i64 = added
        self.pieces: list[Piece] = []
        self.numbered: i64 = 0
        self.byte_count: i64 = 0
        self.reach: i64 = 0
        self.whole: bool = False
        """It has been read before."""
        self.overlaps: i64 = 0
        self.overlapping: bool = False
        self.crossed: bool = False
        """Parts overlap that do not begin at one offset."""
        self.conflict: bool = False
        self.bounded: bool = False
        """Some version or reading of it is left out."""
        self.dropped: i64 = 0
        self.tried: i64 = 0
        self.taken: i64 = 0
        self.flow: Flow | None = None
        self.side: i64 = 0
        self.sequence: i64 = -1

    def find(self, offset: i64, data: bytes, more: bool, following: i64) -> Piece | None:
        """Return the piece that this fragment is a copy of."""
        for piece in self.pieces:
            if piece.offset == offset and piece.more == more and piece.data == data:
                if offset != 0 or piece.following == following:
                    return piece
        return None

    def add(self, offset: i64, data: bytes, more: bool, following: i64, now: i64) -> Piece | None:
        """Keep a fragment; return None when there is no room for it. Sets ``bounded`` when a version was left out."""
        piece = Piece(offset, data, more, following, now, self.numbered)
        if not self._has_room(piece):
            return None
        for other in self.pieces:
            first: i64 = max(offset, other.offset)
            stop: i64 = min(piece.end, other.end)
            if other.offset == offset:
                self.overlapping = True
            if first < stop:
                self.overlaps += 1
                self.overlapping = True
                self.crossed = self.crossed or other.offset != offset
                if data[first - offset : stop - offset] != other.data[first - other.offset : stop - other.offset]:
                    self.conflict = True
        self.numbered += 1
        self.pieces.append(piece)
        self.byte_count += i64(len(data))
        self.reach = max(self.reach, piece.end)
        return piece

    def forget(self, piece: Piece) -> None:
        """Forget a piece."""
        self.pieces.remove(piece)
        self.byte_count -= i64(len(piece.data))

    def _has_room(self, piece: Piece) -> bool:
        """Return whether there is room for a piece, once the last version of its part has made way for it where it must."""
        versions = [other for other in self.pieces if other.offset == piece.offset]
        size: i64 = i64(len(piece.data))
        is_full = len(self.pieces) >= MAX_PIECES or self.byte_count + size > 2 * MAX_BYTES
        if (is_full or len(versions) >= MAX_VERSIONS) and len(versions) > 1:
            last = versions[-1]
            if self.byte_count + size - i64(len(last.data)) > 2 * MAX_BYTES:
                return False
            self.forget(last)
            piece.frames += last.frames
            self.bounded = True
            return True
        return not is_full

    def readings(self, piece: Piece) -> list[Reading]:
        """Return the ways to read the whole datagram to which this piece, the newest, contributes."""
        totals: list[i64] = []
        for other in self.pieces:
            if not other.more and other.end not in totals and (piece.more or other is piece):
                totals.append(other.end)
        totals = [total for total in totals if self._covers(total)]
        found: list[Reading] = []
        if not totals:
            return found
        if not self.overlapping and totals[0] == self.byte_count:
            parts = {other.offset: other for other in self.pieces}
            joined = b"".join([parts[offset].data for offset in sorted(parts)])
            found.append(Reading(parts[0].following, joined))
        else:
            pieces = list(self.pieces)
            back = list(pieces)
            back.reverse()
            self._compose(found, back, totals[0], piece)
            self._compose(found, pieces, totals[-1], piece)
            self._choose(found, totals, piece)
        if found:
            self.whole = True
            for other in self.pieces:
                other.used = True
        return found

    def _choose(self, found: list[Reading], totals: list[i64], newest: Piece) -> None:
        """Add the readings in which neither the oldest nor the newest bytes win everywhere."""
        parts: dict[i64, list[Piece]] = {}
        for piece in reversed(self.pieces):
            parts.setdefault(piece.offset, []).append(piece)
        if newest.end > max([piece.end for piece in parts[newest.offset][1:]], default=newest.end):
            parts[newest.offset].sort(key=lambda piece: -piece.number)
        else:
            parts[newest.offset] = [newest]
        for chosen in product(*parts.values()):
            numbers = {piece.number for piece in chosen}
            order = [piece for piece in self.pieces if piece.number not in numbers]
            order += [piece for piece in self.pieces if piece.number in numbers]
            back = [piece for piece in reversed(self.pieces) if piece.number not in numbers]
            back += [piece for piece in reversed(self.pieces) if piece.number in numbers]
            for total in totals:
                if self.tried >= MAX_READINGS:
                    self.bounded = True
                    return
                self.tried += 1
                self._compose(found, order, total, newest)
                if self.crossed:
                    self._compose(found, back, total, newest)
                    self._compose(found, sorted(order, key=lambda piece: -piece.offset), total, newest)

    def _compose(self, found: list[Reading], order: list[Piece], total: i64, newest: Piece) -> None:
        """Add the reading of ``total`` bytes in which later pieces of ``order`` win, unless ``newest`` adds nothing to it."""
        text = bytearray(int(total))
        known = bytearray(int(total))
        following: i64 = -1
        for piece in order:
            if piece.offset >= total:
                continue
            part = piece.data[: total - piece.offset]
            stop: i64 = piece.offset + i64(len(part))
            text[piece.offset : stop] = part
            known[piece.offset : stop] = (b"\x02" if piece is newest else b"\x01") * len(part)
            if piece.offset == 0 and part:
                following = piece.following
        if known.find(2) < 0 and newest.data:
            return
        data = bytes(text)
        for other in found:
            if other.following == following and other.data == data:
                return
        found.append(Reading(following, data))

    def _covers(self, total: i64) -> bool:
        """Return whether there is some version of every byte up to ``total``."""
        reach: i64 = 0
        for offset, end in sorted([(piece.offset, piece.end) for piece in self.pieces]):
            if offset > reach:
                break
            reach = max(reach, end)
        return 0 < total <= reach

    def split(self, now: i64) -> Datagram:
        """Return what came in the last LIFETIME_NANOSECONDS as a datagram of its own; the rest stays in this one.

        A target that saw nothing of the rest began to wait with the first of these.
        """
        newer = Datagram(now)
        newer.whole = self.whole
        newer.overlapping = self.overlapping
        newer.crossed = self.crossed
        newer.conflict = self.conflict
        newer.bounded = self.bounded
        newer.tried = self.tried
        newer.taken = self.taken
        newer.numbered = self.numbered
        late: list[Piece] = []
        self.reach = 0
        for piece in self.pieces:
            if is_late(piece.time, now):
                late.append(piece)
                self.reach = max(self.reach, piece.end)
                continue
            newer.pieces.append(piece)
            newer.added = min(newer.added, piece.time)
            newer.byte_count += i64(len(piece.data))
            newer.reach = max(newer.reach, piece.end)
            if piece.offset == 0:
                newer.flow = self.flow
                newer.side = self.side
                newer.sequence = self.sequence
        self.pieces = late
        return newer

    def unused(self) -> i64:
        """Return how many frames came of the pieces that no reading took."""
        frames: i64 = 0
        for piece in self.pieces:
            if not piece.used:
                frames += piece.frames
        return frames

    def is_told(self) -> bool:
        """Return whether its conversation is known from a first fragment that no reading took."""
        return self.flow is not None and any(piece.offset == 0 and not piece.used for piece in self.pieces)


def is_late(since: i64, now: i64) -> bool:
    """Return whether the time of what came at ``since`` is over; after a jump of the clock, too."""
    waited: i64 = now - since
    return waited > LIFETIME_NANOSECONDS or waited < -LIFETIME_NANOSECONDS
