"""Device attributes (g0): what an outstation says of itself. IEEE 1815 clause A.1. Compiled with mypyc."""

from __future__ import annotations

from typing import Final

from librt.strings import read_f32_le, read_f64_le
from mypy_extensions import i64

from dissectors.base.message import Identity, Message
from dissectors.dnp3.header import Header
from dissectors.dnp3.value import number_of, text_of, time_of
from dissectors.facts import Target, Value

CLAIMS: Final = {
    242: "firmware_version",
    243: "hardware_version",
    245: "location",
    246: "id_code",
    247: "name",
    248: "serial_number",
    250: "model",
    252: "manufacturer",
}
TEXT: Final = 1
UNSIGNED: Final = 2
SIGNED: Final = 3
FLOATING: Final = 4
TIME_TYPE: Final = 7
TIME_BYTES: Final = 6


def attribute_value(kind: i64, data: bytes, start: i64, end: i64) -> Value:
    """Return the value of an attribute of type ``kind``; what has no simple form is reported in hex."""
    size: i64 = end - start
    if kind == UNSIGNED and 0 < size <= 8:
        return int.from_bytes(data[start:end], "little") & 0x7FFFFFFFFFFFFFFF
    if kind == SIGNED and 0 < size <= 8:
        return int.from_bytes(data[start:end], "little", signed=True)
    if kind == FLOATING and size == 4:
        return number_of(read_f32_le(data, start))
    if kind == FLOATING and size == 8:
        return number_of(read_f64_le(data, start))
    if kind == TIME_TYPE and size == TIME_BYTES:
        return time_of(data, start)
    return text_of(data, start, end)


def take_attributes(message: Message, header: Header, data: bytes, room: i64) -> None:
    """Put the attributes of ``header`` into ``message`` as values, and as identity where they name the device."""
    name = f"g0v{header.variation}"
    message.targets.append(Target(name, int(header.first), int(header.last)))
    attribute = CLAIMS.get(int(header.variation), "")
    at: i64 = header.items
    number: i64 = 0
    while number < header.count and number < room:
        kind: i64 = i64(data[at + header.prefix])
        body: i64 = at + header.prefix + 2
        end: i64 = body + i64(data[body - 1])
        value = attribute_value(kind, data, body, end)
        message.values.append(value)
        if attribute and kind == TEXT and value != "":
            message.identity.append(Identity(attribute, str(value), "dnp3." + name))
        at = end
        number += 1
