"""The objects of one application fragment: targets, values, identity, details. IEEE 1815 clause 4.2.2.7.

At most MAX_TARGETS targets and MAX_VALUES values of a message are kept; what was left out is reported in its details, and a
request that is not kept whole has a last target that says so (FURTHER). Reading stops at the first header that cannot be read,
because nothing behind it can be trusted. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.base.message import LEFT_OUT, ONE_WAY, REPORT, REQUEST, RESPONSE, Message, ProtocolViolation
from dissectors.dnp3.attribute import take_attributes
from dissectors.dnp3.authentication import AGGRESSIVE, take_authentication
from dissectors.dnp3.control import take_controls
from dissectors.dnp3.file import take_file
from dissectors.dnp3.function import FREEZE_AT_TIME, FREEZE_AT_TIME_NO_RESPONSE, Function
from dissectors.dnp3.header import (
    BAD_QUALIFIER,
    CLAUSE_OBJECT,
    CLAUSE_QUALIFIER,
    TRUNCATED,
    Header,
)
from dissectors.dnp3.value import packed_of, text_of, value_of
from dissectors.dnp3.variation import CONTROL
from dissectors.facts import FURTHER, Target

MAX_TARGETS: Final = 64
MAX_VALUES: Final = 128
AUTHENTICATION_GROUP: Final = 120


def carries_data(function: Function, group: i64, variation: i64) -> bool:
    """Return whether objects of this group hold values in a message of this function."""
    if function.data:
        return True
    if group == AUTHENTICATION_GROUP:
        return variation == AGGRESSIVE
    if group == 50:
        return function.code == FREEZE_AT_TIME or function.code == FREEZE_AT_TIME_NO_RESPONSE
    return False


def take_objects(message: Message, function: Function, data: bytes, start: i64, end: i64) -> None:
    """Put the objects of ``data[start:end]`` into ``message``."""
    header = Header()
    at: i64 = start
    left_out: i64 = 0
    targets_left_out: i64 = 0
    unread = False
    while at < end:
        carries = at + 2 <= end and carries_data(function, i64(data[at]), i64(data[at + 1]))
        after: i64 = header.read(data, at, end, carries)
        if after < 0:
            message.violations.append(_fault(after, header, at - start))
            unread = True
            break
        if header.row is None:
            text = f"object g{header.group}v{header.variation} is not in the standard"
            message.violations.append(ProtocolViolation("unknown_object", at - start, CLAUSE_OBJECT, text))
        room: i64 = MAX_VALUES - i64(len(message.values))
        if i64(len(message.targets)) + (header.count if header.prefix else 1) > MAX_TARGETS and room > 0:
            room = min(room, max(0, MAX_TARGETS - i64(len(message.targets))))
        if header.data and header.count > room:
            left_out += header.count - room
        if _is_listed(header):
            targets_left_out += max(i64(0), header.count - room)
        elif i64(len(message.targets)) >= MAX_TARGETS:
            targets_left_out += 1
        _take(message, function, header, data, after, room)
        at = after
    if (targets_left_out or unread) and (message.kind == REQUEST or message.kind == ONE_WAY):
        message.targets.append(Target(FURTHER))
        if targets_left_out:
            message.detail[LEFT_OUT] = targets_left_out
    if left_out:
        message.detail["values_left_out"] = left_out


def _is_listed(header: Header) -> bool:
    """Return whether each object of a header is a target of its own."""
    if header.sized:
        return False
    return header.prefix > 0 or (header.data and (header.group == 12 or header.group == 41))


def _fault(code: i64, header: Header, at: i64) -> ProtocolViolation:
    """Return the violation that a negative answer of ``Header.read`` means."""
    if code == TRUNCATED:
        text = f"the objects at octet {at} of the object part reach beyond the fragment"
        return ProtocolViolation("object_length", at, CLAUSE_OBJECT, text)
    if code == BAD_QUALIFIER:
        text = f"qualifier 0x{header.qualifier:02x} does not fit g{header.group}v{header.variation}"
        return ProtocolViolation("qualifier", at, CLAUSE_QUALIFIER, text)
    text = f"object g{header.group}v{header.variation} has no known size"
    return ProtocolViolation("unknown_object", at, CLAUSE_OBJECT, text)


def _take(message: Message, function: Function, header: Header, data: bytes, end: i64, room: i64) -> None:
    """Put the objects of one header into ``message``."""
    row = header.row
    if header.sized:
        _take_sized(message, function, header, data, end, room)
    elif not header.data:
        _take_range(message, header, data, room)
    elif header.group == 0:
        take_attributes(message, header, data, room)
    elif row is None or header.count == 0:
        _add_target(message, header, -1, -1)
    elif (row.form == CONTROL or header.group == 41) and message.kind != REPORT:
        take_controls(message, header, data, room)
    elif header.group == AUTHENTICATION_GROUP:
        take_authentication(message, header.variation, data, header.items + header.prefix, header.items + header.stride)
    elif header.packed:
        _add_target(message, header, header.first, header.last)
        number: i64 = 0
        while number < header.count and number < room:
            message.values.append(packed_of(row, data, header.items, number))
            number += 1
    else:
        _take_values(message, header, data, room)


def _take_values(message: Message, header: Header, data: bytes, room: i64) -> None:
    """Take objects of fixed size: a target for each index that is written, one for a range or for what answers."""
    row = header.row
    if row is None:
        return
    written = header.prefix > 0 and message.kind != RESPONSE and message.kind != REPORT
    if not written:
        _add_target(message, header, header.first, header.last)
    at: i64 = header.items
    number: i64 = 0
    while number < header.count and number < room:
        if written:
            index: i64 = header.number_at(data, at)
            message.targets.append(Target(row.name, int(index), int(index)))
        message.values.append(value_of(row, data, at + header.prefix))
        at += header.stride
        number += 1


def _take_range(message: Message, header: Header, data: bytes, room: i64) -> None:
    """Take a header without objects: what is asked for."""
    if not header.prefix:
        _add_target(message, header, header.first, header.last)
        return
    at: i64 = header.items
    number: i64 = 0
    while number < header.count and number < room:
        index: i64 = header.number_at(data, at)
        _add_target(message, header, index, index)
        at += header.prefix
        number += 1


def _take_sized(message: Message, function: Function, header: Header, data: bytes, end: i64, room: i64) -> None:
    """Take objects that report their size."""
    _add_target(message, header, header.first, header.last)
    at: i64 = header.items
    number: i64 = 0
    while number < header.count and number < room:
        size: i64 = header.size_at(data, at, end)
        at += header.prefix
        if header.group == 70:
            take_file(message, function.code, header.variation, data, at, at + size)
        elif header.group == AUTHENTICATION_GROUP:
            take_authentication(message, header.variation, data, at, at + size)
        elif header.group == 90:
            message.detail["application"] = text_of(data, at, at + size)
        else:
            message.values.append(text_of(data, at, at + size))
        at += size
        number += 1


def _add_target(message: Message, header: Header, first: i64, last: i64) -> None:
    """Add a target; a report names each kind once, without indexes, so that its operations stay few."""
    kind = f"g{header.group}v{header.variation}"
    targets = message.targets
    if message.kind == REPORT:
        for target in targets:
            if target.kind == kind:
                return
        first = -1
        last = -1
    if i64(len(targets)) < MAX_TARGETS:
        targets.append(Target(kind, int(first), int(last)))


def first_group(message: Message) -> str:
    """Return the group of the first target, e.g. "g50", "" without targets."""
    return message.targets[0].kind.partition("v")[0] if message.targets else ""
