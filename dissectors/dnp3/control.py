"""Control points: codes and statuses by name. IEEE 1815 clause A.8 (g12) and A.19 (g41). Compiled with mypyc."""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.base.message import RESPONSE, Message, fold, joined
from dissectors.dnp3.header import Header
from dissectors.dnp3.value import unsigned32, value_of
from dissectors.facts import Target

TYPES: Final = {0: "nul", 1: "pulse_on", 2: "pulse_off", 3: "latch_on", 4: "latch_off"}
COILS: Final = ("", "close", "trip", "reserved")
"""Trip-close code, bits 6 and 7."""
QUEUE: Final = 0x10
CLEAR: Final = 0x20

STATUSES: Final = {
    0: "success",
    1: "timeout",
    2: "no_select",
    3: "format_error",
    4: "not_supported",
    5: "already_active",
    6: "hardware_error",
    7: "local",
    8: "too_many_operations",
    9: "not_authorized",
    10: "automation_inhibit",
    11: "processing_limited",
    12: "out_of_range",
    13: "downstream_local",
    14: "already_complete",
    15: "blocked",
    16: "canceled",
    17: "blocked_other_master",
    18: "downstream_fail",
    126: "non_participating",
    127: "undefined",
}
BLOCK_BYTES: Final = 11


def code_name(code: i64) -> str:
    """Return the name of a control code: "latch_on", "close_pulse_on", "trip_pulse_on_clear", ..."""
    number = int(code & 0x0F)
    name = TYPES.get(number, f"unknown_0x{number:02x}")
    coil = COILS[code >> 6]
    parts = [coil, name] if coil else [name]
    if code & QUEUE:
        parts.append("queue")
    if code & CLEAR:
        parts.append("clear")
    return "_".join(parts)


def status_name(status: i64) -> str:
    """Return the name of a control status; bit 7 is not part of it."""
    number = int(status & 0x7F)
    return STATUSES.get(number, f"unknown_0x{number:02x}")


def take_controls(message: Message, header: Header, data: bytes, room: i64) -> None:
    """Put the control points of ``header`` (g12v1, g12v2, g41) into ``message``: a target and a value each."""
    row = header.row
    if row is None:
        return
    at: i64 = header.items
    number: i64 = 0
    while number < header.count and number < room:
        index: i64 = header.number_at(data, at) if header.prefix else -1
        if index < 0 and header.first >= 0:
            index = header.first + number
        body: i64 = at + header.prefix
        status: i64 = i64(data[body + row.size - 1])
        message.targets.append(Target(row.name, int(index), int(index)))
        message.mirror = joined(message.mirror, index, fold(data, body, body + row.size - 1))
        if message.kind == RESPONSE:
            message.values.append(status_name(status))
            if status & 0x7F and not message.error:
                message.error = status_name(status)
                message.error_code = status & 0x7F
                message.detail["status"] = message.error
        elif row.group == 12:
            message.values.append(code_name(i64(data[body])))
            if number == 0 and "count" not in message.detail:
                message.detail["count"] = i64(data[body + 1])
                message.detail["on_time"] = unsigned32(data, body + 2)
                message.detail["off_time"] = unsigned32(data, body + 6)
        else:
            message.values.append(value_of(row, data, body))
        at += header.stride
        number += 1
