"""The data link layer: start bytes, length, control, addresses, and a CRC per block of 16 bytes.

IEEE 1815 clause 9. A frame is 10 bytes of header and at most 250 bytes of user data, 292 bytes with all CRCs.
Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import BytesWriter, read_i16_le, read_i64_le, write_i64_le
from mypy_extensions import i64

from dissectors.base.message import NEED_MORE, NOT_MINE, ProtocolViolation
from dissectors.dnp3.crc import has_valid_crc

START_FIRST: Final = 0x05
START_SECOND: Final = 0x64
START: Final = b"\x05\x64"
HEADER: Final = 10
BLOCK: Final = 16
MIN_LENGTH: Final = 5
LONGEST: Final = 292
"""Bytes of the longest frame."""

FROM_MASTER: Final = 0x80
PRIMARY: Final = 0x40
CONFIRMED_USER_DATA: Final = 3
UNCONFIRMED_USER_DATA: Final = 4

SELF_ADDRESS: Final = 0xFFFC
BROADCAST_FIRST: Final = 0xFFFD
RESERVED_FIRST: Final = 0xFFF0

CLAUSE_START: Final = "9.2.4.1.1"
CLAUSE_LENGTH: Final = "9.2.4.1.2"
CLAUSE_CONTROL: Final = "9.2.4.1.3"
CLAUSE_ADDRESS: Final = "9.2.4.1.4"
CLAUSE_CRC: Final = "9.2.4.3"


@final
class LinkFunction:
    """One link function: ``name`` as an operation, its ``verb``."""

    def __init__(self, name: str, verb: str) -> None:
        self.name: str = name
        self.verb: str = verb


PRIMARY_FUNCTIONS: Final[dict[int, LinkFunction]] = {
    0: LinkFunction("reset_link_states", "session"),
    1: LinkFunction("reset_user_process", "session"),
    2: LinkFunction("test_link_states", "diagnostic"),
    3: LinkFunction("confirmed_user_data", "session"),
    4: LinkFunction("unconfirmed_user_data", "session"),
    9: LinkFunction("request_link_status", "diagnostic"),
}
SECONDARY_FUNCTIONS: Final[dict[int, LinkFunction]] = {
    0: LinkFunction("ack", "session"),
    1: LinkFunction("nack", "session"),
    11: LinkFunction("link_status", "session"),
    14: LinkFunction("link_not_functioning", "session"),
    15: LinkFunction("not_supported", "session"),
}


def link_function(control: i64) -> LinkFunction | None:
    """Return the function of a control byte, None where the standard has none."""
    number = int(control & 0x0F)
    return PRIMARY_FUNCTIONS.get(number) if control & PRIMARY else SECONDARY_FUNCTIONS.get(number)


def frame_size(length: i64) -> i64:
    """Return the bytes of a frame whose length byte is ``length`` (at least MIN_LENGTH), CRCs included."""
    user: i64 = length - MIN_LENGTH
    return HEADER + user + 2 * ((user + BLOCK - 1) // BLOCK)


def measure(data: bytes, start: i64, end: i64) -> i64:
    """Return the length of the frame at ``start``, NEED_MORE, or NOT_MINE; a bad header CRC is NOT_MINE."""
    if data[start] != START_FIRST or (start + 1 < end and data[start + 1] != START_SECOND):
        return NOT_MINE
    if start + 2 < end and data[start + 2] < MIN_LENGTH:
        return NOT_MINE
    if end - start < HEADER:
        return NEED_MORE
    if not has_valid_crc(data, start, start + 8):
        return NOT_MINE
    return frame_size(i64(data[start + 2]))


def wrong_header(data: bytes, start: i64, end: i64) -> ProtocolViolation:
    """Return the violation that makes the bytes at ``start`` no frame; its ``at`` is the length of its evidence."""
    if data[start] != START_FIRST:
        return ProtocolViolation("start", 1, CLAUSE_START, "the bytes do not begin with 0x0564")
    if start + 1 < end and data[start + 1] != START_SECOND:
        return ProtocolViolation("start", 2, CLAUSE_START, "the bytes do not begin with 0x0564")
    if start + 2 < end and data[start + 2] < MIN_LENGTH:
        return ProtocolViolation("length", 3, CLAUSE_LENGTH, "the length octet is less than 5")
    return ProtocolViolation("header_crc", HEADER, CLAUSE_CRC, "the frame header has a bad CRC")


def next_frame(data: bytes, start: i64, end: i64) -> i64:
    """Return the offset of the next frame with a good header CRC, or of a prefix that may become one, else ``end``."""
    at: i64 = start
    while at < end:
        found: i64 = i64(data.find(START, at, end))
        if found < 0:
            return end - 1 if data[end - 1] == START_FIRST else end
        if measure(data, found, end) != NOT_MINE:
            return found
        at = found + 1
    return end


def bad_block(data: bytes, start: i64, end: i64) -> i64:
    """Return the offset in the frame of the first block with a bad CRC, -1 when all are good."""
    at: i64 = start + HEADER
    while at < end:
        stop: i64 = at + BLOCK
        if stop > end - 2:
            stop = end - 2
        if not has_valid_crc(data, at, stop):
            return at - start
        at = stop + 2
    return -1


def user_data(data: bytes, start: i64, end: i64) -> bytes:
    """Return the user data of the frame without its CRCs."""
    writer = BytesWriter()
    at: i64 = start + HEADER
    while at < end:
        stop: i64 = at + BLOCK
        if stop > end - 2:
            stop = end - 2
        while at + 8 <= stop:
            write_i64_le(writer, read_i64_le(data, at))
            at += 8
        while at < stop:
            writer.append(data[at])
            at += 1
        at = stop + 2
    return writer.getvalue()


def destination_of(data: bytes, start: i64) -> i64:
    """Return the destination address of the frame at ``start``."""
    return i64(read_i16_le(data, start + 4)) & 0xFFFF


def source_of(data: bytes, start: i64) -> i64:
    """Return the source address of the frame at ``start``."""
    return i64(read_i16_le(data, start + 6)) & 0xFFFF
