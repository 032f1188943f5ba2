"""One Modbus/TCP message from its own bytes (MBAP header and PDU).

``parse`` reads only ``data[start:end]``. A message that is wrong but readable carries named violations:
"quantity", "byte_count", "coil_value", "illegal_function_code", "length". Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i16_be
from mypy_extensions import i64

from dissectors.base.message import NEED_MORE, NOT_MINE, REQUEST, RESPONSE, Identity, Message, ProtocolViolation
from dissectors.facts import Target, Value
from dissectors.modbus.table import (
    DIAGNOSTIC,
    FIFO,
    FILE,
    HOLDING,
    INTERFACE,
    INTERFACES,
    LISTEN_ONLY,
    MASK,
    OBJECTS,
    READ_BITS,
    READ_WORDS,
    READ_WRITE,
    SERVER_ID,
    SUBFUNCTIONS,
    UMAS,
    UMAS_CODES,
    UMAS_FAILURE,
    WRITE_COIL,
    WRITE_COILS,
    WRITE_QUANTITY_OF_23,
    WRITE_WORD,
    WRITE_WORDS,
    Function,
    exception_name,
    function_of,
)

HEADER: Final = 7
MIN_LENGTH: Final = 2
MAX_LENGTH: Final = 254
MAX_OF_UMAS: Final = 1025
"""Schneider controllers agree on longer messages of function 90: up to 1024 bytes behind the unit."""
UMAS_FUNCTION: Final = 90
TEXT_LIMIT: Final = 256


def u16(data: bytes, at: i64) -> i64:
    """Return the unsigned 16-bit big-endian number at ``at``."""
    return i64(read_i16_be(data, at)) & 0xFFFF


def measure(data: bytes, start: i64, end: i64) -> i64:
    """Return the length of the message at ``start`` as its MBAP header gives it, NEED_MORE, or NOT_MINE."""
    have: i64 = end - start
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
        _request(message, row, data, start + 8, end)
    elif code >= 128:
        _exception(message, data, start + 8, end)
        _name(message, row, data, start + 8, end, True)
    else:
        _response(message, row, data, start + 8, end)
    return message


def tag_of(data: bytes, start: i64) -> i64:
    """Return what pairs an answer with its request: transaction, unit and function."""
    return u16(data, start) | (i64(data[start + 6]) << 16) | ((i64(data[start + 7]) & 0x7F) << 24)


def _name(message: Message, row: Function, data: bytes, at: i64, end: i64, failed: bool) -> None:
    """Refine the name of functions that carry a second code."""
    if failed:
        return
    if row.form == DIAGNOSTIC and at + 2 <= end:
        sub = int(u16(data, at))
        name, verb = SUBFUNCTIONS.get(sub, (f"diagnostics_0x{sub:04x}", "unknown"))
        message.operation, message.verb, message.code = name, verb, f"8/{sub}"
    elif row.form == INTERFACE and at < end:
        kind = int(data[at])
        name, verb = INTERFACES.get(kind, (f"encapsulated_interface_0x{kind:02x}", "unknown"))
        message.operation, message.verb, message.code = name, verb, f"43/{kind}"


def _request(message: Message, row: Function, data: bytes, at: i64, end: i64) -> None:
    _name(message, row, data, at, end, False)
    form: i64 = row.form
    if form == READ_BITS or form == READ_WORDS:
        message.routine = True
        if _span(message, row, data, at, end, 4):
            _long(message, at, end, 4)
    elif form == WRITE_COIL or form == WRITE_WORD:
        _single(message, row, data, at, end)
    elif form == WRITE_COILS or form == WRITE_WORDS:
        _multiple(message, row, data, at, end)
    elif form == MASK:
        _mask(message, data, at, end)
    elif form == READ_WRITE:
        _read_write(message, row, data, at, end)
    elif form == DIAGNOSTIC:
        if at + 4 <= end:
            message.values = [int(u16(data, at + 2))]
    elif form == FILE:
        _file(message, row, data, at, end)
    elif form == FIFO:
        if not _short(message, at, end, 2):
            first = int(u16(data, at))
            message.targets.append(Target(HOLDING, first, first))
    elif form == INTERFACE:
        if at + 3 <= end:
            message.detail["read_code"] = int(data[at + 1])
            message.detail["object"] = int(data[at + 2])
    elif form == UMAS:
        _umas(message, data, at, end)


def _umas(message: Message, data: bytes, at: i64, end: i64) -> None:
    if _short(message, at, end, 2):
        return
    sub = int(data[at + 1])
    name, verb = UMAS_CODES.get(sub, (f"umas_0x{sub:02x}", "unknown"))
    message.operation, message.verb, message.code = name, verb, f"90/{sub}"
    message.detail["bytes"] = int(end - at - 2)


def _response(message: Message, row: Function, data: bytes, at: i64, end: i64) -> None:
    _name(message, row, data, at, end, False)
    form: i64 = row.form
    if form == READ_BITS or form == READ_WORDS:
        message.routine = True
        _counted(message, row, data, at, end)
    elif form == WRITE_COIL or form == WRITE_WORD:
        _single(message, row, data, at, end)
    elif form == WRITE_COILS or form == WRITE_WORDS:
        if _span(message, row, data, at, end, 4):
            _long(message, at, end, 4)
    elif form == MASK:
        _mask(message, data, at, end)
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


def _exception(message: Message, data: bytes, at: i64, end: i64) -> None:
    if _short(message, at, end, 1):
        message.error = "exception_without_code"
        return
    message.error_code = i64(data[at])
    message.error = exception_name(message.error_code)


def _wrong(message: Message, name: str, at: i64, text: str) -> None:
    message.violations.append(ProtocolViolation(name, at, "V1.1b3 6", text))


def _short(message: Message, at: i64, end: i64, need: i64) -> bool:
    if end - at >= need:
        return False
    text = f"{int(end - at)} bytes follow the function, at least {int(need)} belong"
    message.violations.append(ProtocolViolation("length", 4, "V1.1b3 6", text))
    return True


def _long(message: Message, at: i64, end: i64, belong: i64) -> None:
    """State the violation when more bytes follow the function than its form has."""
    if end - at > belong:
        _wrong(message, "length", 4, f"{int(end - at)} bytes follow the function, {int(belong)} belong")


def _span(message: Message, row: Function, data: bytes, at: i64, end: i64, need: i64) -> bool:
    """Read address and quantity; return whether they were there."""
    if _short(message, at, end, need):
        return False
    first: i64 = u16(data, at)
    quantity: i64 = u16(data, at + 2)
    if quantity == 0 or quantity > row.most:
        _wrong(message, "quantity", 10, f"quantity {int(quantity)}, 1 to {int(row.most)} are allowed")
    elif first + quantity > 65536:
        _wrong(message, "quantity", 10, f"{int(first)} + {int(quantity)} points pass the end of the table")
    last: i64 = first + quantity - 1
    message.targets.append(Target(row.table, int(first), int(last if last >= first else first)))
    return True


def _single(message: Message, row: Function, data: bytes, at: i64, end: i64) -> None:
    if _short(message, at, end, 4):
        return
    first = int(u16(data, at))
    value = int(u16(data, at + 2))
    message.targets.append(Target(row.table, first, first))
    _long(message, at, end, 4)
    if row.form == WRITE_WORD:
        message.values = [value]
        return
    if value not in (0, 0xFF00):
        _wrong(message, "coil_value", 10, f"coil value 0x{value:04x}, 0x0000 or 0xff00 are allowed")
        message.values = [value]
        return
    message.values = [1 if value else 0]


def _mask(message: Message, data: bytes, at: i64, end: i64) -> None:
    if _short(message, at, end, 6):
        return
    first = int(u16(data, at))
    message.targets.append(Target(HOLDING, first, first))
    message.values = [int(u16(data, at + 2)), int(u16(data, at + 4))]
    _long(message, at, end, 6)


def _multiple(message: Message, row: Function, data: bytes, at: i64, end: i64) -> None:
    if not _span(message, row, data, at, end, 5):
        return
    quantity: i64 = u16(data, at + 2)
    size: i64 = i64(data[at + 4])
    bits = row.form == WRITE_COILS
    need: i64 = (quantity + 7) // 8 if bits else quantity * 2
    if size != need or end - at - 5 != size:
        text = f"byte count {int(size)}, {int(need)} belong to {int(quantity)} points, {int(end - at - 5)} are there"
        _wrong(message, "byte_count", 12, text)
    have: i64 = min(size, end - at - 5)
    if bits:
        message.values = bits_of(data, at + 5, min(quantity, have * 8))
    else:
        message.values = words_of(data, at + 5, min(quantity, have // 2))


def _read_write(message: Message, row: Function, data: bytes, at: i64, end: i64) -> None:
    if _short(message, at, end, 9):
        return
    read_first = int(u16(data, at))
    read_count = int(u16(data, at + 2))
    write_first = int(u16(data, at + 4))
    write_count = int(u16(data, at + 6))
    if read_count == 0 or read_count > int(row.most):
        _wrong(message, "quantity", 10, f"reads {read_count} registers, 1 to {int(row.most)} are allowed")
    if write_count == 0 or write_count > WRITE_QUANTITY_OF_23:
        _wrong(message, "quantity", 14, f"writes {write_count} registers, 1 to {WRITE_QUANTITY_OF_23} are allowed")
    size: i64 = i64(data[at + 8])
    if size != write_count * 2 or end - at - 9 != size:
        _wrong(message, "byte_count", 16, f"byte count {int(size)} for {write_count} registers")
    message.targets.append(Target(HOLDING, write_first, max(write_first, write_first + write_count - 1)))
    message.detail["read_first"] = read_first
    message.detail["read_count"] = read_count
    have: i64 = min(size, end - at - 9)
    message.values = words_of(data, at + 9, min(i64(write_count), have // 2))


def _counted(message: Message, row: Function, data: bytes, at: i64, end: i64) -> None:
    if _short(message, at, end, 1):
        return
    size: i64 = i64(data[at])
    if end - at - 1 != size or size == 0:
        _wrong(message, "byte_count", 8, f"byte count {int(size)}, {int(end - at - 1)} bytes are there")
    have: i64 = min(size, end - at - 1)
    if row.form == READ_BITS:
        message.values = bits_of(data, at + 1, have * 8)
    else:
        if (size & 1) != 0:
            _wrong(message, "byte_count", 8, f"byte count {int(size)} is odd")
        message.values = words_of(data, at + 1, have // 2)


def _file(message: Message, row: Function, data: bytes, at: i64, end: i64) -> None:
    """Sub-requests of 20 and 21: reference type, file, record, length (and data of 21)."""
    if _short(message, at, end, 1):
        return
    stop: i64 = min(end, at + 1 + i64(data[at]))
    if at + 1 + i64(data[at]) != end:
        _wrong(message, "byte_count", 8, f"byte count {int(data[at])}, {int(end - at - 1)} bytes are there")
    spot: i64 = at + 1
    while spot + 7 <= stop:
        number = int(u16(data, spot + 1))
        record = int(u16(data, spot + 3))
        length: i64 = u16(data, spot + 5)
        message.targets.append(Target(f"file{number}", record, max(record, record + int(length) - 1)))
        spot += 7
        if row.code == 21:
            spot += length * 2


def _identification(message: Message, data: bytes, at: i64, end: i64) -> None:
    """Answer to 43/14: interface, code, conformity, more follows, next object, count, objects."""
    if _short(message, at, end, 6):
        return
    message.detail["conformity"] = int(data[at + 2])
    message.detail["more_follows"] = int(data[at + 3])
    count: i64 = i64(data[at + 5])
    spot: i64 = at + 6
    while count > 0 and spot + 2 <= end:
        number = int(data[spot])
        size: i64 = i64(data[spot + 1])
        if spot + 2 + size > end:
            _wrong(message, "byte_count", 8 + spot - at, f"object {number} claims {int(size)} bytes beyond the message")
            return
        value = text_of(data, spot + 2, spot + 2 + size)
        attribute = OBJECTS.get(number, f"vendor_object_0x{number:02x}")
        message.identity.append(Identity(attribute, value, f"modbus.43.14.{number}"))
        message.values.append(value)
        spot += 2 + size
        count -= 1


def _server_id(message: Message, data: bytes, at: i64, end: i64) -> None:
    if _short(message, at, end, 1):
        return
    stop: i64 = min(end, at + 1 + i64(data[at]))
    message.detail["server_id"] = data[at + 1 : stop].hex()
    text = text_of(data, at + 1, stop).strip()
    if len(text) >= 4 and text.isprintable() and "\ufffd" not in text:
        message.identity.append(Identity("server_id", text, "modbus.17"))


def words_of(data: bytes, at: i64, count: i64) -> list[Value]:
    """Return ``count`` registers."""
    result: list[Value] = []
    spot: i64 = at
    left: i64 = count
    while left > 0:
        result.append(int(u16(data, spot)))
        spot += 2
        left -= 1
    return result


def bits_of(data: bytes, at: i64, count: i64) -> list[Value]:
    """Return ``count`` coils, the lowest bit of a byte first."""
    result: list[Value] = []
    number: i64 = 0
    while number < count:
        result.append((int(data[at + (number >> 3)]) >> int(number & 7)) & 1)
        number += 1
    return result


def text_of(data: bytes, start: i64, end: i64) -> str:
    """Return device text, at most TEXT_LIMIT characters, without control characters."""
    text = data[start : min(end, start + TEXT_LIMIT)].decode("utf-8", "replace")
    return "".join([letter for letter in text if letter.isprintable()])


def is_unanswered(message: Message) -> bool:
    """Return whether no answer is due: the device was reported to listen only."""
    return message.code == f"8/{LISTEN_ONLY}"
