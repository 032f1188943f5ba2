"""Link and network layers: from a captured packet to its transport payload. Compiled with mypyc.

Ethernet (with VLAN and QinQ), Linux SLL and SLL2, raw IP, loopback; MPLS, PPPoE, GRE, ERSPAN I to III and VXLAN, as mirror
sessions wrap their packets, are unwrapped at most MAX_DEPTH deep. IPv4 (RFC 791) with fragments, IPv6 (RFC 8200) with
extension headers. What cannot be read is counted in ``not_decoded``.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i16_be, read_i32_be, read_i64_be
from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.wire.fragments import Fragments
from dissectors.wire.sink import PacketSink

ETHERNET: Final = 1
NULL: Final = 0
LOOP: Final = 108
RAW: Final = 101
RAW_OLD: Final = 12
RAW_BSD: Final = 14
IPV4: Final = 228
IPV6: Final = 229
SLL: Final = 113
SLL2: Final = 276
MAX_DEPTH: Final = 8
VXLAN_PORT: Final = 4789
GRE_KEY: Final = 0x2000
GRE_SEQUENCE: Final = 0x1000
GRE_CHECKSUM: Final = 0x8000


class Decoder(PacketSink):
    """Unwraps packets; subclasses take the transport payload."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self.recorder = recorder
        self.fragments = Fragments()
        self.not_decoded: i64 = 0
        self.truncated: i64 = 0
        self.vlan: i64 = 0
        self.inner_vlan: i64 = 0
        self.mac_to: i64 = -1
        self.mac_from: i64 = -1
        self.depth: i64 = 0

    # What a subclass takes.

    def transport(
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
    ) -> None:
        """Take an IP payload from x to y; ``missing`` bytes at its end were not captured."""

    def arp(self, block: bytes, start: i64, end: i64) -> None:
        """Take an ARP message."""

    def link_only(self, ethertype: i64, block: bytes, start: i64, end: i64) -> None:
        """Take a frame of another ethertype."""

    # Links.

    def link(self, link: i64, block: bytes, start: i64, end: i64) -> None:
        """Take a packet of any link type."""
        self.vlan = 0
        self.inner_vlan = 0
        self.mac_to = -1
        self.mac_from = -1
        self.depth = 0
        if link == ETHERNET:
            self.ethernet(block, start, end)
        elif link == SLL and end - start >= 16:
            if i64(read_i16_be(block, start + 4)) == 6:
                self.mac_from = self.mac(block, start + 6)
            self.ethertype(self.short(block, start + 14), block, start + 16, end)
        elif link == SLL2 and end - start >= 20:
            if block[start + 11] == 6:
                self.mac_from = self.mac(block, start + 12)
            self.ethertype(self.short(block, start), block, start + 20, end)
        elif link == RAW or link == RAW_OLD or link == RAW_BSD or link == IPV4 or link == IPV6:
            self.raw(block, start, end)
        elif (link == NULL or link == LOOP) and end - start >= 4:
            self.raw(block, start + 4, end)
        else:
            self.not_decoded += 1

    def short(self, block: bytes, at: i64) -> i64:
        """Return the 16-bit number at ``at``; the caller has checked the bounds."""
        return i64(read_i16_be(block, at)) & 0xFFFF

    def mac(self, block: bytes, at: i64) -> i64:
        """Return the MAC address at ``at`` as a number."""
        return ((i64(read_i16_be(block, at)) & 0xFFFF) << 32) | (i64(read_i32_be(block, at + 2)) & 0xFFFFFFFF)

    def ethernet(self, block: bytes, start: i64, end: i64) -> None:
        """Take an Ethernet frame: addresses, VLAN tags, ethertype."""
        if end - start < 14:
            self.not_decoded += 1
            return
        self.mac_to = ((i64(read_i16_be(block, start)) & 0xFFFF) << 32) | (
            i64(read_i32_be(block, start + 2)) & 0xFFFFFFFF
        )
        self.mac_from = ((i64(read_i16_be(block, start + 6)) & 0xFFFF) << 32) | (
            i64(read_i32_be(block, start + 8)) & 0xFFFFFFFF
        )
        kind: i64 = i64(read_i16_be(block, start + 12)) & 0xFFFF
        at: i64 = start + 14
        if kind == 0x0800:
            self.ip4(block, at, end)
            return
        tags: i64 = 0
        while kind == 0x8100 or kind == 0x88A8 or kind == 0x9100:
            if end - at < 4:
                self.not_decoded += 1
                return
            if tags == 0:
                self.vlan = self.short(block, at) & 0xFFF
            else:
                self.inner_vlan = self.short(block, at) & 0xFFF
            kind = self.short(block, at + 2)
            at += 4
            tags += 1
        self.ethertype(kind, block, at, end)

    def ethertype(self, kind: i64, block: bytes, at: i64, end: i64) -> None:
        """Take what an ethertype announces."""
        if kind == 0x0800:
            self.ip4(block, at, end)
        elif kind == 0x86DD:
            self.ip6(block, at, end)
        elif kind == 0x0806:
            self.arp(block, at, end)
        elif kind == 0x8847 or kind == 0x8848:
            self.mpls(block, at, end)
        elif kind == 0x8864:
            self.pppoe(block, at, end)
        elif kind == 0x6558:
            self.again(block, at, end)
        else:
            self.link_only(kind, block, at, end)

    def raw(self, block: bytes, at: i64, end: i64) -> None:
        """Take a packet that begins with its IP header."""
        if end <= at:
            self.not_decoded += 1
            return
        version: i64 = i64(block[at]) >> 4
        if version == 4:
            self.ip4(block, at, end)
        elif version == 6:
            self.ip6(block, at, end)
        else:
            self.not_decoded += 1

    # Wrappings of mirror sessions.

    def again(self, block: bytes, at: i64, end: i64) -> None:
        """Take an Ethernet frame inside another; its tags and addresses count."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.not_decoded += 1
            return
        self.vlan = 0
        self.inner_vlan = 0
        self.ethernet(block, at, end)

    def mpls(self, block: bytes, start: i64, end: i64) -> None:
        """Take an MPLS label stack (RFC 3032) with IP or a pseudowire frame behind it."""
        at: i64 = start
        while end - at >= 4:
            bottom = (i64(block[at + 2]) & 1) == 1
            at += 4
            if bottom:
                break
        else:
            self.not_decoded += 1
            return
        if at >= end:
            self.not_decoded += 1
            return
        first: i64 = i64(block[at]) >> 4
        if first == 4 or first == 6:
            self.raw(block, at, end)
        elif first == 0 and end - at > 18:
            self.again(block, at + 4, end)
        else:
            self.again(block, at, end)

    def pppoe(self, block: bytes, at: i64, end: i64) -> None:
        """Take a PPPoE session frame (RFC 2516)."""
        if end - at < 8:
            self.not_decoded += 1
            return
        kind: i64 = self.short(block, at + 6)
        if kind == 0x0021 or kind == 0x0057:
            self.raw(block, at + 8, end)
        else:
            self.not_decoded += 1

    def gre(self, block: bytes, start: i64, end: i64) -> bool:
        """Take GRE (RFC 2784, 2890), with ERSPAN I to III inside; return whether it was a mirror or tunnel."""
        if end - start < 4:
            return False
        flags: i64 = self.short(block, start)
        kind: i64 = self.short(block, start + 2)
        if flags & 7:
            return False
        at: i64 = start + 4
        for bit in (GRE_CHECKSUM, GRE_KEY, GRE_SEQUENCE):
            if flags & bit:
                at += 4
        if kind == 0x88BE:
            if flags & GRE_SEQUENCE:
                at += 8
        elif kind == 0x22EB:
            if end - at < 12:
                return False
            at += 20 if block[at + 11] & 1 else 12
        if at >= end:
            return False
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.not_decoded += 1
            return True
        if kind == 0x88BE or kind == 0x22EB:
            self.again(block, at, end)
        else:
            self.ethertype(kind, block, at, end)
        return True

    # Networks.

    def ip4(self, block: bytes, at: i64, end: i64) -> None:
        """Take an IPv4 packet."""
        if end - at < 20:
            self.not_decoded += 1
            return
        header: i64 = (i64(block[at]) & 15) * 4
        if (i64(block[at]) >> 4) != 4 or header < 20 or end - at < header:
            self.not_decoded += 1
            return
        total: i64 = i64(read_i16_be(block, at + 2)) & 0xFFFF
        stop: i64 = at + total
        missing: i64 = 0
        if total == 0:
            stop = end
        elif total < header:
            self.not_decoded += 1
            return
        elif stop > end:
            missing = stop - end
            stop = end
            self.truncated += 1
        fragment: i64 = i64(read_i16_be(block, at + 6)) & 0x3FFF
        protocol: i64 = i64(block[at + 9])
        x: i64 = i64(read_i32_be(block, at + 12)) & 0xFFFFFFFF
        y: i64 = i64(read_i32_be(block, at + 16)) & 0xFFFFFFFF
        if fragment != 0:
            if missing == 0:
                key = f"4|{x}|{y}|{protocol}|{self.short(block, at + 4)}|{self.vlan}"
                self._fragment(key, protocol, 0, x, 0, y, False, fragment, block[at + header : stop])
            return
        self.transport(protocol, 0, x, 0, y, False, block, at + header, stop, missing)

    def _fragment(
        self,
        key: str,
        protocol: i64,
        x_high: i64,
        x_low: i64,
        y_high: i64,
        y_low: i64,
        six: bool,
        field: i64,
        data: bytes,
    ) -> None:
        """Take a fragment; ``field`` holds the offset in units of 8 and, at bit 13, whether more follow."""
        whole = self.fragments.add(key, (field & 0x1FFF) * 8, (field & 0x2000) != 0, data, self.recorder.now)
        if whole:
            self.transport(protocol, x_high, x_low, y_high, y_low, six, whole, 0, i64(len(whole)), 0)

    def ip6(self, block: bytes, at: i64, end: i64) -> None:
        """Take an IPv6 packet, walking its extension headers."""
        if end - at < 40 or (i64(block[at]) >> 4) != 6:
            self.not_decoded += 1
            return
        stop: i64 = at + 40 + self.short(block, at + 4)
        missing: i64 = 0
        if stop == at + 40:
            stop = end
        elif stop > end:
            missing = stop - end
            stop = end
            self.truncated += 1
        x_high: i64 = read_i64_be(block, at + 8)
        x_low: i64 = read_i64_be(block, at + 16)
        y_high: i64 = read_i64_be(block, at + 24)
        y_low: i64 = read_i64_be(block, at + 32)
        kind: i64 = i64(block[at + 6])
        spot: i64 = at + 40
        while kind == 0 or kind == 43 or kind == 60 or kind == 51 or kind == 44 or kind == 135:
            if stop - spot < 8:
                self.not_decoded += 1
                return
            follows: i64 = i64(block[spot])
            if kind == 44:
                field: i64 = self.short(block, spot + 2)
                offset: i64 = (field >> 3) | (0x2000 if field & 1 else 0)
                spot += 8
                if offset != 0:
                    if missing == 0:
                        key = f"6|{x_high}|{x_low}|{y_high}|{y_low}|{read_i32_be(block, spot - 4)}|{self.vlan}"
                        data = block[spot:stop]
                        self._fragment(key, follows, x_high, x_low, y_high, y_low, True, offset, data)
                    return
            elif kind == 51:
                spot += (i64(block[spot + 1]) + 2) * 4
            else:
                spot += (i64(block[spot + 1]) + 1) * 8
            kind = follows
            if spot > stop:
                self.not_decoded += 1
                return
        self.transport(kind, x_high, x_low, y_high, y_low, True, block, spot, stop, missing)
