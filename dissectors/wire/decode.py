"""Link layers and tunnels: from a captured packet to its transport payload. Compiled with mypyc.

Ethernet (with VLAN and QinQ), Linux SLL and SLL2, raw IP, loopback; what mirror sessions and carriers wrap around packets
(``tunnel``) is unwrapped at most MAX_DEPTH deep; IP is read by ``network``. What cannot be read is counted in ``not_decoded``.
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i16_be, read_i32_be
from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.wire.address import read_mac, short
from dissectors.wire.flows import Flows
from dissectors.wire.layer2 import Layer2
from dissectors.wire.link import Link
from dissectors.wire.neighbours import Arp
from dissectors.wire.network import Network, Tunnels
from dissectors.wire.numbers import (
    ARP,
    ERSPAN,
    ERSPAN_III,
    GRE,
    IP6_IN_IP,
    IP_IN_IP,
    IPV4,
    IPV6,
    LINK_ETHERNET,
    LINK_IPV4,
    LINK_IPV6,
    LINK_LOOP,
    LINK_NULL,
    LINK_RAW,
    LINK_RAW_BSD,
    LINK_RAW_OLD,
    LINK_SLL,
    LINK_SLL2,
    MPLS,
    MPLS_MULTICAST,
    PPPOE_SESSION,
    QINQ,
    QINQ_OLD,
    TRANSPARENT_ETHERNET,
    UDP,
    VLAN,
)
from dissectors.wire.tunnel import behind_gre, behind_mpls, behind_pppoe, behind_vxlan, udp_end

MAX_DEPTH: Final = 8


@final
class Decoder(Tunnels):
    """Unwraps packets and hands their payload to flows, ARP or the frames without IP."""

    def __init__(self, recorder: Recorder, link: Link, flows: Flows, neighbours: Arp, layer2: Layer2) -> None:
        self.link = link
        self.neighbours = neighbours
        self.layer2 = layer2
        self.network = Network(recorder, link, flows)
        self.not_decoded: i64 = 0
        self.depth: i64 = 0

    # Links.

    def packet(self, kind: i64, block: bytes, start: i64, end: i64) -> None:
        """Take a captured packet of any link type."""
        link = self.link
        link.vlan = 0
        link.inner_vlan = 0
        link.mac_to = -1
        link.mac_from = -1
        self.depth = 0
        if kind == LINK_ETHERNET and end - start >= 14:
            self.ethernet(block, start, end)
        elif kind == LINK_SLL and end - start >= 16:
            if i64(read_i16_be(block, start + 4)) == 6:
                link.mac_from = read_mac(block, start + 6)
            self._ethertype(short(block, start + 14), block, start + 16, end)
        elif kind == LINK_SLL2 and end - start >= 20:
            if block[start + 11] == 6:
                link.mac_from = read_mac(block, start + 12)
            self._ethertype(short(block, start), block, start + 20, end)
        elif kind == LINK_RAW or kind == LINK_RAW_OLD or kind == LINK_RAW_BSD or kind == LINK_IPV4 or kind == LINK_IPV6:
            self._ip(block, start, end)
        elif (kind == LINK_NULL or kind == LINK_LOOP) and end - start >= 4:
            self._ip(block, start + 4, end)
        else:
            self.not_decoded += 1

    def ethernet(self, block: bytes, start: i64, end: i64) -> None:
        """Take an Ethernet frame with a whole header: addresses, VLAN tags, ethertype."""
        link = self.link
        link.vlan = 0
        link.inner_vlan = 0
        link.mac_to = ((i64(read_i16_be(block, start)) & 0xFFFF) << 32) | (
            i64(read_i32_be(block, start + 2)) & 0xFFFFFFFF
        )
        link.mac_from = ((i64(read_i16_be(block, start + 6)) & 0xFFFF) << 32) | (
            i64(read_i32_be(block, start + 8)) & 0xFFFFFFFF
        )
        kind: i64 = i64(read_i16_be(block, start + 12)) & 0xFFFF
        at: i64 = start + 14
        if kind == IPV4:
            self.network.ip4(self, block, at, end)
            return
        tags: i64 = 0
        while kind == VLAN or kind == QINQ or kind == QINQ_OLD:
            if end - at < 4:
                self.not_decoded += 1
                return
            if tags == 0:
                link.vlan = short(block, at) & 0xFFF
            else:
                link.inner_vlan = short(block, at) & 0xFFF
            kind = short(block, at + 2)
            at += 4
            tags += 1
        self._ethertype(kind, block, at, end)

    def _ethertype(self, kind: i64, block: bytes, at: i64, end: i64) -> None:
        """Take what an ethertype announces."""
        if kind == IPV4:
            self.network.ip4(self, block, at, end)
        elif kind == IPV6:
            self.network.ip6(self, block, at, end)
        elif kind == ARP:
            if not self.neighbours.message(block, at, end):
                self.not_decoded += 1
        elif kind == MPLS or kind == MPLS_MULTICAST:
            self._mpls(block, behind_mpls(block, at, end), end)
        elif kind == PPPOE_SESSION:
            self._ip(block, behind_pppoe(block, at, end), end)
        elif kind == TRANSPARENT_ETHERNET:
            self._inner(block, at, end)
        elif not self.layer2.frame(kind, block, at, end):
            self.not_decoded += 1

    def _ip(self, block: bytes, at: i64, end: i64) -> None:
        """Take a packet that begins with its IP header; ``at`` is negative when there is none."""
        version: i64 = i64(block[at]) >> 4 if at >= 0 and at < end else 0
        if version == 4:
            self.network.ip4(self, block, at, end)
        elif version == 6:
            self.network.ip6(self, block, at, end)
        else:
            self.not_decoded += 1

    # Tunnels.

    def _is_too_deep(self) -> bool:
        self.depth += 1
        if self.depth <= MAX_DEPTH:
            return False
        self.not_decoded += 1
        return True

    def _inner(self, block: bytes, at: i64, end: i64) -> None:
        """Take an Ethernet frame inside another; its tags and addresses count."""
        if self._is_too_deep():
            return
        if end - at < 14:
            self.link.vlan = 0
            self.link.inner_vlan = 0
            self.not_decoded += 1
            return
        self.ethernet(block, at, end)

    def _mpls(self, block: bytes, at: i64, end: i64) -> None:
        """Take what follows an MPLS label stack: IP, or the frame of a pseudowire with or without its control word."""
        if at < 0:
            self.not_decoded += 1
            return
        first: i64 = i64(block[at]) >> 4
        if first == 4 or first == 6:
            self._ip(block, at, end)
        elif first == 0 and end - at > 18:
            self._inner(block, at + 4, end)
        else:
            self._inner(block, at, end)

    def _gre(self, block: bytes, start: i64, end: i64) -> None:
        at: i64 = behind_gre(block, start, end)
        if at < 0:
            self.not_decoded += 1
            return
        if self._is_too_deep():
            return
        kind: i64 = short(block, start + 2)
        if kind == ERSPAN or kind == ERSPAN_III:
            self._inner(block, at, end)
        else:
            self._ethertype(kind, block, at, end)

    # What IP carries.

    def tunnel(self, protocol: i64, block: bytes, start: i64, end: i64) -> bool:
        """Take an IP payload that may be a tunnel; return whether it was one."""
        if protocol == UDP:
            at: i64 = behind_vxlan(block, start, end)
            if at < 0:
                return False
            self._inner(block, at, udp_end(block, start, end))
        elif protocol == GRE:
            self._gre(block, start, end)
        elif protocol == IP_IN_IP or protocol == IP6_IN_IP:
            if not self._is_too_deep():
                self._ip(block, start, end)
        else:
            return False
        return True
