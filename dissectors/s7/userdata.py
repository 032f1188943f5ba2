"""Userdata of S7comm: programmer commands, cyclic data, blocks, system status lists, alarms, passwords, clock.

Limits: the bytes of a password are never reported, only their number; of alarms only their ids. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.base.message import PLAIN_READ, REPORT, REQUEST, RESPONSE, Message, ProtocolViolation
from dissectors.facts import Target
from dissectors.iso.cotp import u16
from dissectors.s7.area import TYPES, UNKNOWN_TYPE, VARIABLE_AREAS, VARIABLE_TYPES, Type
from dissectors.s7.block import NAME_LENGTH, block_target, text_of
from dissectors.s7.clock import clock_text
from dissectors.s7.error import SUCCESS, error_name, item_error
from dissectors.s7.item import add_values, read_data, read_items, u32
from dissectors.s7.szl import read_list
from dissectors.s7.table import (
    BLOCK_INFO,
    BLOCKS,
    BSEND,
    CLOCKS,
    CYCLIC,
    GROUPS,
    LIST_OF_TYPE,
    MODE_GROUP,
    MODES,
    NC_TYPES,
    PASSWORD,
    PUSH,
    READ_SZL,
    REQUEST_TYPE,
    RESPONSE_TYPE,
    SUBFUNCTIONS,
    SUBSCRIPTIONS,
    VARIABLE_JOBS,
)

HEAD: Final = 8
"""Bytes of parameters that every userdata message has: head, length, method, type and group, subfunction, sequence."""
LONG_HEAD: Final = 12
"""With data unit reference, last data unit and error."""
MODE_SERVICE: Final = 1
"""First byte of a mode notice; every other userdata begins with 0."""
NO_DATA: Final = 0x0A
TIME_BASES: Final = {0: 100, 1: 1_000, 2: 10_000}
MESSAGE_SERVICE: Final = 0x0402
ALARM_JOBS: Final = frozenset({0x0407, 0x0408, 0x040B})
MAX_ALARMS: Final = 32


def type_of(byte: i64) -> i64:
    """Return PUSH, REQUEST_TYPE or RESPONSE_TYPE of the type byte, -1 for another."""
    nibble: i64 = byte >> 4
    if nibble == REQUEST_TYPE or nibble == RESPONSE_TYPE or nibble == PUSH:
        return nibble
    return NC_TYPES.get(int(nibble), -1)


def read_userdata(message: Message, data: bytes, at: i64, middle: i64, end: i64, origin: i64) -> None:
    """Read parameters ``data[at:middle]`` and the data part up to ``end`` into ``message``."""
    size: i64 = middle - at
    if size >= HEAD and data[at] == MODE_SERVICE:
        _name(message, PUSH, MODE_GROUP, i64(data[at + 6]))
        message.detail["mode"] = MODES.get(data[at + 6], f"unknown_{data[at + 6]}")
        return
    if size < HEAD or data[at] != 0 or data[at + 2] != 0x12:
        text = f"{int(size)} bytes of parameters do not begin a userdata function"
        message.violations.append(ProtocolViolation("function", at - origin, "S7 userdata", text))
        return
    kind: i64 = type_of(i64(data[at + 5]))
    group: i64 = i64(data[at + 5]) & 0x0F
    sub: i64 = i64(data[at + 6])
    _name(message, kind, group, sub)
    message.mirror = PLAIN_READ + 1 + ((group << 8) | sub)
    if kind < 0:
        text = f"userdata type {data[at + 5] >> 4}: push, request and response are known"
        message.violations.append(ProtocolViolation("function", at + 5 - origin, "S7 userdata", text))
    message.detail["sequence"] = int(data[at + 7])
    if size >= LONG_HEAD:
        message.error_code = u16(data, at + 10)
        message.error = error_name(message.error_code)
    if group == MODE_GROUP:
        message.detail["mode"] = MODES.get(int(sub), f"unknown_{int(sub)}")
        return
    _body(message, kind, (group << 8) | sub, data, middle, end, origin)


def _name(message: Message, kind: i64, group: i64, sub: i64) -> None:
    row = SUBFUNCTIONS.get(int((group << 8) | sub))
    name = GROUPS.get(int(group), f"group_{int(group)}")
    if group == MODE_GROUP:
        row = ("mode_notice", "report")
    elif group == BSEND:
        row = ("block_send", "write")
    message.operation = row[0] if row is not None else f"unknown_{name}_0x{int(sub):02x}"
    message.verb = row[1] if row is not None else "unknown"
    message.code = f"{int(group)}.{int(sub):02x}"
    message.kind = REQUEST
    if kind == RESPONSE_TYPE:
        message.kind = RESPONSE
    elif kind == PUSH:
        message.kind = REPORT
        message.verb = "report"
        message.routine = group == CYCLIC


def _body(message: Message, kind: i64, code: i64, data: bytes, at: i64, end: i64, origin: i64) -> None:
    """Read the data part: return code, transport size, length, content."""
    if at + 4 > end:
        if at < end:
            text = f"{int(end - at)} bytes of data, at least 4 belong"
            message.violations.append(ProtocolViolation("length", 8, "S7 userdata", text))
        return
    result: i64 = i64(data[at])
    size: i64 = u16(data, at + 2)
    start: i64 = at + 4
    if start + size > end:
        text = f"the data are {int(size)} bytes long, {int(end - start)} are there"
        message.violations.append(ProtocolViolation("length", at + 2 - origin, "S7 userdata", text))
    stop: i64 = min(end, start + size)
    if result != SUCCESS and kind == RESPONSE_TYPE and not message.error and not (result == NO_DATA and size == 0):
        message.error = item_error(result)
        message.error_code = result
        return
    if start == stop:
        return
    if code == READ_SZL:
        _szl(message, kind, data, start, stop)
    elif int(code) in SUBSCRIPTIONS:
        _cyclic(message, kind, data, start, stop, origin)
    elif int(code) in VARIABLE_JOBS:
        _variable_table(message, kind, data, start, stop)
    elif code == BLOCK_INFO or code == LIST_OF_TYPE:
        _block(message, kind, code, data, start, stop)
    elif code == PASSWORD:
        message.detail["length"] = int(stop - start)
    elif int(code) in CLOCKS:
        text = clock_text(data, start, stop)
        if text:
            message.detail["clock"] = text
    elif code == MESSAGE_SERVICE and kind == REQUEST_TYPE and start + 10 <= stop:
        message.detail["events"] = int(data[start])
        message.detail["subscriber"] = text_of(data, start + 2, start + 10)
    elif int(code) in ALARM_JOBS and kind == REQUEST_TYPE:
        _alarms(message, data, start, stop)
    elif code >> 8 == BSEND and start + 8 <= stop:
        message.detail["bytes"] = int(stop - start)


def _szl(message: Message, kind: i64, data: bytes, at: i64, end: i64) -> None:
    if kind == RESPONSE_TYPE:
        read_list(message, data, at, end)
    elif at + 4 <= end:
        number = int(u16(data, at))
        message.targets.append(Target("szl", number, number))
        message.detail["index"] = int(u16(data, at + 2))


def _cyclic(message: Message, kind: i64, data: bytes, at: i64, end: i64, origin: i64) -> None:
    """Read a subscription's items and period, or the values that it brings."""
    if at + 2 > end:
        return
    count: i64 = i64(data[at + 1])
    if kind == REQUEST_TYPE:
        if at + 4 <= end:
            base = TIME_BASES.get(data[at + 2], 0)
            message.detail["period_ms"] = base * data[at + 3]
            read_items(message, data, at + 4, end, count, origin)
        return
    for datum in read_data(message, data, at + 2, end, count, origin):
        if datum.code == SUCCESS:
            add_values(message, data, datum, UNKNOWN_TYPE)


def _variable_table(message: Message, kind: i64, data: bytes, at: i64, end: i64) -> None:
    """Read the variables of a monitor, modify or force job, and the values to put there."""
    if kind != REQUEST_TYPE or at + 4 > end:
        return
    spot: i64 = at + 4 + u16(data, at)
    if spot + 2 > end:
        return
    count: i64 = u16(data, spot)
    spot += 2
    forms: list[Type] = []
    while count > 0 and spot + 6 <= end:
        byte = data[spot]
        width = byte & 15
        form = VARIABLE_TYPES.get(width, TYPES[0x01] if width == 0 else UNKNOWN_TYPE)
        kind_name = VARIABLE_AREAS.get(byte >> 4, f"unknown_0x{byte >> 4:x}")
        if kind_name == "DB":
            kind_name = f"DB{int(u16(data, spot + 2))}"
        first: i64 = u16(data, spot + 4)
        if kind_name not in ("T", "C") and width != 0:
            first *= 8
        elements: i64 = max(i64(1), i64(data[spot + 1]))
        bits: i64 = 1 if kind_name in ("T", "C") else form.bits
        message.targets.append(Target(kind_name, int(first), int(first + elements * bits - 1)))
        forms.append(form)
        spot += 6
        count -= 1
    if spot < end and forms:
        quiet = Message(REQUEST, "", "", "")
        for form, datum in zip(forms, read_data(quiet, data, spot, end, i64(len(forms)), spot), strict=False):
            add_values(message, data, datum, form)


def _block(message: Message, kind: i64, code: i64, data: bytes, at: i64, end: i64) -> None:
    if kind != REQUEST_TYPE:
        return
    if code == LIST_OF_TYPE:
        name = text_of(data, at, min(end, at + 2))
        message.detail["block_type"] = BLOCKS.get(name.upper(), name)
    elif at + NAME_LENGTH <= end:
        name = text_of(data, at, at + NAME_LENGTH)
        message.targets.append(block_target(name))
        message.detail["file_system"] = name[-1:]


def _alarms(message: Message, data: bytes, at: i64, end: i64) -> None:
    """Read the alarm ids of a lock, unlock or acknowledge job."""
    if at + 2 > end:
        return
    count: i64 = min(i64(data[at + 1]), MAX_ALARMS)
    spot: i64 = at + 2
    while count > 0 and spot + 8 <= end and data[spot] == 0x12:
        number = int(u32(data, spot + 4))
        message.targets.append(Target("alarm", number, number))
        spot += 2 + i64(data[spot + 1])
        count -= 1
