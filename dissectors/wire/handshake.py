"""How connections begin: SYN, its answer, and a SYN on the ends of an old connection (RFC 9293 3.5, RFC 5961 4). Compiled with mypyc."""

from __future__ import annotations

from typing import Final

from librt.strings import read_i32_be
from mypy_extensions import i64

from dissectors.wire.clock import COPY_NANOSECONDS, SECOND
from dissectors.wire.flow import CLOSED, OPEN, OPENING, REFUSED, Flow
from dissectors.wire.half import Half
from dissectors.wire.seen import SPACE, signed

FIN: Final = 1
SYN: Final = 2
RST: Final = 4
ACK: Final = 16
MAX_LATE: Final = 65_536
"""Bytes that may be captured before the SYN of their direction."""
URG: Final = 32


def begin(flow: Flow, half: Half, sequence: i64, flags: i64) -> None:
    """Take a SYN, with or without the acknowledgement of another: it says where its direction starts and who is the client."""
    connection = flow.connection
    if half.started and half.next == ((sequence + 1) & SPACE):
        flow.retransmissions += 1
        if flow.state == REFUSED:
            flow.state = OPENING
        if flow.state == OPENING:
            flow.attempts += 1
        return
    if half.started and flow.state != OPENING and flow.state != REFUSED:
        return
    half.started = True
    half.next = (sequence + 1) & SPACE
    half.first = half.next
    opener: i64 = half.side
    if (flags & ACK) != 0:
        opener = 1 - half.side
        if flow.state == OPENING or flow.state == REFUSED:
            flow.state = OPEN
    else:
        flow.attempts += 1
    if (flags & (FIN | RST)) == 0 and flow.session is None:
        connection.opened_by = opener
        connection.take_client(opener if connection.known < 0 else connection.known, opener, "messages")
    flow.syn = True


def is_late(half: Half, first: i64) -> bool:
    """Return whether a SYN whose data begins at ``first`` is that of a direction whose data came before it."""
    return half.began >= 0 and half.first < 0 and 0 <= signed(half.next - first) < MAX_LATE


def begins_anew(flow: Flow, half: Half, flags: i64, block: bytes, header: i64, now: i64) -> bool:
    """Return whether the SYN at ``header`` opens a new connection on the ends of an old one.

    While the old one is open, a SYN alone may be forged (RFC 5961 4): it counts once the other end has accepted it. So it is after
    a RST, which may be forged as well and dropped by its target (RFC 5961 3). After a
    refusal or an end, the same number again is another attempt, but for a copy of the first one that comes late.
    """
    if (flags & ACK) != 0:
        return flow.rival_side == 1 - half.side and flow.rival == (i64(read_i32_be(block, header + 8)) & SPACE)
    first: i64 = (i64(read_i32_be(block, header + 4)) + 1) & SPACE
    if half.started and half.first == first and (flow.state == REFUSED or flow.state == CLOSED):
        return now - flow.last > COPY_NANOSECONDS
    if is_late(half, first):
        return False
    if half.started and (half.next == first or (half.first == first and now - flow.connection.first < SECOND)):
        return False
    is_open = flow.state == OPEN or (flow.state == CLOSED and not (flow.opener.finished and flow.peer.finished))
    if not is_open or not (flow.connection.opener.seen and flow.connection.peer.seen):
        return True
    flow.rival = first
    flow.rival_side = half.side
    flow.attempts += 1
    return False
