"""Which protocol a flow speaks: the port proposes, the bytes decide. Compiled with mypyc.

The first bytes of both directions are kept (bounded) until a dissector says yes or all say no. A flow on the port of a
dissected protocol is asked again at every segment, so that a midstream start or a broken first message costs only itself.
"""

from __future__ import annotations

from typing import final

from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable
from dissectors.base.dissector import Dissector
from dissectors.base.message import MAYBE, NO, YES
from dissectors.base.recorder import Recorder
from dissectors.base.reporting import is_counted_only
from dissectors.wire.flow import MAX_EARLY_BYTES, MAX_EARLY_SEGMENTS, OPENING, Early, Flow
from dissectors.wire.half import Half
from dissectors.wire.naming import Naming
from dissectors.wire.service import by_bytes, by_port
from dissectors.wire.streams import Streams


@final
class Recogniser:
    """Decides the protocol and the client of flows, and opens their sessions."""

    def __init__(
        self,
        dissectors: list[Dissector],
        recorder: Recorder,
        channel_table: ChannelTable,
        naming: Naming,
        streams: Streams,
    ) -> None:
        self.dissectors = dissectors
        self.recorder = recorder
        self.channel_table = channel_table
        self.naming = naming
        self.streams = streams

    def payload(self, flow: Flow, half: Half, data: bytes, start: i64, end: i64) -> None:
        """Take payload of a flow that has no session yet."""
        side: i64 = half.side
        flow.tried += 1
        if not flow.proposed:
            self._propose(flow)
        whole = data
        first: i64 = start
        last: i64 = end
        if flow.early:
            before = b"".join([early.data for early in flow.early if early.side == side])
            if before:
                whole = before + data[start:end]
                first = 0
                last = i64(len(whole))
        maybe = False
        for dissector in self.dissectors:
            proposed = flow.proposed == dissector.name
            answer: i64 = dissector.recognise(whole, first, last, proposed)
            if answer == NO and whole is not data:
                answer = dissector.recognise(data, start, end, proposed)
                if answer == YES:
                    if flow.connection.midstream:
                        flow.evict_early(side)
                    self._decide_client(flow, dissector, half, data, start, end)
                    self._open(flow, dissector, half, data, start, end)
                    return
            if answer == YES:
                self._decide_client(flow, dissector, half, whole, first, last)
                self._open(flow, dissector, half, data, start, end)
                return
            if answer == MAYBE:
                maybe = True
        if maybe and len(flow.early) < MAX_EARLY_SEGMENTS and flow.early_bytes + end - start <= MAX_EARLY_BYTES:
            flow.early.append(Early(side, data[start:end], self.recorder.frame))
            flow.early_bytes += end - start
            return
        self._refuse(flow, half, data, start, end)

    def _propose(self, flow: Flow) -> None:
        connection = flow.connection
        for dissector in self.dissectors:
            for port in (connection.peer.port, connection.opener.port):
                if f"{connection.transport}/{int(port)}" in dissector.ports:
                    flow.proposed = dissector.name
                    return
        flow.proposed = "-"

    def _open(self, flow: Flow, dissector: Dissector, half: Half, data: bytes, start: i64, end: i64) -> None:
        """Start a session and give it everything seen so far."""
        session = dissector.session(flow.connection, self.recorder, self.channel_table)
        flow.session = session
        flow.identified = True
        early_list = flow.early
        flow.early = []
        flow.early_bytes = 0
        frame: i64 = self.recorder.frame
        for early in early_list:
            self.recorder.frame = early.frame
            self.streams.feed(flow, flow.half(early.side), early.data, 0, i64(len(early.data)))
        self.recorder.frame = frame
        self.streams.feed(flow, half, data, start, end)
        if flow.connection.midstream:
            self.recorder.visibility(
                flow.connection,
                channel=flow.channel_id(),
                state="midstream",
                reason="the connection was already open when the capture began",
            )

    def _decide_client(self, flow: Flow, dissector: Dissector, half: Half, data: bytes, start: i64, end: i64) -> None:
        connection = flow.connection
        if connection.decided_by == "handshake":
            return
        says: i64 = dissector.from_client(data, start, end)
        if says >= 0:
            connection.client_side = half.side if says == 1 else 1 - half.side
            connection.decided_by = "messages"
            return
        first = f"{connection.transport}/{int(connection.opener.port)}" in dissector.ports
        second = f"{connection.transport}/{int(connection.peer.port)}" in dissector.ports
        if first != second:
            connection.client_side = 1 if first else 0
            connection.decided_by = "port"

    def _refuse(self, flow: Flow, half: Half, data: bytes, start: i64, end: i64) -> None:
        """No dissector wants these bytes: name the flow as an IT conversation, or state the violation."""
        joined = data
        begin: i64 = start
        if flow.early:
            joined = flow.early[0].data
            begin = 0
        name = ""
        if flow.connection.transport == "tcp":
            name = by_bytes(joined, begin, end if joined is data else i64(len(joined)))
        if not flow.identified:
            self.naming.decide_by_port(flow)
            recognised = "bytes" if name else "port"
            if not name and flow.proposed == "-":
                name = by_port(flow.connection.transport, flow.connection.server().port)
            self.naming.open(flow, "established" if flow.state != OPENING else "attempted", name, recognised)
        if flow.proposed != "-" and not is_counted_only(flow.tried):
            self._not_proposed(flow, half, data, start, end, name)
        if flow.proposed == "-" or name == "tls":
            flow.identified = True
            flow.connection.encrypted = name == "tls"
        flow.early = []
        flow.early_bytes = 0

    def _not_proposed(self, flow: Flow, half: Half, data: bytes, start: i64, end: i64, name: str) -> None:
        channel = flow.channel
        identity = channel.identity if channel is not None else ""
        if name == "tls":
            reason = f"TLS on the port of {flow.proposed}"
            self.recorder.visibility(flow.connection, channel=identity, state="encrypted", reason=reason)
            return
        looks = f"the bytes look like {name}" if name else "the bytes fit no known protocol"
        self.recorder.violation(
            flow.connection,
            channel=identity,
            protocol=flow.proposed,
            name="not_" + flow.proposed,
            text=f"{looks} on the port of {flow.proposed}",
            side=half.side,
            data=data,
            start=start,
            end=end,
        )
