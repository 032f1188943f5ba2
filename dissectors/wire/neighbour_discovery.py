"""IPv6 neighbour discovery as an identity source (RFC 4861). Compiled with mypyc.

A solicitation names the link-layer address of its sender (4.3), an advertisement that of its target (4.4); routers do the
same in 4.1 and 4.2. What others take for the card of an address from then on is that option and not the source of the frame, so
it is what is reported: it proves as much as ARP does, and is forged like it. Limits: who answers without the option says nothing;
redirects are not read.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from dissectors.wire.address import ip6_text, is_group_mac, read_mac
from dissectors.wire.addresses import Addresses
from dissectors.wire.link import Link

ROUTER_SOLICITATION: Final = 133
ROUTER_ADVERTISEMENT: Final = 134
NEIGHBOUR_SOLICITATION: Final = 135
NEIGHBOUR_ADVERTISEMENT: Final = 136
OPTIONS_AT: Final = (8, 16, 24, 24)
"""Where the options of these four begin (4.1 to 4.4)."""
SMALLEST: Final = 8
"""Bytes of the shortest of them."""
VERSION: Final = 6
SOURCE_LINK_LAYER: Final = 1
TARGET_LINK_LAYER: Final = 2
HOP_LIMIT: Final = 255
"""What no router has forwarded (7.1)."""
HOP_LIMIT_AT: Final = 7
ETHERNET_OPTION: Final = 1
"""Length of an option that holds a MAC, in units of eight bytes (4.6.1)."""


def take_neighbour(
    addresses: Addresses, link: Link, sender: str, network: str, block: bytes, at: i64, end: i64
) -> None:
    """Bind the address that an ICMPv6 message ``block[at:end]`` of ``sender`` names to the MAC beside it."""
    if at + SMALLEST > end or link.header < 0:
        return
    kind: i64 = i64(block[at])
    if kind < ROUTER_SOLICITATION or kind > NEIGHBOUR_ADVERTISEMENT or block[at + 1] != 0:
        return
    if block[link.header] >> 4 != VERSION or block[link.header + HOP_LIMIT_AT] != HOP_LIMIT:
        return
    wanted: i64 = TARGET_LINK_LAYER if kind == NEIGHBOUR_ADVERTISEMENT else SOURCE_LINK_LAYER
    option: i64 = at + i64(OPTIONS_AT[kind - ROUTER_SOLICITATION])
    while option + 8 <= end:
        size: i64 = i64(block[option + 1])
        if size == 0:
            return
        if block[option] == wanted and size == ETHERNET_OPTION:
            mac: i64 = read_mac(block, option + 2)
            if not is_group_mac(mac):
                ip = sender
                if kind == NEIGHBOUR_ADVERTISEMENT:
                    ip = ip6_text(read_i64_be(block, at + 8), read_i64_be(block, at + 16))
                addresses.bind(mac, ip, link, "nd", network)
            return
        option += 8 * size
