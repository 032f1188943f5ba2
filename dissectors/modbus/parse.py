"""One Modbus/TCP message from its own bytes (MBAP header and PDU).

``parse`` reads only ``data[start:end]``. A message that is wrong but readable carries named violations:
"quantity", "byte_count", "coil_value", "illegal_function_code", "length". Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i32_be, read_i64_be
from mypy_extensions import i64

from dissectors.base.message import NEED_MORE, NOT_MINE, REQUEST, RESPONSE, Message, ProtocolViolation
from dissectors.modbus.echo import mirror_of
from dissectors.modbus.fields import u16
from dissectors.modbus.request import read_request
from dissectors.modbus.response import read_exception, read_response
from dissectors.modbus.table import DIAGNOSTIC, INTERFACE, INTERFACES, LISTEN_ONLY, SUBFUNCTIONS, Function, function_of

HEADER: Final = 7
READ_REQUEST: Final = 12
"""Length of a request of functions 1 to 4: header, function, address, quantity."""
MIN_LENGTH: Final = 2
MAX_LENGTH: Final = 254
MAX_OF_UMAS: Final = 1025
"""Schneider controllers agree on longer messages of function 90: up to 1024 bytes behind the unit."""
UMAS_FUNCTION: Final = 90


def measure(data: bytes, start: i64, end: i64) -> i64:
    """Return the length of the message at ``start`` as its MBAP header gives it, NEED_MORE, or NOT_MINE."""
    have: i64 = end - start
    if have >= 8:
        header: i64 = read_i64_be(data, start)
        size: i64 = (header >> 16) & 0xFFFF
        if ((header >> 32) & 0xFFFF) == 0 and MIN_LENGTH <= size <= MAX_LENGTH:
            return 6 + size
    if have >= 6:
        length: i64 = (i64(data[start + 4]) << 8) | i64(data[start + 5])
        if data[start + 2] != 0 or data[start + 3] != 0 or length < MIN_LENGTH or length > MAX_OF_UMAS:
            return NOT_MINE
        if length > MAX_LENGTH:
            if have < 8:
                return NEED_MORE
            if (data[start + 7] & 0x7F) != UMAS_FUNCTION:
                return NOT_MINE
        return 6 + length
    if have >= 3 and data[start + 2] != 0:
        return NOT_MINE
    if have >= 4 and data[start + 3] != 0:
        return NOT_MINE
    if have >= 5 and data[start + 4] > 4:
        return NOT_MINE
    return NEED_MORE


def parse(data: bytes, start: i64, end: i64, from_client: bool) -> Message | None:
    """Return the message, None when ``data[start:end]`` is not one whole Modbus/TCP message."""
    if end <= start or measure(data, start, end) != end - start:
        return None
    code: i64 = i64(data[start + 7])
    row = function_of(code if from_client else code & 0x7F)
    message = Message(REQUEST if from_client else RESPONSE, row.name, row.verb, str(int(row.code)))
    unit: i64 = i64(data[start + 6])
    message.unit = str(int(unit))
    message.unit_key = unit
    message.tag = tag_of(data, start)
    message.detail = {"transaction": int(u16(data, start))}
    if from_client:
        if code == 0 or code >= 128:
            text = f"function {int(code)} is no request's: 1 to 127 are"
            message.violations.append(ProtocolViolation("illegal_function_code", 7, "V1.1b3 4.1", text))
        _name(message, row, data, start + 8, end)
        read_request(message, row, data, start + 8, end)
        message.mirror = mirror_of(row.form, data, start + 8, end, True)
    elif code >= 128:
        read_exception(message, data, start + 8, end)
    else:
        _name(message, row, data, start + 8, end)
        read_response(message, row, data, start + 8, end)
        message.mirror = mirror_of(row.form, data, start + 8, end, False)
    return message


def tag_of(data: bytes, start: i64) -> i64:
    """Return what pairs an answer with its request: transaction, unit and function."""
    header: i64 = read_i64_be(data, start)
    return ((header >> 48) & 0xFFFF) | ((header << 8) & 0xFF0000) | ((header & 0x7F) << 24)


def key_of(data: bytes, start: i64, end: i64) -> i64:
    """Return what identifies a plain read on its channel, -1 for any other request."""
    function: i64 = i64(data[start + 7])
    if function > 4 or function == 0 or end - start != READ_REQUEST:
        return -1
    return (i64(data[start + 6]) << 40) | (function << 32) | (i64(read_i32_be(data, start + 8)) & 0xFFFFFFFF)


def _name(message: Message, row: Function, data: bytes, at: i64, end: i64) -> None:
    """Refine the name of functions that carry a second code."""
    if row.form == DIAGNOSTIC and at + 2 <= end:
        sub = int(u16(data, at))
        name, verb = SUBFUNCTIONS.get(sub, (f"diagnostics_0x{sub:04x}", "unknown"))
        message.operation, message.verb, message.code = name, verb, f"8/{sub}"
    elif row.form == INTERFACE and at < end:
        kind = int(data[at])
        name, verb = INTERFACES.get(kind, (f"encapsulated_interface_0x{kind:02x}", "unknown"))
        message.operation, message.verb, message.code = name, verb, f"43/{kind}"


def is_unanswered(message: Message) -> bool:
    """Return whether no answer is due: the device was told to listen only."""
    return message.code == f"8/{LISTEN_ONLY}"
