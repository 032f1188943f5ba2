"""Which elements of a read answer changed since the last one. Compiled with mypyc.

Points are bit offsets (byte * 8 + bit) of the elements, the same numbers that targets use; timers and counters have their
number. The kept answer was clean, so an answer with the same item headers in the same places is clean too.
"""

from __future__ import annotations

from librt.strings import read_i32_be, read_i64_le
from mypy_extensions import i64

from dissectors.base.channel import Channel, Operation
from dissectors.base.message import REQUEST, Message
from dissectors.base.reporting import Reporting
from dissectors.facts import Value
from dissectors.iso.cotp import u16
from dissectors.s7.area import BITS, BYTES, DATA_BIT, LENGTH_IN_BITS, TYPES, Type
from dissectors.s7.error import SUCCESS
from dissectors.s7.item import Item, read_items, value_at

BYTE: Type = TYPES[0x02]


def items_of(operation: Operation) -> list[Item]:
    """Return the address items of a known read."""
    request = operation.request
    if len(request) < 2:
        return []
    return read_items(Message(REQUEST, "", "", ""), request, 2, i64(len(request)), i64(request[1]), 0)


def has_same_form(operation: Operation, data: bytes, at: i64, end: i64) -> bool:
    """Return whether the answer's item headers are successful and equal to the kept ones, place by place."""
    old = operation.reply
    size: i64 = end - at
    if i64(len(old)) != size:
        return False
    spot: i64 = 0
    while spot < size:
        if spot + 4 > size or read_i32_be(data, at + spot) != read_i32_be(old, spot) or old[spot] != SUCCESS:
            return False
        length: i64 = bytes_at(old, spot)
        spot += 4 + length + (length & 1)
    return True


def bytes_at(data: bytes, at: i64) -> i64:
    """Return how many bytes of data follow the item header at ``at``."""
    length: i64 = u16(data, at + 2)
    return (length + 7) >> 3 if int(data[at + 1]) in LENGTH_IN_BITS else length


def report_changes(
    reporting: Reporting, channel: Channel, operation: Operation, items: list[Item], data: bytes, at: i64
) -> None:
    """Report the differing elements item by item; the forms of both answers are the same."""
    old = operation.reply
    spot: i64 = 0
    size: i64 = i64(len(old))
    for item in items:
        if item.size >= 0 or spot + 4 > size:
            return
        length: i64 = bytes_at(old, spot)
        if spot + 4 + length > size:
            return
        _compare(reporting, channel, item, data, at + spot + 4, old, spot + 4, length)
        spot += 4 + length + (length & 1)


def _compare(
    reporting: Reporting, channel: Channel, item: Item, data: bytes, new: i64, old: bytes, past: i64, size: i64
) -> None:
    points: list[int] = []
    values: list[Value] = []
    previous: list[Value] = []
    form = item.form
    step: i64 = item.step
    if form.form == BITS and old[past - 3] != DATA_BIT:
        form = BYTE
    width: i64 = form.bits >> 3
    if width == 0:
        width = 1
    if form.form == BYTES:
        step = 8
    first: i64 = item.target.first
    offset: i64 = 0
    while offset + width <= size:
        if width <= 8 and offset + 8 <= size and read_i64_le(data, new + offset) == read_i64_le(old, past + offset):
            offset += 8 // width * width
            continue
        stop: i64 = offset + 8 // width * width
        if width > 8 or stop > size:
            stop = offset + width
        while offset + width <= stop:
            number: i64 = offset // width
            if _differs(data, new + offset, old, past + offset, width):
                points.append(int(first + number * step) if first >= 0 else int(number))
                if form.form == BYTES and width == 1:
                    values.append(int(data[new + offset]))
                    previous.append(int(old[past + offset]))
                else:
                    values.append(value_at(data, new + offset, width, form))
                    previous.append(value_at(old, past + offset, width, form))
            offset += width
    reporting.changed(channel, item.target.kind, points, values, previous)


def _differs(data: bytes, at: i64, old: bytes, past: i64, width: i64) -> bool:
    place: i64 = 0
    while place < width:
        if data[at + place] != old[past + place]:
            return True
        place += 1
    return False
