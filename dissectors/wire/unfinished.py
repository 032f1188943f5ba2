"""Fragments that lead to no datagram: counted as not read, and told of the conversation that they belong to. Compiled with mypyc.

A datagram that never comes whole is counted by its frames when it is given up: after its time, for want of room, or at the end of
the capture. A fragment of which the capture holds only the beginning is counted at once, and its siblings with their datagram. The
conversation is known when the first fragment came, because the ports stand there (RFC 791, RFC 8200 4.5); its visibility is "gaps",
unless TCP has those bytes by now from a retransmission, or has given them up itself; the bytes missing are at least those that the
fragments seen reach to. Limit: a conversation that begins with
unfinished fragments is not known, and only counted.
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i32_be
from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.wire.address import short
from dissectors.wire.assembly import Datagram
from dissectors.wire.flow import Flow
from dissectors.wire.flow_table import SIX, TUNNEL_SHIFT
from dissectors.wire.flows import UDP_HEADER, Flows
from dissectors.wire.fragments import Fragments
from dissectors.wire.link import INNER_SHIFT, PLACE_SHIFT, Link
from dissectors.wire.numbers import TCP, UDP
from dissectors.wire.seen import SPACE, signed

TCP_HEADER: Final = 20


@final
class Unfinished:
    """Counts the fragments of datagrams that did not come whole."""

    def __init__(self, recorder: Recorder, link: Link, flows: Flows, fragments: Fragments) -> None:
        self.recorder = recorder
        self.link = link
        self.flows = flows
        self.fragments = fragments
        self.cut: i64 = 0
        """Fragments that the capture cut."""

    def begin(
        self,
        datagram: Datagram,
        protocol: i64,
        x_high: i64,
        x_low: i64,
        y_high: i64,
        y_low: i64,
        six: bool,
        block: bytes,
        start: i64,
        end: i64,
    ) -> None:
        """Remember the conversation of a datagram from x to y whose first fragment holds ``block[start:end]``."""
        if (protocol != TCP and protocol != UDP) or end - start < 8:
            return
        link = self.link
        tag: i64 = protocol | (link.vlan << PLACE_SHIFT) | (link.inner_vlan << INNER_SHIFT) | link.interface
        if six:
            tag |= SIX
        tunnel: i64 = link.tunnel << TUNNEL_SHIFT
        from_port: i64 = short(block, start) | tunnel
        to_port: i64 = short(block, start + 2) | tunnel
        straight = x_low < y_low or (
            x_low == y_low and (x_high < y_high or (x_high == y_high and from_port <= to_port))
        )
        flow: Flow | None
        if straight:
            flow = self.flows.find(x_high, x_low, y_high, y_low, (from_port << 16) | to_port, tag)
        else:
            flow = self.flows.find(y_high, y_low, x_high, x_low, (to_port << 16) | from_port, tag)
        if flow is None:
            return
        datagram.flow = flow
        datagram.side = 0 if straight == flow.x_opened else 1
        if protocol == TCP:
            datagram.sequence = i64(read_i32_be(block, start + 4)) & SPACE

    def take_cut(
        self,
        protocol: i64,
        x_high: i64,
        x_low: i64,
        y_high: i64,
        y_low: i64,
        six: bool,
        is_first: bool,
        block: bytes,
        start: i64,
        end: i64,
        missing: i64,
    ) -> None:
        """Take a fragment that the capture cut by ``missing`` bytes."""
        self.cut += 1
        if is_first:
            datagram = Datagram(self.recorder.now)
            self.begin(datagram, protocol, x_high, x_low, y_high, y_low, six, block, start, end)
            datagram.reach = end - start + missing
            self._tell(datagram)

    def run(self, now: i64) -> None:
        """Give up the datagrams that have waited too long."""
        self.fragments.expire(now)
        self.tell_given_up()

    def finish(self) -> None:
        """Give up all datagrams: the capture ends here."""
        self.fragments.give_up_all()
        self.tell_given_up()

    def tell_given_up(self) -> None:
        """Tell of the conversations whose datagrams were given up."""
        given_up = self.fragments.given_up
        if given_up:
            self.fragments.given_up = []
            for datagram in given_up:
                self._tell(datagram)

    def _tell(self, datagram: Datagram) -> None:
        flow = datagram.flow
        if flow is None or flow.ended:
            return
        half = flow.half(datagram.side)
        if datagram.sequence >= 0 and half.started and signed(half.next - datagram.sequence) > 0:
            return
        flow.gaps += 1
        flow.connection.with_gaps = True
        if not flow.reported_gap:
            flow.reported_gap = True
            self.recorder.visibility(
                flow.connection,
                channel=flow.channel_id(),
                state="gaps",
                reason="fragments of a datagram are missing from the capture",
                missing_bytes=max(1, datagram.reach - (TCP_HEADER if datagram.sequence >= 0 else UDP_HEADER)),
            )
