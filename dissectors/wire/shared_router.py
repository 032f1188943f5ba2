"""Addresses that routers share, as their advertisements say: VRRP (RFC 3768, RFC 5798), HSRP 1 (RFC 2281) and 2. Compiled with mypyc.

Whose ARP answers may move between routers, and which MAC the protocol gives to the shared address, is known from these alone. Read is
the first packet of a flow, so nothing is spent on ordinary traffic. Limits: the first MAX_SHARED addresses of one advertisement; GLBP
is not read, whose routers answer at several MACs of their own range.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i16_be, read_i32_be, read_i64_be
from mypy_extensions import i64

from dissectors.wire.address import ip4_text, ip6_text
from dissectors.wire.flow_table import SIX
from dissectors.wire.numbers import UDP, VRRP

HSRP_PORT: Final = 1985
VRRP_HEADER: Final = 8
VRRP_MAC: Final = 0x00005E000100
VRRP_MAC_6: Final = 0x00005E000200
HSRP_MAC: Final = 0x00000C07AC00
HSRP_2_MAC: Final = 0x00000C9FF000
HSRP_SIZE: Final = 20
HSRP_2_STATE: Final = 0x0128
"""Type 1, group state, of 40 bytes."""
MAX_SHARED: Final = 16


def is_advertisement(tag: i64, ports: i64) -> bool:
    """Return whether a packet between these ports may say which address routers share."""
    protocol: i64 = tag & 0xFF
    if protocol == UDP:
        return (ports & 0xFFFF) == HSRP_PORT and ((ports >> 16) & 0xFFFF) == HSRP_PORT
    return protocol == VRRP


def shared_addresses(block: bytes, at: i64, end: i64, tag: i64) -> list[tuple[str, i64]]:
    """Return each address that the advertisement in ``block[at:end]`` says to be shared, with the MAC that it has."""
    if (tag & 0xFF) == VRRP:
        return _of_vrrp(block, at, end, (tag & SIX) != 0)
    return _of_hsrp(block, at, end)


def _of_vrrp(block: bytes, at: i64, end: i64, six: bool) -> list[tuple[str, i64]]:
    found: list[tuple[str, i64]] = []
    if at + VRRP_HEADER > end or (block[at] & 0x0F) != 1:
        return found
    version: i64 = i64(block[at]) >> 4
    if version != 2 and version != 3:
        return found
    mac: i64 = (VRRP_MAC_6 if six else VRRP_MAC) | i64(block[at + 1])
    size: i64 = 16 if six else 4
    place: i64 = at + VRRP_HEADER
    count: i64 = min(MAX_SHARED, i64(block[at + 3]))
    for _ in range(count):
        if place + size > end:
            break
        if six:
            found.append((ip6_text(i64(read_i64_be(block, place)), i64(read_i64_be(block, place + 8))), mac))
        else:
            found.append((_ip4(block, place), mac))
        place += size
    return found


def _of_hsrp(block: bytes, at: i64, end: i64) -> list[tuple[str, i64]]:
    if at + HSRP_SIZE > end:
        return []
    if block[at] == 0:
        return [(_ip4(block, at + 16), HSRP_MAC | i64(block[at + 6]))]
    if at + 42 > end or (i64(read_i16_be(block, at)) & 0xFFFF) != HSRP_2_STATE or block[at + 5] != 4:
        return []
    group: i64 = i64(read_i16_be(block, at + 6)) & 0xFFF
    return [(_ip4(block, at + 26), HSRP_2_MAC | group)]


def _ip4(block: bytes, at: i64) -> str:
    return ip4_text(i64(read_i32_be(block, at)) & 0xFFFFFFFF)
