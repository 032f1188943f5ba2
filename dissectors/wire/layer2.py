"""Frames without IP: conversations between two MAC addresses, named by ethertype. Compiled with mypyc."""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.connection import Connection
from dissectors.wire.address import mac_text
from dissectors.wire.flow import OPEN, Flow
from dissectors.wire.flows import Flows
from dissectors.wire.link import Link
from dissectors.wire.naming import Naming
from dissectors.wire.numbers import MIN_ETHERTYPE
from dissectors.wire.service import by_ethertype

LINK_ONLY: Final = 1 << 40
"""In the tag of a flow: its ends are MAC addresses."""


@final
class Layer2:
    """Takes frames of other ethertypes than IP and ARP."""

    def __init__(self, link: Link, flows: Flows, naming: Naming) -> None:
        self.link = link
        self.flows = flows
        self.naming = naming

    def frame(self, ethertype: i64, block: bytes, start: i64, end: i64) -> bool:
        """Take a frame; return False when its link has no addresses."""
        link = self.link
        if link.mac_from < 0:
            return False
        tag: i64 = LINK_ONLY | (link.vlan << 9) | (link.inner_vlan << 21)
        kind: i64 = ethertype if ethertype >= MIN_ETHERTYPE else 0
        straight = link.mac_from <= link.mac_to
        x: i64 = link.mac_from if straight else link.mac_to
        y: i64 = link.mac_to if straight else link.mac_from
        flow = self.flows.find(0, x, 0, y, kind, tag)
        if flow is None:
            connection = Connection("ethernet", link.vlan, link.inner_vlan)
            connection.peer.mac = mac_text(link.mac_to)
            flow = Flow(0, x, 0, y, kind, tag, connection)
            flow.x_opened = straight
            flow.state = OPEN
            flow.identified = True
            self.flows.add(flow)
            self.naming.open(flow, "attempted", by_ethertype(ethertype), "bytes")
        self.flows.count(flow, flow.opener if straight == flow.x_opened else flow.peer, end - start)
        return True
