"""Copies: frames that the mirror shows more than once. Compiled with mypyc.

A copy of a packet has its IP identification (RFC 791, RFC 6864) and its bytes; its TTL, its tags and its MAC addresses may be those
behind a router. What a host sends again by itself has a new identification, mostly the next one, so a number behind
that of the last packet tells a copy from a retransmission. Where there is none (IPv6, 0, a datagram from fragments), a
copy follows within SOON.

Like ``editcap -w`` and the packet brokers this looks back a short time only, but it compares whole datagrams, not hashes, so that
nothing can pass for a copy that is not one: TCP bytes are compared where they are repeated (``repeats``).

Limits: of a direction the last datagrams (``datagrams.MAX_BURST`` more than one, when they follow fast) and the last segment are compared. Copies without payload are found at another place
only; those of frames without IP are not found.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.wire.checksum import ip4_start
from dissectors.wire.clock import COPY_NANOSECONDS
from dissectors.wire.datagrams import Datagrams
from dissectors.wire.flow import CLOSED, REFUSED, Flow
from dissectors.wire.half import Half
from dissectors.wire.handshake import FIN, RST, SYN
from dissectors.wire.link import Link
from dissectors.wire.seen import MAX_COMPARED_BYTES, NO_IDENTIFICATION, SPACE, Seen, identification

IP4_TIME_TO_LIVE: Final = 8
SOON: Final = 2_000_000
"""A copy without an identification follows within this time; datagrams this close are a burst, whose copies may come behind it."""
IDENTIFICATIONS: Final = 64
"""A packet whose identification is at most so many behind that of the last one was sent before it."""


@final
class Copies:
    """Finds copies. ``count`` counts them."""

    def __init__(self, recorder: Recorder, link: Link) -> None:
        self.recorder = recorder
        self.link = link
        self.count: i64 = 0

    def take(self, flow: Flow) -> None:
        """Count a copy."""
        flow.copies += 1
        self.count += 1

    def is_of_datagram(self, half: Half, block: bytes, start: i64, end: i64) -> bool:
        """Return whether a datagram is one of the last of its direction again."""
        datagrams = half.datagrams
        if datagrams is None:
            return False
        now: i64 = self.recorder.now
        last = datagrams.last
        gap: i64 = now - last.time
        if gap < 0 or gap > COPY_NANOSECONDS or end - start > MAX_COMPARED_BYTES:
            return False
        if (
            last.end - last.start == end - start
            and (start == end or last.block[last.end - 1] == block[end - 1])
            and self._is_copy(last.block, last.start, last.header, gap, block, start, end)
        ):
            return True
        for old in datagrams.burst:
            if old.end - old.start == end - start and self._is_copy(
                old.block, old.start, old.header, now - old.time, block, start, end
            ):
                return True
        return False

    def _is_copy(self, old: bytes, first: i64, header: i64, gap: i64, block: bytes, start: i64, end: i64) -> bool:
        """Return whether a datagram equals an old one in identification and bytes, so soon that it is a copy."""
        number: i64 = identification(block, self.link.header)
        if gap > COPY_NANOSECONDS or number != identification(old, header) or (number <= 0 and gap > SOON):
            return False
        at: i64 = start
        while at < end:
            if old[first + at - start] != block[at]:
                return False
            at += 1
        return True

    def remember(self, half: Half, block: bytes, start: i64, end: i64) -> None:
        """Keep a datagram as the last one of its direction, and those before it while they follow fast."""
        now: i64 = self.recorder.now
        datagrams = half.datagrams
        if datagrams is None:
            datagrams = Datagrams()
            half.datagrams = datagrams
            newest = datagrams.last
        else:
            newest = datagrams.next(now - datagrams.last.time <= SOON)
        newest.block = block
        newest.start = start
        newest.end = end
        newest.header = self.link.header
        newest.time = now

    def is_of_segment(self, half: Half, block: bytes) -> bool:
        """Return whether a segment that repeats bytes is a copy, not sent again."""
        seen = half.seen
        if seen is None:
            return False
        last: i64 = identification(seen.block, seen.ip)
        number: i64 = identification(block, self.link.header)
        if last <= 0 or number <= 0:
            return self.recorder.now - seen.time <= SOON
        return ((last - number) & 0xFFFF) < IDENTIFICATIONS

    def is_known(self, flow: Flow, half: Half, flags: i64, sequence: i64, size: i64) -> bool:
        """Return whether a segment from another place says nothing that its direction has not said before."""
        if not half.started:
            return False
        if (flags & SYN) != 0:
            return half.first == ((sequence + 1) & SPACE)
        if (flags & RST) != 0:
            return flow.resets > 0 and (flow.state == CLOSED or flow.state == REFUSED)
        if (flags & FIN) != 0 and not half.finished:
            return False
        return half.ahead(sequence) + size <= (1 if half.finished else 0)


def time_to_live(block: bytes, header: i64) -> i64:
    """Return the TTL or hop limit of the packet with its IP header at ``header``, NO_IDENTIFICATION where there is none."""
    if header < 0:
        return NO_IDENTIFICATION
    return i64(block[header + (8 if block[header] >> 4 == 4 else 7)])


def lives_text(old: Seen, block: bytes, header: i64) -> str:
    """Return the times to live of two versions of a segment in words, "" when they are the same or not known."""
    if old.header < 0 or header < 0:
        return ""
    one: i64 = ip4_start(old.block, old.header)
    two: i64 = ip4_start(block, header)
    if one < 0 or two < 0 or old.block[one + IP4_TIME_TO_LIVE] == block[two + IP4_TIME_TO_LIVE]:
        return ""
    return f", time to live {old.block[one + IP4_TIME_TO_LIVE]} and {block[two + IP4_TIME_TO_LIVE]}"


def is_routed(half: Half, block: bytes, header: i64) -> bool:
    """Return whether a packet has passed a router that the last ones of its direction had not, or the other way round."""
    hops: i64 = time_to_live(block, header)
    return hops >= 0 and half.hops >= 0 and hops != half.hops
