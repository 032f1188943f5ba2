"""Frames without IP: conversations between two MAC addresses, and what publishers send to groups. Compiled with mypyc.

An ethertype, an LLC service access point (IEEE 802.2) or a SNAP number that a protocol declares leads to its dissector, without a
question to the bytes; any other frame is only counted, under the name of its ethertype, one without a name also as unread. A channel's client is whoever sent
the first frame; a publisher is the client of the group it sends to. Limit: one frame is one message, what follows it is
padding.
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i16_be
from mypy_extensions import i64

from dissectors.base.connection import Connection
from dissectors.wire.address import is_group_mac, mac_text
from dissectors.wire.doors import llc_key, snap_key
from dissectors.wire.flow import OPEN, Flow
from dissectors.wire.flows import Flows
from dissectors.wire.link import INNER_SHIFT, PLACE_SHIFT, Link
from dissectors.wire.naming import Naming
from dissectors.wire.numbers import LLC_UNNUMBERED, MIN_ETHERTYPE, SNAP
from dissectors.wire.recognise import Recogniser
from dissectors.wire.service import by_ethertype, has_name
from dissectors.wire.unread import Unread, ethertype_text

LINK_ONLY: Final = 1 << 60
"""In the tag of a flow: its ends are MAC addresses."""


@final
class Layer2:
    """Takes frames of other ethertypes than IP and ARP. ``truncated`` counts messages that the capture cut off."""

    def __init__(self, link: Link, flows: Flows, naming: Naming, recogniser: Recogniser, unread: Unread) -> None:
        self.link = link
        self.flows = flows
        self.naming = naming
        self.recogniser = recogniser
        self.unread = unread
        self.truncated: i64 = 0

    def frame(self, ethertype: i64, block: bytes, start: i64, end: i64) -> bool:
        """Take a frame; return False when its link has no addresses."""
        link = self.link
        if link.mac_from < 0:
            return False
        kind: i64 = ethertype
        at: i64 = start
        stop: i64 = end
        if ethertype < MIN_ETHERTYPE:
            stop = min(end, start + ethertype)
            kind = key_of_llc(block, start, stop)
            at = behind_llc(block, start, stop)
            if self.recogniser.doors.frame(kind) is None:
                kind = 0
        place: i64 = (link.vlan << PLACE_SHIFT) | (link.inner_vlan << INNER_SHIFT) | link.interface
        tag: i64 = LINK_ONLY | place
        straight = link.mac_from <= link.mac_to
        x: i64 = link.mac_from if straight else link.mac_to
        y: i64 = link.mac_to if straight else link.mac_from
        flow = self.flows.find(place, x, link.tunnel, y, kind, tag)
        if flow is None:
            flow = self._begin(ethertype, kind, x, y, tag, straight, block, at, stop)
        if flow.unread:
            self.unread.count(flow.unread)
        half = flow.opener if straight == flow.x_opened else flow.peer
        if half.tag != tag:
            self.flows.arrivals.begin_direction(half, tag)
        self.flows.count(flow, half, end - start)
        session = flow.session
        if session is not None:
            is_cut = link.cut_frame == self.flows.recorder.frame
            if not session.frame(half.side, block, at, stop, is_cut):
                self.truncated += 1
        return True

    def _begin(
        self, ethertype: i64, kind: i64, x: i64, y: i64, tag: i64, straight: bool, block: bytes, at: i64, stop: i64
    ) -> Flow:
        link = self.link
        connection = Connection("ethernet", link.vlan, link.inner_vlan)
        connection.peer.mac = mac_text(link.mac_to)
        connection.to_group = is_group_mac(link.mac_to)
        connection.tunnel = link.tunnel_text
        flow = Flow(tag & ~LINK_ONLY, x, link.tunnel, y, kind, tag, connection)
        flow.x_opened = straight
        flow.state = OPEN
        flow.identified = True
        self.flows.add(flow)
        dissector = self.recogniser.doors.frame(kind)
        if dissector is not None:
            self.recogniser.open_frames(flow, dissector, flow.opener, block, at, stop)
        else:
            self.naming.open(flow, "attempted", by_ethertype(ethertype), "bytes")
            if not has_name(ethertype):
                flow.unread = ethertype_text(ethertype)
        return flow


def key_of_llc(block: bytes, start: i64, end: i64) -> i64:
    """Return the key of an LLC frame: of its SNAP number where it has one, else of its destination, 0 when it is too short."""
    if end - start < 3:
        return 0
    access_point: i64 = i64(block[start])
    if access_point != SNAP:
        return llc_key(access_point)
    if end - start < 8:
        return 0
    organisation: i64 = (i64(read_i16_be(block, start + 3)) & 0xFFFF) << 8 | i64(block[start + 5])
    return snap_key(organisation, i64(read_i16_be(block, start + 6)) & 0xFFFF)


def behind_llc(block: bytes, start: i64, end: i64) -> i64:
    """Return where the message of an LLC frame begins: behind one or two bytes of control, or the SNAP header."""
    if end - start < 3:
        return end
    size: i64 = 3 if (block[start + 2] & LLC_UNNUMBERED) == LLC_UNNUMBERED else 4
    if block[start] == SNAP:
        size = 8
    return min(end, start + size)
