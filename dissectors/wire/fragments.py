"""Fragments of IPv4 (RFC 791) and IPv6 (RFC 8200 4.5) put together. Compiled with mypyc.

Bounds: MAX_DATAGRAMS unfinished at a time, the oldest goes first; MAX_OCTETS each; LIFETIME_NANOSECONDS of packet time.
Overlapping fragments are refused (RFC 5722) and counted; a fragment that comes twice is the same fragment.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

MAX_DATAGRAMS: Final = 256
MAX_BYTES: Final = 65_535
MAX_PIECES: Final = 1_024
LIFETIME_NANOSECONDS: Final = 30_000_000_000


@final
class Unfinished:
    """The fragments of one datagram so far, sorted by offset."""

    def __init__(self, added: i64) -> None:
        self.added: i64 = added
        self.pieces: list[tuple[int, bytes]] = []
        self.total: i64 = -1
        self.byte_count: i64 = 0


@final
class Fragments:
    """All unfinished datagrams."""

    def __init__(self) -> None:
        self.datagrams: dict[str, Unfinished] = {}
        self.evicted: i64 = 0
        self.overlaps: i64 = 0

    def add(self, key: str, offset: i64, more: bool, data: bytes, now: i64) -> bytes:
        """Take one fragment; return the whole payload when it is complete, else b""."""
        unfinished = self.datagrams.get(key)
        if unfinished is not None and now - unfinished.added > LIFETIME_NANOSECONDS:
            del self.datagrams[key]
            self.evicted += 1
            unfinished = None
        if unfinished is None:
            if len(self.datagrams) >= MAX_DATAGRAMS:
                oldest = next(iter(self.datagrams))
                del self.datagrams[oldest]
                self.evicted += 1
            unfinished = Unfinished(now)
            self.datagrams[key] = unfinished
        if (int(offset), data) in unfinished.pieces:
            return b""
        if not self._fit(unfinished, offset, i64(len(data))):
            del self.datagrams[key]
            self.overlaps += 1
            return b""
        unfinished.pieces.append((int(offset), data))
        unfinished.byte_count += i64(len(data))
        if not more:
            unfinished.total = offset + i64(len(data))
        if unfinished.total < 0 or unfinished.byte_count != unfinished.total:
            return b""
        del self.datagrams[key]
        return b"".join([piece for _, piece in sorted(unfinished.pieces)])

    def _fit(self, unfinished: Unfinished, offset: i64, size: i64) -> bool:
        if offset + size > MAX_BYTES or len(unfinished.pieces) >= MAX_PIECES:
            return False
        for start, piece in unfinished.pieces:
            if offset < start + len(piece) and start < offset + size:
                return False
        return True
