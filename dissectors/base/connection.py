"""The ends of one conversation as the protocols above see it. Compiled with mypyc.

Side 0 sent the first packet seen, side 1 is the other. Who of them is the client is decided by the handshake,
then by the messages, then by the port.
"""

from __future__ import annotations

import hashlib
import ipaddress
from base64 import b64encode
from typing import final

from mypy_extensions import i64

from dissectors.facts import Endpoint

TRANSPORT_NUMBERS: dict[str, int] = {"icmp": 1, "tcp": 6, "udp": 17, "icmp6": 58}


@final
class Connection:
    """Addresses, ports and visibility of one flow."""

    def __init__(self, transport: str, vlan: i64, inner_vlan: i64) -> None:
        self.transport: str = transport
        self.vlan: i64 = vlan
        self.inner_vlan: i64 = inner_vlan
        self.interface: str = ""
        self.ip0: str = ""
        self.ip1: str = ""
        self.mac0: str = ""
        self.mac1: str = ""
        self.port0: i64 = 0
        self.port1: i64 = 0
        self.client_side: i64 = 0
        self.decided_by: str = "first_packet"
        self.first: i64 = 0
        self.first_frame: i64 = 0
        self.with_gaps: bool = False
        self.midstream: bool = False
        self.encrypted: bool = False
        self.seen0: bool = False
        self.seen1: bool = False
        self._flow: str = ""

    def client(self) -> Endpoint:
        """Return the client's end."""
        if self.client_side == 0:
            return Endpoint(self.ip0, self.mac0, self.port0)
        return Endpoint(self.ip1, self.mac1, self.port1)

    def server(self) -> Endpoint:
        """Return the server's end."""
        if self.client_side == 0:
            return Endpoint(self.ip1, self.mac1, self.port1)
        return Endpoint(self.ip0, self.mac0, self.port0)

    def client_port(self) -> i64:
        """Return the port that the client speaks from."""
        return self.port0 if self.client_side == 0 else self.port1

    def server_port(self) -> i64:
        """Return the port that the server is spoken to on."""
        return self.port1 if self.client_side == 0 else self.port0

    def visibility(self) -> str:
        """Return the worst of what limits the view of this connection."""
        if self.encrypted:
            return "encrypted"
        if self.with_gaps:
            return "gaps"
        if self.midstream:
            return "midstream"
        if not (self.seen0 and self.seen1):
            return "one_sided"
        return "complete"

    def flow(self) -> str:
        """Return the community id (version 1, seed 0) of this flow, "" where none is defined."""
        if not self._flow and self.ip0 and self.transport in TRANSPORT_NUMBERS:
            self._flow = community_id(
                self.ip0, self.ip1, int(self.port0), int(self.port1), TRANSPORT_NUMBERS[self.transport]
            )
        return self._flow


def community_id(ip0: str, ip1: str, port0: int, port1: int, protocol: int) -> str:
    """Return the Community ID flow hash, version 1 with seed 0, of a TCP or UDP tuple in either direction."""
    one = ipaddress.ip_address(ip0).packed + port0.to_bytes(2, "big")
    two = ipaddress.ip_address(ip1).packed + port1.to_bytes(2, "big")
    if one > two:
        one, two = two, one
    size = len(one) - 2
    tuple_bytes = b"\0\0" + one[:size] + two[:size] + bytes((protocol, 0)) + one[size:] + two[size:]
    return "1:" + b64encode(hashlib.sha1(tuple_bytes, usedforsecurity=False).digest()).decode("ascii")
