"""S7CommPlus (0x72) at header level: version, opcode, function, sequence number, object, return value.

Nothing is published; the codes are those of the public dissectors. Uncertain: get_variable, add_link, remove_link,
set_variable_substreamed, get_variable_addresses and abort are named there without captures, init_ssl (0x05B3) by
the connection that turns to TLS after it. In version 3 a digest stands before the header. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.base.message import ONE_WAY, PLAIN_READ, REPORT, REQUEST, RESPONSE, Message, ProtocolViolation
from dissectors.iso.cotp import u16
from dissectors.s7.item import u32

PROTOCOL_ID: Final = 0x72
HEADER: Final = 4
TRAILER: Final = 4
DIGEST_VERSION: Final = 3
DIGEST: Final = 32
NO_ANSWER: Final = 0x40
"""The bit of the transport flags of a request that the public dissector calls "no response expected"; some are answered."""
SYSTEM_EVENT: Final = 0xFE
KEEP_ALIVE: Final = 0xFF
REQUEST_CODE: Final = 0x31
RESPONSE_CODE: Final = 0x32
NOTIFICATION_CODE: Final = 0x33
SECOND_RESPONSE_CODE: Final = 0x02
SERVER_ASKS: Final = 1 << 16
INIT_SSL: Final = 0x05B3
LAST_GROUP: Final = 8
"""The ninth byte of a long number carries 8 bits instead of 7."""

FUNCTIONS: Final = {
    0x04B1: ("error", "session"),
    0x04BB: ("explore", "diagnostic"),
    0x04CA: ("create_object", "program"),
    0x04D4: ("delete_object", "program"),
    0x04F2: ("set_variable", "write"),
    0x04FC: ("get_variable", "read"),
    0x0506: ("add_link", "program"),
    0x051A: ("remove_link", "program"),
    0x0524: ("get_link", "read"),
    0x0542: ("set_multi_variables", "write"),
    0x054C: ("get_multi_variables", "read"),
    0x0556: ("begin_sequence", "program"),
    0x0560: ("end_sequence", "program"),
    0x056B: ("invoke", "control"),
    0x057C: ("set_variable_substreamed", "write"),
    0x0586: ("get_variable_substreamed", "read"),
    0x0590: ("get_variable_addresses", "diagnostic"),
    0x059A: ("abort", "session"),
    INIT_SSL: ("init_ssl", "session"),
}
NO_RETURN_VALUE: Final = frozenset({INIT_SSL, 0x04B1})

ERRORS: Final = {
    12: "object_not_found",
    17: "invalid_crc",
    134: "service_multi_es_not_supported",
    255: "invalid_lid",
}


def is_last(data: bytes, start: i64, end: i64) -> bool:
    """Return whether the message ends here: only the last of several fragments has a trailer."""
    version: i64 = i64(data[start + 1])
    if version == KEEP_ALIVE or end - start < HEADER:
        return True
    return end - start > HEADER + u16(data, start + 2)


def parse(data: bytes, start: i64, end: i64, from_client: bool) -> Message | None:
    """Return the message of a first fragment, None when ``data[start:end]`` is no S7CommPlus."""
    if end - start < HEADER or data[start] != PROTOCOL_ID:
        return None
    version: i64 = i64(data[start + 1])
    if version == KEEP_ALIVE or version == SYSTEM_EVENT:
        name = "keep_alive" if version == KEEP_ALIVE else "system_event"
        message = Message(ONE_WAY if from_client else REPORT, name, "session", f"0x{int(version):02x}")
        message.routine = True
        return message
    size: i64 = u16(data, start + 2)
    stop: i64 = min(end, start + HEADER + size)
    at: i64 = start + HEADER
    message = Message(REQUEST, "unknown_message", "unknown", "")
    message.detail["version"] = int(version)
    if start + HEADER + size > end:
        text = f"the header announces {int(size)} bytes, {int(end - start - HEADER)} are there"
        message.violations.append(ProtocolViolation("length", 2, "S7CommPlus header", text))
    if version == DIGEST_VERSION and at < stop and data[at] == DIGEST:
        at += 1 + DIGEST
    if at >= stop:
        return message
    _opcode(message, data, at, stop, from_client, start)
    return message


def _opcode(message: Message, data: bytes, at: i64, end: i64, from_client: bool, start: i64) -> None:
    opcode: i64 = i64(data[at])
    if opcode == NOTIFICATION_CODE:
        message.kind = REPORT
        message.operation, message.verb, message.code = "notification", "report", "0x33"
        message.routine = True
        return
    if opcode != REQUEST_CODE and opcode != RESPONSE_CODE and opcode != SECOND_RESPONSE_CODE:
        message.operation = f"unknown_0x{int(opcode):02x}"
        message.kind = ONE_WAY
        text = f"opcode 0x{int(opcode):02x}: request, response and notification are known"
        message.violations.append(ProtocolViolation("function", at - start, "S7CommPlus header", text))
        return
    message.kind = REQUEST if opcode == REQUEST_CODE else RESPONSE
    if at + 9 > end:
        text = f"{int(end - at)} bytes are no whole header of a request or response"
        message.violations.append(ProtocolViolation("length", 2, "S7CommPlus header", text))
        return
    code: i64 = u16(data, at + 3)
    row = FUNCTIONS.get(int(code))
    message.operation = row[0] if row is not None else f"unknown_0x{int(code):04x}"
    message.verb = row[1] if row is not None else "unknown"
    message.code = f"0x{int(code):04x}"
    message.routine = message.verb == "read"
    message.mirror = PLAIN_READ if message.routine else PLAIN_READ + 1 + code
    message.tag = u16(data, at + 7)
    if from_client != (message.kind == REQUEST):
        message.tag |= SERVER_ASKS
    if message.kind == RESPONSE:
        if int(code) not in NO_RETURN_VALUE:
            _return_value(message, data, at + 10, end)
    elif at + 14 <= end and i64(data[at + 13]) & NO_ANSWER:
        message.optional = True
    if message.kind != RESPONSE and at + 18 <= end:
        message.detail["object"] = f"0x{int(u32(data, at + 14)):08x}"


def _return_value(message: Message, data: bytes, at: i64, end: i64) -> None:
    """Read the return value: a number of 7 bits a byte, whose low 16 bits are the signed error code."""
    number: i64 = 0
    count: i64 = 0
    while at < end:
        byte: i64 = i64(data[at])
        if count == LAST_GROUP:
            number = (number << 8) | byte
            break
        number = ((number & 0xFFFFFFFFFFFF) << 7) | (byte & 0x7F)
        at += 1
        count += 1
        if byte < 0x80:
            break
    code: i64 = number & 0xFFFF
    if code >= 0x8000:
        message.error_code = 0x10000 - code
        message.error = ERRORS.get(int(message.error_code), f"unknown_{int(message.error_code)}")
