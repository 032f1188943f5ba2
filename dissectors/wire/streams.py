"""Bytes in order to sessions, joined with what a direction still holds of an unfinished message. Compiled with mypyc."""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.wire.flow import NO_PAYLOAD, Flow
from dissectors.wire.half import MAX_PENDING_BYTES, Half

MAX_STREAM_BYTES: Final = 10_485_760
"""Bytes of unfinished messages and of flows whose protocol is not known yet, and as many out of order, kept over all streams; what comes then is a gap."""


@final
class Streams:
    """The unfinished messages of all flows, within one budget. ``shed`` counts those that it had no room for."""

    def __init__(self) -> None:
        self.kept: i64 = 0
        self.limit: i64 = MAX_STREAM_BYTES
        self.shed: i64 = 0

    def feed(self, flow: Flow, half: Half, data: bytes, start: i64, end: i64) -> None:
        """Give payload in order to the session, joined with what the direction still holds."""
        session = flow.session
        if session is None:
            return
        if len(half.pending) == 0:
            used: i64 = session.feed(half.side, data, start, end)
            if used < end:
                self.keep(flow, half, data, used, end)
            return
        joined = half.pending + data[start:end]
        size: i64 = i64(len(joined))
        used = session.feed(half.side, joined, 0, size)
        self.keep(flow, half, joined, used, size)

    def keep(self, flow: Flow, half: Half, data: bytes, used: i64, end: i64) -> None:
        """Keep the beginning of a message, from ``used`` on, until the rest comes, within the budget of all streams."""
        rest = data[used : min(end, used + MAX_PENDING_BYTES)]
        self.kept += i64(len(rest)) - i64(len(half.pending))
        half.pending = rest
        if self.kept > self.limit:
            self.drop(half)
            self.shed += 1
            flow.connection.with_gaps = True
            session = flow.session
            if session is not None:
                session.gap(half.side, 0)

    def drop_early(self, flow: Flow) -> None:
        """Forget what was kept of a flow until its protocol is known."""
        self.kept -= flow.early_bytes
        flow.early = NO_PAYLOAD
        flow.early_bytes = 0

    def drop(self, half: Half) -> None:
        """Forget the beginning of a message."""
        self.kept -= i64(len(half.pending))
        half.pending = b""
