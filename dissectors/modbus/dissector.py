"""Modbus/TCP as the wire sees it: its first bytes, its direction, its session. Compiled with mypyc."""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.dissector import Dissector
from dissectors.base.message import MAYBE, NEED_MORE, NO, NOT_MINE, YES, Message
from dissectors.base.recorder import Recorder
from dissectors.base.session import Session
from dissectors.modbus.direction import clean, direction
from dissectors.modbus.parse import HEADER, MAX_OF_UMAS, measure, parse
from dissectors.modbus.serial import (
    NAMES,
    NO_PROOF,
    PROOF,
    UNDECIDED,
    framing_of,
    may_be_serial,
    proof,
    serial_size,
    wrapped,
)
from dissectors.modbus.session import ModbusSession
from dissectors.modbus.table import FUNCTIONS


@final
class ModbusDissector(Dissector):
    """Modbus/TCP as the wire sees it."""

    def __init__(self) -> None:
        super().__init__("modbus", weighs_roles=True, longest=HEADER - 1 + MAX_OF_UMAS)

    def recognise(self, data: bytes, start: i64, end: i64, proposed: bool) -> i64:
        """Return YES for a valid header on a proposed port; elsewhere the whole message must fit exactly.

        A serial frame must be all there is, elsewhere also without a fault; on its port another frame may follow it.
        """
        if end == start:
            return MAYBE
        framing: i64 = framing_of(data, start, end)
        size: i64
        if framing != UNDECIDED and proposed:
            sure: i64 = proof(framing, data, start, end)
            if sure != NO_PROOF:
                return YES if sure == PROOF else MAYBE
        elif framing != UNDECIDED:
            size = serial_size(framing, data, start, end)
            if start + size == end and clean_frame(framing, data, start, end):
                return YES
        size = measure(data, start, end)
        if size == NOT_MINE:
            return MAYBE if proposed and may_be_serial(data, start, end) else NO
        if size == NEED_MORE or end - start < HEADER + 1:
            return MAYBE
        if proposed:
            return YES
        if end - start < size:
            return MAYBE
        return YES if fits(data, start, start + size) else NO

    def measure(self, data: bytes, start: i64, end: i64) -> i64:
        """Return the length of the message, in one of the three framings at ``start``."""
        framing: i64 = framing_of(data, start, end)
        return measure(data, start, end) if framing == UNDECIDED else serial_size(framing, data, start, end)

    def from_client(self, data: bytes, start: i64, end: i64) -> i64:
        """Return 1 or 0 when the form of the message fits only one direction."""
        if start >= end:
            return -1
        framing: i64 = framing_of(data, start, end)
        if framing != UNDECIDED:
            size: i64 = serial_size(framing, data, start, end)
            data = wrapped(framing, data, start, start + size, 0)
            start = 0
            end = i64(len(data))
        return direction(data, start, end)

    def parse(self, data: bytes, start: i64, end: i64, from_client: bool) -> Message | None:
        """Return the message that ``data[start:end]`` is, in one of the three framings."""
        message = parse(data, start, end, from_client)
        if message is not None or start >= end:
            return message
        framing: i64 = framing_of(data, start, end)
        if framing == UNDECIDED or serial_size(framing, data, start, end) != end - start:
            return None
        frame = wrapped(framing, data, start, end, 0)
        message = parse(frame, 0, i64(len(frame)), from_client)
        if message is not None:
            message.detail = {"framing": NAMES[framing]}
        return message

    def session(self, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> Session:
        """Return a new session."""
        return ModbusSession(connection, recorder, channel_table)


def fits(data: bytes, start: i64, end: i64) -> bool:
    """Return whether the message is a clean read or write in either direction: enough to know it on any port."""
    if int(data[start + 7]) > 0x80:
        return end - start == 9 and (int(data[start + 7]) & 0x7F) in FUNCTIONS and 0 < int(data[start + 8]) <= 11
    return clean(data, start, end, True) or clean(data, start, end, False)


def clean_frame(framing: i64, data: bytes, start: i64, end: i64) -> bool:
    """Return whether a serial frame is a clean read or write."""
    frame = wrapped(framing, data, start, end, 0)
    return fits(frame, 0, i64(len(frame)))


DISSECTOR: Final = ModbusDissector()
