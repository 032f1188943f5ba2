"""Which flow does a packet belong to that finds none at its place? ``places`` says by which evidence. Compiled with mypyc."""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i32_be
from mypy_extensions import i64

from dissectors.wire.copies import Copies, is_routed
from dissectors.wire.flow import Elsewhere, Flow
from dissectors.wire.flow_table import FlowTable
from dissectors.wire.half import Half
from dissectors.wire.handshake import ACK, SYN
from dissectors.wire.link import Link
from dissectors.wire.numbers import TCP, UDP
from dissectors.wire.places import Places, are_these
from dissectors.wire.seen import SPACE

MAX_ELSEWHERE: Final = 8
"""Other places of one flow."""
NEAR: Final = 65_536
"""How far the numbers of a copy may be from those of its connection."""


@final
class Joining:
    """Finds the flows of packets from other places. ``joined`` counts the flows that are seen at one more place."""

    def __init__(self, link: Link, places: Places, copies: Copies) -> None:
        self.link = link
        self.places = places
        self.copies = copies
        self.joined: i64 = 0

    def find(
        self,
        table: FlowTable,
        key: i64,
        x_high: i64,
        x_low: i64,
        y_high: i64,
        y_low: i64,
        ports: i64,
        tag: i64,
        straight: bool,
        flags: i64,
        block: bytes,
        header: i64,
        at: i64,
        end: i64,
    ) -> Flow | None:
        """Return the flow at another place that a packet belongs to, None when it is the first of a flow of its own."""
        first = table.between(table.flows.get(key), x_high, x_low, y_high, y_low, ports, tag)
        flow = first
        while flow is not None:
            elsewhere = flow.elsewhere
            if elsewhere is not None and tag in elsewhere.tags:
                half = flow.opener if straight == flow.x_opened else flow.peer
                if not self.is_strange(flow, half, tag, block, at, end):
                    return flow
                elsewhere.remove(tag)
            flow = table.between(flow.chained, x_high, x_low, y_high, y_low, ports, tag)
        flow = first
        while flow is not None:
            half = flow.opener if straight == flow.x_opened else flow.peer
            if self._belongs(flow, half, tag, flags, block, header, at, end):
                self._join(flow, tag)
                return flow
            flow = table.between(flow.chained, x_high, x_low, y_high, y_low, ports, tag)
        return None

    def is_strange(self, flow: Flow, half: Half, tag: i64, block: bytes, at: i64, end: i64) -> bool:
        """Return whether a datagram shows that its place was joined by mistake: both places send the same way, other bytes.

        A direction that nobody had seen was the only evidence; a single copy is better.
        """
        if (tag & 0xFF) == TCP or half.tag < 0 or half.tag == tag or flow.copies != 0 or self._are_known(flow, half):
            return False
        if self.places.name(tag):
            return False
        return (tag & 0xFF) != UDP or not self.copies.is_of_datagram(half, block, at, end)

    def _are_known(self, flow: Flow, half: Half) -> bool:
        """Return whether the frame goes between the two cards that the flow is known to go between."""
        link = self.link
        if link.mac_from < 0 or link.mac_to < 0:
            return False
        other = flow.other(half)
        if half.tag >= 0 and are_these(True, link.mac_from, link.mac_to, half.mac, half.mac_to):
            return True
        return other.tag >= 0 and are_these(False, link.mac_from, link.mac_to, other.mac, other.mac_to)

    def _belongs(
        self, flow: Flow, half: Half, tag: i64, flags: i64, block: bytes, header: i64, at: i64, end: i64
    ) -> bool:
        name = self.places.name(tag)
        known = self.places.name(flow.tag)
        if name or known:
            return name == known
        if self._are_known(flow, half):
            return True
        protocol: i64 = tag & 0xFF
        other = flow.other(half)
        if half.tag < 0:
            if protocol != TCP:
                return not flow.connection.to_group
            number: i64 = i64(read_i32_be(block, header + 8)) & SPACE
            return (flags & ACK) != 0 and other.started and number == other.next
        if self.link.mac_to >= 0 and not is_routed(half, block, self.link.header):
            return False
        if protocol == TCP:
            return agree(half, other, flags, block, header)
        return protocol == UDP and self.copies.is_of_datagram(half, block, at, end)

    def _join(self, flow: Flow, tag: i64) -> None:
        elsewhere = flow.elsewhere
        if elsewhere is None:
            elsewhere = Elsewhere()
            flow.elsewhere = elsewhere
        if len(elsewhere.tags) >= MAX_ELSEWHERE:
            elsewhere.remove(elsewhere.tags[0])
        elsewhere.add(tag, self.places.text(tag, flow.tag))
        self.places.join(flow.pair, tag, flow.connection.network, flow.tag)
        self.joined += 1


def agree(half: Half, other: Half, flags: i64, block: bytes, header: i64) -> bool:
    """Return whether the numbers of a segment are those of a connection, at about this time."""
    if not half.started:
        return False
    sequence: i64 = i64(read_i32_be(block, header + 4)) & SPACE
    if (flags & SYN) != 0:
        return half.first == ((sequence + 1) & SPACE)
    ahead: i64 = half.ahead(sequence)
    if ahead < -NEAR or ahead > NEAR:
        return False
    if (flags & ACK) == 0 or not other.started:
        return True
    ahead = other.ahead(i64(read_i32_be(block, header + 8)) & SPACE)
    return -NEAR <= ahead <= NEAR
