"""The channels of one connection: one for each unit behind its server. Compiled with mypyc."""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel import Channel
from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection


class Traffic:
    """The packets of a connection that are counted and not yet given to one of its channels."""

    def give_to(self, channel: Channel) -> None:
        """Add what was counted before the packet at hand to ``channel``; that packet goes with the message it carries."""


MAX_UNITS: Final = 1_024
"""Units (sub-devices) kept per connection."""
NO_UNIT: Final = -1


@final
class Units:
    """Finds channels by unit. ``channel`` and ``key`` are of the unit spoken to last, ``protocol`` is what is spoken."""

    def __init__(self, protocol: str, connection: Connection, channel_table: ChannelTable) -> None:
        self.protocol: str = protocol
        self.connection = connection
        self.channel_table = channel_table
        self.channel: Channel | None = None
        self.key: i64 = NO_UNIT
        self.channels: dict[i64, Channel] = {}
        self.traffic: Traffic | None = None
        self.let_go: bool = False
        """Channels were let go of for want of room: one that is looked up again is no further connection."""
        self.of_connection: bool = False
        """Whoever opened the connection named the unit: what the server asks names none of its client's."""

    def open(self, unit: str, key: i64) -> Channel:
        """Return the channel of a unit of this connection."""
        channel = self.channels.get(key)
        if channel is None:
            channel = self.channel_table.open(self.connection, self.protocol, unit, "established", "bytes")
            if not self.let_go:
                channel.connections += 1
            table = self.channel_table
            if i64(len(self.channels)) >= MAX_UNITS or table.attached >= table.attach_limit:
                self.let_go = self.let_go or len(self.channels) != 0
                self.release()
            self.channels[key] = channel
            table.attached += 1
        if channel is not self.channel:
            self.turn_to(channel, key)
        else:
            self.key = key
        return channel

    def turn_to(self, channel: Channel, key: i64) -> None:
        """Speak to another unit from now on: the packets so far belong to the one before."""
        before = self.channel
        traffic = self.traffic
        if before is not None and traffic is not None:
            if not before.active:
                self.channel_table.activate(before)
            traffic.give_to(before)
        self.channel = channel
        self.key = key

    def key_of(self, channel: Channel) -> i64:
        """Return the key of the unit whose channel this is, NO_UNIT when it was let go of."""
        for key, one in self.channels.items():
            if one is channel:
                return key
        return NO_UNIT

    def turn_round(self) -> None:
        """Forget the channels: client and server have changed places."""
        self.release()
        self.channel = None
        self.key = NO_UNIT

    def release(self) -> None:
        """Let go of the channels: the connection is over, or all connections together hold too many."""
        self.channel_table.attached -= i64(len(self.channels))
        self.channels.clear()

    def asked_back(self, unit: str) -> str:
        """Return the unit of the client that a question of the server is for, which came with ``unit``."""
        return "" if self.of_connection else unit

    def current(self) -> Channel:
        """Return the channel of the unit spoken to last, that of no unit when none was."""
        channel = self.channel
        return channel if channel is not None else self.open("", NO_UNIT)

    def touch(self, channel: Channel) -> None:
        """Mark a channel as active in this window."""
        if not channel.active:
            self.channel_table.touch(channel)
