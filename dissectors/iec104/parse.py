"""One APDU: control field, data unit, information objects. IEC 60870-5-104:2006, 5 and 6. Compiled with mypyc.

Addresses have the lengths that 104 fixes: cause 2 bytes, common address 2, information object 3. Values and targets of a
message are bounded by MAX_OBJECTS, which no message of 253 bytes can pass.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i16_le
from mypy_extensions import i64

from dissectors.base.message import (
    NEED_MORE,
    NOT_MINE,
    ONE_WAY,
    REPORT,
    REQUEST,
    RESPONSE,
    Message,
    ProtocolViolation,
    fold,
    joined,
)
from dissectors.facts import Target
from dissectors.iec104.element import file_detail, has_value, is_file, is_invalid, time_text, value_of
from dissectors.iec104.table import (
    ACTIVATION,
    CAUSES,
    COMMAND,
    CONFIRMATION,
    CONFIRMS,
    CONTROL,
    DEACTIVATED,
    DEACTIVATION,
    FILE,
    MONITOR,
    REQUESTED,
    SEGMENT,
    SELECT_SUFFIX,
    SELECTABLE,
    START_ACT,
    STOP_ACT,
    TERMINATION,
    TEST_ACT,
    TYPES,
    UNKNOWN_FIRST,
    Type,
)

START: Final = 0x68
HEADER: Final = 6
"""Start, length, four bytes of control field."""
OBJECTS: Final = 12
"""Where the first information object begins in an APDU."""
MIN_LENGTH: Final = 4
MAX_LENGTH: Final = 253
IOA: Final = 3
READ: Final = 102
CLAUSE_CONTROL: Final = "104 5.1"
CLAUSE_UNIT: Final = "101 7.2"
CONTROL_TAG: Final = 1 << 50
"""Tags of unnumbered functions lie apart from those of data units."""


def u16(data: bytes, at: i64) -> i64:
    """Return the unsigned 16-bit number at ``at``."""
    return i64(read_i16_le(data, at)) & 0xFFFF


def u24(data: bytes, at: i64) -> i64:
    """Return the unsigned 24-bit number at ``at``."""
    return i64(data[at]) | i64(data[at + 1]) << 8 | i64(data[at + 2]) << 16


def measure(data: bytes, start: i64, end: i64) -> i64:
    """Return the length of the APDU at ``start``, NEED_MORE, or NOT_MINE. The control field must be one of the three forms."""
    have: i64 = end - start
    if have >= 1 and data[start] != START:
        return NOT_MINE
    if have < 2:
        return NEED_MORE
    length: i64 = i64(data[start + 1])
    if length < MIN_LENGTH or length > MAX_LENGTH:
        return NOT_MINE
    if have >= 3 and not _control_fits(i64(data[start + 2]), length):
        return NOT_MINE
    if have < HEADER:
        return NEED_MORE
    return 2 + length


def _control_fits(first: i64, length: i64) -> bool:
    """Return whether the first control byte belongs to a message of this length."""
    if (first & 1) == 0:
        return length >= OBJECTS - 2
    if length != MIN_LENGTH:
        return False
    return first == 1 or int(first) in CONTROL


def parse(data: bytes, start: i64, end: i64) -> Message | None:
    """Return the message, None when ``data[start:end]`` is not one whole APDU; who speaks is in the message itself."""
    if end - start < HEADER or measure(data, start, end) != end - start:
        return None
    first: i64 = i64(data[start + 2])
    if (first & 1) == 0:
        return _unit(data, start, end)
    if first == 1:
        return _supervisory(data, start)
    return _unnumbered(data, start, first)


def _supervisory(data: bytes, start: i64) -> Message:
    message = Message(ONE_WAY, "acknowledge", "session", "S")
    message.routine = True
    message.detail = {"received": int(u16(data, start + 4) >> 1)}
    return message


def _unnumbered(data: bytes, start: i64, first: i64) -> Message:
    function = int(first)
    name, verb = CONTROL[function]
    act = CONFIRMS.get(function, function)
    message = Message(RESPONSE if function in CONFIRMS else REQUEST, name, verb, f"U{act}")
    message.tag = CONTROL_TAG | i64(act)
    message.routine = act == TEST_ACT
    if data[start + 3] or data[start + 4] or data[start + 5]:
        text = "the control field of an unnumbered function goes on with zeros"
        message.violations.append(ProtocolViolation("control_field", 3, CLAUSE_CONTROL, text))
    return message


def _unit(data: bytes, start: i64, end: i64) -> Message:
    """Return the message of a numbered APDU with its data unit."""
    code: i64 = i64(data[start + 6])
    cause: i64 = i64(data[start + 8]) & 0x3F
    refused = (data[start + 8] & 0x40) != 0
    row = TYPES.get(int(code))
    kind: i64 = _kind(code, row, cause)
    name = row.name if row is not None else f"type_{int(code)}"
    verb = row.verb if row is not None else "unknown"
    message = Message(kind, name, verb, str(int(code)))
    message.unit_key = u16(data, start + 10)
    message.unit = str(int(message.unit_key))
    message.detail = {"cause": CAUSES.get(int(cause), f"cause_{int(cause)}")}
    if data[start + 9]:
        message.detail["originator"] = int(data[start + 9])
    if data[start + 8] & 0x80:
        message.detail["test"] = 1
    if int(cause) not in CAUSES:
        text = f"cause of transmission {int(cause)} is reserved"
        message.violations.append(ProtocolViolation("cause", 8, f"{CLAUSE_UNIT}.3", text))
    if message.unit_key == 0:
        text = "common address 0 is not used"
        message.violations.append(ProtocolViolation("common_address", 10, f"{CLAUSE_UNIT}.4", text))
    if row is None:
        text = f"type identification {int(code)} is not defined for this standard"
        message.violations.append(ProtocolViolation("unknown_type", 6, f"{CLAUSE_UNIT}.1", text))
        message.tag = code << 16 | message.unit_key
        return message
    _objects(message, row, data, start, end)
    if kind == RESPONSE:
        if cause >= UNKNOWN_FIRST:
            message.error = CAUSES.get(int(cause), "refused")
            message.error_code = cause
        elif refused:
            message.error = "negative_confirmation"
            message.error_code = cause
    elif cause == TERMINATION and refused:
        message.error = "negative_termination"
        message.error_code = cause
    message.tag = _tag(row, cause, message)
    _settle(message, row, cause)
    return message


def _kind(code: i64, row: Type | None, cause: i64) -> i64:
    """Return what a data unit is: by its cause first, then by its type."""
    if cause == CONFIRMATION or cause == DEACTIVATED or cause >= UNKNOWN_FIRST:
        return RESPONSE
    if cause == TERMINATION:
        return REPORT
    if row is None:
        return ONE_WAY
    side: i64 = row.side
    if side == COMMAND:
        return REQUEST
    if side == MONITOR:
        return RESPONSE if cause == REQUESTED else REPORT
    return ONE_WAY


def _tag(row: Type, cause: i64, message: Message) -> i64:
    """Return what pairs an answer with its command: type, common address and first object."""
    first: i64 = 0
    if message.targets and message.targets[0].first > 0:
        first = message.targets[0].first
    code: i64 = row.code
    if row.side == MONITOR and cause == REQUESTED:
        code = READ
    deactivates: i64 = 1 if cause == DEACTIVATION or cause == DEACTIVATED else 0
    return code | message.unit_key << 8 | first << 24 | deactivates << 48


def _settle(message: Message, row: Type, cause: i64) -> None:
    """Give the message its last name, verb and whether it is routine."""
    if cause == TERMINATION:
        message.operation = row.name + "_terminated"
        message.verb = "report"
    elif cause == DEACTIVATION or cause == DEACTIVATED:
        message.operation = row.name + "_cancelled"
    bad = len(message.violations) > 0 or bool(message.error)
    if row.side == MONITOR:
        message.routine = not bad
    elif row.side == COMMAND:
        message.routine = message.verb == "read" and not bad
    if cause == TERMINATION:
        message.routine = not bad


def _objects(message: Message, row: Type, data: bytes, start: i64, end: i64) -> None:
    """Read the information objects; state the violation when they do not fill the data unit.

    Stations answer a command with its objects, but for the time: the mirror is object addresses with value and qualifier.
    """
    count: i64 = i64(data[start + 7]) & 0x7F
    sequence = (data[start + 7] & 0x80) != 0
    at: i64 = start + OBJECTS
    if row.form == SEGMENT:
        _segment(message, row, data, at, end)
        return
    step: i64 = row.size if sequence else row.size + IOA
    need: i64 = count * step + (IOA if sequence and count > 0 else 0)
    if need != end - at or count == 0:
        text = f"{row.acronym} with {int(count)} objects: {int(need)} bytes belong, {int(end - at)} follow"
        message.violations.append(ProtocolViolation("object_length", 7, f"{CLAUSE_UNIT}.2", text))
    address: i64 = -1
    previous: i64 = -2
    first: i64 = -1
    number: i64 = 0
    mirrors = row.side == COMMAND and row.verb != "read"
    while number < count:
        if not sequence or number == 0:
            if at + IOA > end:
                break
            address = u24(data, at)
            at += IOA
        else:
            address += 1
        if at + row.size > end:
            break
        if address != previous + 1 or first < 0:
            if first >= 0:
                message.targets.append(Target("ioa", int(first), int(previous)))
            first = address
        previous = address
        _element(message, row, data, at, end, number == 0)
        if mirrors:
            message.mirror = joined(message.mirror, address, fold(data, at, at + row.size - row.time))
        at += row.size
        number += 1
    if first >= 0:
        message.targets.append(Target("ioa", int(first), int(previous)))


def _element(message: Message, row: Type, data: bytes, at: i64, end: i64, is_first: bool) -> None:
    """Take the element at ``at``; what describes the whole message is taken from the first one."""
    form: i64 = row.form
    if has_value(form) and row.code != READ:
        message.values.append(value_of(row, data, at))
    if row.side == MONITOR and is_invalid(form, data, at):
        message.detail["invalid"] = int(message.detail.get("invalid", 0)) + 1
    if not is_first:
        return
    if is_file(form):
        file_detail(row, data, at, end, message.detail)
    if row.side == COMMAND and form in SELECTABLE and row.code < 100:
        qualifier: i64 = i64(data[at + row.size - row.time - 1])
        if qualifier & 0x80:
            message.operation += SELECT_SUFFIX
    if row.time > 0:
        message.detail["time"] = time_text(data, at + row.size - row.time, row.time)


def _segment(message: Message, row: Type, data: bytes, at: i64, end: i64) -> None:
    """Take the segment of a file: its address and how much it brings."""
    if at + IOA + 4 > end or at + IOA + 4 + i64(data[at + IOA + 3]) != end:
        text = f"{int(end - at)} bytes are no segment as long as it says"
        message.violations.append(ProtocolViolation("object_length", 7, f"{CLAUSE_UNIT}.2", text))
        return
    address = int(u24(data, at))
    message.targets.append(Target("ioa", address, address))
    file_detail(row, data, at + IOA, end, message.detail)


def sender(data: bytes, start: i64, end: i64) -> i64:
    """Return 1 when the APDU at ``start`` is surely a controlling station's, 0 when a controlled one's, -1 when unsure."""
    if end - start < HEADER or measure(data, start, end) == NOT_MINE:
        return -1
    first: i64 = i64(data[start + 2])
    if (first & 1) == 1:
        if first == START_ACT or first == STOP_ACT:
            return 1
        return 0 if int(first) in CONFIRMS and CONFIRMS[int(first)] != TEST_ACT else -1
    if end - start < OBJECTS:
        return -1
    row = TYPES.get(int(data[start + 6]))
    cause: i64 = i64(data[start + 8]) & 0x3F
    if row is None or row.side == FILE:
        return -1
    if row.side == MONITOR:
        return 0
    if cause == ACTIVATION or cause == DEACTIVATION or cause == REQUESTED:
        return 1
    return 0 if cause == CONFIRMATION or cause == DEACTIVATED or cause == TERMINATION or cause >= UNKNOWN_FIRST else -1
