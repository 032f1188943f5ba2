"""Which protocol a flow speaks: the port proposes, the bytes decide. Compiled with mypyc.

The first bytes of both directions are kept (bounded) until a dissector says yes or all say no. A flow on the port of a
dissected protocol is asked again at every segment, so that a midstream start or a broken first message costs only itself; and so
is every flow that nobody dissects, because a banner, a proxy's line or the tail of a message may come first, unless its bytes
are encrypted.

Bytes of no known protocol on the port of one are reported at once where the stream was seen from its start. Elsewhere they may be
the rest of a message, or of a stream whose messages do not begin with a segment: they are reported when they are more than the
longest message, in MIDSTREAM_TRIES refusals, and no message stands among them.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable
from dissectors.base.dissector import Dissector
from dissectors.base.message import MAYBE, NO, YES
from dissectors.base.recorder import Recorder
from dissectors.base.violations import repeats_of
from dissectors.wire.doors import Doors
from dissectors.wire.evidence import Evidence
from dissectors.wire.flow import MAX_EARLY_BYTES, MAX_EARLY_SEGMENTS, OPENING, Early, Flow
from dissectors.wire.half import Half
from dissectors.wire.naming import Naming
from dissectors.wire.roles import DISPUTED, GOES_ON, OVER, Roles
from dissectors.wire.service import ENCRYPTED, WEAK, by_bytes
from dissectors.wire.streams import Streams

MIDSTREAM_TRIES: Final = 8
"""Segments of a connection older than the capture that are asked about: the first ones may be the rest of a message."""


@final
class Recogniser:
    """Decides the protocol and the client of flows, and opens their sessions."""

    def __init__(
        self,
        doors: Doors,
        recorder: Recorder,
        channel_table: ChannelTable,
        naming: Naming,
        streams: Streams,
    ) -> None:
        self.doors = doors
        self.recorder = recorder
        self.channel_table = channel_table
        self.naming = naming
        self.streams = streams
        self.roles = Roles(doors)
        self.maybe: bool = False
        """Somebody needs more bytes to decide on the flow at hand."""

    def payload(self, flow: Flow, half: Half, data: bytes, start: i64, end: i64) -> None:
        """Take payload of a flow that has no session yet."""
        if flow.evidence is not None:
            self._weigh(flow, half, data, start, end)
            return
        flow.tried += 1
        if flow.tried == 1:
            self._propose(flow)
        whole = data
        first: i64 = start
        last: i64 = end
        if flow.early:
            before = b"".join([early.data for early in flow.early if early.side == half.side])
            if before:
                whole = before + data[start:end]
                first = 0
                last = i64(len(whole))
        self.maybe = False
        owner = flow.proposed
        if owner is not None and self._takes(flow, owner, half, whole, first, last, data, start, end):
            return
        for dissector in self.doors.candidates(whole, first, last):
            if dissector is not owner and self._takes(flow, dissector, half, whole, first, last, data, start, end):
                return
        if whole is not data:
            for dissector in self.doors.candidates(data, start, end):
                if dissector is not owner and self._takes(flow, dissector, half, whole, first, last, data, start, end):
                    return
        if self.maybe and self._has_room(flow, end - start):
            self._keep(flow, half, data, start, end)
            return
        self._refuse(flow, half, data, start, end)

    def _has_room(self, flow: Flow, size: i64) -> bool:
        return (
            len(flow.early) < MAX_EARLY_SEGMENTS
            and flow.early_bytes + size <= MAX_EARLY_BYTES
            and self.streams.kept + size <= self.streams.limit
        )

    def _keep(self, flow: Flow, half: Half, data: bytes, start: i64, end: i64) -> None:
        if not flow.early:
            flow.early = []
        flow.early.append(Early(half.side, data[start:end], self.recorder.frame))
        flow.early_bytes += end - start
        self.streams.kept += end - start

    def _propose(self, flow: Flow) -> None:
        connection = flow.connection
        flow.proposed = self.doors.owner(connection.transport, connection.peer.port)
        if flow.proposed is None:
            flow.proposed = self.doors.owner(connection.transport, connection.opener.port)

    def _takes(
        self,
        flow: Flow,
        dissector: Dissector,
        half: Half,
        whole: bytes,
        first: i64,
        last: i64,
        data: bytes,
        start: i64,
        end: i64,
    ) -> bool:
        """Ask a dissector for all bytes of the direction, then for the new ones alone; open its session when it says yes."""
        proposed = flow.proposed is dissector
        answer: i64 = dissector.recognise(whole, first, last, proposed)
        if answer == YES:
            self._decide(flow, dissector, half, whole, first, last, data, start, end)
            return True
        if answer == NO and whole is not data:
            answer = dissector.recognise(data, start, end, proposed)
            if answer == YES:
                if flow.connection.midstream:
                    self.streams.kept -= flow.evict_early(half.side)
                self._decide(flow, dissector, half, data, start, end, data, start, end)
                return True
        if answer == MAYBE:
            self.maybe = True
        return False

    def open_frames(self, flow: Flow, dissector: Dissector, half: Half, data: bytes, start: i64, end: i64) -> None:
        """Start the session of frames whose door leaves no doubt."""
        self.roles.decide(flow, dissector, half, data, start, end)
        flow.session = dissector.session(flow.connection, self.recorder, self.channel_table)
        flow.session.longest = dissector.longest
        flow.session.units.traffic = flow

    def _decide(
        self,
        flow: Flow,
        dissector: Dissector,
        half: Half,
        whole: bytes,
        first: i64,
        last: i64,
        data: bytes,
        start: i64,
        end: i64,
    ) -> None:
        """Open the session once it is known who is the client; keep what is seen until then."""
        if self.roles.decide(flow, dissector, half, whole, first, last) or not self._has_room(flow, end - start):
            self._open(flow, dissector)
            self._go_on(flow, half, data, start, end)
            return
        evidence = Evidence(dissector)
        for early in flow.early:
            evidence.take(early.side, early.data)
        evidence.take(half.side, data[start:end])
        flow.evidence = evidence
        flow.doubted_since = self.recorder.now
        self._keep(flow, half, data, start, end)

    def _weigh(self, flow: Flow, half: Half, data: bytes, start: i64, end: i64) -> None:
        """Take more payload of a flow whose client is in doubt."""
        evidence = flow.evidence
        if evidence is None or not self._has_room(flow, end - start):
            self.settle(flow)
            self.streams.feed(flow, half, data, start, end)
            return
        evidence.take(half.side, data[start:end])
        self._keep(flow, half, data, start, end)
        if self.roles.weigh(flow, GOES_ON):
            self._settled(flow)

    def settle(self, flow: Flow, *, is_over: bool = True) -> None:
        """Decide on the client of a flow in doubt by what there is: no more comes in time, or else what came is disputed."""
        if flow.evidence is not None:
            self.roles.weigh(flow, OVER if is_over else DISPUTED)
            self._settled(flow)

    def break_off(self, flow: Flow, side: i64) -> None:
        """What comes next of a direction does not join what was kept of it: decide by that now, and forget it."""
        self.settle(flow, is_over=False)
        if flow.early:
            self.streams.kept -= flow.evict_early(side)

    def _settled(self, flow: Flow) -> None:
        evidence = flow.evidence
        flow.evidence = None
        if evidence is not None:
            self._open(flow, evidence.dissector)
            self._tell_midstream(flow)

    def _open(self, flow: Flow, dissector: Dissector) -> None:
        """Start a session and give it everything that was kept."""
        session = dissector.session(flow.connection, self.recorder, self.channel_table)
        session.longest = dissector.longest
        session.units.traffic = flow
        flow.session = session
        flow.dissector = dissector
        flow.identified = True
        early_list = flow.early
        self.streams.drop_early(flow)
        frame: i64 = self.recorder.frame
        for early in early_list:
            self.recorder.frame = early.frame
            self.streams.feed(flow, flow.half(early.side), early.data, 0, i64(len(early.data)))
        self.recorder.frame = frame

    def _go_on(self, flow: Flow, half: Half, data: bytes, start: i64, end: i64) -> None:
        self.streams.feed(flow, half, data, start, end)
        self._tell_midstream(flow)

    def _tell_midstream(self, flow: Flow) -> None:
        if flow.connection.midstream:
            self.recorder.visibility(
                flow.connection,
                channel=flow.channel_id(),
                state="midstream",
                reason="the connection was already open when the capture began",
            )

    def _refuse(self, flow: Flow, half: Half, data: bytes, start: i64, end: i64) -> None:
        """No dissector wants these bytes: name the flow as an IT conversation, or state the violation."""
        flow.refused += 1
        flow.foreign += end - start + flow.early_bytes
        if flow.identified and flow.proposed is None:
            self.streams.drop_early(flow)
            return
        if flow.channel is None and self.naming.pass_over(flow):
            self.streams.drop_early(flow)
            flow.identified = flow.proposed is None
            return
        joined = data
        begin: i64 = start
        if flow.early:
            joined = flow.early[0].data
            begin = 0
        name = ""
        if flow.connection.transport == "tcp":
            name = by_bytes(joined, begin, end if joined is data else i64(len(joined)))
        owner = flow.proposed
        is_sure = owner is not None and ((name != "" and name not in WEAK) or self._is_foreign(flow, owner))
        if owner is not None and is_sure and not name and flow.tolerated == flow.refused - 1 > 0:
            at: i64 = message_among(owner, data, start, end)
            if at < end:
                self.streams.drop_early(flow)
                self._decide(flow, owner, half, data, at, end, data, at, end)
                return
        if not is_sure:
            flow.tolerated += 1
        if owner is None and not name and flow.connection.midstream and flow.tried < MIDSTREAM_TRIES:
            self.streams.drop_early(flow)
            return
        if not flow.identified:
            self.naming.decide_by_port(flow)
            recognised = "bytes" if name else "port"
            if not name and flow.proposed is None:
                name = self.naming.by_port(flow)
            self.naming.open(flow, "established" if flow.state != OPENING else "attempted", name, recognised)
        if owner is not None and is_sure:
            self._not_proposed(flow, owner.name, half, data, start, end, name)
        if owner is None or name == "tls":
            flow.identified = True
        if name in ENCRYPTED:
            flow.sealed = True
            flow.connection.encrypted = name == "tls"
        self.streams.drop_early(flow)

    def _is_foreign(self, flow: Flow, owner: Dissector) -> bool:
        """Return whether what no dissector took cannot be the rest of a message of the port's protocol."""
        if flow.connection.visibility() == "complete":
            return True
        return flow.refused >= MIDSTREAM_TRIES and flow.foreign > owner.longest

    def _not_proposed(
        self, flow: Flow, protocol: str, half: Half, data: bytes, start: i64, end: i64, name: str
    ) -> None:
        channel = flow.channel
        if channel is None:
            return
        identity = channel.identity
        if name == "tls":
            reason = f"TLS on the port of {protocol}"
            self.recorder.visibility(flow.connection, channel=identity, state="encrypted", reason=reason)
            return
        looks = f"the bytes look like {name}" if name else "the bytes fit no known protocol"
        name = "not_" + protocol
        seen: i64 = channel.violated(name)
        self.recorder.violation(
            flow.connection,
            channel=identity,
            protocol=protocol,
            name=name,
            text=f"{looks} on the port of {protocol}",
            side=half.side,
            data=data,
            start=start,
            end=end,
            repeats=repeats_of(seen),
            counted=channel.counted(seen),
        )


def message_among(dissector: Dissector, data: bytes, start: i64, end: i64) -> i64:
    """Return where in ``data[start:end]`` the first message begins that leaves no doubt, ``end`` when there is none."""
    at: i64 = start
    while at < end:
        if dissector.recognise(data, at, end, False) == YES:
            return at
        at += 1
    return end
