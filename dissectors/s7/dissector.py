"""S7comm and S7CommPlus as the wire sees them. Compiled with mypyc."""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.dissector import Dissector
from dissectors.base.message import MAYBE, NO, YES, Message
from dissectors.base.recorder import Recorder
from dissectors.base.session import Session
from dissectors.iso.cotp import DATA_HEADER, DT, LONGEST, TPKT_VERSION, is_whole_data, measure
from dissectors.iso.cotp import parse as parse_unit
from dissectors.iso.dissector import DISSECTOR as CARRIER
from dissectors.iso.dissector import NO_FRAME, OPENING, OPENING_S7, first_payload, opener
from dissectors.iso.payload import PLUS_ID, S7_ID, S7COMM, S7COMMPLUS, TLS
from dissectors.iso.unit import connection_message
from dissectors.s7 import plus
from dissectors.s7.direction import classic_direction
from dissectors.s7.parse import HEADER, parse
from dissectors.s7.session import S7Session


@final
class S7Dissector(Dissector):
    """S7 on ISO transport."""

    def __init__(self) -> None:
        super().__init__("s7comm", bytes((TPKT_VERSION,)), weighs_roles=True, longest=LONGEST)

    def recognise(self, data: bytes, start: i64, end: i64, proposed: bool) -> i64:
        """Return YES for an S7 payload, for TLS on the port, or for a connect that names rack and slot there.

        MAYBE while only frames that open a connection have come; NO for any other payload.
        """
        kind: i64 = first_payload(data, start, end)
        if kind == NO_FRAME:
            return NO
        if kind == OPENING_S7 and proposed:
            return YES
        if kind >= OPENING:
            return MAYBE
        if kind == S7COMM or kind == S7COMMPLUS or (kind == TLS and proposed):
            return YES
        return NO

    def measure(self, data: bytes, start: i64, end: i64) -> i64:
        """Return the length of the frame at ``start``."""
        return measure(data, start, end)

    def from_client(self, data: bytes, start: i64, end: i64) -> i64:
        """Return 1 or 0 when the kind of the message fits only one direction."""
        if end - start < DATA_HEADER + HEADER or data[start + 5] != DT:
            return opener(data, start, end)
        at: i64 = start + DATA_HEADER
        if data[at] == S7_ID:
            return classic_direction(data, at, end)
        return -1

    def parse(self, data: bytes, start: i64, end: i64, from_client: bool) -> Message | None:
        """Return the message of one frame; a data unit that is only a fragment gives None."""
        if is_whole_data(data, start, end):
            at: i64 = start + DATA_HEADER
            if data[at] == PLUS_ID:
                return plus.parse(data, at, end, from_client)
            return parse(data, at, end, from_client)
        tpdu = parse_unit(data, start, end)
        if tpdu is None or tpdu.kind == DT:
            return None
        return connection_message(tpdu, from_client)

    def session(self, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> Session:
        """Return a new session."""
        return S7Session(connection, recorder, channel_table)


DISSECTOR: Final = S7Dissector()
CARRIER.heir = DISSECTOR
