"""Which elements of a read answer changed since the last one. Compiled with mypyc.

Points are bit offsets (byte * 8 + bit) of the elements, the same numbers that targets use; timers and counters have
their number. Only successful items of equal size are compared.
"""

from __future__ import annotations

from mypy_extensions import i64

from dissectors.channel import Channel, Operation
from dissectors.facts import Value
from dissectors.message import REQUEST, Message
from dissectors.s7.area import BITS, BYTES, DATA_BIT, TYPES, Type
from dissectors.s7.error import SUCCESS
from dissectors.s7.item import Datum, Item, read_data, read_items, value_at
from dissectors.session import Session

BYTE: Type = TYPES[0x02]


def tell_changes(session: Session, channel: Channel, operation: Operation, data: bytes, at: i64, end: i64) -> None:
    """Compare the data items of an answer with the kept ones and tell the differing elements item by item."""
    old = operation.reply
    request = operation.request
    if len(request) < 2 or not old:
        return
    quiet = Message(REQUEST, "", "", "")
    count: i64 = i64(request[1])
    items = read_items(quiet, request, 2, i64(len(request)), count, 0)
    fresh = read_data(quiet, data, at, end, count, at)
    kept = read_data(quiet, old, 0, i64(len(old)), count, 0)
    if len(fresh) != len(kept):
        return
    for item, new, past in zip(items, fresh, kept, strict=False):
        if item.size >= 0:
            return
        if new.code == SUCCESS and past.code == SUCCESS and new.end - new.start == past.end - past.start:
            _compare(session, channel, item, data, new, old, past)


def _compare(session: Session, channel: Channel, item: Item, data: bytes, new: Datum, old: bytes, past: Datum) -> None:
    points: list[int] = []
    values: list[Value] = []
    previous: list[Value] = []
    form = item.form
    step: i64 = item.step
    if form.form == BITS and new.transport != DATA_BIT:
        form = BYTE
    width: i64 = max(i64(1), form.bits >> 3)
    if form.form == BYTES:
        step = 8
    size: i64 = new.end - new.start
    offset: i64 = 0
    number: i64 = 0
    while offset + width <= size:
        if (
            data[new.start + offset : new.start + offset + width]
            != old[past.start + offset : past.start + offset + width]
        ):
            points.append(int(item.target.first + number * step) if item.target.first >= 0 else int(number))
            values.append(value_at(data, new.start + offset, width, form))
            previous.append(value_at(old, past.start + offset, width, form))
        offset += width
        number += 1
    session.changed(channel, item.target.kind, points, values, previous)
