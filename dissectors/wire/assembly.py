"""One datagram of which fragments came, and every way to read it. Compiled with mypyc.

Stacks differ on fragments that overlap with other bytes: the first to come wins, the last wins, or the datagram is dropped (RFC 791
3.2, RFC 5722); and a forged fragment may never reach the target at all. So a datagram has more than one reading: those in which the
oldest, the newest and, as in BSD, the bytes of the lower offset win everywhere, and each chain of parts that follow one another
without an overlap. Limit: overlaps that some fragments make which reach the target, among others that do not, are read as if all
did. The header behind an IPv6 fragment
header is the one that the first fragment of the reading names, and a fragment without "more fragments" ends only its reading.

Bounds: MAX_VERSIONS of each part, the first ones and the last; MAX_READINGS such chains; MAX_BYTES, twice that with
overlaps, and MAX_PIECES. What exceeds them is not kept, and the datagram goes on with what it has.
"""

from __future__ import annotations

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
class Link:
    """One part in a chain of parts that follow each other."""

    def __init__(self, piece: Piece, before: Link | None) -> None:
        self.piece = piece
        self.before = before

    def pieces(self) -> list[Piece]:
        """Return the parts of the chain from this one on."""
        chain: list[Piece] = []
        link: Link | None = self
        while link is not None:
            chain.append(link.piece)
            link = link.before
        return chain


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
        if not self.overlapping and len(totals) == 1 and totals[0] == self.byte_count:
            parts = {other.offset: other for other in self.pieces}
            joined = b"".join([parts[offset].data for offset in sorted(parts)])
            found.append(Reading(parts[0].following, joined))
        else:
            pieces = list(self.pieces)
            back = list(pieces)
            back.reverse()
            self._compose(found, back, totals[0], piece)
            self._compose(found, pieces, totals[-1], piece)
            if self.crossed:
                pieces.sort(key=lambda piece: -piece.offset)
                self._compose(found, pieces, totals[-1], piece)
            self._chain(found, piece)
        if found:
            self.whole = True
            for other in self.pieces:
                other.used = True
        return found

    def _chain(self, found: list[Reading], newest: Piece) -> None:
        """Add the readings made of parts that follow each other without an overlap, as a sender cuts them."""
        heads = self._heads(newest)
        tails = self._tails(newest) if heads else []
        for head in heads:
            for tail in tails:
                if self.tried >= MAX_READINGS:
                    self.bounded = True
                    return
                self.tried += 1
                chain = [*head, newest, *tail]
                add_new(found, chain[0].following, b"".join([piece.data for piece in chain]))

    def _heads(self, newest: Piece) -> list[list[Piece]]:
        """Return the chains of parts from the beginning to ``newest``."""
        known: set[i64] = {0}
        before: dict[i64, list[Piece]] = {}
        for piece in sorted(self.pieces, key=lambda piece: piece.offset):
            if piece.offset in known and piece.data and piece.more:
                known.add(piece.end)
                before.setdefault(piece.end, []).append(piece)
        chains: list[list[Piece]] = []
        open_links: list[Link] = [Link(newest, None)] if newest.offset in known else []
        while open_links:
            link = open_links.pop()
            if link.piece.offset != 0:
                for piece in before[link.piece.offset]:
                    open_links.append(Link(piece, link))
            elif len(chains) < MAX_READINGS:
                chains.append(link.pieces()[:-1])
            else:
                self.bounded = True
                break
        return chains

    def _tails(self, newest: Piece) -> list[list[Piece]]:
        """Return the chains of parts from behind ``newest`` to an end."""
        if not newest.more:
            return [[]]
        behind: dict[i64, list[Piece]] = {}
        for piece in sorted(self.pieces, key=lambda piece: -piece.offset):
            if not piece.more or (piece.data and piece.end in behind):
                behind.setdefault(piece.offset, []).append(piece)
        chains: list[list[Piece]] = []
        open_links: list[Link] = [Link(newest, None)] if newest.end in behind else []
        while open_links:
            link = open_links.pop()
            if link.piece.more:
                for piece in behind[link.piece.end]:
                    open_links.append(Link(piece, link))
            elif len(chains) < MAX_READINGS:
                chain = link.pieces()
                chain.reverse()
                chains.append(chain[1:])
            else:
                self.bounded = True
                break
        return chains

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
        add_new(found, following, bytes(text))

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


def add_new(found: list[Reading], following: i64, data: bytes) -> None:
    """Add a reading that is not there yet."""
    for other in found:
        if other.following == following and other.data == data:
            return
    found.append(Reading(following, data))


def is_late(since: i64, now: i64) -> bool:
    """Return whether the time of what came at ``since`` is over; after a jump of the clock, too."""
    waited: i64 = now - since
    return waited > LIFETIME_NANOSECONDS or waited < -LIFETIME_NANOSECONDS
