"""Internal indications: the 16 bits with which an outstation reports its state in every response.

IEEE 1815 clause 4.2.2.6. The first byte is the low half of the number. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

NAMES: Final = (
    "broadcast",
    "class_1_events",
    "class_2_events",
    "class_3_events",
    "need_time",
    "local_control",
    "device_trouble",
    "device_restart",
    "no_func_code_support",
    "object_unknown",
    "parameter_error",
    "event_buffer_overflow",
    "already_executing",
    "config_corrupt",
    "reserved_2",
    "reserved_1",
)
ERRORS: Final = 0x0700
"""Bits that refuse the request they answer."""
STATES: Final = 0xF8F0
"""Bits whose rise or fall is worth reporting: pending events and broadcasts come and go with every poll."""


def names_of(bits: i64) -> str:
    """Return the names of the set bits, lowest first, separated by commas."""
    names: list[str] = []
    number: i64 = 0
    while number < 16:
        if (bits >> number) & 1:
            names.append(NAMES[number])
        number += 1
    return ",".join(names)


def error_of(bits: i64) -> str:
    """Return the name of the lowest set error bit, "" when the request was taken."""
    if bits & 0x0100:
        return NAMES[8]
    if bits & 0x0200:
        return NAMES[9]
    if bits & 0x0400:
        return NAMES[10]
    return ""
