"""Link layers: from a captured packet to the frame or packet in it. Compiled with mypyc.

Ethernet, Linux SLL and SLL2, PPP (also in HDLC frames and over Ethernet), Cisco HDLC, frame relay, MPLS, raw IP, loopback; what
they carry is taken on by ``unwrap``.
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i16_be
from mypy_extensions import i64

from dissectors.wire.address import read_mac, short
from dissectors.wire.numbers import (
    COOKED_LLC,
    LINK_CISCO_HDLC,
    LINK_ETHERNET,
    LINK_FRAME_RELAY,
    LINK_IPV4,
    LINK_IPV6,
    LINK_LOOP,
    LINK_MPLS,
    LINK_NULL,
    LINK_PPP,
    LINK_PPP_ETHERNET,
    LINK_PPP_SERIAL,
    LINK_PPP_WITH_DIRECTION,
    LINK_RAW,
    LINK_RAW_BSD,
    LINK_RAW_OLD,
    LINK_SLL,
    LINK_SLL2,
)
from dissectors.wire.tunnel import read_frame_relay, read_ppp
from dissectors.wire.unwrap import PPPOE_HEADER, Unwrapper

HDLC_HEADER: Final = 4
HDLC_UNICAST: Final = 0x0F
HDLC_BROADCAST: Final = 0x8F
ETHERNET_ADDRESS: Final = 6


@final
class Decoder(Unwrapper):
    """Takes packets of any link type."""

    def packet(self, kind: i64, block: bytes, start: i64, end: i64) -> None:
        """Take a captured packet of any link type."""
        link = self.link
        link.vlan = 0
        link.inner_vlan = 0
        link.mac_to = -1
        link.mac_from = -1
        if kind == LINK_ETHERNET and end - start >= 14:
            self.ethernet(block, start, end)
        elif kind == LINK_SLL and end - start >= 16:
            if i64(read_i16_be(block, start + 4)) == ETHERNET_ADDRESS:
                link.mac_from = read_mac(block, start + 6)
            self._cooked(short(block, start + 14), block, start + 16, end)
        elif kind == LINK_SLL2 and end - start >= 20:
            if block[start + 11] == ETHERNET_ADDRESS:
                link.mac_from = read_mac(block, start + 12)
            self._cooked(short(block, start), block, start + 20, end)
        elif kind == LINK_RAW or kind == LINK_RAW_OLD or kind == LINK_RAW_BSD or kind == LINK_IPV4 or kind == LINK_IPV6:
            self.ip(block, start, end)
        elif (kind == LINK_NULL or kind == LINK_LOOP) and end - start >= 4:
            self.ip(block, start + 4, end)
        elif not self._serial(kind, block, start, end):
            if kind == LINK_ETHERNET or kind in (LINK_SLL, LINK_SLL2, LINK_NULL, LINK_LOOP):
                self.unread.count("link header cut short")
            else:
                self.unread.count_link(kind)

    def _serial(self, kind: i64, block: bytes, start: i64, end: i64) -> bool:
        """Take a packet of a link between two ends; return whether the link type is one."""
        if kind == LINK_CISCO_HDLC or (
            kind == LINK_PPP_SERIAL and end > start and (block[start] == HDLC_UNICAST or block[start] == HDLC_BROADCAST)
        ):
            if end - start < HDLC_HEADER:
                self.unread.count("Cisco HDLC cut short")
            else:
                self.payload(short(block, start + 2), block, start + HDLC_HEADER, end)
        elif kind == LINK_PPP or kind == LINK_PPP_SERIAL:
            self._ppp(block, start, end)
        elif kind == LINK_PPP_WITH_DIRECTION:
            self._ppp(block, start + 1, end)
        elif kind == LINK_PPP_ETHERNET:
            self._ppp(block, start + PPPOE_HEADER, end)
        elif kind == LINK_FRAME_RELAY:
            read_frame_relay(self.wrapping, block, start, end)
            self.read_on(block, end)
        elif kind == LINK_MPLS:
            self.mpls(block, start, end)
        else:
            return False
        return True

    def _ppp(self, block: bytes, at: i64, end: i64) -> None:
        read_ppp(self.wrapping, block, at, end)
        if self.wrapping.at >= 0 or self.wrapping.unread:
            self.read_on(block, end)

    def _cooked(self, kind: i64, block: bytes, at: i64, end: i64) -> None:
        """Take what a Linux cooked header announces: an ethertype, or a number that stands for LLC."""
        if kind == COOKED_LLC:
            self.llc(end - at, block, at, end)
        else:
            self.payload(kind, block, at, end)
