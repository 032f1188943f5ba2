"""Packets that are not like the last of their direction: the first one, those from another place or MAC. Compiled with mypyc."""

from __future__ import annotations

from typing import final

from librt.strings import read_i32_be
from mypy_extensions import i64

from dissectors.wire.address import mac_text
from dissectors.wire.addresses import FORWARDED, Addresses
from dissectors.wire.copies import Copies, time_to_live
from dissectors.wire.flow import Flow
from dissectors.wire.half import Half
from dissectors.wire.joining import Joining
from dissectors.wire.link import Link
from dissectors.wire.numbers import TCP, UDP
from dissectors.wire.places import Places
from dissectors.wire.repeats import Repeats
from dissectors.wire.seen import SPACE
from dissectors.wire.shared_router import is_advertisement, shared_addresses


@final
class Arrivals:
    """Tells where directions are seen, and finds the copies that come from other places."""

    def __init__(self, link: Link, addresses: Addresses, places: Places, copies: Copies, repeats: Repeats) -> None:
        self.link = link
        self.addresses = addresses
        self.places = places
        self.copies = copies
        self.repeats = repeats
        self.joining = Joining(link, places, copies)

    def begin_direction(self, half: Half, tag: i64) -> None:
        """Take the first packet of a direction."""
        half.tag = tag
        half.mac = self.link.mac_from
        half.mac_to = self.link.mac_to
        half.end.seen = True
        if half.side == 1:
            half.end.mac = mac_text(half.mac)

    def take(self, flow: Flow, half: Half, tag: i64, flags: i64, block: bytes, header: i64, at: i64, end: i64) -> bool:
        """Take the first packet of a direction, one from another place or MAC than before; return whether it is a copy."""
        link = self.link
        if half.tag < 0:
            self.begin_direction(half, tag)
            half.hops = time_to_live(block, link.header)
            self.places.note(flow.pair, tag, (half.side == 0) == flow.x_opened)
            self._compare_cards(flow, half)
            if is_advertisement(tag, flow.ports):
                self.advertised(half.end.ip, tag, block, at, end)
        elif half.tag != tag:
            if (
                tag == flow.tag
                and flow.elsewhere is not None
                and self.joining.is_strange(flow, half, tag, block, at, end)
            ):
                flow.elsewhere.remove(half.tag)
            elif self._is_copy(flow, half, tag, flags, block, header, at, end):
                self.copies.take(flow)
                return True
            half.tag = tag
        method = "ip"
        if half.mac != link.mac_from:
            if self._repeats(flow, half, tag, flags, block, header, at, end):
                method = FORWARDED
            half.mac = link.mac_from
            half.mac_to = link.mac_to
            if half.side == 1:
                half.end.mac = mac_text(half.mac)
            if is_advertisement(tag, flow.ports):
                self.advertised(half.end.ip, tag, block, at, end)
        self.addresses.bind(link.mac_from, half.end.ip, link, method, flow.connection.network)
        return False

    def advertised(self, ip: str, tag: i64, block: bytes, at: i64, end: i64) -> None:
        """Report which addresses routers share, as one of them says."""
        for shared, virtual in shared_addresses(block, at, end, tag):
            self.addresses.shared(ip, self.link.mac_from, self.link, shared, virtual)

    def _repeats(
        self, flow: Flow, half: Half, tag: i64, flags: i64, block: bytes, header: i64, at: i64, end: i64
    ) -> bool:
        """Return whether a packet from another MAC at the same place says only what was said before."""
        protocol: i64 = tag & 0xFF
        if protocol == UDP:
            return self.copies.is_of_datagram(half, block, at, end)
        if protocol != TCP:
            return False
        sequence: i64 = i64(read_i32_be(block, header + 4)) & SPACE
        return self.copies.is_known(flow, half, flags, sequence, end - at)

    def _compare_cards(self, flow: Flow, half: Half) -> None:
        """Report whoever sends from one MAC and is answered at another: once both directions are seen at one place."""
        other = flow.peer if half.side == 0 else flow.opener
        if other.tag != half.tag or (other.mac == half.mac_to and other.mac_to == half.mac):
            return
        network = flow.connection.network
        self.addresses.answered(other.end.ip, other.mac, half.mac_to, self.link, network)
        self.addresses.answered(half.end.ip, half.mac, other.mac_to, self.link, network)

    def _is_copy(
        self, flow: Flow, half: Half, tag: i64, flags: i64, block: bytes, header: i64, at: i64, end: i64
    ) -> bool:
        """Return whether a packet from another place is one that was seen before; bytes that differ are reported."""
        protocol: i64 = tag & 0xFF
        if protocol == UDP:
            return self.copies.is_of_datagram(half, block, at, end)
        if protocol != TCP:
            return True
        sequence: i64 = i64(read_i32_be(block, header + 4)) & SPACE
        if not self.copies.is_known(flow, half, flags, sequence, end - at):
            return False
        if end > at:
            self.repeats.compare(flow, half, sequence, block, -1, at, end)
        return True
