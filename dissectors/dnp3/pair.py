"""What a session remembers of one link pair, a master and an outstation. Compiled with mypyc."""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel import Channel, Operation
from dissectors.base.channel_table import ChannelTable
from dissectors.dnp3.points import Points
from dissectors.dnp3.transport import Assembly
from dissectors.facts import Value

MAX_KNOWN: Final = 256
"""Requests, and kinds of report, that are recognised without parsing; more are parsed each time."""


@final
class Pair:
    """One master and outstation on one connection."""

    def __init__(self, key: i64, channel: Channel, now: i64, channel_table: ChannelTable) -> None:
        self.key: i64 = key
        self.channel = channel
        self.from_master = Assembly(channel_table)
        self.from_outstation = Assembly(channel_table)
        self.indications: i64 = -1
        self.points = Points(channel_table)
        self.points.version = now
        self.requests: dict[int, Operation] = {}
        self.reports: dict[int, Operation] = {}
        self.links: dict[int, Operation] = {}
        self.confirm: Operation | None = None
        self.held: list[Value] = []
        self.held_tag: i64 = -1
        self.is_backwards: bool = False
        """Its master is the server of the connection: its frames are rare, and each is taken apart."""

    def move(self, channel: Channel) -> None:
        """Go on upon another channel."""
        if channel is not self.channel:
            self.channel = channel
            self.confirm = None

    def release(self) -> None:
        """Forget what counts in the bounds of all connections."""
        self.from_master.clear()
        self.from_outstation.clear()
        self.points.release()

    def gap(self) -> None:
        """Bytes were lost: forget what is half built."""
        self.from_master.clear()
        self.from_outstation.clear()
        self.held = []
        self.held_tag = -1

    def remember_request(self, key: i64, operation: Operation) -> None:
        """Keep a plain request by the key of its objects."""
        if i64(len(self.requests)) >= MAX_KNOWN:
            self.requests.clear()
        self.requests[int(key)] = operation

    def remember_report(self, operation: Operation) -> None:
        """Keep a routine report by the kinds of object that were just taken."""
        if i64(len(self.reports)) >= MAX_KNOWN:
            self.reports.clear()
        self.reports[int(self.points.kinds)] = operation
