"""IPv4 (RFC 791) with fragments and IPv6 (RFC 8200) with extension headers, also behind the fragment header.
The Authentication Header (RFC 4302) is walked over in both; its check value needs the key and is not verified.

A fragment whose header has a wrong checksum is not used: its target drops it. Fragments that overlap with other bytes are read every
way (``assembly``), unless the checksum of the whole tells which. Fragments that the capture cut, or that never come to a whole, are counted as not
read (``unfinished``). Limits: fragments inside of fragments are not read. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i32_be, read_i64_be
from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.wire.address import ip4_text, ip6_text, short
from dissectors.wire.assembly import Reading
from dissectors.wire.checksum import RIGHT, UNKNOWN, WRONG, ends_sum, header_sum, transport_sum
from dissectors.wire.flow import Flow
from dissectors.wire.flows import Flows
from dissectors.wire.fragments import Fragments
from dissectors.wire.link import Link
from dissectors.wire.numbers import (
    AUTHENTICATION,
    DESTINATION_OPTIONS,
    FRAGMENT,
    HOP_BY_HOP,
    HOST_IDENTITY,
    MOBILITY,
    ROUTING,
    SHIM6,
    TCP,
)
from dissectors.wire.unfinished import Unfinished

MAX_TAKEN: Final = 16
"""Readings of one fragment that are handed on."""


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
        self.unfinished = Unfinished(recorder, link, flows, self.fragments)
        self.not_decoded: i64 = 0
        self.truncated: i64 = 0

    def ip4(self, tunnels: Tunnels, block: bytes, at: i64, end: i64) -> None:
        """Take an IPv4 packet."""
        if end - at < 20:
            self.not_decoded += 1
            return
        words: i64 = read_i64_be(block, at)
        header: i64 = ((words >> 56) & 15) * 4
        if ((words >> 60) & 15) != 4 or header < 20 or end - at < header:
            self.not_decoded += 1
            return
        total: i64 = (words >> 32) & 0xFFFF
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
        fragment: i64 = words & 0x3FFF
        words = read_i64_be(block, at + 8)
        protocol: i64 = (words >> 48) & 0xFF
        x: i64 = words & 0xFFFFFFFF
        y: i64 = i64(read_i32_be(block, at + 16)) & 0xFFFFFFFF
        if fragment != 0:
            if missing != 0:
                is_first = (fragment & 0x1FFF) == 0
                self.unfinished.take_cut(protocol, 0, x, 0, y, False, is_first, block, at + header, stop, missing)
            else:
                key = f"4|{x}|{y}|{protocol}|{short(block, at + 4)}|{self.link.vlan}|{self.link.interface}|{self.link.tunnel}"
                if self._is_dropped(x, block, at, at + header):
                    self.fragments.find(key, self.recorder.now).dropped += 1
                    return
                self._fragment(tunnels, key, protocol, 0, x, 0, y, False, fragment, block[at + header : stop])
            return
        if protocol == TCP:
            self.flows.transport(protocol, 0, x, 0, y, False, block, at + header, stop, missing)
        elif protocol == AUTHENTICATION:
            self._payload(tunnels, protocol, 0, x, 0, y, False, block, at + header, stop, missing, False)
        elif not tunnels.tunnel(protocol, 0, x, 0, y, False, block, at + header, stop, missing):
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
        fragments = self.fragments
        offset: i64 = (field & 0x1FFF) * 8
        was_whole = fragments.find(key, self.recorder.now).whole
        readings = fragments.add(key, protocol, offset, (field & 0x2000) != 0, data, self.recorder.now)
        datagram = fragments.last
        if offset == 0 and not datagram.whole and datagram.flow is None:
            self.unfinished.begin(datagram, protocol, x_high, x_low, y_high, y_low, six, data, 0, i64(len(data)))
        self.unfinished.tell_given_up()
        if not readings:
            return
        sender = ip6_text(x_high, x_low) if six else ip4_text(x_low)
        taken = self._summed(readings, ends_sum(x_high, x_low, y_high, y_low), sender, was_whole)
        if len(taken) > MAX_TAKEN:
            del taken[MAX_TAKEN:]
            fragments.evicted += 1
        datagram.taken += i64(len(taken))
        self.link.header = -1
        flow: Flow | None = None
        for one in taken:
            self.flows.last = None
            size: i64 = i64(len(one.data))
            self._payload(tunnels, one.following, x_high, x_low, y_high, y_low, six, one.data, 0, size, 0, True)
            flow = flow or self._last()
        if flow is None:
            return
        if datagram.conflict or datagram.taken > 1:
            text = "fragments of a datagram overlap with other bytes"
            if datagram.taken > 1:
                text += f": {'both' if datagram.taken == 2 else int(datagram.taken)} readings are taken"
            else:
                text += ": its checksum tells which of them count"
            self._found(flow, "two_readings_of_fragments", "RFC 5722 4", text, taken[-1].data)
        if datagram.dropped:
            many = "a fragment" if datagram.dropped == 1 else f"{int(datagram.dropped)} fragments"
            text = f"{many} with a wrong header checksum: the target does not use that"
            datagram.dropped = 0
            self._found(flow, "bad_checksum", "RFC 791 3.1", text, taken[0].data)

    def _summed(self, readings: list[Reading], ends: i64, sender: str, was_whole: bool) -> list[Reading]:
        """Return the readings that the target may have taken, those first whose checksum is right."""
        right: list[Reading] = []
        unknown: list[Reading] = []
        for one in readings:
            result: i64 = transport_sum(ends, one.following, one.data, 0, i64(len(one.data)))
            if result == RIGHT:
                right.append(one)
            elif result == UNKNOWN:
                unknown.append(one)
        right.extend(unknown)
        if right or was_whole:
            return right  # the others are parts of two datagrams, or bytes that the target drops
        senders = self.flows.tcp.repeats.readings.senders
        if senders.means_dropped(sender, WRONG):
            senders.dropped += 1  # the datagram is remembered: the fragment that makes it right may still come
            return right
        return readings

    def _last(self) -> Flow | None:
        return self.flows.last

    def _found(self, flow: Flow, name: str, clause: str, text: str, data: bytes) -> None:
        """Report what was found in the fragments of a flow's packet; they are the opener's when nobody else has spoken."""
        half = flow.opener if flow.opener.end.seen else flow.peer
        self.flows.tcp.repeats.readings.report(flow, half, name, clause, text, 0, data, 0, i64(len(data)))

    def _is_dropped(self, address: i64, block: bytes, start: i64, end: i64) -> bool:
        """Return whether the target drops a fragment for the checksum of its header; 0 may have been left to a network card."""
        senders = self.flows.tcp.repeats.readings.senders
        result: i64 = header_sum(block, start, end)
        name = "ip " + ip4_text(address)
        senders.note(name, result)
        if result == WRONG or (result == UNKNOWN and senders.means_dropped(name, WRONG)):
            senders.dropped += 1
            return True
        return False

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
        if is_extension(kind):
            self._payload(tunnels, kind, x_high, x_low, y_high, y_low, True, block, at + 40, stop, missing, False)
        elif kind == TCP or not tunnels.tunnel(kind, x_high, x_low, y_high, y_low, True, block, at + 40, stop, missing):
            self.flows.transport(kind, x_high, x_low, y_high, y_low, True, block, at + 40, stop, missing)

    def _payload(
        self,
        tunnels: Tunnels,
        kind: i64,
        x_high: i64,
        x_low: i64,
        y_high: i64,
        y_low: i64,
        six: bool,
        block: bytes,
        spot: i64,
        stop: i64,
        missing: i64,
        joined: bool,
    ) -> None:
        """Take what IP carries: of IPv6 first the extension headers, of IPv4 the Authentication Header (RFC 4302 2).

        ``joined`` says that it was put together of fragments.
        """
        while is_extension(kind) if six else kind == AUTHENTICATION:
            if stop - spot < 8:
                self.not_decoded += 1
                return
            follows: i64 = i64(block[spot])
            if kind == FRAGMENT:
                field: i64 = short(block, spot + 2)
                offset: i64 = (field >> 3) | (0x2000 if field & 1 else 0)
                spot += 8
                if offset != 0:
                    if joined:
                        self.not_decoded += 1
                    elif missing != 0:
                        is_first = (offset & 0x1FFF) == 0
                        self.unfinished.take_cut(
                            follows, x_high, x_low, y_high, y_low, True, is_first, block, spot, stop, missing
                        )
                    else:
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
        if kind == TCP or not tunnels.tunnel(kind, x_high, x_low, y_high, y_low, six, block, spot, stop, missing):
            self.flows.transport(kind, x_high, x_low, y_high, y_low, six, block, spot, stop, missing)


def is_extension(kind: i64) -> bool:
    """Return whether an IPv6 header of this kind is an extension that another one follows."""
    return (
        kind == HOP_BY_HOP
        or kind == ROUTING
        or kind == DESTINATION_OPTIONS
        or kind == AUTHENTICATION
        or kind == FRAGMENT
        or kind == MOBILITY
        or kind == HOST_IDENTITY
        or kind == SHIM6
    )
