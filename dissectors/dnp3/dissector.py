"""DNP3 as the wire sees it: its start bytes, its direction, its session. Compiled with mypyc."""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.dissector import Dissector
from dissectors.base.message import MAYBE, NEED_MORE, NO, NOT_MINE, YES, Message
from dissectors.base.recorder import Recorder
from dissectors.base.session import Session
from dissectors.dnp3.link import FROM_MASTER, LONGEST, measure
from dissectors.dnp3.parse import parse_frame, sender
from dissectors.dnp3.session import Dnp3Session

FIRST_BYTES: Final = b"\x05"
"""Every frame begins with 0x0564."""


@final
class Dnp3(Dissector):
    """DNP3 over TCP and UDP."""

    def recognise(self, data: bytes, start: i64, end: i64, proposed: bool) -> i64:
        """Return YES on a frame header with a good CRC, whatever the port."""
        if start >= end:
            return MAYBE
        size: i64 = measure(data, start, end)
        if size == NEED_MORE:
            return MAYBE
        return NO if size == NOT_MINE else YES

    def measure(self, data: bytes, start: i64, end: i64) -> i64:
        """Return the length of the frame at ``start``."""
        return measure(data, start, end)

    def from_client(self, data: bytes, start: i64, end: i64) -> i64:
        """Return who sends the frame at ``start`` by its function: a master asks, an outstation answers and reports."""
        if start >= end or measure(data, start, end) <= 0:
            return -1
        return sender(data, start, end)

    def claims_client(self, data: bytes, start: i64, end: i64) -> i64:
        """Return who sends the frame at ``start`` by its direction bit, which any sender sets as it likes."""
        if start >= end or measure(data, start, end) <= 0:
            return -1
        return 1 if data[start + 3] & FROM_MASTER else 0

    def parse(self, data: bytes, start: i64, end: i64, from_client: bool) -> Message | None:
        """Return the message of the frame ``data[start:end]``; who is master is in the frame, not in the connection."""
        return parse_frame(data, start, end)

    def session(self, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> Session:
        """Return a new session."""
        return Dnp3Session(connection, recorder, channel_table)


DISSECTOR: Final = Dnp3("dnp3", FIRST_BYTES, weighs_roles=True, reads_alike=True, longest=LONGEST)
