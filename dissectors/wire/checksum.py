"""The Internet checksum (RFC 1071) of IPv4 headers, TCP (RFC 9293 3.1) and UDP (RFC 768), over bytes as they were captured.

Asked only where a packet is unusual; the next segment in order is taken unchecked. Whether a wrong sum means anything is for
``senders``: a network card that computes the sums leaves those of its own host wrong in a capture made there. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i16_be, read_i32_be
from mypy_extensions import i64

from dissectors.wire.numbers import TCP, UDP

UNKNOWN: Final = 0
"""The sum says nothing: it is left to the network card, or not all of the bytes are there."""
RIGHT: Final = 1
WRONG: Final = -1
LONGEST_HEADER: Final = 60
TCP_SUM: Final = 16
UDP_SUM: Final = 6
IP4_SUM: Final = 10
MASK: Final = 0xFFFF


def added(block: bytes, start: i64, end: i64, total: i64) -> i64:
    """Return ``total`` with the 16-bit words of ``block[start:end]`` added, not folded; an odd byte at the end counts as high."""
    at: i64 = start
    while at + 4 <= end:
        total += i64(read_i32_be(block, at)) & 0xFFFFFFFF
        at += 4
    if at + 2 <= end:
        total += i64(read_i16_be(block, at)) & MASK
        at += 2
    if at < end:
        total += i64(block[at]) << 8
    return total


def folded(total: i64) -> i64:
    """Return a sum of words as 16 bits, carries added at the low end."""
    while total > MASK:
        total = (total & MASK) + (total >> 16)
    return total


def header_sum(block: bytes, start: i64, end: i64) -> i64:
    """Return RIGHT or WRONG for the IPv4 header ``block[start:end]``, UNKNOWN when its sum was left out."""
    if i64(read_i16_be(block, start + IP4_SUM)) == 0:
        return UNKNOWN
    return RIGHT if folded(added(block, start, end, 0)) == MASK else WRONG


def ends_sum(x_high: i64, x_low: i64, y_high: i64, y_low: i64) -> i64:
    """Return the sum of two addresses; it is the same in both directions."""
    total: i64 = (
        (x_high & 0xFFFFFFFF) + ((x_high >> 32) & 0xFFFFFFFF) + (x_low & 0xFFFFFFFF) + ((x_low >> 32) & 0xFFFFFFFF)
    )
    total += (y_high & 0xFFFFFFFF) + ((y_high >> 32) & 0xFFFFFFFF) + (y_low & 0xFFFFFFFF) + ((y_low >> 32) & 0xFFFFFFFF)
    return total


def transport_sum(ends: i64, protocol: i64, block: bytes, start: i64, end: i64) -> i64:
    """Return RIGHT, WRONG or UNKNOWN for the whole TCP segment or UDP datagram ``block[start:end]``; ``ends`` is that of its ends."""
    place: i64 = start + (TCP_SUM if protocol == TCP else UDP_SUM)
    if end < place + 2 or (protocol != TCP and protocol != UDP):
        return UNKNOWN
    said: i64 = i64(read_i16_be(block, place)) & MASK
    head: i64 = ends + protocol + end - start
    if said == 0 and protocol != TCP:
        return UNKNOWN
    if folded(added(block, start, end, head)) == MASK:
        return RIGHT
    return UNKNOWN if said == folded(head) else WRONG


def ip4_start(block: bytes, transport: i64) -> i64:
    """Return where the IPv4 header before a TCP header begins, -1 when none ends there."""
    size: i64 = 20
    while size <= LONGEST_HEADER and size <= transport:
        at: i64 = transport - size
        if i64(block[at]) == 0x40 | (size >> 2) and i64(block[at + 9]) == TCP:
            return at
        size += 4
    return -1
