"""Bytes that are next go to whoever dissects them; bytes that will not come are a gap. Compiled with mypyc."""

from __future__ import annotations

from typing import final

from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.wire.flow import Flow
from dissectors.wire.half import Half
from dissectors.wire.recognise import Recogniser
from dissectors.wire.streams import Streams


@final
class Delivery:
    """Gives the bytes of all TCP flows on, in order."""

    def __init__(self, recorder: Recorder, recogniser: Recogniser, streams: Streams) -> None:
        self.recorder = recorder
        self.recogniser = recogniser
        self.streams = streams

    def deliver(self, flow: Flow, half: Half, block: bytes, start: i64, end: i64) -> None:
        """Give on the next bytes of a direction."""
        session = flow.session
        if session is not None:
            if len(half.pending) != 0:
                self.streams.feed(flow, half, block, start, end)
                return
            used: i64 = session.feed(half.side, block, start, end)
            if used < end:
                self.streams.keep(flow, half, block, used, end)
        elif not flow.sealed:
            self.recogniser.payload(flow, half, block, start, end)

    def gap(self, flow: Flow, half: Half, missing: i64, since: i64) -> None:
        """Report that bytes are lost; answers to what was asked before ``since`` may be among them."""
        flow.gaps += 1
        flow.lost += 1
        flow.connection.with_gaps = True
        self.streams.drop(half)
        self.recogniser.break_off(flow, half.side)
        session = flow.session
        if session is not None:
            session.gap(half.side, since)
        if flow.reported_gap:
            return
        flow.reported_gap = True
        self.recorder.visibility(
            flow.connection,
            channel=flow.channel_id(),
            state="gaps",
            reason="bytes of the stream are missing from the capture",
            missing_bytes=missing,
        )
