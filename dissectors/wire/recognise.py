"""Which protocol a flow speaks: the port proposes, the bytes decide. Compiled with mypyc.

The first bytes of both directions are kept (bounded) until a dissector says yes or all say no. A flow on the port of a
dissected protocol is asked again at every segment, so that a midstream start or a broken first message costs only itself.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable
from dissectors.base.dissector import Dissector
from dissectors.base.message import MAYBE, NO, YES
from dissectors.base.recorder import Recorder
from dissectors.base.request import EXCERPT_BYTES
from dissectors.base.session import VIOLATIONS_REPORTED
from dissectors.facts import Violation, Visibility
from dissectors.wire.flow import (
    MAX_EARLY_BYTES,
    MAX_EARLY_SEGMENTS,
    MAX_PENDING_BYTES,
    OPENING,
    REFUSED,
    Early,
    Flow,
    Half,
)
from dissectors.wire.service import by_bytes, by_port, is_service

MAX_STREAM_BYTES: Final = 33_554_432
"""Bytes of unfinished messages, and as many out of order, kept over all streams; what comes then is a gap."""


@final
class Identifier:
    """Decides the protocol and the client of flows, and opens their channels."""

    def __init__(self, dissectors: list[Dissector], recorder: Recorder, channel_table: ChannelTable) -> None:
        self.dissectors = dissectors
        self.recorder = recorder
        self.channel_table = channel_table
        self.kept: i64 = 0
        self.limit: i64 = MAX_STREAM_BYTES
        self.shed: i64 = 0

    def payload(self, flow: Flow, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Take payload of a flow that has no session yet."""
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
                    self._decide_client(flow, dissector, side, data, start, end)
                    self._open(flow, dissector, side, data, start, end)
                    return
            if answer == YES:
                self._decide_client(flow, dissector, side, whole, first, last)
                self._open(flow, dissector, side, data, start, end)
                return
            if answer == MAYBE:
                maybe = True
        if maybe and len(flow.early) < MAX_EARLY_SEGMENTS and flow.early_bytes + end - start <= MAX_EARLY_BYTES:
            flow.early.append(Early(side, data[start:end], self.recorder.frame))
            flow.early_bytes += end - start
            return
        self._refuse(flow, side, data, start, end)

    def _propose(self, flow: Flow) -> None:
        connection = flow.connection
        for dissector in self.dissectors:
            for port in (connection.port1, connection.port0):
                if f"{connection.transport}/{int(port)}" in dissector.ports:
                    flow.proposed = dissector.name
                    return
        flow.proposed = "-"

    def _open(self, flow: Flow, dissector: Dissector, side: i64, data: bytes, start: i64, end: i64) -> None:
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
            self.feed(flow, early.side, early.data, 0, i64(len(early.data)))
        self.recorder.frame = frame
        self.feed(flow, side, data, start, end)
        if flow.connection.midstream:
            self._report_midstream(flow)

    def _report_midstream(self, flow: Flow) -> None:
        recorder = self.recorder
        session = flow.session
        channel = session.channel if session is not None else None
        recorder.facts.append(
            Visibility(
                recorder.now,
                recorder.source,
                recorder.frame,
                recorder.number(),
                channel.identity if channel is not None else "",
                "midstream",
                "the connection was already open when the capture began",
                0,
                flow.connection.flow(),
            )
        )

    def feed(self, flow: Flow, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Give payload in order to the session, joined with what the direction still holds."""
        session = flow.session
        if session is None:
            return
        half = flow.half0 if side == 0 else flow.half1
        if len(half.pending) == 0:
            used: i64 = session.feed(side, data, start, end)
            if used < end:
                self._keep(flow, side, half, data[used : min(end, used + MAX_PENDING_BYTES)])
            return
        joined = half.pending + data[start:end]
        size: i64 = i64(len(joined))
        used = session.feed(side, joined, 0, size)
        self._keep(flow, side, half, joined[used : min(size, used + MAX_PENDING_BYTES)])

    def _keep(self, flow: Flow, side: i64, half: Half, rest: bytes) -> None:
        """Keep the beginning of a message until the rest comes, within the budget of all streams."""
        self.kept += i64(len(rest)) - i64(len(half.pending))
        half.pending = rest
        if self.kept > self.limit:
            self.drop_pending(half)
            self.shed += 1
            flow.connection.with_gaps = True
            session = flow.session
            if session is not None:
                session.gap(side)

    def drop_pending(self, half: Half) -> None:
        """Forget the beginning of a message."""
        self.kept -= i64(len(half.pending))
        half.pending = b""

    def _decide_client(self, flow: Flow, dissector: Dissector, side: i64, data: bytes, start: i64, end: i64) -> None:
        connection = flow.connection
        if connection.decided_by == "handshake":
            return
        says: i64 = dissector.from_client(data, start, end)
        if says >= 0:
            connection.client_side = side if says == 1 else 1 - side
            connection.decided_by = "messages"
            return
        first = f"{connection.transport}/{int(connection.port0)}" in dissector.ports
        second = f"{connection.transport}/{int(connection.port1)}" in dissector.ports
        if first != second:
            connection.client_side = 1 if first else 0
            connection.decided_by = "port"

    def decide_by_port(self, flow: Flow) -> None:
        """Report client from server by the ports, where nothing better did."""
        connection = flow.connection
        if connection.decided_by != "first_packet":
            return
        first = is_service(connection.transport, connection.port0)
        second = is_service(connection.transport, connection.port1)
        if first != second:
            connection.client_side = 1 if first else 0
            connection.decided_by = "port"

    def _refuse(self, flow: Flow, side: i64, data: bytes, start: i64, end: i64) -> None:
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
            self.decide_by_port(flow)
            recognised = "bytes" if name else "port"
            if not name and flow.proposed == "-":
                name = by_port(flow.connection.transport, flow.connection.server_port())
            self.open_undissected(flow, "established" if flow.state != OPENING else "attempted", name, recognised)
        if flow.proposed != "-" and (flow.tried <= VIOLATIONS_REPORTED or flow.tried & (flow.tried - 1) == 0):
            self._not_proposed(flow, side, data, start, end, name)
        if flow.proposed == "-" or name == "tls":
            flow.identified = True
            flow.connection.encrypted = name == "tls"
        flow.early = []
        flow.early_bytes = 0

    def open_undissected(self, flow: Flow, state: str, protocol: str, recognised_by: str) -> None:
        """Open the channel of a flow without a session."""
        channel = self.channel_table.open(flow.connection, protocol, "", state, recognised_by)
        if flow.channel is None:
            if state == "refused":
                channel.refused += 1
            elif state == "unanswered":
                channel.unanswered += 1
            else:
                channel.connections += 1
        flow.channel = channel

    def name_unknown(self, flow: Flow) -> None:
        """Open the channel of a flow that ended or waits without any payload."""
        if flow.session is not None or flow.channel is not None:
            return
        self.decide_by_port(flow)
        connection = flow.connection
        if flow.state == REFUSED:
            state = "refused"
        elif flow.state == OPENING or (flow.syn and not (connection.seen0 and connection.seen1)):
            state = "unanswered" if connection.transport == "tcp" else "attempted"
        else:
            state = "established"
        name = by_port(connection.transport, connection.server_port())
        self.open_undissected(flow, state, name, "port")

    def _not_proposed(self, flow: Flow, side: i64, data: bytes, start: i64, end: i64, name: str) -> None:
        recorder = self.recorder
        channel = flow.channel
        connection = flow.connection
        looks = f"the bytes look like {name}" if name else "the bytes fit no known protocol"
        if name == "tls":
            recorder.facts.append(
                Visibility(
                    recorder.now,
                    recorder.source,
                    recorder.frame,
                    recorder.number(),
                    channel.identity if channel is not None else "",
                    "encrypted",
                    f"TLS on the port of {flow.proposed}",
                    0,
                    connection.flow(),
                )
            )
            return
        recorder.facts.append(
            Violation(
                recorder.now,
                recorder.source,
                recorder.frame,
                recorder.number(),
                channel.identity if channel is not None else "",
                flow.proposed,
                "not_" + flow.proposed,
                0,
                "",
                f"{looks} on the port of {flow.proposed}",
                side == connection.client_side,
                connection.visibility(),
                connection.flow(),
                connection.client_port(),
                data[start : min(end, start + EXCERPT_BYTES)],
                recorder.place(data, start),
                end - start,
            )
        )
