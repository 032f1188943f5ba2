"""A flow: one conversation between two transport ends, with the state of its two directions. Compiled with mypyc."""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel import Channel
from dissectors.base.connection import Connection
from dissectors.base.dissector import Dissector
from dissectors.base.session import Session
from dissectors.base.units import Traffic
from dissectors.wire.evidence import Evidence
from dissectors.wire.half import Half
from dissectors.wire.places import Pair

MAX_EARLY_SEGMENTS: Final = 64
MAX_EARLY_BYTES: Final = 8_192

OPENING: Final = 0
"""A SYN was seen and nothing else yet, or the first datagram."""
OPEN: Final = 1
REFUSED: Final = 2
CLOSED: Final = 3


@final
class Early:
    """Payload seen before the protocol was recognised."""

    def __init__(self, side: i64, data: bytes, frame: i64) -> None:
        self.side: i64 = side
        self.data: bytes = data
        self.frame: i64 = frame


NO_PAYLOAD: Final[list[Early]] = []
"""What is kept of a flow of which nothing is kept. Never added to."""


@final
class Elsewhere:
    """The other places where packets of a flow are seen: tags, and their names in words."""

    def __init__(self) -> None:
        self.tags: list[i64] = []
        self.names: list[str] = []

    def add(self, tag: i64, name: str) -> None:
        """Remember a place."""
        self.tags.append(tag)
        self.names.append(name)

    def remove(self, tag: i64) -> None:
        """Forget a place that turned out to be another plant's."""
        if tag in self.tags:
            at = self.tags.index(tag)
            del self.tags[at]
            del self.names[at]


@final
class Flow(Traffic):
    """One conversation. x and y are the two ends in canonical order; the opener sent the first packet."""

    def __init__(
        self, x_high: i64, x_low: i64, y_high: i64, y_low: i64, ports: i64, tag: i64, connection: Connection
    ) -> None:
        self.x_high: i64 = x_high
        self.x_low: i64 = x_low
        self.y_high: i64 = y_high
        self.y_low: i64 = y_low
        self.ports: i64 = ports
        self.tag: i64 = tag
        # The fields above and those next are touched by every packet; they share few cache lines.
        self.x_opened: bool = True
        self.identified: bool = False
        self.sealed: bool = False
        """Its bytes are encrypted: nobody is asked again what they are."""
        self.state: i64 = OPENING
        self.session: Session | None = None
        self.opener: Half = Half(connection.opener)
        self.peer: Half = Half(connection.peer)
        self.last: i64 = 0
        self.last_frame: i64 = 0
        self.window: i64 = -1
        self.second: i64 = 0
        self.in_second: i64 = 0
        self.peak: i64 = 0
        self.packet_side: i64 = 0
        self.packet_bytes: i64 = 0
        """Side and size of the packet at hand."""
        self.chained: Flow | None = None
        self.connection: Connection = connection
        self.channel: Channel | None = None
        self.key: i64 = 0
        self.number: i64 = 0
        """How many flows its table had before it."""
        self.proposed: Dissector | None = None
        self.dissector: Dissector | None = None
        self.early: list[Early] = NO_PAYLOAD
        self.early_bytes: i64 = 0
        self.tried: i64 = 0
        self.foreign: i64 = 0
        """Bytes that no dissector took."""
        self.refused: i64 = 0
        """How many times that was."""
        self.tolerated: i64 = 0
        """How many of these may have been the rest of a message, so that they were not reported."""
        self.evidence: Evidence | None = None
        """Whose messages these are is known, but not yet who is the client: ``early`` waits for it."""
        self.doubted_since: i64 = 0
        self.syn: bool = False
        self.passed_over: bool = False
        """Its channel found no place in a window, which was counted."""
        self.ended: bool = False
        """Its table has forgotten it: whoever still lists it may drop it."""
        self.retransmissions: i64 = 0
        self.gaps: i64 = 0
        self.lost: i64 = 0
        self.rival: i64 = -1
        self.rival_side: i64 = -1
        self.resets: i64 = 0
        self.attempts: i64 = 0
        self.copies: i64 = 0
        self.elsewhere: Elsewhere | None = None
        self.pair: Pair | None = None
        self.unread: str = ""
        """The name under which its frames are counted as not read."""
        self.reported_gap: bool = False
        self.reported_one_sided: bool = False

    def uncount(self, half: Half, byte_count: i64) -> None:
        """Take back the count of a packet that turned out to be a copy."""
        half.packets -= 1
        half.bytes -= byte_count
        self.in_second -= 1

    def half(self, side: i64) -> Half:
        """Return the direction of the opener for 0, of its peer for 1."""
        return self.opener if side == 0 else self.peer

    def other(self, half: Half) -> Half:
        """Return the direction against ``half``."""
        return self.peer if half.side == 0 else self.opener

    def know_client_of(self, before: Flow) -> None:
        """Take it that who was answered in the connection ``before`` on these ends is their client."""
        known: i64 = before.connection.known
        session = before.session
        if session is not None and session.pairing.answered > 0:
            known = before.connection.client_side
        if known >= 0:
            self.connection.known = known if before.x_opened == self.x_opened else 1 - known

    def is_begun(self, half: Half) -> bool:
        """Return whether a direction is within a message, or within bytes that may be none."""
        session = self.session
        if session is None:
            return self.early_bytes > 0
        return len(half.pending) != 0 or (session.hunting & (half.side + 1)) != 0

    def spoken(self) -> Channel | None:
        """Return the channel spoken on last: the session's, or that of a flow nobody dissects."""
        session = self.session
        if session is not None and session.units.channel is not None:
            return session.units.channel
        return self.channel

    def channel_id(self) -> str:
        """Return the id of the channel spoken on last, "" when none is open."""
        channel = self.spoken()
        return channel.identity if channel is not None else ""

    def evict_early(self, side: i64) -> i64:
        """Drop the payload of one direction that was kept for recognition, what follows does not join it; return its bytes."""
        before: i64 = self.early_bytes
        kept: list[Early] = []
        for early in self.early:
            if early.side == side:
                self.early_bytes -= i64(len(early.data))
            else:
                kept.append(early)
        self.early = kept
        return before - self.early_bytes

    def give_to(self, channel: Channel) -> None:
        """Add the packets and bytes before the packet at hand to the channel of the unit that they carried messages of."""
        for half in (self.opener, self.peer):
            at_hand = half.side == self.packet_side
            packets: i64 = half.packets
            byte_count: i64 = half.bytes
            if at_hand and packets > 0:
                packets -= 1
                byte_count -= self.packet_bytes
            half.packets -= packets
            half.bytes -= byte_count
            if half.side == self.connection.client_side:
                channel.packets_client += packets
                channel.bytes_client += byte_count
            else:
                channel.packets_server += packets
                channel.bytes_server += byte_count
        if self.peak > channel.peak:
            channel.peak = self.peak

    def push_counters(self) -> None:
        """Add the counters of this window to the channel spoken on last, if there is one yet."""
        channel = self.spoken()
        if channel is None:
            return
        client = self.half(self.connection.client_side)
        server = self.other(client)
        channel.packets_client += client.packets
        channel.packets_server += server.packets
        channel.bytes_client += client.bytes
        channel.bytes_server += server.bytes
        channel.retransmissions += self.retransmissions
        channel.gaps += self.gaps
        channel.resets += self.resets
        channel.attempts += self.attempts
        if self.copies != 0 or self.elsewhere is not None:
            channel.add_copies(self.copies, self.elsewhere.names if self.elsewhere is not None else [])
        if self.peak > channel.peak:
            channel.peak = self.peak
        channel.visibility = self.connection.visibility()
        if self.last >= channel.last:
            channel.last = self.last
            channel.last_frame = self.last_frame
        client.packets = 0
        server.packets = 0
        client.bytes = 0
        server.bytes = 0
        self.retransmissions = 0
        self.gaps = 0
        self.resets = 0
        self.attempts = 0
        self.copies = 0
        self.peak = 0
