"""Copies: frames that the mirror shows more than once. Compiled with mypyc.

A copy of a packet has its IP identification (RFC 791, RFC 6864) and its bytes; its TTL, its tags and its MAC addresses may be those
behind a router. What a host sends again by itself has a new identification, mostly the next one, so a number behind
that of the last packet tells a copy from a retransmission. Where there is none (IPv6, 0, a datagram from fragments), a
copy follows within SOON.

Like ``editcap -w`` and the packet brokers this looks back a short time only, but it compares whole datagrams, not hashes, so that
nothing can pass for a copy that is not one: TCP bytes are compared where they are repeated (``repeats``).

Limits: of a direction the last datagram and the last segment are compared. Copies without payload are found at another place
only; those of frames without IP are not found.
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i16_be
from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.wire.clock import COPY_NANOSECONDS
from dissectors.wire.flow import CLOSED, REFUSED, Flow
from dissectors.wire.half import SPACE, Half
from dissectors.wire.handshake import FIN, RST, SYN
from dissectors.wire.link import Link

SOON: Final = 2_000_000
"""A copy without an identification follows within this time."""
IDENTIFICATIONS: Final = 64
"""A packet whose identification is at most so many behind that of the last one was sent before it."""
NOTHING: Final = -1


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
        """Return whether a datagram is the last one of its direction again."""
        size: i64 = end - start
        if half.last_end - half.last_start != size or half.last_time < 0:
            return False
        number: i64 = identification(block, self.link.header)
        gap: i64 = self.recorder.now - half.last_time
        if gap < 0 or gap > COPY_NANOSECONDS or number != identification(half.last_block, half.last_header):
            return False
        if number <= 0 and gap > SOON:
            return False
        at: i64 = 0
        while at < size:
            if half.last_block[half.last_start + at] != block[start + at]:
                return False
            at += 1
        return True

    def is_of_segment(self, half: Half, block: bytes) -> bool:
        """Return whether a segment that repeats bytes is a copy, not sent again."""
        last: i64 = identification(half.last_block, half.last_header)
        number: i64 = identification(block, self.link.header)
        if last <= 0 or number <= 0:
            return self.recorder.now - half.last_time <= SOON
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


def identification(block: bytes, header: i64) -> i64:
    """Return the identification of the IPv4 packet with its header at ``header``, NOTHING where there is none."""
    if header < 0 or block[header] >> 4 != 4:
        return NOTHING
    return i64(read_i16_be(block, header + 4)) & 0xFFFF


def time_to_live(block: bytes, header: i64) -> i64:
    """Return the TTL or hop limit of the packet with its IP header at ``header``, NOTHING where there is none."""
    if header < 0:
        return NOTHING
    return i64(block[header + (8 if block[header] >> 4 == 4 else 7)])


def is_routed(half: Half, block: bytes, header: i64) -> bool:
    """Return whether a packet has passed a router that the last ones of its direction had not, or the other way round."""
    hops: i64 = time_to_live(block, header)
    return hops >= 0 and half.hops >= 0 and hops != half.hops
