"""Jobs of S7comm and their answers: variables, blocks, program services, start and stop. Compiled with mypyc."""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.base.message import Message, ProtocolViolation
from dissectors.iso.cotp import u16
from dissectors.s7.area import DATA_TYPES, UNKNOWN_TYPE
from dissectors.s7.block import FILE_NAME_LENGTH, NAME_LENGTH, block_target, text_of
from dissectors.s7.error import SUCCESS, item_error
from dissectors.s7.item import add_values, read_data, read_items, u32
from dissectors.s7.table import (
    BLOCK_SERVICES,
    DOWNLOAD_BLOCK,
    DOWNLOAD_ENDED,
    END_UPLOAD,
    READ_VAR,
    REQUEST_DOWNLOAD,
    SECRET_SERVICES,
    SERVICE,
    SERVICES,
    SETUP,
    START_UPLOAD,
    STOP,
    UPLOAD,
    WRITE_VAR,
)

TEXT_LIMIT: Final = 128


def request(message: Message, code: i64, data: bytes, at: i64, middle: i64, end: i64, origin: i64) -> None:
    """Read a job: parameters ``data[at:middle]`` after the function code, data part up to ``end``."""
    if code == READ_VAR or code == WRITE_VAR:
        _variables(message, code, data, at, middle, end, origin)
    elif code == SETUP:
        _setup(message, data, at, middle)
    elif code == REQUEST_DOWNLOAD or code == DOWNLOAD_BLOCK or code == DOWNLOAD_ENDED or code == START_UPLOAD:
        _named_transfer(message, code, data, at, middle)
    elif code == UPLOAD or code == END_UPLOAD:
        if at + 7 <= middle:
            message.detail["transfer"] = int(u32(data, at + 3))
    elif code == SERVICE:
        _service(message, data, at, middle, origin)
    elif code == STOP and at + 6 <= middle:
        message.detail["argument"] = text_of(data, at + 6, min(middle, at + 6 + i64(data[at + 5])))


def response(message: Message, code: i64, data: bytes, at: i64, middle: i64, end: i64, origin: i64) -> None:
    """Read the answer to a job, bounds as in ``request``."""
    if code == READ_VAR:
        if at < middle:
            _answers(message, data, i64(data[at]), middle, end, origin)
    elif code == WRITE_VAR:
        if at < middle:
            _written(message, data, i64(data[at]), middle, end, origin)
    elif code == SETUP:
        _setup(message, data, at, middle)
    elif code == START_UPLOAD:
        if at + 7 <= middle:
            message.detail["transfer"] = int(u32(data, at + 3))
        if at + 8 <= middle:
            message.detail["length"] = text_of(data, at + 8, min(middle, at + 8 + i64(data[at + 7])))
    elif (code == UPLOAD or code == DOWNLOAD_BLOCK) and at < middle:
        message.detail["more"] = data[at] & 1
        message.detail["bytes"] = int(max(i64(0), end - middle - 4))


def _variables(message: Message, code: i64, data: bytes, at: i64, middle: i64, end: i64, origin: i64) -> None:
    if at >= middle:
        message.violations.append(
            ProtocolViolation("item_count", at - origin, "S7 variable services", "the item count is missing")
        )
        return
    count: i64 = i64(data[at])
    if count == 0:
        message.violations.append(
            ProtocolViolation("item_count", at - origin, "S7 variable services", "no item is asked for")
        )
    items = read_items(message, data, at + 1, middle, count, origin)
    if code == READ_VAR:
        message.routine = True
        if end > middle:
            text = f"{int(end - middle)} bytes of data in a read request"
            message.violations.append(ProtocolViolation("length", 8, "S7 header", text))
        return
    written = read_data(message, data, middle, end, count, origin)
    for item, datum in zip(items, written, strict=False):
        add_values(message, data, datum, item.form)


def _answers(message: Message, data: bytes, count: i64, at: i64, end: i64, origin: i64) -> None:
    """Read the data items of a read answer."""
    message.routine = True
    answers = read_data(message, data, at, end, count, origin)
    failed = 0
    for answer in answers:
        if answer.code == SUCCESS:
            add_values(message, data, answer, DATA_TYPES.get(int(answer.transport), UNKNOWN_TYPE))
            continue
        failed += 1
        if failed == 1:
            _fail(message, answer.code)
    if failed:
        message.detail["failed_items"] = failed


def _written(message: Message, data: bytes, count: i64, at: i64, end: i64, origin: i64) -> None:
    """Read the return codes of a write answer: one byte an item."""
    if end - at != count:
        text = f"{int(count)} items were written, {int(end - at)} return codes are there"
        message.violations.append(ProtocolViolation("item_count", at - origin, "S7 variable services", text))
    failed = 0
    while at < end:
        if data[at] != SUCCESS:
            failed += 1
            if failed == 1:
                _fail(message, i64(data[at]))
        at += 1
    if failed:
        message.detail["failed_items"] = failed


def _fail(message: Message, code: i64) -> None:
    message.error = item_error(code)
    message.error_code = code
    message.detail["item_error"] = message.error


def _setup(message: Message, data: bytes, at: i64, end: i64) -> None:
    if at + 7 > end:
        return
    message.detail["parallel_calling"] = int(u16(data, at + 1))
    message.detail["parallel_called"] = int(u16(data, at + 3))
    message.detail["pdu_length"] = int(u16(data, at + 5))


def _named_transfer(message: Message, code: i64, data: bytes, at: i64, end: i64) -> None:
    """Read status, id and block name of a transfer; a download request adds the lengths of the block."""
    if at + 8 > end:
        return
    if code == DOWNLOAD_ENDED:
        message.error_code = u16(data, at + 1)
    size: i64 = i64(data[at + 7])
    name = text_of(data, at + 8, min(end, at + 8 + size))
    if size == FILE_NAME_LENGTH:
        name = name[1:]
    message.targets.append(block_target(name))
    if size == FILE_NAME_LENGTH and len(name) == NAME_LENGTH:
        message.detail["file_system"] = name[-1]
    at += 8 + size
    if code == REQUEST_DOWNLOAD and at + 14 <= end:
        message.detail["length"] = text_of(data, at + 2, at + 8)
        message.detail["code_length"] = text_of(data, at + 8, at + 14)


def _service(message: Message, data: bytes, at: i64, end: i64, origin: i64) -> None:
    """Read a program service: its argument block, then its name."""
    if at + 9 > end:
        message.violations.append(
            ProtocolViolation("length", 6, "S7 header", "the argument of the program service is missing")
        )
        return
    size: i64 = u16(data, at + 7)
    spot: i64 = at + 9 + size
    if spot >= end or spot + 1 + i64(data[spot]) > end:
        text = f"an argument of {int(size)} bytes passes the end of the parameters"
        message.violations.append(ProtocolViolation("length", at + 7 - origin, "S7 header", text))
        return
    name = text_of(data, spot + 1, spot + 1 + i64(data[spot]))
    row = SERVICES.get(name)
    message.operation = row[0] if row is not None else f"program_service_{name}"
    message.verb = row[1] if row is not None else "program"
    message.code = f"0x28 {name}"
    if name in BLOCK_SERVICES:
        _blocks(message, data, at + 9, spot)
        return
    if name in SECRET_SERVICES:
        message.detail["length"] = int(size)
        return
    argument = text_of(data, at + 9, min(spot, at + 9 + TEXT_LIMIT))
    if argument:
        message.detail["argument"] = argument
    if name == "P_PROGRAM":
        message.detail["start"] = "cold" if argument.startswith("C") else "warm"


def _blocks(message: Message, data: bytes, at: i64, end: i64) -> None:
    """Read the list of block names of a service: count, reserved, then 8 characters each."""
    if at + 2 > end:
        return
    count: i64 = i64(data[at])
    spot: i64 = at + 2
    while count > 0 and spot + NAME_LENGTH <= end:
        name = text_of(data, spot, spot + NAME_LENGTH)
        message.targets.append(block_target(name))
        message.detail["file_system"] = name[-1:]
        spot += NAME_LENGTH
        count -= 1
