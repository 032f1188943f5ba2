"""ISO transport that carries something else than S7: MMS, ICCP, X.400. Recognised so that port 102 is not misjudged.

Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.dissector import Dissector
from dissectors.base.message import MAYBE, NEED_MORE, NO, NOT_MINE, YES, Message
from dissectors.base.recorder import Recorder
from dissectors.base.session import Session
from dissectors.iso.cotp import CC, CR, DR, DT, LONGEST, MIN_LENGTH, TPKT_VERSION, measure, parse
from dissectors.iso.payload import ISO_SESSION, UNKNOWN, kind_of
from dissectors.iso.resync import plausible
from dissectors.iso.session import IsoSession
from dissectors.iso.tsap import protocol_of
from dissectors.iso.unit import connection_message

FRAMES_LOOKED_AT: Final = 8
"""Frames before the first payload that recognition walks over."""
OPENING: Final = 1000
"""``first_payload`` found only frames that open a connection; the kinds of payload are smaller."""
OPENING_S7: Final = 1001
"""The same, and the called selector has a form that S7 uses."""
NO_FRAME: Final = -1


def first_payload(data: bytes, start: i64, end: i64) -> i64:
    """Return the kind of the first payload of one direction, OPENING, OPENING_S7 or NO_FRAME."""
    at: i64 = start
    found: i64 = OPENING
    count: i64 = 0
    while at < end and count < FRAMES_LOOKED_AT:
        if not plausible_header(data, at, end):
            return NO_FRAME
        size: i64 = measure(data, at, end)
        if size == NEED_MORE or end - at < MIN_LENGTH:
            return found
        if data[at + 5] == DT and data[at + 4] == 2 and size > MIN_LENGTH + 1:
            if end - at < MIN_LENGTH + 2:
                return found
            kind: i64 = kind_of(data, at + 7, min(at + size, end))
            return found if kind == UNKNOWN and at + size > end else kind
        if at + size > end:
            return found
        tpdu = parse(data, at, at + size)
        if tpdu is not None and (tpdu.kind == CR or tpdu.kind == CC) and protocol_of(tpdu.called) != "iso":
            found = OPENING_S7
        at += size
        count += 1
    return found


def plausible_header(data: bytes, at: i64, end: i64) -> bool:
    """Return whether a TPKT and COTP header may begin at ``at``, whatever follows it."""
    if data[at] != 3 or measure(data, at, end) == NOT_MINE:
        return False
    if end - at < MIN_LENGTH or data[at + 5] == DT:
        return end - at < 2 or data[at + 1] == 0
    return plausible(data, at, end)


def opener(data: bytes, start: i64, end: i64) -> i64:
    """Return 1 when the frame is a client's connect, 0 when it answers one, -1 for anything else.

    A disconnect with source reference 0 refuses a connect; with another one either end may send it.
    """
    size: i64 = measure(data, start, end)
    if size < MIN_LENGTH or start + size > end:
        return -1
    kind: i64 = i64(data[start + 5]) & 0xF0
    if kind == CR:
        return 1
    if kind == DR and end - start >= 10 and (data[start + 8] or data[start + 9]):
        return -1
    return 0 if kind == CC or kind == DR else -1


@final
class IsoDissector(Dissector):
    """ISO transport as the wire sees it when no protocol above claims it."""

    def __init__(self) -> None:
        super().__init__("iso", bytes((TPKT_VERSION,)), weighs_roles=True, longest=LONGEST)
        self.heir: Dissector | None = None
        """Whose sessions also know what others carry: a foreign first payload must not hide what comes behind it."""

    def recognise(self, data: bytes, start: i64, end: i64, proposed: bool) -> i64:
        """Return YES for a session unit of MMS and its like, or any payload on the port; MAYBE until it comes."""
        kind: i64 = first_payload(data, start, end)
        if kind == NO_FRAME:
            return NO
        if kind >= OPENING:
            return MAYBE
        if kind == ISO_SESSION or (kind == UNKNOWN and proposed):
            return YES
        return NO

    def measure(self, data: bytes, start: i64, end: i64) -> i64:
        """Return the length of the frame at ``start``."""
        return measure(data, start, end)

    def from_client(self, data: bytes, start: i64, end: i64) -> i64:
        """Return 1 for a connect, 0 for its answer, -1 when unsure."""
        return opener(data, start, end)

    def parse(self, data: bytes, start: i64, end: i64, from_client: bool) -> Message | None:
        """Return the transport unit as a message, None for one that carries data."""
        tpdu = parse(data, start, end)
        if tpdu is None or tpdu.kind == DT:
            return None
        return connection_message(tpdu, from_client)

    def session(self, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> Session:
        """Return a new session, the heir's when there is one."""
        if self.heir is not None:
            return self.heir.session(connection, recorder, channel_table)
        return IsoSession(connection, recorder, channel_table)


DISSECTOR: Final = IsoDissector()
