"""From one link frame, or one application fragment, to a Message. Pure: only the given bytes decide.

IEEE 1815 clauses 4 (application), 8 (transport) and 9 (link). A frame that holds only a part of a fragment gives a
``transport_segment``; the session puts the parts together. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.base.message import (
    ANYTHING,
    CLAIMS,
    ONE_WAY,
    PLAIN_READ,
    REPORT,
    RESPONSE,
    Message,
    ProtocolViolation,
)
from dissectors.dnp3.authentication import NAMES, REPLY
from dissectors.dnp3.function import (
    AUTHENTICATION_REQUEST,
    AUTHENTICATION_RESPONSE,
    CLAUSE,
    CONFIRM,
    FIRST_FROM_OUTSTATION,
    FUNCTIONS,
    READ,
    RESPONSE_FUNCTION,
    WRITE,
    Function,
)
from dissectors.dnp3.indication import ERRORS, error_of, names_of
from dissectors.dnp3.link import (
    BROADCAST_FIRST,
    CLAUSE_ADDRESS,
    CLAUSE_CONTROL,
    CLAUSE_CRC,
    CLAUSE_LENGTH,
    CONFIRMED_USER_DATA,
    FROM_MASTER,
    HEADER,
    MIN_LENGTH,
    PRIMARY,
    RESERVED_FIRST,
    SELF_ADDRESS,
    UNCONFIRMED_USER_DATA,
    bad_block,
    destination_of,
    frame_size,
    link_function,
    measure,
    source_of,
    user_data,
)
from dissectors.dnp3.objects import first_group, take_objects

FIRST: Final = 0x80
"""First fragment (application); the transport function has the same byte with the two bits exchanged."""
LAST: Final = 0x40
CONFIRMATION: Final = 0x20
UNSOLICITED: Final = 0x10
SEQUENCE: Final = 0x0F
TRANSPORT_LAST: Final = 0x80
TRANSPORT_FIRST: Final = 0x40
TRANSPORT_SEQUENCE: Final = 0x3F
WHOLE: Final = 0xC0
MIN_RESPONSE: Final = 4
FUNCTION_AT: Final = 12
"""Offset of the function in a frame that begins a fragment."""
AUTHENTICATION_TAG: Final = 0x10
CONTINUES: Final = 1 << 40
"""In the tag of a request whose answer goes on: its next fragment is not the first of an answer (FIR), and no other is its."""
NARROWED: Final = {"g50": "time", "g70": "file", "g120": "auth"}
"""Verbs of a write by its first object."""


def unit_key_of(master: i64, outstation: i64) -> i64:
    """Return the key of a link pair."""
    return master << 16 | outstation


def tag_of(unit_key: i64, sequence: i64) -> i64:
    """Return what pairs a response with its request: link pair and application sequence, without collisions."""
    return unit_key << 5 | sequence


def is_user_data(control: i64) -> bool:
    """Return whether the link control byte announces user data."""
    function: i64 = control & 0x0F
    return control & PRIMARY != 0 and (function == CONFIRMED_USER_DATA or function == UNCONFIRMED_USER_DATA)


def sender(data: bytes, start: i64, end: i64) -> i64:
    """Return 1 when the frame at ``start`` begins a fragment of a master's function, 0 of an outstation's, -1 when it does not tell."""
    control: i64 = i64(data[start + 3])
    if not is_user_data(control) or data[start + 2] < MIN_LENGTH + 3 or start + FUNCTION_AT >= end:
        return -1
    if data[start + HEADER] & TRANSPORT_FIRST == 0:
        return -1
    return 1 if data[start + FUNCTION_AT] < FIRST_FROM_OUTSTATION - 1 else 0


def parse_frame(data: bytes, start: i64, end: i64) -> Message | None:
    """Return the message of the whole frame ``data[start:end]``, None when it is no DNP3 frame."""
    if end - start < HEADER or measure(data, start, end) < 0:
        return None
    length: i64 = i64(data[start + 2])
    if frame_size(length) != end - start:
        return None
    control: i64 = i64(data[start + 3])
    source: i64 = source_of(data, start)
    destination: i64 = destination_of(data, start)
    bad: i64 = bad_block(data, start, end)
    if bad >= 0:
        message = parse_link(control, source, destination, MIN_LENGTH)
        message.violations = [block_fault(bad)]
        message.routine = False
        return message
    if not is_user_data(control) or length < MIN_LENGTH + 1:
        return parse_link(control, source, destination, length)
    user = user_data(data, start, end)
    if i64(user[0]) & WHOLE != WHOLE:
        message = parse_link(control, source, destination, MIN_LENGTH)
        message.operation = "transport_segment"
        message.final = i64(user[0]) & TRANSPORT_LAST != 0
        return message
    return parse_fragment(user, 1, i64(len(user)), control, source, destination)


def block_fault(at: i64) -> ProtocolViolation:
    """Return the violation of a data block with a bad CRC at offset ``at`` of the frame."""
    return ProtocolViolation("block_crc", at, CLAUSE_CRC, f"the data block at octet {at} of the frame has a bad CRC")


def parse_link(control: i64, source: i64, destination: i64, length: i64) -> Message:
    """Return the message of a frame without user data."""
    row = link_function(control)
    number: i64 = control & 0x0F
    name = f"link_unknown_0x{number:x}" if row is None else row.name
    kind: i64 = ONE_WAY if control & PRIMARY else RESPONSE
    message = Message(kind, name, "unknown" if row is None else row.verb, f"link.{number}")
    _address(message, control & FROM_MASTER != 0, source, destination)
    if row is None:
        text = f"link function {number} is not in the standard"
        message.violations.append(ProtocolViolation("unknown_function", 3, CLAUSE_CONTROL, text))
    elif length != MIN_LENGTH or (is_user_data(control) and length == MIN_LENGTH):
        text = f"link function {number} does not go with length {length}"
        message.violations.append(ProtocolViolation("length", 2, CLAUSE_LENGTH, text))
    message.routine = True
    return message


def _address(message: Message, by_master: bool, source: i64, destination: i64) -> None:
    """Name the link pair and check the addresses."""
    master: i64 = source if by_master else destination
    outstation: i64 = destination if by_master else source
    message.unit = f"{master}>{outstation}"
    message.unit_key = unit_key_of(master, outstation)
    if source >= RESERVED_FIRST or RESERVED_FIRST <= destination < SELF_ADDRESS:
        address: i64 = source if source >= RESERVED_FIRST else destination
        text = f"address {address} (0x{address:04x}) cannot be used here"
        message.violations.append(ProtocolViolation("reserved_address", 4, CLAUSE_ADDRESS, text))


def parse_fragment(data: bytes, start: i64, end: i64, link_control: i64, source: i64, destination: i64) -> Message:
    """Return the message of the application fragment ``data[start:end]``."""
    if end - start < 2:
        return _too_short(link_control, source, destination, end - start)
    control: i64 = i64(data[start])
    function = FUNCTIONS[data[start + 1]]
    message = Message(function.kind, function.name, function.verb, str(function.code))
    by_master = function.code < FIRST_FROM_OUTSTATION - 1
    _address(message, by_master, source, destination)
    sequence: i64 = control & SEQUENCE
    message.tag = tag_of(message.unit_key, sequence)
    message.final = control & LAST != 0
    if by_master != (link_control & FROM_MASTER != 0):
        text = f"function {function.code} ({function.name}) with the direction bit of the other station"
        message.violations.append(ProtocolViolation("direction", 3, CLAUSE_CONTROL, text))
        message.detail[CLAIMS] = "outstation" if by_master else "master"
    if not function.known:
        text = f"function code {function.code} is not in the standard"
        message.violations.append(ProtocolViolation("unknown_function", 1, CLAUSE, text))
    objects: i64 = start + 2
    if not by_master:
        if end - start < MIN_RESPONSE:
            text = f"a response of {end - start} bytes has no indications"
            message.violations.append(ProtocolViolation("object_length", 0, "4.2.2.6", text))
            return message
        _indications(message, i64(data[start + 2]) | i64(data[start + 3]) << 8)
        objects = start + MIN_RESPONSE
    if function.known:
        take_objects(message, function, data, objects, end)
    _conclude(message, function, destination)
    return message


def _too_short(link_control: i64, source: i64, destination: i64, size: i64) -> Message:
    message = Message(ONE_WAY, "empty_fragment", "unknown", "")
    _address(message, link_control & FROM_MASTER != 0, source, destination)
    text = f"an application fragment of {size} bytes has no function"
    message.violations.append(ProtocolViolation("object_length", 0, "4.2.2", text))
    return message


def _indications(message: Message, bits: i64) -> None:
    """Take the internal indications of a response."""
    message.detail["iin"] = bits
    error = error_of(bits)
    if error:
        message.error = error
        message.error_code = bits & ERRORS
        message.detail["iin_set"] = names_of(bits & ERRORS)


def _conclude(message: Message, function: Function, destination: i64) -> None:
    """Set what depends on the objects: verb, pairing, and whether this is a plain read."""
    code: i64 = function.code
    group = first_group(message)
    if code == WRITE and group in NARROWED:
        message.verb = NARROWED[group]
    elif code == READ and group == "g0":
        message.verb = "diagnostic"
    elif code == READ and group == "g70":
        message.verb = "file"
    if code == AUTHENTICATION_REQUEST or code == AUTHENTICATION_RESPONSE:
        _authenticate(message, code)
    if destination >= BROADCAST_FIRST and code < FIRST_FROM_OUTSTATION and code != CONFIRM:
        message.kind = ONE_WAY
        message.detail["broadcast"] = 1
        return
    if code == READ or (code == RESPONSE_FUNCTION and message.mirror == ANYTHING and message.targets):
        message.mirror = PLAIN_READ
    if code == READ:
        message.routine = message.verb == "read" and not message.violations and not message.detail
    elif message.kind == RESPONSE or message.kind == REPORT:
        message.routine = not message.violations and not message.identity and not message.error
    elif code == CONFIRM:
        message.routine = True


def _authenticate(message: Message, code: i64) -> None:
    """Pair authentication apart from the request it protects.

    A challenge (g120v1) answers a critical request only for the time being; its reply (g120v2) is answered by the
    response to that request. Everything else is a conversation of its own.
    """
    step = message.detail.get("authentication", "")
    if code == AUTHENTICATION_RESPONSE and step == NAMES[1]:
        message.final = False
        return
    message.tag |= AUTHENTICATION_TAG
    if code == AUTHENTICATION_REQUEST and step == NAMES[REPLY]:
        message.kind = ONE_WAY
