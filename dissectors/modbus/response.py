"""What follows the function in a Modbus answer, form by form. Compiled with mypyc."""

from __future__ import annotations

from mypy_extensions import i64

from dissectors.base.message import Identity, Message
from dissectors.modbus.fields import (
    bits_of,
    check_long,
    is_short,
    read_mask,
    read_single,
    read_span,
    text_of,
    u16,
    words_of,
    wrong,
)
from dissectors.modbus.table import (
    DIAGNOSTIC,
    INTERFACE,
    MASK,
    OBJECTS,
    READ_BITS,
    READ_WORDS,
    READ_WRITE,
    SERVER_ID,
    UMAS,
    UMAS_FAILURE,
    WRITE_COIL,
    WRITE_COILS,
    WRITE_WORD,
    WRITE_WORDS,
    Function,
    exception_name,
)


def read_response(message: Message, row: Function, data: bytes, at: i64, end: i64) -> None:
    """Read what follows the function of an answer."""
    form: i64 = row.form
    if form == READ_BITS or form == READ_WORDS:
        message.routine = True
        _counted(message, row, data, at, end)
    elif form == WRITE_COIL or form == WRITE_WORD:
        read_single(message, row, data, at, end)
    elif form == WRITE_COILS or form == WRITE_WORDS:
        if read_span(message, row, data, at, end, 4):
            check_long(message, at, end, 4)
    elif form == MASK:
        read_mask(message, data, at, end)
    elif form == READ_WRITE:
        _counted(message, row, data, at, end)
    elif form == DIAGNOSTIC:
        if at + 4 <= end:
            message.values = [int(u16(data, at + 2))]
    elif form == INTERFACE:
        if message.code == "43/14":
            _identification(message, data, at, end)
    elif form == SERVER_ID:
        _server_id(message, data, at, end)
    elif form == UMAS and at + 2 <= end:
        status: i64 = i64(data[at + 1])
        message.detail["status"] = int(status)
        if status == UMAS_FAILURE:
            message.error = "umas_failure"
            message.error_code = UMAS_FAILURE


def read_exception(message: Message, data: bytes, at: i64, end: i64) -> None:
    """Read the code of an exception."""
    if is_short(message, at, end, 1):
        message.error = "exception_without_code"
        return
    message.error_code = i64(data[at])
    message.error = exception_name(message.error_code)


def _counted(message: Message, row: Function, data: bytes, at: i64, end: i64) -> None:
    if is_short(message, at, end, 1):
        return
    size: i64 = i64(data[at])
    if end - at - 1 != size or size == 0:
        wrong(message, "byte_count", 8, f"byte count {int(size)}, {int(end - at - 1)} bytes are there")
    have: i64 = min(size, end - at - 1)
    if row.form == READ_BITS:
        message.values = bits_of(data, at + 1, have * 8)
    else:
        if (size & 1) != 0:
            wrong(message, "byte_count", 8, f"byte count {int(size)} is odd")
        message.values = words_of(data, at + 1, have // 2)


def _identification(message: Message, data: bytes, at: i64, end: i64) -> None:
    """Answer to 43/14: interface, code, conformity, more follows, next object, count, objects."""
    if is_short(message, at, end, 6):
        return
    message.detail["conformity"] = int(data[at + 2])
    message.detail["more_follows"] = int(data[at + 3])
    count: i64 = i64(data[at + 5])
    spot: i64 = at + 6
    while count > 0 and spot + 2 <= end:
        number = int(data[spot])
        size: i64 = i64(data[spot + 1])
        if spot + 2 + size > end:
            wrong(message, "byte_count", 8 + spot - at, f"object {number} claims {int(size)} bytes beyond the message")
            return
        value = text_of(data, spot + 2, spot + 2 + size)
        attribute = OBJECTS.get(number, f"vendor_object_0x{number:02x}")
        message.identity.append(Identity(attribute, value, f"modbus.43.14.{number}"))
        message.values.append(value)
        spot += 2 + size
        count -= 1


def _server_id(message: Message, data: bytes, at: i64, end: i64) -> None:
    if is_short(message, at, end, 1):
        return
    stop: i64 = min(end, at + 1 + i64(data[at]))
    message.detail["server_id"] = data[at + 1 : stop].hex()
    text = text_of(data, at + 1, stop).strip()
    if len(text) >= 4 and text.isprintable() and "\ufffd" not in text:
        message.identity.append(Identity("server_id", text, "modbus.17"))
