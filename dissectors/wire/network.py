"""IPv4 (RFC 791) with fragments and IPv6 (RFC 8200) with extension headers. Compiled with mypyc."""

from __future__ import annotations

from typing import final

from librt.strings import read_i16_be, read_i32_be, read_i64_be
from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.wire.address import short
from dissectors.wire.flows import Flows
from dissectors.wire.fragments import Fragments
from dissectors.wire.link import Link
from dissectors.wire.numbers import (
    AUTHENTICATION,
    DESTINATION_OPTIONS,
    FRAGMENT,
    HOP_BY_HOP,
    MOBILITY,
    ROUTING,
    TCP,
)


class Tunnels:
    """Unwraps what IP carries for others."""

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
        return False


@final
class Network:
    """Reads IP headers and hands their payload to the flows, what is a tunnel to ``tunnels``."""

    def __init__(self, recorder: Recorder, link: Link, flows: Flows) -> None:
        self.recorder = recorder
        self.link = link
        self.flows = flows
        self.fragments = Fragments()
        self.not_decoded: i64 = 0
        self.truncated: i64 = 0

    def ip4(self, tunnels: Tunnels, block: bytes, at: i64, end: i64) -> None:
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
        self.link.header = at
        fragment: i64 = i64(read_i16_be(block, at + 6)) & 0x3FFF
        protocol: i64 = i64(block[at + 9])
        x: i64 = i64(read_i32_be(block, at + 12)) & 0xFFFFFFFF
        y: i64 = i64(read_i32_be(block, at + 16)) & 0xFFFFFFFF
        if fragment != 0:
            if missing == 0:
                key = f"4|{x}|{y}|{protocol}|{short(block, at + 4)}|{self.link.vlan}|{self.link.interface}|{self.link.tunnel}"
                self._fragment(tunnels, key, protocol, 0, x, 0, y, False, fragment, block[at + header : stop])
            return
        if protocol == TCP or not tunnels.tunnel(protocol, 0, x, 0, y, False, block, at + header, stop, missing):
            self.flows.transport(protocol, 0, x, 0, y, False, block, at + header, stop, missing)

    def _fragment(
        self,
        tunnels: Tunnels,
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
        size: i64 = i64(len(whole))
        self.link.header = -1
        if whole and (
            protocol == TCP or not tunnels.tunnel(protocol, x_high, x_low, y_high, y_low, six, whole, 0, size, 0)
        ):
            self.flows.transport(protocol, x_high, x_low, y_high, y_low, six, whole, 0, size, 0)

    def ip6(self, tunnels: Tunnels, block: bytes, at: i64, end: i64) -> None:
        """Take an IPv6 packet, walking its extension headers."""
        if end - at < 40 or (i64(block[at]) >> 4) != 6:
            self.not_decoded += 1
            return
        stop: i64 = at + 40 + short(block, at + 4)
        missing: i64 = 0
        if stop == at + 40:
            stop = end
        elif stop > end:
            missing = stop - end
            stop = end
            self.truncated += 1
        self.link.header = at
        x_high: i64 = read_i64_be(block, at + 8)
        x_low: i64 = read_i64_be(block, at + 16)
        y_high: i64 = read_i64_be(block, at + 24)
        y_low: i64 = read_i64_be(block, at + 32)
        kind: i64 = i64(block[at + 6])
        spot: i64 = at + 40
        while is_extension(kind):
            if stop - spot < 8:
                self.not_decoded += 1
                return
            follows: i64 = i64(block[spot])
            if kind == FRAGMENT:
                field: i64 = short(block, spot + 2)
                offset: i64 = (field >> 3) | (0x2000 if field & 1 else 0)
                spot += 8
                if offset != 0:
                    if missing == 0:
                        key = f"6|{x_high}|{x_low}|{y_high}|{y_low}|{read_i32_be(block, spot - 4)}|{self.link.vlan}"
                        key += f"|{self.link.interface}|{self.link.tunnel}"
                        data = block[spot:stop]
                        self._fragment(tunnels, key, follows, x_high, x_low, y_high, y_low, True, offset, data)
                    return
            elif kind == AUTHENTICATION:
                spot += (i64(block[spot + 1]) + 2) * 4
            else:
                spot += (i64(block[spot + 1]) + 1) * 8
            kind = follows
            if spot > stop:
                self.not_decoded += 1
                return
        if kind == TCP or not tunnels.tunnel(kind, x_high, x_low, y_high, y_low, True, block, spot, stop, missing):
            self.flows.transport(kind, x_high, x_low, y_high, y_low, True, block, spot, stop, missing)


def is_extension(kind: i64) -> bool:
    """Return whether an IPv6 header of this kind is an extension that another one follows."""
    return (
        kind == HOP_BY_HOP
        or kind == ROUTING
        or kind == DESTINATION_OPTIONS
        or kind == AUTHENTICATION
        or kind == FRAGMENT
        or kind == MOBILITY
    )
