"""Variables of S7comm: the address items of a request and the data items of an answer, with their values.

Limits: VALUES_PER_ITEM values of one item and MAX_VALUES of a message are reported; what is cut off is counted in the
detail "values_left". Violations: "item_count", "item_syntax", "length". Compiled with mypyc.
"""

from __future__ import annotations

import math
import struct
from typing import Final, final

from mypy_extensions import i64

from dissectors.base.message import Message, ProtocolViolation
from dissectors.facts import Target, Value
from dissectors.iso.cotp import u16
from dissectors.s7.area import (
    AREAS,
    BITS,
    DATA_BIT,
    DATA_BLOCK,
    INSTANCE_BLOCK,
    LENGTH_IN_BITS,
    NCK_AREAS,
    NCK_SYNTAX,
    NUMBERED,
    REALS,
    SIGNED,
    TYPES,
    UNKNOWN_TYPE,
    Type,
)
from dissectors.s7.error import SUCCESS

VALUES_PER_ITEM: Final = 64
MAX_VALUES: Final = 512
SPECIFICATION: Final = 0x12
SYNTAX_ANY: Final = 0x10
SYNTAX_DRIVE: Final = 0xA2
SYNTAX_DBREAD: Final = 0xB0
SYNTAX_SYMBOLIC: Final = 0xB2
ANY_LENGTH: Final = 10
CLAUSE: Final = "S7 variable services"


@final
class Item:
    """One addressed range: where it begins, in what steps, and how its elements are read."""

    def __init__(self, target: Target, form: Type) -> None:
        self.target = target
        self.form = form
        self.step: i64 = form.bits
        self.size: i64 = -1
        """Bytes of this range in the answer, -1 when the answer has an item of its own for it."""


@final
class Datum:
    """One data item: return code, transport size, and the bounds of its bytes; ``bits`` as its length field says."""

    def __init__(self, code: i64, transport: i64, start: i64, end: i64, bits: i64) -> None:
        self.code: i64 = code
        self.transport: i64 = transport
        self.start: i64 = start
        self.end: i64 = end
        self.bits: i64 = bits


def u32(data: bytes, at: i64) -> i64:
    """Return the unsigned 32-bit big-endian number at ``at``."""
    return (u16(data, at) << 16) | u16(data, at + 2)


def read_items(message: Message, data: bytes, at: i64, end: i64, count: i64, origin: i64) -> list[Item]:
    """Read ``count`` address items from ``at``; add their targets and violations to ``message``."""
    items: list[Item] = []
    done: i64 = 0
    while done < count:
        if at + 3 > end or at + 2 + i64(data[at + 1]) > end:
            text = f"{int(count)} items are announced, {int(done)} are there"
            message.violations.append(ProtocolViolation("item_count", at - origin, CLAUSE, text))
            break
        size: i64 = i64(data[at + 1])
        if data[at] != SPECIFICATION or not _item(items, data, at, size):
            text = (
                f"item {int(done)} has specification 0x{data[at]:02x}, syntax 0x{data[at + 2]:02x}, length {int(size)}"
            )
            message.violations.append(ProtocolViolation("item_syntax", at - origin, CLAUSE, text))
            kind = f"unknown_0x{data[at + 2]:02x}"
            items.append(Item(Target(kind), UNKNOWN_TYPE))
        at += 2 + size
        done += 1
        if (size & 1) != 0 and done < count:
            at += 1
    if done == count and at < end:
        text = f"{int(end - at)} bytes follow the last of {int(count)} items"
        message.violations.append(ProtocolViolation("item_count", at - origin, CLAUSE, text))
    for item in items:
        message.targets.append(item.target)
    return items


def _item(items: list[Item], data: bytes, at: i64, size: i64) -> bool:
    """Read the item at ``at`` whose address is ``size`` bytes; return whether its form is known."""
    syntax: i64 = i64(data[at + 2])
    if syntax == SYNTAX_ANY and size == ANY_LENGTH:
        items.append(any_item(data, at + 3))
        return True
    if syntax == SYNTAX_SYMBOLIC and size >= 10:
        crc = int(u32(data, at + 8))
        items.append(Item(Target("symbolic", crc, crc), UNKNOWN_TYPE))
        return True
    if int(syntax) in NCK_SYNTAX and size == 8:
        byte = data[at + 3]
        place = f"{NCK_AREAS[byte >> 5]}{byte & 31}.0x{data[at + 8]:02x}.{int(u16(data, at + 4))}"
        kind = f"{NCK_SYNTAX[int(syntax)]}.{place}"
        line = int(u16(data, at + 6))
        items.append(Item(Target(kind, line, line + max(0, data[at + 9] - 1)), UNKNOWN_TYPE))
        return True
    if syntax == SYNTAX_DRIVE and size == ANY_LENGTH:
        parameter = int(u16(data, at + 8))
        items.append(Item(Target(f"drive_parameter.{int(u16(data, at + 10))}", parameter, parameter), UNKNOWN_TYPE))
        return True
    if syntax == SYNTAX_DBREAD and size >= 2:
        return _db_read(items, data, at + 3, at + 2 + size)
    return False


def any_item(data: bytes, at: i64) -> Item:
    """Return the S7ANY address of 9 bytes at ``at``: transport size, count, block, area, bit address."""
    form = TYPES.get(data[at], UNKNOWN_TYPE)
    count: i64 = u16(data, at + 1)
    block = int(u16(data, at + 3))
    area = data[at + 5]
    address: i64 = (i64(data[at + 6]) << 16) | u16(data, at + 7)
    kind = AREAS.get(area, f"unknown_0x{area:02x}")
    if area == DATA_BLOCK or area == INSTANCE_BLOCK:
        kind = f"{kind}{block}"
    bits: i64 = form.bits
    if area in NUMBERED:
        bits = 1
    last: i64 = address + max(i64(1), count * bits) - 1
    item = Item(Target(kind, int(address), int(last)), form)
    item.step = bits
    return item


def _db_read(items: list[Item], data: bytes, at: i64, end: i64) -> bool:
    """Read the areas of a DBREAD item: length, block and first byte each."""
    count: i64 = i64(data[at])
    if count == 0 or at + 1 + count * 5 > end:
        return False
    at += 1
    while count > 0:
        size: i64 = i64(data[at])
        first: i64 = u16(data, at + 3) * 8
        target = Target(f"DB{int(u16(data, at + 1))}", int(first), int(first + max(i64(1), size) * 8 - 1))
        item = Item(target, UNKNOWN_TYPE)
        item.size = size
        items.append(item)
        at += 5
        count -= 1
    return True


def read_data(message: Message, data: bytes, at: i64, end: i64, count: i64, origin: i64) -> list[Datum]:
    """Read ``count`` data items from ``at``; an item that passes the end is cut and reported as a violation.

    A failed item has no data: some servers leave the length of what was asked in its header.
    """
    result: list[Datum] = []
    while i64(len(result)) < count:
        if at + 4 > end:
            text = f"{int(count)} data items are announced, {len(result)} are there"
            message.violations.append(ProtocolViolation("item_count", at - origin, CLAUSE, text))
            break
        transport: i64 = i64(data[at + 1])
        length: i64 = u16(data, at + 2)
        size: i64 = (length + 7) >> 3 if int(transport) in LENGTH_IN_BITS else length
        if data[at] != SUCCESS and data[at] != 0:
            size = 0
        bits: i64 = length if int(transport) in LENGTH_IN_BITS else length * 8
        stop: i64 = at + 4 + size
        if stop > end:
            text = f"data item {len(result)} is {int(size)} bytes long, {int(end - at - 4)} are there"
            message.violations.append(ProtocolViolation("length", at + 2 - origin, CLAUSE, text))
            stop = end
        result.append(Datum(i64(data[at]), transport, at + 4, stop, bits))
        at = stop
        if (size & 1) != 0 and i64(len(result)) < count:
            at += 1
    return result


def add_values(message: Message, data: bytes, datum: Datum, form: Type) -> None:
    """Add the values of a data item, read as ``form``; what passes the limits is only counted."""
    if datum.transport == DATA_BIT:
        _add_bits(message, data, datum)
        return
    form_bits: i64 = form.bits
    width: i64 = max(i64(1), form_bits >> 3)
    count: i64 = (datum.end - datum.start) // width
    reported: i64 = min(count, VALUES_PER_ITEM, MAX_VALUES - i64(len(message.values)))
    done: i64 = 0
    while done < reported:
        message.values.append(value_at(data, datum.start + done * width, width, form))
        done += 1
    _left(message, count - reported)


def _add_bits(message: Message, data: bytes, datum: Datum) -> None:
    count: i64 = min(datum.bits, (datum.end - datum.start) * 8)
    reported: i64 = min(count, VALUES_PER_ITEM, MAX_VALUES - i64(len(message.values)))
    done: i64 = 0
    while done < reported:
        byte: i64 = i64(data[datum.start + (done >> 3)])
        message.values.append(int((byte >> (done & 7)) & 1))
        done += 1
    _left(message, count - reported)


def _left(message: Message, left: i64) -> None:
    if left > 0:
        before = message.detail.get("values_left", 0)
        message.detail["values_left"] = int(left) + (before if isinstance(before, int) else 0)


def value_at(data: bytes, at: i64, width: i64, form: Type) -> Value:
    """Return the element of ``width`` bytes at ``at``."""
    raw = data[at : at + width]
    if form.form == REALS and width == 4:
        number: float = struct.unpack(">f", raw)[0]
        return number if math.isfinite(number) else str(number)
    value = int.from_bytes(raw, "big", signed=form.form == SIGNED)
    return value & 1 if form.form == BITS else value
