"""Tunnels with an IP protocol of their own: GRE (RFC 2784, 2890), NVGRE (RFC 7637), ERSPAN I to III, IP in IP (RFC 2003, 4213),
EtherIP (RFC 3378), MPLS in IP (RFC 4023). Compiled with mypyc.

ERSPAN is GRE: type I has no header of its own and no sequence number, type II eight bytes, type III twelve and eight more when
its last bit says so (draft-foschiano-erspan). Limit: GRE of version 1 (PPTP) is named and not read.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i16_be, read_i32_be
from mypy_extensions import i64

from dissectors.wire.address import short
from dissectors.wire.numbers import (
    ERSPAN,
    ERSPAN_III,
    ETHERNET_IN_IP,
    GRE,
    IP6_IN_IP,
    IP_IN_IP,
    IPV4,
    IPV6,
    MPLS,
    MPLS_IN_IP,
    MPLS_MULTICAST,
    PPTP,
    TRANSPARENT_ETHERNET,
)
from dissectors.wire.tags import is_vlan
from dissectors.wire.tunnel import NOTHING, Wrapping

GRE_KEY: Final = 0x2000
GRE_SEQUENCE: Final = 0x1000
GRE_CHECKSUM: Final = 0x8000
GRE_VERSION: Final = 7
SESSION_BITS: Final = 0x3FF
NVGRE_FLOW_BITS: Final = 8


def read_ip(wrapping: Wrapping, protocol: i64, six: bool, block: bytes, start: i64, end: i64) -> bool:
    """Read the tunnel that an IP payload may be; return whether it is one, also when it is not read on."""
    if protocol == GRE:
        _gre(wrapping, block, start, end)
        return True
    if protocol == IP_IN_IP or protocol == IP6_IN_IP:
        wrapping.begin("6in4" if protocol == IP6_IN_IP and not six else "ip-in-ip")
        wrapping.at = start
        return True
    if protocol == ETHERNET_IN_IP and end - start > 2 and (i64(block[start]) >> 4) == 3:
        wrapping.begin("etherip")
        wrapping.at = start + 2
        wrapping.carries = TRANSPARENT_ETHERNET
        return True
    if protocol == MPLS_IN_IP:
        wrapping.begin("mpls-in-ip")
        wrapping.at = start
        wrapping.carries = MPLS
        return True
    return False


def _gre(wrapping: Wrapping, block: bytes, start: i64, end: i64) -> None:
    wrapping.begin("gre")
    at: i64 = behind_gre(block, start, end)
    if at < 0:
        is_pptp = end - start >= 4 and short(block, start + 2) == PPTP
        wrapping.unread = "gre of version 1 (PPTP)" if is_pptp else "gre cut short or of another version"
        return
    flags: i64 = short(block, start)
    kind: i64 = short(block, start + 2)
    wrapping.at = at
    wrapping.carries = kind
    if flags & GRE_KEY:
        key: i64 = start + 4 + (4 if flags & GRE_CHECKSUM else 0)
        wrapping.number = i64(read_i32_be(block, key)) & 0xFFFFFFFF
    if kind == ERSPAN or kind == ERSPAN_III:
        wrapping.name = "erspan"
        wrapping.carries = TRANSPARENT_ETHERNET
        header: i64 = start + 4
        for bit in (GRE_CHECKSUM, GRE_KEY, GRE_SEQUENCE):
            if flags & bit:
                header += 4
        wrapping.number = short(block, header + 2) & SESSION_BITS if at > header else NOTHING
    elif kind == TRANSPARENT_ETHERNET and flags & GRE_KEY and not flags & (GRE_CHECKSUM | GRE_SEQUENCE):
        wrapping.name = "nvgre"
        wrapping.number = wrapping.number >> NVGRE_FLOW_BITS
    elif not _is_carried(kind):
        wrapping.unread = f"gre with 0x{int(kind):04x}"


def _is_carried(kind: i64) -> bool:
    if kind == IPV4 or kind == IPV6 or kind == TRANSPARENT_ETHERNET:
        return True
    return kind == MPLS or kind == MPLS_MULTICAST or is_vlan(kind)


def behind_gre(block: bytes, start: i64, end: i64) -> i64:
    """Return where the payload of a GRE header begins, NOTHING when it is not read; its ethertype stands at start + 2."""
    if end - start < 4:
        return NOTHING
    flags: i64 = i64(read_i16_be(block, start)) & 0xFFFF
    kind: i64 = i64(read_i16_be(block, start + 2)) & 0xFFFF
    if flags & GRE_VERSION:
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
