"""File objects (g70): name, mode, size, block and status; never a password, a key or the content.

IEEE 1815 clause A.24. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.base.message import Message, ProtocolViolation
from dissectors.dnp3.function import DELETE_FILE, GET_FILE_INFORMATION
from dissectors.dnp3.value import text_of, unsigned16, unsigned32

MODES: Final = {0: "none", 1: "read", 2: "write", 3: "append"}
STATUSES: Final = {
    0: "success",
    1: "permission_denied",
    2: "invalid_mode",
    3: "file_not_found",
    4: "file_locked",
    5: "too_many_open",
    6: "invalid_handle",
    7: "write_block_size",
    8: "communication_lost",
    9: "cannot_abort",
    16: "not_opened",
    17: "handle_expired",
    18: "buffer_overrun",
    19: "fatal_error",
    20: "block_sequence",
    255: "undefined",
}
CLAUSE: Final = "A.24"
MIN_BYTES: Final = {1: 0, 2: 12, 3: 26, 4: 13, 5: 8, 6: 9, 7: 20, 8: 0}
"""Octets of the fixed part per variation."""


def take_file(message: Message, function: i64, variation: i64, data: bytes, start: i64, end: i64) -> None:
    """Put the file object ``data[start:end]`` into ``message.detail``."""
    detail = message.detail
    if end - start < MIN_BYTES.get(int(variation), 0):
        text = f"g70v{variation} has {end - start} bytes"
        message.violations.append(ProtocolViolation("object_length", start, CLAUSE, text))
        return
    if variation == 2:
        _name(message, "user", data, start, end)
    elif variation == 3:
        _name(message, "file", data, start, end)
        if function == DELETE_FILE:
            detail["mode"] = "delete"
        elif function == GET_FILE_INFORMATION:
            detail["mode"] = "information"
        else:
            mode = int(unsigned16(data, start + 20))
            detail["mode"] = MODES.get(mode, f"unknown_0x{mode:02x}")
        detail["size"] = unsigned32(data, start + 16)
    elif variation == 4:
        detail["handle"] = unsigned32(data, start)
        detail["size"] = unsigned32(data, start + 4)
        _status(message, i64(data[start + 12]))
    elif variation == 5:
        detail["handle"] = unsigned32(data, start)
        _block(message, unsigned32(data, start + 4))
        detail["size"] = end - start - 8
    elif variation == 6:
        detail["handle"] = unsigned32(data, start)
        _block(message, unsigned32(data, start + 4))
        _status(message, i64(data[start + 8]))
    elif variation == 7:
        _name(message, "file", data, start, end)
        detail["type"] = "directory" if unsigned16(data, start + 4) == 0 else "file"
        detail["size"] = unsigned32(data, start + 6)
    elif variation == 8:
        detail["file"] = text_of(data, start, end)


def _name(message: Message, key: str, data: bytes, start: i64, end: i64) -> None:
    """Take the text whose offset and size begin the object."""
    at: i64 = start + unsigned16(data, start)
    stop: i64 = at + unsigned16(data, start + 2)
    if stop > end:
        text = f"the {key} name ends {stop - end} bytes behind its object"
        message.violations.append(ProtocolViolation("object_length", start, CLAUSE, text))
        return
    message.detail[key] = text_of(data, at, stop)


def _block(message: Message, number: i64) -> None:
    message.detail["block"] = number & 0x7FFFFFFF
    if number >> 31:
        message.detail["last_block"] = 1


def _status(message: Message, status: i64) -> None:
    name = STATUSES.get(int(status), f"unknown_0x{status:02x}")
    message.detail["file_status"] = name
    if status:
        message.error = name
        message.error_code = status
