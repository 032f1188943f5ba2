"""A flow: one conversation between two transport ends, with the state of its two directions. Compiled with mypyc.

Bounds: a direction holds at most MAX_HELD_OCTETS of segments out of order and MAX_PENDING_OCTETS of an unfinished message.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel import Channel
from dissectors.base.connection import Connection
from dissectors.base.session import Session

MAX_HELD_BYTES: Final = 65_536
MAX_HELD_SEGMENTS: Final = 64
MAX_PENDING_BYTES: Final = 65_536
MAX_COMPARED_BYTES: Final = 2_048
"""How much of a direction's last segment is kept to compare a repeat with, once its block of the capture is gone."""
MAX_EARLY_SEGMENTS: Final = 64
MAX_EARLY_BYTES: Final = 8_192

OPENING: Final = 0
"""A SYN was seen and nothing else yet, or the first datagram."""
OPEN: Final = 1
REFUSED: Final = 2
CLOSED: Final = 3


@final
class Held:
    """A segment that came before its turn."""

    def __init__(self, sequence: i64, data: bytes, frame: i64) -> None:
        self.sequence: i64 = sequence
        self.data: bytes = data
        self.frame: i64 = frame


@final
class Half:
    """One direction of a TCP flow."""

    def __init__(self) -> None:
        self.sent: bool = False
        self.started: bool = False
        self.next: i64 = 0
        self.pending: bytes = b""
        self.last_sequence: i64 = -1
        self.last_block: bytes = b""
        self.last_start: i64 = 0
        self.last_end: i64 = 0
        self.block: i64 = -1
        self.held: list[Held] = []
        self.held_bytes: i64 = 0
        self.hole_since: i64 = 0
        self.finished: bool = False
        self.late: i64 = -1
        self.missed: i64 = 0
        self.first: i64 = -1

    def release(self) -> None:
        """Copy the last segment out of its block of the capture."""
        if self.last_end - self.last_start > MAX_COMPARED_BYTES:
            self.last_end = self.last_start + MAX_COMPARED_BYTES
        self.last_block = self.last_block[self.last_start : self.last_end]
        self.last_end -= self.last_start
        self.last_start = 0


@final
class Early:
    """Payload seen before the protocol was recognised."""

    def __init__(self, side: i64, data: bytes, frame: i64) -> None:
        self.side: i64 = side
        self.data: bytes = data
        self.frame: i64 = frame


@final
class Flow:
    """One conversation. x and y are the two ends in canonical order; side 0 sent the first packet."""

    def __init__(self, x_high: i64, x_low: i64, y_high: i64, y_low: i64, ports: i64, tag: i64) -> None:
        self.x_high: i64 = x_high
        self.x_low: i64 = x_low
        self.y_high: i64 = y_high
        self.y_low: i64 = y_low
        self.ports: i64 = ports
        self.tag: i64 = tag
        # The fields above and those next are touched by every packet; they share few cache lines.
        self.x_is_side0: bool = True
        self.identified: bool = False
        self.state: i64 = OPENING
        self.session: Session | None = None
        self.half0: Half = Half()
        self.half1: Half = Half()
        self.mac0: i64 = -1
        self.mac1: i64 = -1
        self.last: i64 = 0
        self.last_frame: i64 = 0
        self.window: i64 = -1
        self.packets0: i64 = 0
        self.packets1: i64 = 0
        self.bytes0: i64 = 0
        self.bytes1: i64 = 0
        self.second: i64 = 0
        self.in_second: i64 = 0
        self.peak: i64 = 0
        self.chained: Flow | None = None
        self.connection: Connection = Connection("", 0, 0)
        self.channel: Channel | None = None
        self.key: i64 = 0
        self.proposed: str = ""
        self.early: list[Early] = []
        self.early_bytes: i64 = 0
        self.tried: i64 = 0
        self.syn: bool = False
        self.retransmissions: i64 = 0
        self.gaps: i64 = 0
        self.lost: i64 = 0
        self.rival: i64 = -1
        self.rival_side: i64 = -1
        self.resets: i64 = 0
        self.attempts: i64 = 0
        self.reported_gap: bool = False
        self.reported_one_sided: bool = False

    def evict_early(self, side: i64) -> None:
        """Drop the payload of one direction that was kept for recognition: what follows does not join it."""
        kept: list[Early] = []
        for early in self.early:
            if early.side == side:
                self.early_bytes -= i64(len(early.data))
            else:
                kept.append(early)
        self.early = kept

    def push_counters(self) -> None:
        """Add the counters of this window to the flow's channel, if it has one yet."""
        session = self.session
        channel = self.channel
        if session is not None and session.channel is not None:
            channel = session.channel
        if channel is None:
            return
        if self.connection.client_side == 0:
            channel.packets_client += self.packets0
            channel.packets_server += self.packets1
            channel.bytes_client += self.bytes0
            channel.bytes_server += self.bytes1
        else:
            channel.packets_client += self.packets1
            channel.packets_server += self.packets0
            channel.bytes_client += self.bytes1
            channel.bytes_server += self.bytes0
        channel.retransmissions += self.retransmissions
        channel.gaps += self.gaps
        channel.resets += self.resets
        channel.attempts += self.attempts
        if self.peak > channel.peak:
            channel.peak = self.peak
        channel.visibility = self.connection.visibility()
        if self.last >= channel.last:
            channel.last = self.last
            channel.last_frame = self.last_frame
        self.packets0 = 0
        self.packets1 = 0
        self.bytes0 = 0
        self.bytes1 = 0
        self.retransmissions = 0
        self.gaps = 0
        self.resets = 0
        self.attempts = 0
        self.peak = 0
