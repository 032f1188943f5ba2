"""What frames and packets are wrapped in: tags, carriers, mirror sessions and tunnels are taken off. Compiled with mypyc.

Ethernet (with the ``tags`` between addresses and ethertype, provider backbones, IP in LLC and SNAP), MPLS, PPPoE; IP is read by
``network``. At most MAX_DEPTH headers (``tunnel``, ``udp_tunnel``, ``ip_tunnel``) are taken off. The outer ends of a tunnel are a
conversation of their own; what is inside carries the tunnel with it, unless it is a mirror session (``mirrors``). What is not
read is counted by name (``unread``).
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i16_be, read_i32_be, read_i64_be
from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.wire.address import short
from dissectors.wire.flows import Flows
from dissectors.wire.ip_tunnel import read_ip
from dissectors.wire.layer2 import Layer2
from dissectors.wire.link import Link
from dissectors.wire.mirrors import Mirrors
from dissectors.wire.neighbours import Arp
from dissectors.wire.network import Network, Tunnels
from dissectors.wire.numbers import (
    ARP,
    HSR,
    IPV4,
    IPV6,
    LLC_IP,
    MIN_ETHERTYPE,
    MPLS,
    MPLS_MULTICAST,
    PPPOE_SESSION,
    PROVIDER_BACKBONE,
    QINQ,
    QINQ_OLD,
    SERVICE_HEADER,
    SNAP,
    TRANSPARENT_ETHERNET,
    UDP,
    VLAN,
)
from dissectors.wire.ring import Ring
from dissectors.wire.tags import NO_TAG, is_vlan, tag_bytes
from dissectors.wire.tunnel import (
    Wrapping,
    behind_control_word,
    behind_mpls,
    read_ppp,
    read_service_header,
    udp_end,
)
from dissectors.wire.tunnel_report import tell_industrial
from dissectors.wire.tunnel_table import TunnelTable
from dissectors.wire.udp_tunnel import WRAPPING_PORTS, read_udp
from dissectors.wire.unread import IP_PROTOCOLS, PORTS, ethertype_text

MAX_DEPTH: Final = 8
BACKBONE_TAG: Final = 4
PPPOE_HEADER: Final = 6
SNAP_BYTES: Final = 8
BRIDGE_TUNNEL: Final = 0x0000F8
SEALED: Final = bytes(1 if number in IP_PROTOCOLS else 0 for number in range(256))
"""1 for each IP protocol that wraps and is not read: one look for an ordinary packet."""


class Unwrapper(Tunnels):
    """Unwraps frames and hands their payload to flows, ARP or the frames without IP."""

    def __init__(
        self, recorder: Recorder, link: Link, flows: Flows, neighbours: Arp, layer2: Layer2, mirrors: Mirrors
    ) -> None:
        self.recorder = recorder
        self.link = link
        self.flows = flows
        self.neighbours = neighbours
        self.layer2 = layer2
        self.unread = layer2.unread
        self.network = Network(recorder, link, flows)
        self.ring = Ring()
        self.tunnels = TunnelTable(link, mirrors)
        self.wrapping = Wrapping()
        self.depth: i64 = 0

    def ethernet(self, block: bytes, start: i64, end: i64) -> None:
        """Take an Ethernet frame with a whole header: addresses, VLAN tags, ethertype."""
        link = self.link
        link.vlan = 0
        link.inner_vlan = 0
        macs: i64 = read_i64_be(block, start)
        link.mac_to = (macs >> 16) & 0xFFFFFFFFFFFF
        link.mac_from = ((macs & 0xFFFF) << 32) | (i64(read_i32_be(block, start + 8)) & 0xFFFFFFFF)
        kind: i64 = i64(read_i16_be(block, start + 12)) & 0xFFFF
        at: i64 = start + 14
        if kind == IPV4:
            self.network.ip4(self, block, at, end)
            return
        tags: i64 = 0
        while kind == VLAN or kind == QINQ or kind == QINQ_OLD:
            if end - at < 4:
                self.unread.count("VLAN tag cut short")
                return
            if tags == 0:
                link.vlan = short(block, at) & 0xFFF
            else:
                link.inner_vlan = short(block, at) & 0xFFF
            kind = short(block, at + 2)
            at += 4
            tags += 1
        self.payload(kind, block, at, end)

    def payload(self, kind: i64, block: bytes, at: i64, end: i64) -> None:
        """Take what an ethertype announces."""
        if kind == IPV4:
            self.network.ip4(self, block, at, end)
        elif kind == IPV6:
            self.network.ip6(self, block, at, end)
        elif kind == ARP:
            self._arp(block, at, end)
        elif kind < MIN_ETHERTYPE:
            self.llc(kind, block, at, end)
        elif tag_bytes(kind, block, at, end) != NO_TAG:
            self._tagged(kind, block, at, end)
        elif kind == MPLS or kind == MPLS_MULTICAST:
            self.mpls(block, at, end)
        elif kind == PPPOE_SESSION:
            read_ppp(self.wrapping, block, at + PPPOE_HEADER, end)
            if self.wrapping.at < 0 and not self.wrapping.unread:
                self._frame(kind, block, at, end)
            else:
                self.read_on(block, end)
        elif kind == TRANSPARENT_ETHERNET:
            self._inner(block, at, end)
        elif kind == PROVIDER_BACKBONE:
            self._inner(block, at + BACKBONE_TAG, end)
        elif kind == SERVICE_HEADER:
            self.wrapping.begin("network service header")
            read_service_header(self.wrapping, block, at, end)
            self.read_on(block, end)
        else:
            self._frame(kind, block, at, end)

    def _frame(self, kind: i64, block: bytes, at: i64, end: i64) -> None:
        if not self.layer2.frame(kind, block, at, end):
            self.unread.count(ethertype_text(kind) if kind >= MIN_ETHERTYPE else "LLC without addresses")

    def _arp(self, block: bytes, at: i64, end: i64) -> None:
        """Take ARP; what is inside a tunnel binds no address and is a conversation like any other."""
        if self.link.tunnel != 0:
            self._frame(ARP, block, at, end)
        elif not self.neighbours.message(block, at, end):
            self.unread.count("ARP cut short or not for IPv4")

    def _tagged(self, kind: i64, block: bytes, at: i64, end: i64) -> None:
        """Take what stands behind one or more tags."""
        link = self.link
        size: i64 = tag_bytes(kind, block, at, end)
        while size != NO_TAG:
            if end - at < size:
                self.unread.count(f"tag of {ethertype_text(kind)} cut short")
                return
            if is_vlan(kind):
                if link.vlan == 0:
                    link.vlan = short(block, at) & 0xFFF
                else:
                    link.inner_vlan = short(block, at) & 0xFFF
            elif kind == HSR and self.ring.is_copy(link.mac_from, short(block, at + 2), self.recorder.now):
                return
            kind = short(block, at + size - 2)
            at += size
            size = tag_bytes(kind, block, at, end)
        self.payload(kind, block, at, end)

    def llc(self, size: i64, block: bytes, at: i64, end: i64) -> None:
        """Take an IEEE 802.3 frame: IP and what else has an ethertype may stand behind LLC and SNAP."""
        stop: i64 = min(end, at + size)
        if stop - at > SNAP_BYTES and block[at] == SNAP and block[at + 1] == SNAP:
            organisation: i64 = (short(block, at + 3) << 8) | i64(block[at + 5])
            kind: i64 = short(block, at + 6)
            if (organisation == 0 or organisation == BRIDGE_TUNNEL) and kind >= MIN_ETHERTYPE:
                self.payload(kind, block, at + SNAP_BYTES, stop)
                return
        elif stop - at > 3 and block[at] == LLC_IP and block[at + 1] == LLC_IP:
            self.ip(block, at + 3, stop)
            return
        self._frame(size if size < MIN_ETHERTYPE else MIN_ETHERTYPE - 1, block, at, end)

    def ip(self, block: bytes, at: i64, end: i64) -> None:
        """Take a packet that begins with its IP header; ``at`` is negative when there is none."""
        version: i64 = i64(block[at]) >> 4 if at >= 0 and at < end else 0
        if version == 4:
            self.network.ip4(self, block, at, end)
        elif version == 6:
            self.network.ip6(self, block, at, end)
        else:
            self.unread.count("no IP header where one belongs")

    # What wraps frames and packets.

    def _is_too_deep(self) -> bool:
        self.depth += 1
        if self.depth <= MAX_DEPTH:
            return False
        self.unread.count("wrapped too deep")
        return True

    def _inner(self, block: bytes, at: i64, end: i64) -> None:
        """Take an Ethernet frame inside another; its tags and addresses count."""
        if self._is_too_deep():
            return
        if end - at < 14:
            self.link.vlan = 0
            self.link.inner_vlan = 0
            self.unread.count("inner frame cut short")
            return
        self.ethernet(block, at, end)

    def mpls(self, block: bytes, start: i64, end: i64) -> None:
        """Take what follows an MPLS label stack: IP, or the frame of a pseudowire with or without its control word."""
        at: i64 = behind_mpls(block, start, end)
        if at < 0:
            self.unread.count("MPLS without payload")
            return
        first: i64 = i64(block[at]) >> 4
        if first == 4 or first == 6:
            self.ip(block, at, end)
        else:
            self._inner(block, behind_control_word(block, at, end), end)

    def read_on(self, block: bytes, end: i64) -> None:
        """Take what the wrapping read last carries."""
        wrapping = self.wrapping
        if wrapping.unread:
            self.unread.count(wrapping.unread)
        elif wrapping.at >= end:
            self.unread.count(f"{wrapping.name} cut short")
        elif self._is_too_deep():
            return
        elif wrapping.carries == 0:
            self.ip(block, wrapping.at, end)
        else:
            self.payload(wrapping.carries, block, wrapping.at, end)

    # What IP carries.

    def tunnel(
        self,
        protocol: i64,
        x_high: i64,
        x_low: i64,
        y_high: i64,
        y_low: i64,
        six: bool,
        block: bytes,
        start: i64,
        end: i64,
        missing: i64,
    ) -> bool:
        """Take an IP payload from x to y that may be a tunnel; return whether it was one."""
        wrapping = self.wrapping
        stop: i64 = end
        if protocol == UDP:
            if end - start < 8 or WRAPPING_PORTS[short(block, start + 2)] == 0:
                return False
            stop = udp_end(block, start, end)
            if not read_udp(wrapping, block, start, stop):
                name = PORTS.get(int(short(block, start + 2)), "")
                if name:
                    self.unread.count(name)
                return False
        elif not read_ip(wrapping, protocol, six, block, start, end):
            if protocol >= 0 and protocol < 256 and SEALED[protocol] != 0:
                self.unread.count(IP_PROTOCOLS[int(protocol)])
            return False
        link = self.link
        flows = self.flows
        flows.wrapping = wrapping.name
        flows.transport(protocol, x_high, x_low, y_high, y_low, six, block, start, end, missing)
        flows.wrapping = ""
        outer = flows.last
        around: i64 = link.tunnel
        around_text = link.tunnel_text
        around_reverse = link.tunnel_reverse
        tunnel = self.tunnels.enter(wrapping.name, wrapping.number, x_high, x_low, y_high, y_low, six)
        self.read_on(block, stop)
        if tunnel is not None and not tunnel.told and outer is not None:
            tell_industrial(self.recorder, tunnel, outer, flows.last, link.tunnel_text, block, start, end)
        link.tunnel = around
        link.tunnel_text = around_text
        link.tunnel_reverse = around_reverse
        return True

    def forget(self) -> None:
        """Be outside of every tunnel again."""
        self.depth = 0
        self.link.tunnel = 0
        self.link.tunnel_text = ""
        self.link.tunnel_reverse = ""
