"""The ends of one conversation as the protocols above see it. Compiled with mypyc.

Side 0 (the opener) sent the first packet seen, side 1 is its peer. A publisher to a group is the client of the group's
address. Of two others, who is the client follows from the first of these that says anything:

1. "messages": what both ends have exchanged, questions and their matching answers. More of them for one end outweigh any number of
   messages alone, and LEAD more outweigh everything below, because a device may open the connection on which it is then asked;
2. who was answered before on the same ends;
3. "port": the one that is declared for the protocol, or well known, the more so where the handshake agrees. It outweighs a message
   alone, for anybody can forge a packet that its target never sees;
4. "messages" again: a function or a form that only a client sends, or only a server; then one that fits both directions, and the
   same bytes back;
5. "handshake": who opened the TCP connection; anybody can forge a SYN, too;
6. "direction_bit": what the sender says of itself in a header;
7. "first_packet".

What an attacker can write at will comes last, so that no victim becomes the one who asked. ``wire.roles`` decides at the beginning and
waits where these contradict each other; ``Session.contradicted`` goes on counting, and turns the roles round when it must. What agrees
with the handshake is called by its name.
"""

from __future__ import annotations

import hashlib
import ipaddress
from base64 import b64encode
from typing import Final, final

from mypy_extensions import i64

from dissectors.facts import Endpoint
from dissectors.wire.numbers import IP_PROTOCOLS

LEAD: Final = 3
"""How many more exchanges it takes against what the port, the handshake or the time before say of the client."""
ANSWERED: Final = ("refused", "established")
"""States of a channel that say that its server has answered."""


@final
class Side:
    """One end: its addresses, and whether it has spoken."""

    def __init__(self, number: i64) -> None:
        self.number: i64 = number
        self.ip: str = ""
        self.mac: str = ""
        self.port: i64 = 0
        self.seen: bool = False

    def end(self) -> Endpoint:
        """Return the addresses as facts carry them."""
        return Endpoint(ip=self.ip, mac=self.mac, port=self.port)


@final
class Connection:
    """Addresses, ports and visibility of one flow."""

    def __init__(self, transport: str, vlan: i64, inner_vlan: i64) -> None:
        self.transport: str = transport
        self.vlan: i64 = vlan
        self.inner_vlan: i64 = inner_vlan
        self.interface: str = ""
        self.network: str = ""
        """The plan of addresses that the ends are of: "" for the usual one, else its name (``wire.places``)."""
        self.tunnel: str = ""
        """The tunnel that the first packet came in, with its sender first; "" outside of one."""
        self.opener: Side = Side(0)
        self.peer: Side = Side(1)
        self.client_side: i64 = 0
        self.decided_by: str = "first_packet"
        self.opened_by: i64 = -1
        """The side that opened the TCP connection as its handshake says, -1 when none was seen. Whoever forges a SYN writes it."""
        self.first: i64 = 0
        self.first_frame: i64 = 0
        self.with_gaps: bool = False
        self.midstream: bool = False
        self.encrypted: bool = False
        self.one_sided: bool = False
        """Only one end has spoken for so long that the other one will not be seen."""
        self.asked: bool = False
        """The client is known by what it asked, which only a client does."""
        self.prior: i64 = -1
        """The client as it was known before any message, -1 when nothing told: by the time before, the port or the handshake."""
        self.known: i64 = -1
        """The side that was the client of these ends before, in a connection that this one replaced, -1 when there was none."""
        self.framing: str = ""
        """How messages are framed, where that is not the usual way of their protocol."""
        self.to_group: bool = False
        """The peer is a multicast or broadcast address: nobody answers from there."""
        self._flow: str = ""

    def side(self, number: i64) -> Side:
        """Return the opener for 0, its peer for 1."""
        return self.opener if number == 0 else self.peer

    def client(self) -> Side:
        """Return the client's side."""
        return self.opener if self.client_side == 0 else self.peer

    def server(self) -> Side:
        """Return the server's side."""
        return self.peer if self.client_side == 0 else self.opener

    def take_client(self, side: i64, by_handshake: i64, decided_by: str) -> None:
        """Take ``side`` for the client; when the handshake says the same, it is what decided."""
        self.client_side = side
        self.decided_by = "handshake" if side == by_handshake else decided_by

    def is_against_handshake(self) -> bool:
        """Return whether the server opened the connection, as its handshake says."""
        return self.opened_by == 1 - self.client_side

    def silent(self, state: str) -> str:
        """Return the end that has sent nothing yet though a channel of this state does not say so; "" for none."""
        if self.to_group or not self.opener.ip:
            return ""
        if not self.client().seen:
            return "client"
        return "server" if state in ANSWERED and not self.server().seen else ""

    def end(self, side: Side) -> Endpoint:
        """Return the addresses of a side as facts carry them; a MAC inside a tunnel is nobody's network card."""
        return Endpoint(ip=side.ip, port=side.port) if self.tunnel and side.ip else side.end()

    def visibility(self) -> str:
        """Return the worst of what limits the view of this connection."""
        if self.encrypted:
            return "encrypted"
        if self.with_gaps:
            return "gaps"
        if self.one_sided and not (self.opener.seen and self.peer.seen):
            return "one_sided"
        if self.midstream:
            return "midstream"
        if not (self.opener.seen and self.peer.seen):
            return "one_sided"
        return "complete"

    def flow(self) -> str:
        """Return the community id (version 1, seed 0) of this flow, "" where none is defined."""
        one = self.opener
        two = self.peer
        if not self._flow and one.ip and self.transport in IP_PROTOCOLS:
            self._flow = community_id(one.ip, two.ip, int(one.port), int(two.port), IP_PROTOCOLS[self.transport])
        return self._flow


def community_id(ip0: str, ip1: str, port0: int, port1: int, protocol: int) -> str:
    """Return the Community ID flow hash, version 1 with seed 0, of a TCP or UDP tuple in either direction."""
    one = _packed(ip0) + port0.to_bytes(2, "big")
    two = _packed(ip1) + port1.to_bytes(2, "big")
    if one > two:
        one, two = two, one
    size = len(one) - 2
    tuple_bytes = b"\0\0" + one[:size] + two[:size] + bytes((protocol, 0)) + one[size:] + two[size:]
    return "1:" + b64encode(hashlib.sha1(tuple_bytes, usedforsecurity=False).digest()).decode("ascii")


def _packed(ip: str) -> bytes:
    """Return the bytes of an address that ``wire.address`` wrote."""
    if ":" in ip:
        return ipaddress.IPv6Address(ip).packed
    return bytes([int(part) for part in ip.split(".")])
