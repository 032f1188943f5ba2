"""System status lists (SZL) of S7 controllers: identity, mode and protection from their answers.

Function manual "System Software for S7-300/400", volume 2. Text is reported as it is sent. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.base.message import Identity, Message
from dissectors.facts import Target
from dissectors.iso.cotp import u16
from dissectors.s7.block import text_of

HEADER: Final = 8
IDENTIFICATION: Final = 0x11
COMPONENT: Final = 0x1C
STATUS: Final = 0x32
TRANSITION: Final = 0x24
MAX_RECORDS: Final = 256

COMPONENTS: Final = {
    1: ("name", 24),
    2: ("module_name", 24),
    3: ("location", 32),
    5: ("serial_number", 24),
    7: ("model", 32),
    8: ("memory_card_serial", 32),
    11: ("location_designation", 32),
}
"""Index of list 0x001C: attribute of the asset and length of its text."""

MODES: Final = {
    1: "stop",
    2: "stop",
    3: "stop",
    4: "stop",
    5: "start_up",
    6: "start_up",
    7: "start_up",
    8: "run",
    9: "run_redundant",
    10: "hold",
    11: "link_up",
    12: "update",
    13: "defective",
    14: "self_test",
    15: "no_power",
}
KEY_SWITCH: Final = {0: "undefined", 1: "run", 2: "run_p", 3: "stop", 4: "mres"}


def read_list(message: Message, data: bytes, at: i64, end: i64) -> None:
    """Read the list ``data[at:end]`` (id, index, record length, count, records) into ``message``."""
    if at + 4 > end:
        return
    number: i64 = u16(data, at)
    if not message.targets:
        message.targets.append(Target("szl", int(number), int(number)))
        message.detail["index"] = int(u16(data, at + 2))
    if at + HEADER > end:
        return
    size: i64 = u16(data, at + 4)
    count: i64 = min(u16(data, at + 6), MAX_RECORDS)
    message.detail["records"] = int(u16(data, at + 6))
    spot: i64 = at + HEADER
    family: i64 = number & 0xFF
    while count > 0 and size >= 4 and spot + size <= end:
        if family == IDENTIFICATION and size >= 28:
            _identification(message, data, spot)
        elif family == COMPONENT and size >= 26:
            _component(message, data, spot, spot + size)
        elif family == TRANSITION and size >= 4:
            _mode(message, data, spot, number)
        elif family == STATUS and size >= 12 and u16(data, spot) == 4:
            _protection(message, data, spot)
        spot += size
        count -= 1


def _identification(message: Message, data: bytes, at: i64) -> None:
    """Index, order number (20 characters), module type, two version words."""
    index = int(u16(data, at))
    order = text_of(data, at + 2, at + 22)
    method = f"s7.szl.0011.{index}"
    if index == 1 and order:
        message.identity.append(Identity("product_code", order, method))
    elif index == 6:
        version = int(u16(data, at + 24))
        if version:
            message.identity.append(Identity("hardware_version", str(version), method))
    elif index == 7 and data[at + 24] == ord("V"):
        text = f"V{data[at + 25]}.{data[at + 26]}.{data[at + 27]}"
        message.identity.append(Identity("firmware_version", text, method))


def _component(message: Message, data: bytes, at: i64, end: i64) -> None:
    index = int(u16(data, at))
    row = COMPONENTS.get(index)
    if row is None:
        return
    text = text_of(data, at + 2, min(end, at + 2 + row[1]))
    if text:
        message.identity.append(Identity(row[0], text, f"s7.szl.001c.{index:x}"))


def _mode(message: Message, data: bytes, at: i64, number: i64) -> None:
    """Event, cause, then the mode: previous in the high half, requested in the low one."""
    byte = data[at + 3]
    mode = MODES.get(byte & 15, f"unknown_0x{byte & 15:x}")
    message.detail["mode"] = mode
    if byte >> 4 in MODES:
        message.detail["previous_mode"] = MODES[byte >> 4]
    message.identity.append(Identity("mode", mode, f"s7.szl.{int(number):04x}"))


def _protection(message: Message, data: bytes, at: i64) -> None:
    """Protection by key switch, by configuration and in force, then the place of the mode switch."""
    message.detail["protection_key_switch"] = int(u16(data, at + 2))
    message.detail["protection_configured"] = int(u16(data, at + 4))
    message.detail["protection_level"] = int(u16(data, at + 6))
    switch = int(u16(data, at + 8))
    message.detail["key_switch"] = KEY_SWITCH.get(switch, f"unknown_{switch}")
