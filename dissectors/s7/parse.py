"""One S7comm message from its own bytes: header, then job or userdata.

``parse`` reads only ``data[start:end]``. Violations: "rosctr", "length", "function", "item_count", "item_syntax".
Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.base.message import PLAIN_READ, REQUEST, RESPONSE, Message, ProtocolViolation
from dissectors.iso.cotp import u16
from dissectors.s7.error import error_name
from dissectors.s7.job import request, response
from dissectors.s7.table import ACK, ACK_DATA, FUNCTIONS, JOB, READ_VAR, USERDATA
from dissectors.s7.userdata import read_userdata

PROTOCOL_ID: Final = 0x32
HEADER: Final = 10
ANSWER_HEADER: Final = 12
"""Answers carry error class and code as well."""
SERVER_ASKS: Final = 1 << 16
"""In the tag of a job that the server sent, and of its answer: both sides count their references alone."""
USERDATA_TAG: Final = 1 << 17


def header_size(data: bytes, start: i64) -> i64:
    """Return the length of the header by its ROSCTR."""
    kind: i64 = i64(data[start + 1])
    return ANSWER_HEADER if kind == ACK or kind == ACK_DATA else HEADER


def tag_of(data: bytes, start: i64, client_asks: bool, userdata: bool) -> i64:
    """Return what pairs an answer with its request: PDU reference, who asked, and the kind of message."""
    tag: i64 = u16(data, start + 4)
    if not client_asks:
        tag |= SERVER_ASKS
    if userdata:
        tag |= USERDATA_TAG
    return tag


def parse(data: bytes, start: i64, end: i64, from_client: bool) -> Message | None:
    """Return the message, None when ``data[start:end]`` does not begin as S7comm does."""
    if end - start < HEADER or data[start] != PROTOCOL_ID:
        return None
    rosctr: i64 = i64(data[start + 1])
    if rosctr != JOB and rosctr != ACK and rosctr != ACK_DATA and rosctr != USERDATA:
        message = Message(REQUEST, f"unknown_0x{int(rosctr):02x}", "unknown", f"0x{int(rosctr):02x}")
        text = f"ROSCTR {int(rosctr)}: 1 job, 2 acknowledge, 3 acknowledge with data and 7 userdata are known"
        message.violations.append(ProtocolViolation("rosctr", 1, "S7 header", text))
        return message
    message = Message(REQUEST if rosctr == JOB or rosctr == USERDATA else RESPONSE, "ack", "session", "")
    message.detail["pdu_reference"] = int(u16(data, start + 4))
    if rosctr == JOB or rosctr == USERDATA:
        message.detail["rosctr"] = int(rosctr)
    at: i64 = start + header_size(data, start)
    if at > end:
        message.violations.append(
            ProtocolViolation("length", 0, "S7 header", f"{int(end - start)} bytes are no whole header")
        )
        message.tag = tag_of(data, start, not from_client, False)
        return message
    middle: i64 = at + u16(data, start + 6)
    stop: i64 = middle + u16(data, start + 8)
    if stop != end:
        text = f"header, parameters and data are {int(stop - start)} bytes, {int(end - start)} are there"
        message.violations.append(ProtocolViolation("length", 6, "S7 header", text))
        middle = min(middle, end)
        stop = min(stop, end)
    if rosctr == USERDATA:
        message.operation, message.verb = "userdata", "unknown"
        read_userdata(message, data, at, middle, stop, start)
        asks = from_client if message.kind != RESPONSE else not from_client
        message.tag = tag_of(data, start, asks, True)
        return message
    message.tag = tag_of(data, start, from_client if rosctr == JOB else not from_client, False)
    if rosctr != JOB:
        message.error_code = u16(data, start + 10)
        message.error = error_name(message.error_code)
    _function(message, rosctr, data, at, middle, stop, start)
    return message


def _function(message: Message, rosctr: i64, data: bytes, at: i64, middle: i64, end: i64, start: i64) -> None:
    """Name the function and read what belongs to it."""
    if at >= middle:
        if rosctr == JOB:
            message.operation, message.verb = "job", "unknown"
            message.violations.append(ProtocolViolation("function", 6, "S7 header", "a job without a function"))
        return
    code: i64 = i64(data[at])
    row = FUNCTIONS.get(int(code))
    message.code = f"0x{int(code):02x}"
    message.mirror = PLAIN_READ if code == READ_VAR else PLAIN_READ + 1 + code
    if row is None:
        message.operation, message.verb = f"unknown_0x{int(code):02x}", "unknown"
        text = f"function 0x{int(code):02x} is none of the known ones"
        message.violations.append(ProtocolViolation("function", at - start, "S7 job", text))
        return
    message.operation, message.verb = row
    if rosctr == JOB:
        request(message, code, data, at + 1, middle, end, start)
    elif not message.error:
        response(message, code, data, at + 1, middle, end, start)
    if message.violations:
        message.routine = False
