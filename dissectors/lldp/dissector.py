"""LLDP as the wire sees it: one announcement a frame, from one station to its neighbours. Compiled with mypyc.

An announcement that repeats is known by its bytes and costs one comparison.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel import Operation
from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.dissector import Dissector
from dissectors.base.message import MAYBE, NO, NOT_MINE, YES, Message, same
from dissectors.base.recorder import Recorder
from dissectors.base.session import Session
from dissectors.lldp.parse import HEADER, measure, parse
from dissectors.lldp.table import CHASSIS_ID

FIRST: Final = CHASSIS_ID << 1
"""The first byte of an announcement: the type of its first element, whose length has no ninth bit."""


@final
class LldpSession(Session):
    """What one station announces to one address."""

    def __init__(self, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> None:
        super().__init__("lldp", connection, recorder, channel_table)
        self.known: Operation | None = None
        self.last: bytes = b""

    def measure(self, side: i64, data: bytes, start: i64, end: i64) -> i64:
        """Return the length of the announcement: what follows its end is padding."""
        return measure(data, start, end)

    def message(self, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Count an announcement that repeats, take another apart."""
        channel = self.units.channel
        known = self.known
        if known is not None and channel is not None and same(data, start, end, self.last):
            self.units.touch(channel)
            self.operations.report(channel, known, self.recorder.now)
            return
        message = parse(data, start, end)
        if message is None:
            self.violation_of_stream(side, data, start, end)
            return
        operation = self.conversation.take(side, message, -1, data, start, end)
        self.known = operation if message.routine else None
        self.last = data[start:end] if message.routine else b""


@final
class LldpDissector(Dissector):
    """LLDP."""

    def recognise(self, data: bytes, start: i64, end: i64, proposed: bool) -> i64:
        """Return YES behind its own door when it begins with a chassis id."""
        if not proposed or (end > start and data[start] != FIRST):
            return NO
        return YES if end - start > HEADER else MAYBE

    def parse(self, data: bytes, start: i64, end: i64, from_client: bool) -> Message | None:
        """Return the announcement."""
        return parse(data, start, end) if measure(data, start, end) != NOT_MINE else None

    def session(self, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> Session:
        """Return a new session."""
        return LldpSession(connection, recorder, channel_table)


DISSECTOR: Final = LldpDissector("lldp", bytes((FIRST,)))
