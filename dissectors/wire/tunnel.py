"""Headers that wrap other packets, as mirror sessions and carriers use them: where does the inner packet begin? Compiled with mypyc.

MPLS (RFC 3032), PPPoE (RFC 2516), GRE (RFC 2784, 2890) with ERSPAN I to III, VXLAN (RFC 7348).
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i16_be
from mypy_extensions import i64

from dissectors.wire.numbers import ERSPAN, ERSPAN_III, PPP_IPV4, PPP_IPV6, VXLAN_PORT

GRE_KEY: Final = 0x2000
GRE_SEQUENCE: Final = 0x1000
GRE_CHECKSUM: Final = 0x8000
NOTHING: Final = -1


def behind_mpls(block: bytes, start: i64, end: i64) -> i64:
    """Return where the payload of an MPLS label stack begins, NOTHING when there is none."""
    at: i64 = start
    while end - at >= 4:
        bottom = (i64(block[at + 2]) & 1) == 1
        at += 4
        if bottom:
            return at if at < end else NOTHING
    return NOTHING


def behind_pppoe(block: bytes, start: i64, end: i64) -> i64:
    """Return where the IP packet of a PPPoE session frame begins, NOTHING when it carries none."""
    if end - start < 8:
        return NOTHING
    kind: i64 = i64(read_i16_be(block, start + 6)) & 0xFFFF
    return start + 8 if kind == PPP_IPV4 or kind == PPP_IPV6 else NOTHING


def behind_gre(block: bytes, start: i64, end: i64) -> i64:
    """Return where the payload of a GRE header begins, NOTHING when it is not read; its ethertype stands at start + 2."""
    if end - start < 4:
        return NOTHING
    flags: i64 = i64(read_i16_be(block, start)) & 0xFFFF
    kind: i64 = i64(read_i16_be(block, start + 2)) & 0xFFFF
    if flags & 7:
        return NOTHING
    at: i64 = start + 4
    for bit in (GRE_CHECKSUM, GRE_KEY, GRE_SEQUENCE):
        if flags & bit:
            at += 4
    if kind == ERSPAN:
        if flags & GRE_SEQUENCE:
            at += 8
    elif kind == ERSPAN_III:
        if end - at < 12:
            return NOTHING
        at += 20 if block[at + 11] & 1 else 12
    return at if at < end else NOTHING


def behind_vxlan(block: bytes, start: i64, end: i64) -> i64:
    """Return where the Ethernet frame behind a UDP header begins when the datagram is VXLAN, else NOTHING."""
    if end - start < 8 or (i64(read_i16_be(block, start + 2)) & 0xFFFF) != VXLAN_PORT:
        return NOTHING
    stop: i64 = udp_end(block, start, end)
    return start + 16 if stop - start > 30 and block[start + 8] == 8 else NOTHING


def udp_end(block: bytes, start: i64, end: i64) -> i64:
    """Return where the UDP datagram at ``start`` ends: as its header says, at most at ``end``."""
    said: i64 = i64(read_i16_be(block, start + 4)) & 0xFFFF
    return start + said if said >= 8 and start + said < end else end
