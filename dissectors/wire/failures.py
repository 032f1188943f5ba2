"""What happens when code fails on a packet: the session of its flow ends, it is counted and reported, others are untouched.

The flow goes on as one that nobody dissects. Which flow a packet is of says its last frame, which is noted before anything is read
of it. Compiled with mypyc.
"""

from __future__ import annotations

from typing import final

from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.wire.flow import Flow
from dissectors.wire.half import NO_STRANDS
from dissectors.wire.reorder import Reorder
from dissectors.wire.streams import Streams


@final
class Failures:
    """Ends the sessions that failed. ``count`` is how many packets and sweeps did."""

    def __init__(self, recorder: Recorder, streams: Streams, reorder: Reorder) -> None:
        self.recorder = recorder
        self.streams = streams
        self.reorder = reorder
        self.count: i64 = 0

    def packet(self, error: BaseException, last: Flow | None, frame: i64) -> None:
        """Take it that frame number ``frame`` raised ``error``; ``last`` is the flow that was found last."""
        if last is not None and last.last_frame == frame:
            self.flow(error, last)
        else:
            self.count += 1
            self.recorder.other_reading = False

    def flow(self, error: BaseException, flow: Flow) -> None:
        """End the session of a flow that raised ``error``."""
        self.count += 1
        self.recorder.other_reading = False
        session = flow.session
        flow.channel = flow.spoken()
        flow.session = None
        flow.identified = True
        flow.sealed = True
        flow.evidence = None
        self.streams.drop_early(flow)
        for half in (flow.opener, flow.peer):
            self.streams.drop(half)
            self.reorder.drop(half)
            half.strands = NO_STRANDS
            half.missed = 0
        if session is None:
            return
        session.close()
        self.recorder.visibility(
            flow.connection,
            channel=flow.channel_id(),
            state="gaps",
            reason=f"the dissector of {session.units.protocol} failed ({place_of(error)}): nothing more is read of this connection",
        )


def place_of(error: BaseException) -> str:
    """Return the type of an exception, with file and line where it was raised; never its words, which may quote a packet."""
    trace = error.__traceback__
    if trace is None:
        return type(error).__name__
    while trace.tb_next is not None:
        trace = trace.tb_next
    file = trace.tb_frame.f_code.co_filename.split("/")
    return f"{type(error).__name__} at {'/'.join(file[len(file) - 3 :])}:{trace.tb_lineno}"
