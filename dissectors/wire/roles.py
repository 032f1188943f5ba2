"""Who is the client of a flow, by the order of evidence of ``base.connection``. Compiled with mypyc.

Mostly the first message tells. Where it contradicts the handshake in a protocol that weighs roles, one message is not enough: a SYN
is forged as easily as a message that never arrives. Then the flow waits, within the bounds of ``Recogniser``, until its other end has
spoken. Evidence of both ends that agrees decides; evidence of one end decides together with the port; where the two ends
contradict each other the port decides, then the handshake. A message that fits both directions is a request when the same bytes
come back. Limits: of each end the first whole message is weighed; a message that waited has the time at which it was read.
"""

from __future__ import annotations

from typing import final

from mypy_extensions import i64

from dissectors.base.dissector import Dissector
from dissectors.wire.doors import Doors
from dissectors.wire.flow import Flow
from dissectors.wire.half import Half

UNKNOWN: i64 = -1
WAIT: i64 = -2


@final
class Roles:
    """Decides who is the client."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors

    def decide(self, flow: Flow, dissector: Dissector, half: Half, data: bytes, start: i64, end: i64) -> bool:
        """Tell client from server by the first message; return False when it is to be weighed. Whoever sends to a group is its client."""
        connection = flow.connection
        if connection.to_group:
            connection.client_side = 0
            connection.peer.seen = True
            return True
        says: i64 = dissector.from_client(data, start, end)
        if dissector.weighs_roles and connection.transport == "tcp" and self._is_doubtful(flow, dissector, half, says):
            return False
        if connection.decided_by == "handshake" and not (dissector.proves_roles or dissector.weighs_roles):
            return True
        if says >= 0:
            client: i64 = half.side if says == 1 else 1 - half.side
            if dissector.weighs_roles:
                connection.asked = says == 1 or self._by_port(flow, dissector) == client
            else:
                connection.asked = says == 1 and dissector.proves_roles
            if connection.decided_by != "handshake" or client != connection.client_side:
                connection.client_side = client
                connection.decided_by = "messages"
            return True
        if connection.decided_by == "handshake":
            return True
        client = self._by_port(flow, dissector)
        if client >= 0:
            connection.client_side = client
            connection.decided_by = "port"
            return True
        says = dissector.claims_client(data, start, end)
        if says >= 0:
            connection.client_side = half.side if says == 1 else 1 - half.side
            connection.decided_by = "direction_bit"
        return True

    def _by_port(self, flow: Flow, dissector: Dissector) -> i64:
        """Return the side whose peer has a port of the protocol, UNKNOWN when both have or neither."""
        connection = flow.connection
        opener = self.doors.leads(connection.transport, connection.opener.port, dissector)
        peer = self.doors.leads(connection.transport, connection.peer.port, dissector)
        if opener == peer:
            return UNKNOWN
        return 1 if opener else 0

    def _is_doubtful(self, flow: Flow, dissector: Dissector, half: Half, says: i64) -> bool:
        """Return whether the first message contradicts what else is known, so that the other end is to be heard."""
        connection = flow.connection
        by_port: i64 = self._by_port(flow, dissector)
        if connection.decided_by != "handshake":
            return says < 0 and by_port == 1 - half.side
        if says < 0:
            return connection.client_side != half.side or by_port == 1 - half.side
        client: i64 = half.side if says == 1 else 1 - half.side
        return client != connection.client_side and by_port != client

    def weigh(self, flow: Flow, *, is_last: bool) -> bool:
        """Decide on the client by what both ends have said, return False to wait for more; ``is_last`` says that none comes."""
        dissector = flow.doubted
        if dissector is None:
            return True
        connection = flow.connection
        by_handshake: i64 = connection.client_side if connection.decided_by == "handshake" else UNKNOWN
        by_port: i64 = self._by_port(flow, dissector)
        client: i64 = self._by_messages(flow, dissector, by_handshake, by_port, is_last)
        if client == WAIT:
            return False
        if client == UNKNOWN:
            client = by_port if by_port >= 0 else by_handshake
            if client >= 0 and client != by_handshake:
                connection.decided_by = "port"
        elif client != by_handshake:
            connection.decided_by = "messages"
        if client >= 0:
            connection.client_side = client
            connection.asked = client == by_handshake or client == by_port
        return True

    def _by_messages(self, flow: Flow, dissector: Dissector, by_handshake: i64, by_port: i64, is_last: bool) -> i64:
        """Return the client by the first messages of both ends, UNKNOWN when they do not tell, WAIT while they may."""
        first: i64 = flow.early[0].side if flow.early else 0
        before = b""
        answer = b""
        after = b""
        for early in flow.early:
            if early.side != first:
                answer += early.data
            elif answer:
                after += early.data
            else:
                before += early.data
        says: i64 = dissector.from_client(before + after, 0, i64(len(before) + len(after)))
        replies: i64 = dissector.from_client(answer, 0, i64(len(answer))) if answer else UNKNOWN
        if says >= 0 and replies >= 0:
            return UNKNOWN if says == replies else first if says == 1 else 1 - first
        if says >= 0 or replies >= 0:
            client: i64 = first if says == 1 or replies == 0 else 1 - first
            if client == by_handshake or client == by_port or (says < 0 and replies == 0):
                return client
            if not is_last and not (answer and after):
                return WAIT
            return client if not answer and says == 1 else UNKNOWN
        if not answer:
            return UNKNOWN if is_last else WAIT
        if answer[: len(before)] != before:
            return UNKNOWN if is_last or len(answer) >= len(before) else WAIT
        if first == by_handshake or first == by_port:
            return first
        if after:
            return UNKNOWN if after[: len(before)] == before else first
        return first if is_last else WAIT
