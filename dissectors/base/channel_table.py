"""The table of channels of one worker: opens them, keeps their state, closes their windows. Compiled with mypyc.

Bounded by MAX_CHANNELS: the channels idle longest are forgotten first and counted.
"""

from __future__ import annotations

import hashlib
from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel import Channel
from dissectors.base.connection import Connection
from dissectors.base.group import GroupRequests
from dissectors.base.recorder import Recorder

MAX_CHANNELS: Final = 12_000
MAX_ALL_WAITING: Final = 30_000
"""Requests that wait, or are remembered as unanswered, over all connections; more are reported at once."""
MAX_ALL_OPERATIONS: Final = 36_000
"""Operations over all channels; new ones beyond it are counted as overflow of their channel."""
MAX_ALL_TRANSITIONS: Final = 36_000
"""Transitions over all channels; those beyond it are counted and not reported."""
IDLE_NANOSECONDS: Final = 60_000_000_000
"""A channel silent for so long gives its operations up where there is no room for others."""
LOOK_NANOSECONDS: Final = 1_000_000_000
MAX_ATTACHED: Final = 2_000
"""Channels that all connections together keep at hand, one for each unit; beyond it a connection looks its own up anew."""
MAX_ALL_POINTS: Final = 120_000
"""Points with a last value over all connections; further ones are not followed."""
MAX_ALL_IDENTITIES: Final = 20_000
"""Identity claims remembered over all connections; beyond it a connection forgets its own and reports them again."""
MAX_PROTOCOL_BYTES: Final = 6_291_456
"""Bytes of messages in parts that protocols keep, over all connections; what comes then is given up."""
FORGET_SHARE: Final = 10
"""One in so many channels is forgotten when the table is full."""
STATE_RANK: Final = {"attempted": 0, "unanswered": 1, "refused": 2, "established": 3}


@final
class ChannelTable:
    """All channels of one worker."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.channels: dict[str, Channel] = {}
        self.active: list[Channel] = []
        self.window_start: i64 = 0
        self.limit: i64 = MAX_CHANNELS
        self.operations: i64 = 0
        self.operation_limit: i64 = MAX_ALL_OPERATIONS
        self.room_after: i64 = 0
        """When idle channels with operations are looked for again, after there were too few."""
        self.waiting: i64 = 0
        self.waiting_limit: i64 = MAX_ALL_WAITING
        self.transitions: i64 = 0
        self.transition_limit: i64 = MAX_ALL_TRANSITIONS
        self.evicted: i64 = 0
        self.evicted_operations: i64 = 0
        self.evicted_requests: i64 = 0
        self.evicted_protocol_state: i64 = 0
        self.targets_left_out: i64 = 0
        """What protocols forgot of their connections: link pairs, points, transfers, messages in parts."""
        self.resynchronised: i64 = 0
        """Times a stream held no message where one belonged, so that the next one was looked for."""
        self.attached: i64 = 0
        self.attach_limit: i64 = MAX_ATTACHED
        self.points: i64 = 0
        self.point_limit: i64 = MAX_ALL_POINTS
        self.identities: i64 = 0
        self.identity_limit: i64 = MAX_ALL_IDENTITIES
        self.parts: i64 = 0
        self.part_limit: i64 = MAX_PROTOCOL_BYTES
        self.numbered: i64 = 0
        self.group_requests = GroupRequests()

    def open(self, connection: Connection, protocol: str, unit: str, state: str, recognised_by: str) -> Channel:
        """Return the channel of this conversation, reporting it when it or its state is new."""
        client = connection.client()
        server = connection.server()
        identity = channel_id(
            client.ip or client.mac,
            server.ip or server.mac,
            connection.transport,
            int(server.port),
            protocol,
            unit,
            int(connection.vlan),
            int(connection.inner_vlan),
            connection.network,
            connection.tunnel,
        )
        channel = self.channels.get(identity)
        if channel is not None:
            if STATE_RANK[state] <= STATE_RANK[channel.opened.state]:
                self.touch(channel)
                return channel
        opened = self.recorder.channel_opened(
            connection, channel=identity, protocol=protocol, unit=unit, state=state, recognised_by=recognised_by
        )
        if channel is None:
            if i64(len(self.channels)) >= self.limit:
                self._evict_idle()
            channel = Channel(identity, opened)
            self.channels[identity] = channel
        else:
            channel.opened = opened
        self.touch(channel)
        return channel

    def number(self) -> i64:
        """Return the number of a new operation: units share a connection, so keys alone do not distinguish operations."""
        self.numbered += 1
        return self.numbered

    def touch(self, channel: Channel) -> None:
        """Mark the channel as active in this window."""
        channel.last = self.recorder.now
        channel.last_frame = self.recorder.frame
        self.activate(channel)

    def activate(self, channel: Channel) -> None:
        """Let this window of the channel be reported."""
        if not channel.active:
            channel.active = True
            channel.first_frame = self.recorder.frame
            self.active.append(channel)
            if channel.identity not in self.channels:
                self.operations += i64(len(channel.operations))
                self.transitions += channel.transitions
            self.channels[channel.identity] = channel

    def close_window(self, start: i64, end: i64) -> None:
        """Report every active channel's window [start, end); what was only counted is told at its last instant."""
        active = self.active
        self.active = []
        recorder = self.recorder
        recorder.now = end - 1
        for channel in active:
            channel.tell_repeats(recorder)
        recorder.now = end
        for channel in active:
            self.evicted_operations += channel.evicted
            channel.evicted = 0
            channel.close_window(self.recorder, start, end)

    def _evict_idle(self) -> None:
        """Drop the channels that have been idle longest; one that is active again is opened again."""
        count = max(1, len(self.channels) // FORGET_SHARE)
        times: list[int] = [int(channel.last) for channel in self.channels.values()]
        times.sort()
        edge: i64 = times[count - 1]
        gone: list[Channel] = []
        for channel in self.channels.values():
            if channel.last <= edge and len(gone) < count:
                gone.append(channel)
        for channel in gone:
            self._forget(channel)
        self.active = [channel for channel in self.active if channel.active]

    def make_room(self, keep: Channel) -> None:
        """Forget channels with operations, idle longest first, until a share of all operations is free.

        Those that spoke lately stay, and ``keep``: a flood of operations may not cost the plant the names of its own.
        """
        now: i64 = self.recorder.now
        if 0 <= self.room_after - now <= LOOK_NANOSECONDS:
            return
        wanted: i64 = self.operations - self.operation_limit + self.operation_limit // FORGET_SHARE
        edge: i64 = now - IDLE_NANOSECONDS
        idle: list[tuple[int, str]] = [
            (int(channel.last), channel.identity)
            for channel in self.channels.values()
            if channel.last < edge and channel is not keep and channel.operations
        ]
        idle.sort()
        for _, identity in idle:
            if wanted <= 0:
                break
            channel = self.channels[identity]
            wanted -= i64(len(channel.operations))
            self._forget(channel)
        self.active = [channel for channel in self.active if channel.active]
        if wanted > 0:
            self.room_after = now + LOOK_NANOSECONDS

    def _forget(self, channel: Channel) -> None:
        del self.channels[channel.identity]
        channel.tell_repeats(self.recorder)
        self.evicted_operations += channel.evicted
        channel.evicted = 0
        self.operations -= i64(len(channel.operations))
        self.transitions -= channel.transitions
        if channel.active:
            channel.close_window(self.recorder, self.window_start, self.recorder.now)
        for operation in channel.operations.values():
            operation.forget()  # operations and transitions hold each other
        channel.transitions = 0
        self.evicted += 1


def channel_id(
    client: str,
    server: str,
    transport: str,
    port: int,
    protocol: str,
    unit: str,
    vlan: int,
    inner: int,
    network: str = "",
    tunnel: str = "",
) -> str:
    """Return the content-derived id of a channel: the same in every run and on every sensor."""
    text = f"{client}|{server}|{transport}|{port}|{protocol}|{unit}|{vlan}|{inner}"
    if network:
        text += f"|{network}"
    if tunnel:
        text += f"|in {tunnel}"
    return "c-" + hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
