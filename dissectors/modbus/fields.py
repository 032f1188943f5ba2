"""The fields that requests and answers of Modbus share, and the violations of their forms. Compiled with mypyc."""

from __future__ import annotations

from typing import Final

from librt.strings import read_i16_be
from mypy_extensions import i64

from dissectors.base.message import Message, ProtocolViolation
from dissectors.facts import Target, Value
from dissectors.modbus.table import HOLDING, WRITE_WORD, Function

TEXT_LIMIT: Final = 256


def u16(data: bytes, at: i64) -> i64:
    """Return the unsigned 16-bit big-endian number at ``at``."""
    return i64(read_i16_be(data, at)) & 0xFFFF


def wrong(message: Message, name: str, at: i64, text: str) -> None:
    """State a violation of a function's form."""
    message.violations.append(ProtocolViolation(name, at, "V1.1b3 6", text))


def is_short(message: Message, at: i64, end: i64, need: i64) -> bool:
    """Return whether fewer bytes follow the function than its form has, stating the violation."""
    if end - at >= need:
        return False
    text = f"{int(end - at)} bytes follow the function, at least {int(need)} belong"
    message.violations.append(ProtocolViolation("length", 4, "V1.1b3 6", text))
    return True


def check_long(message: Message, at: i64, end: i64, belong: i64) -> None:
    """State the violation when more bytes follow the function than its form has."""
    if end - at > belong:
        wrong(message, "length", 4, f"{int(end - at)} bytes follow the function, {int(belong)} belong")


def read_span(message: Message, row: Function, data: bytes, at: i64, end: i64, need: i64) -> bool:
    """Read address and quantity; return whether they were there."""
    if is_short(message, at, end, need):
        return False
    first: i64 = u16(data, at)
    quantity: i64 = u16(data, at + 2)
    if quantity == 0 or quantity > row.max_quantity:
        wrong(message, "quantity", 10, f"quantity {int(quantity)}, 1 to {int(row.max_quantity)} are allowed")
    elif first + quantity > 65536:
        wrong(message, "quantity", 10, f"{int(first)} + {int(quantity)} points pass the end of the table")
    last: i64 = first + quantity - 1
    message.targets.append(Target(row.table, int(first), int(last if last >= first else first)))
    return True


def read_single(message: Message, row: Function, data: bytes, at: i64, end: i64) -> None:
    """Read one address and its value, as asked and as answered."""
    if is_short(message, at, end, 4):
        return
    first = int(u16(data, at))
    value = int(u16(data, at + 2))
    message.targets.append(Target(row.table, first, first))
    check_long(message, at, end, 4)
    if row.form == WRITE_WORD:
        message.values = [value]
        return
    if value not in (0, 0xFF00):
        wrong(message, "coil_value", 10, f"coil value 0x{value:04x}, 0x0000 or 0xff00 are allowed")
        message.values = [value]
        return
    message.values = [1 if value else 0]


def read_mask(message: Message, data: bytes, at: i64, end: i64) -> None:
    """Read one register and both masks, as asked and as answered."""
    if is_short(message, at, end, 6):
        return
    first = int(u16(data, at))
    message.targets.append(Target(HOLDING, first, first))
    message.values = [int(u16(data, at + 2)), int(u16(data, at + 4))]
    check_long(message, at, end, 6)


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
