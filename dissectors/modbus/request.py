"""What follows the function in a Modbus request, form by form. Compiled with mypyc."""

from __future__ import annotations

from mypy_extensions import i64

from dissectors.base.message import Message
from dissectors.facts import Target
from dissectors.modbus.fields import (
    bits_of,
    check_long,
    is_short,
    read_mask,
    read_single,
    read_span,
    u16,
    words_of,
    wrong,
)
from dissectors.modbus.table import (
    DIAGNOSTIC,
    FIFO,
    FILE,
    HOLDING,
    INTERFACE,
    MASK,
    READ_BITS,
    READ_WORDS,
    READ_WRITE,
    UMAS,
    UMAS_CODES,
    WRITE_COIL,
    WRITE_COILS,
    WRITE_QUANTITY_OF_23,
    WRITE_WORD,
    WRITE_WORDS,
    Function,
)


def read_request(message: Message, row: Function, data: bytes, at: i64, end: i64) -> None:
    """Read what follows the function of a request."""
    form: i64 = row.form
    if form == READ_BITS or form == READ_WORDS:
        message.routine = True
        if read_span(message, row, data, at, end, 4):
            check_long(message, at, end, 4)
    elif form == WRITE_COIL or form == WRITE_WORD:
        read_single(message, row, data, at, end)
    elif form == WRITE_COILS or form == WRITE_WORDS:
        _multiple(message, row, data, at, end)
    elif form == MASK:
        read_mask(message, data, at, end)
    elif form == READ_WRITE:
        _read_write(message, row, data, at, end)
    elif form == DIAGNOSTIC:
        if at + 4 <= end:
            message.values = [int(u16(data, at + 2))]
    elif form == FILE:
        _file(message, row, data, at, end)
    elif form == FIFO:
        if not is_short(message, at, end, 2):
            first = int(u16(data, at))
            message.targets.append(Target(HOLDING, first, first))
    elif form == INTERFACE:
        if at + 3 <= end:
            message.detail["read_code"] = int(data[at + 1])
            message.detail["object"] = int(data[at + 2])
    elif form == UMAS:
        _umas(message, data, at, end)


def _umas(message: Message, data: bytes, at: i64, end: i64) -> None:
    if is_short(message, at, end, 2):
        return
    sub = int(data[at + 1])
    name, verb = UMAS_CODES.get(sub, (f"umas_0x{sub:02x}", "unknown"))
    message.operation, message.verb, message.code = name, verb, f"90/{sub}"
    message.detail["bytes"] = int(end - at - 2)


def _multiple(message: Message, row: Function, data: bytes, at: i64, end: i64) -> None:
    if not read_span(message, row, data, at, end, 5):
        return
    quantity: i64 = u16(data, at + 2)
    size: i64 = i64(data[at + 4])
    bits = row.form == WRITE_COILS
    need: i64 = (quantity + 7) // 8 if bits else quantity * 2
    if size != need or end - at - 5 != size:
        text = f"byte count {int(size)}, {int(need)} belong to {int(quantity)} points, {int(end - at - 5)} are there"
        wrong(message, "byte_count", 12, text)
    have: i64 = min(size, end - at - 5)
    if bits:
        message.values = bits_of(data, at + 5, min(quantity, have * 8))
    else:
        message.values = words_of(data, at + 5, min(quantity, have // 2))


def _read_write(message: Message, row: Function, data: bytes, at: i64, end: i64) -> None:
    if is_short(message, at, end, 9):
        return
    read_first = int(u16(data, at))
    read_count = int(u16(data, at + 2))
    write_first = int(u16(data, at + 4))
    write_count = int(u16(data, at + 6))
    if read_count == 0 or read_count > int(row.max_quantity):
        wrong(message, "quantity", 10, f"reads {read_count} registers, 1 to {int(row.max_quantity)} are allowed")
    if write_count == 0 or write_count > WRITE_QUANTITY_OF_23:
        wrong(message, "quantity", 14, f"writes {write_count} registers, 1 to {WRITE_QUANTITY_OF_23} are allowed")
    size: i64 = i64(data[at + 8])
    if size != write_count * 2 or end - at - 9 != size:
        wrong(message, "byte_count", 16, f"byte count {int(size)} for {write_count} registers")
    message.targets.append(Target(HOLDING, write_first, max(write_first, write_first + write_count - 1)))
    message.detail["read_first"] = read_first
    message.detail["read_count"] = read_count
    have: i64 = min(size, end - at - 9)
    message.values = words_of(data, at + 9, min(i64(write_count), have // 2))


def _file(message: Message, row: Function, data: bytes, at: i64, end: i64) -> None:
    """Sub-requests of 20 and 21: reference type, file, record, length (and data of 21)."""
    if is_short(message, at, end, 1):
        return
    stop: i64 = min(end, at + 1 + i64(data[at]))
    if at + 1 + i64(data[at]) != end:
        wrong(message, "byte_count", 8, f"byte count {int(data[at])}, {int(end - at - 1)} bytes are there")
    spot: i64 = at + 1
    while spot + 7 <= stop:
        number = int(u16(data, spot + 1))
        record = int(u16(data, spot + 3))
        length: i64 = u16(data, spot + 5)
        message.targets.append(Target(f"file{number}", record, max(record, record + int(length) - 1)))
        spot += 7
        if row.code == 21:
            spot += length * 2
    if spot != stop:
        wrong(message, "byte_count", 8, f"byte count {int(data[at])} is no whole number of sub-requests")
