"""What a Modbus answer repeats of its request, and in what one differs that belongs to none. MODBUS V1.1b3, 6. Compiled with mypyc.

Functions 5, 6, 15, 16 and 22 answer with address and value, quantity or masks; 8 and 43 with their second code. Reads repeat nothing
but how much was asked for.
"""

from __future__ import annotations

from librt.strings import read_i32_be
from mypy_extensions import i64

from dissectors.base.message import ANYTHING, PLAIN_READ, Message, ProtocolViolation
from dissectors.base.pairing import Pairing
from dissectors.modbus.fields import u16
from dissectors.modbus.table import (
    DIAGNOSTIC,
    INTERFACE,
    MASK,
    READ_WRITE,
    WRITE_COIL,
    WRITE_COILS,
    WRITE_WORD,
    WRITE_WORDS,
)


def mirror_of(form: i64, data: bytes, at: i64, end: i64, asks: bool) -> i64:
    """Return what an answer repeats of its request: address and value, or quantity, or masks; else how much it brings, or its subfunction."""
    said: i64 = -1
    if form == WRITE_COIL or form == WRITE_WORD or form == WRITE_COILS or form == WRITE_WORDS:
        if at + 4 <= end:
            said = i64(read_i32_be(data, at)) & 0xFFFFFFFF
    elif form == MASK:
        if at + 6 <= end:
            said = (i64(read_i32_be(data, at)) & 0xFFFFFFFF) << 16 | u16(data, at + 4)
    elif form == READ_WRITE:
        if at + 4 <= end:
            said = u16(data, at + 2) * 2 if asks else i64(data[at])
    elif form == DIAGNOSTIC and at + 2 <= end:
        said = u16(data, at)
    elif form == INTERFACE and at < end:
        said = i64(data[at])
    return PLAIN_READ + 1 + said if said >= 0 else ANYTHING


def note_difference(message: Message, pairing: Pairing) -> None:
    """State in what an answer that belongs to no request differs from the one that is open with its transaction."""
    operation = pairing.asked(message.tag)
    if operation is None:
        if pairing.operation is not None and (pairing.tag & 0xFFFF) == (message.tag & 0xFFFF):
            text = "an answer with this transaction has another function than the request"
            message.violations.append(ProtocolViolation("response_mismatch", 7, "TCP/IP V1.0b 3.1.3", text))
        return
    if not message.targets or not operation.targets:
        return
    asked = operation.targets[0]
    answered = message.targets[0]
    request = pairing.request
    if asked != answered:
        text = f"asked {asked.kind} {asked.first}-{asked.last}, answered {answered.first}-{answered.last}"
        message.violations.append(ProtocolViolation("response_mismatch", 8, "V1.1b3 6", text))
    elif message.values and request is not None and operation is pairing.operation:
        text = f"asked value {request.values[0] if request.values else None}, answered {message.values[0]}"
        message.violations.append(ProtocolViolation("response_mismatch", 10, "V1.1b3 6", text))
