"""Tunnels over UDP: VXLAN (RFC 7348) and VXLAN-GPE, Geneve (RFC 8926), TZSP, HP ERM, Teredo (RFC 4380), MPLS (RFC 7510).

The destination port says which; a datagram to such a port that is not what the port says is an ordinary one. TZSP and HP ERM (twelve
bytes nobody described, then the frame) are read as Wireshark reads them. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i32_be
from mypy_extensions import i64

from dissectors.wire.address import short
from dissectors.wire.numbers import (
    GENEVE_PORT,
    HP_ERM_PORT,
    MPLS,
    MPLS_PORT,
    SERVICE_HEADER,
    TEREDO_PORT,
    TRANSPARENT_ETHERNET,
    TZSP_PORT,
    VXLAN_GPE_PORT,
    VXLAN_OLD_PORT,
    VXLAN_PORT,
)
from dissectors.wire.tunnel import Wrapping, next_protocol
from dissectors.wire.unread import PORTS

UDP_HEADER: Final = 8
VXLAN_HEADER: Final = 8
HP_ERM_HEADER: Final = 12
TZSP_HEADER: Final = 4
TZSP_PADDING: Final = 0
TZSP_END: Final = 1
TZSP_FRAME_TYPES: Final = 3
"""Types below carry a packet; the others keep the session alive or set it up."""
TZSP_ETHERNET: Final = 1
WITH_NETWORK: Final = 0x08
"""The flag of VXLAN that a network number is given."""
GPE_PROTOCOL: Final = 0x04
GPE_SERVICE_HEADER: Final = 4
TEREDO_AUTHENTICATION: Final = 1
TEREDO_AUTHENTICATION_BYTES: Final = 13
TEREDO_ORIGIN: Final = 0
TEREDO_ORIGIN_BYTES: Final = 8

_READ: Final = (
    TEREDO_PORT,
    VXLAN_PORT,
    VXLAN_GPE_PORT,
    GENEVE_PORT,
    MPLS_PORT,
    HP_ERM_PORT,
    VXLAN_OLD_PORT,
    TZSP_PORT,
)
WRAPPING_PORTS: Final = bytes(1 if port in _READ or port in PORTS else 0 for port in range(65_536))
"""1 for each port that a wrapping is sent to: one look for an ordinary datagram."""


def read_udp(wrapping: Wrapping, block: bytes, start: i64, end: i64) -> bool:
    """Read the tunnel that a datagram to a wrapping port may be; return whether it is one, also when it is not read on."""
    port: i64 = short(block, start + 2)
    at: i64 = start + UDP_HEADER
    if end - at < VXLAN_HEADER:
        return False
    if port == VXLAN_PORT or port == VXLAN_OLD_PORT:
        return _vxlan(wrapping, block, at, end)
    if port == GENEVE_PORT:
        return _geneve(wrapping, block, at, end)
    if port == TZSP_PORT:
        return _tzsp(wrapping, block, at, end)
    if port == VXLAN_GPE_PORT:
        return _vxlan_gpe(wrapping, block, at, end)
    if port == HP_ERM_PORT:
        wrapping.begin("hp-erm")
        wrapping.at = at + HP_ERM_HEADER
        wrapping.carries = TRANSPARENT_ETHERNET
        return end - wrapping.at >= 14
    if port == TEREDO_PORT:
        return _teredo(wrapping, block, at, end)
    if port == MPLS_PORT:
        wrapping.begin("mpls-in-udp")
        wrapping.at = at
        wrapping.carries = MPLS
        return True
    return False


def _vxlan(wrapping: Wrapping, block: bytes, at: i64, end: i64) -> bool:
    if (i64(block[at]) & WITH_NETWORK) == 0 or end - at < VXLAN_HEADER + 14 or block[at + 7] != 0:
        return False
    wrapping.begin("vxlan")
    wrapping.number = _network(block, at)
    wrapping.at = at + VXLAN_HEADER
    wrapping.carries = TRANSPARENT_ETHERNET
    return True


def _vxlan_gpe(wrapping: Wrapping, block: bytes, at: i64, end: i64) -> bool:
    flags: i64 = i64(block[at])
    if flags & WITH_NETWORK == 0 or end - at <= VXLAN_HEADER:
        return False
    wrapping.begin("vxlan-gpe")
    wrapping.number = _network(block, at)
    wrapping.at = at + VXLAN_HEADER
    wrapping.carries = TRANSPARENT_ETHERNET
    if flags & GPE_PROTOCOL:
        number: i64 = i64(block[at + 3])
        wrapping.carries = SERVICE_HEADER if number == GPE_SERVICE_HEADER else next_protocol(number)
        if wrapping.carries < 0:
            wrapping.unread = f"vxlan-gpe with protocol {int(number)}"
    return True


def _geneve(wrapping: Wrapping, block: bytes, at: i64, end: i64) -> bool:
    if (i64(block[at]) >> 6) != 0:
        return False
    options: i64 = (i64(block[at]) & 0x3F) * 4
    if end - at <= 8 + options:
        return False
    wrapping.begin("geneve")
    wrapping.number = _network(block, at)
    wrapping.at = at + 8 + options
    wrapping.carries = short(block, at + 2)
    return True


def _network(block: bytes, at: i64) -> i64:
    """Return the 24-bit network number in the second word of a header."""
    return (i64(read_i32_be(block, at + 4)) & 0xFFFFFFFF) >> 8


def _tzsp(wrapping: Wrapping, block: bytes, start: i64, end: i64) -> bool:
    if block[start] != 1 or block[start + 1] >= TZSP_FRAME_TYPES:
        return False
    wrapping.begin("tzsp")
    kind: i64 = short(block, start + 2)
    at: i64 = start + TZSP_HEADER
    while at < end and block[at] != TZSP_END:
        if block[at] == TZSP_PADDING:
            at += 1
        elif at + 1 < end:
            at += 2 + i64(block[at + 1])
        else:
            at = end
    at += 1
    if at >= end:
        wrapping.unread = "tzsp cut short"
    elif kind != TZSP_ETHERNET:
        wrapping.unread = f"tzsp with link type {int(kind)}"
    wrapping.at = at
    wrapping.carries = TRANSPARENT_ETHERNET
    return True


def _teredo(wrapping: Wrapping, block: bytes, start: i64, end: i64) -> bool:
    at: i64 = start
    if short(block, at) == TEREDO_AUTHENTICATION and end - at > TEREDO_AUTHENTICATION_BYTES:
        at += TEREDO_AUTHENTICATION_BYTES + i64(block[at + 2]) + i64(block[at + 3])
    if end - at > TEREDO_ORIGIN_BYTES and short(block, at) == TEREDO_ORIGIN:
        at += TEREDO_ORIGIN_BYTES
    if end - at < 40 or (i64(block[at]) >> 4) != 6:
        return False
    wrapping.begin("teredo")
    wrapping.at = at
    return True
