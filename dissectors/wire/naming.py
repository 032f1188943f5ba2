"""The channels of flows that nobody dissects: named by bytes or port, opened with what is known of their state. Compiled with mypyc.

Bounded by MAX_UNREAD: so many new channels that nobody dissects are opened in a window. A flood of sources that never come again makes
more; their packets are counted, and those that still speak in the next window are opened in it.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable
from dissectors.wire.doors import Doors
from dissectors.wire.flow import OPENING, REFUSED, Flow
from dissectors.wire.service import by_port, is_service

MAX_UNREAD: Final = 12_288
"""New channels per window of conversations that are not dissected, and of those nobody answers."""


@final
class Naming:
    """Opens channels of flows without a session. ``unread`` counts those that found no place in their window."""

    def __init__(self, channel_table: ChannelTable, doors: Doors) -> None:
        self.channel_table = channel_table
        self.doors = doors
        self.opened: i64 = 0
        self.limit: i64 = MAX_UNREAD
        self.unread: i64 = 0

    def close_window(self) -> None:
        """Let new channels be opened again."""
        self.opened = 0

    def open(self, flow: Flow, state: str, protocol: str, recognised_by: str) -> None:
        """Open the channel of a flow without a session, or report its new state."""
        if flow.channel is None:
            if self.pass_over(flow):
                return
            self.opened += 1
        channel = self.channel_table.open(flow.connection, protocol, "", state, recognised_by)
        if flow.channel is None:
            if state == "refused":
                channel.refused += 1
            elif state == "unanswered":
                channel.unanswered += 1
            else:
                channel.connections += 1
        flow.channel = channel

    def open_tunnel(self, flow: Flow, kind: str) -> None:
        """Open the channel of the outer ends of a tunnel. What it carries is read elsewhere."""
        self.decide_by_port(flow)
        flow.identified = True
        self.open(flow, "attempted" if flow.state == OPENING else "established", kind, "bytes")

    def pass_over(self, flow: Flow) -> bool:
        """Return whether no more channels are opened in this window, and count the flow once."""
        if self.opened < self.limit:
            return False
        if not flow.passed_over:
            flow.passed_over = True
            self.unread += 1
        return True

    def open_silent(self, flow: Flow) -> None:
        """Open the channel of a flow that ended or waits without any payload or whole message, if it has none."""
        session = flow.session
        if flow.channel is not None or (session is not None and session.units.channel is not None):
            return
        if self.pass_over(flow):
            return
        if session is not None:
            session.current_channel()
            return
        self.decide_by_port(flow)
        connection = flow.connection
        if flow.state == REFUSED:
            state = "refused"
        elif flow.state == OPENING or (flow.syn and not (connection.opener.seen and connection.peer.seen)):
            state = "unanswered" if connection.transport == "tcp" else "attempted"
        else:
            state = "established"
        self.open(flow, state, self.by_port(flow), "silence" if state == "established" else "port")

    def by_port(self, flow: Flow) -> str:
        """Return the usual protocol of the server's port; "" on that of a dissected one, whose bytes alone name it."""
        transport = flow.connection.transport
        port: i64 = flow.connection.server().port
        return "" if self.doors.is_declared(transport, port) else by_port(transport, port)

    def decide_by_port(self, flow: Flow) -> None:
        """Tell client from server by the ports, where nothing better did."""
        connection = flow.connection
        if connection.decided_by != "first_packet":
            return
        opener = self._is_service(connection.transport, connection.opener.port)
        peer = self._is_service(connection.transport, connection.peer.port)
        if opener != peer:
            connection.client_side = 1 if opener else 0
            connection.decided_by = "port"

    def _is_service(self, transport: str, port: i64) -> bool:
        return is_service(transport, port) or self.doors.is_declared(transport, port)
