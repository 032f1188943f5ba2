"""IEC 60870-5-104 as the wire sees it: its first bytes, its direction, its session. Compiled with mypyc."""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.dissector import Dissector
from dissectors.base.message import MAYBE, NEED_MORE, NO, NOT_MINE, YES, Message
from dissectors.base.recorder import Recorder
from dissectors.base.session import Session
from dissectors.iec104.parse import HEADER, MAX_LENGTH, START, measure, parse, sender
from dissectors.iec104.session import Iec104Session, fits


@final
class Iec104Dissector(Dissector):
    """IEC 60870-5-104."""

    def recognise(self, data: bytes, start: i64, end: i64, proposed: bool) -> i64:
        """Return YES for a valid header on a proposed port; elsewhere the whole message must fit."""
        size: i64 = measure(data, start, end)
        if size == NOT_MINE:
            return NO
        if size == NEED_MORE:
            return MAYBE
        if proposed:
            return YES
        if end - start < size:
            return MAYBE
        return YES if fits(data, start, start + size) else NO

    def measure(self, data: bytes, start: i64, end: i64) -> i64:
        """Return the length of the APDU at ``start``."""
        return measure(data, start, end)

    def from_client(self, data: bytes, start: i64, end: i64) -> i64:
        """Return 1 for a controlling station, 0 for a controlled one, -1 when the message does not say."""
        if end - start < HEADER:
            return -1
        return sender(data, start, end)

    def parse(self, data: bytes, start: i64, end: i64, from_client: bool) -> Message | None:
        """Return the message of one APDU; who speaks is in the message, not in the connection."""
        return parse(data, start, end)

    def session(self, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> Session:
        """Return a new session."""
        return Iec104Session(connection, recorder, channel_table)


DISSECTOR: Final = Iec104Dissector(
    "iec104", bytes((START,)), weighs_roles=True, reads_alike=True, longest=2 + MAX_LENGTH
)
