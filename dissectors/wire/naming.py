"""The channels of flows that nobody dissects: named by bytes or port, opened with what is known of their state. Compiled with mypyc."""

from __future__ import annotations

from typing import final

from dissectors.base.channel_table import ChannelTable
from dissectors.wire.flow import OPENING, REFUSED, Flow
from dissectors.wire.service import by_port, is_service


@final
class Naming:
    """Opens channels of flows without a session."""

    def __init__(self, channel_table: ChannelTable) -> None:
        self.channel_table = channel_table

    def open(self, flow: Flow, state: str, protocol: str, recognised_by: str) -> None:
        """Open the channel of a flow without a session, or tell it its new state."""
        channel = self.channel_table.open(flow.connection, protocol, "", state, recognised_by)
        if flow.channel is None:
            if state == "refused":
                channel.refused += 1
            elif state == "unanswered":
                channel.unanswered += 1
            else:
                channel.connections += 1
        flow.channel = channel

    def open_silent(self, flow: Flow) -> None:
        """Open the channel of a flow that ended or waits without any payload, if it has none."""
        if flow.session is not None or flow.channel is not None:
            return
        self.decide_by_port(flow)
        connection = flow.connection
        if flow.state == REFUSED:
            state = "refused"
        elif flow.state == OPENING or (flow.syn and not (connection.opener.seen and connection.peer.seen)):
            state = "unanswered" if connection.transport == "tcp" else "attempted"
        else:
            state = "established"
        self.open(flow, state, by_port(connection.transport, connection.server().port), "port")

    def decide_by_port(self, flow: Flow) -> None:
        """Tell client from server by the ports, where nothing better did."""
        connection = flow.connection
        if connection.decided_by != "first_packet":
            return
        opener = is_service(connection.transport, connection.opener.port)
        peer = is_service(connection.transport, connection.peer.port)
        if opener != peer:
            connection.client_side = 1 if opener else 0
            connection.decided_by = "port"
