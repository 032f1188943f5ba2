"""What time alone changes: late answers, holes, half-open and one-sided connections, idle flows. Compiled with mypyc."""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.wire.clock import SECOND
from dissectors.wire.failures import Failures
from dissectors.wire.flow import CLOSED, REFUSED, Flow
from dissectors.wire.flows import Flows
from dissectors.wire.naming import Naming
from dissectors.wire.numbers import TCP
from dissectors.wire.reorder import Reorder

ANSWER_SECONDS: Final = 10
"""A connection attempt without an answer for this long is unanswered."""
ONE_SIDED_SECONDS: Final = 60
UDP_IDLE_SECONDS: Final = 180
CLOSED_IDLE_SECONDS: Final = 15
TCP_IDLE_SECONDS: Final = 3_600


@final
class Sweep:
    """Looks at every flow."""

    def __init__(self, recorder: Recorder, flows: Flows, naming: Naming, reorder: Reorder, failures: Failures) -> None:
        self.failures = failures
        self.recorder = recorder
        self.flows = flows
        self.naming = naming
        self.reorder = reorder

    def run(self, now: i64) -> None:
        """Report what is late or missing at ``now``; end the flows that have been idle too long."""
        for flow in self.flows.table.all():
            try:
                self._look(flow, now)
            except Exception as error:  # noqa: BLE001  # one flow's fault must not cost the others their time
                self.failures.flow(error, flow)

    def _look(self, flow: Flow, now: i64) -> None:
        self.reorder.give_up_old(flow, now)
        if flow.evidence is not None and now - flow.doubted_since > ANSWER_SECONDS * SECOND:
            self.flows.recogniser.settle(flow)
        session = flow.session
        for half in (flow.opener, flow.peer):
            if half.strands:
                self.flows.tcp.holes.give_up_old(flow, half, now)
            if half.datagrams is not None:
                half.datagrams.forget_burst(now)
        if session is not None:
            session.time_out_waiting(now)
            self._one_sided(flow, now)
        is_unnamed = flow.channel is None and (session is None or session.units.channel is None)
        if is_unnamed and flow.evidence is None and now - flow.connection.first > ANSWER_SECONDS * SECOND:
            self.naming.open_silent(flow)
            flow.push_counters()
        idle: i64 = now - flow.last
        limit: i64 = UDP_IDLE_SECONDS
        if flow.state == CLOSED or flow.state == REFUSED:
            limit = CLOSED_IDLE_SECONDS
        elif (flow.tag & 0xFF) == TCP:
            limit = TCP_IDLE_SECONDS
        if idle > limit * SECOND:
            self.flows.end(flow)

    def finish(self, now: i64) -> None:
        """The capture ends at ``now``: give up what is still awaited, open what has no channel yet."""
        self.run(now)
        for flow in self.flows.table.all():
            self.reorder.give_up_all(flow)
            for half in (flow.opener, flow.peer):
                self.flows.tcp.holes.give_up_all(flow, half)
            self.flows.recogniser.settle(flow)
            self.naming.open_silent(flow)
            if flow.session is not None:
                flow.session.end(is_closed=flow.state == CLOSED)
            flow.push_counters()

    def clock_set(self, time: i64) -> None:
        """The packet clock jumped: everything that waits has waited since ``time``."""
        for flow in self.flows.table.all():
            flow.last = time
            flow.connection.first = time
            flow.opener.hole_since = time
            flow.peer.hole_since = time
            for strand in flow.opener.strands + flow.peer.strands:
                strand.hole_since = time
            if flow.session is not None:
                flow.session.pairing.clock_set(time)

    def _one_sided(self, flow: Flow, now: i64) -> None:
        connection = flow.connection
        if flow.reported_one_sided or (connection.opener.seen and connection.peer.seen):
            return
        if now - connection.first < ONE_SIDED_SECONDS * SECOND:
            return
        flow.reported_one_sided = True
        connection.one_sided = True
        self.recorder.visibility(
            connection,
            channel=flow.channel_id(),
            state="one_sided",
            reason="only one direction of the connection is seen",
        )
