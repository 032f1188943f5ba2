"""One announcement: the data unit of a frame, a list of types with lengths. IEEE 802.1AB-2016, 8 and 9. Compiled with mypyc.

What a station says of itself becomes an identity, in the order of the frame; texts are cut to MAX_TEXT characters. At most
MAX_TLVS elements are read. What follows the end is padding.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.base.message import NOT_MINE, REPORT, SENDER, Identity, Message, ProtocolViolation
from dissectors.lldp.table import (
    CAPABILITIES,
    CAPABILITY_BITS,
    CHASSIS_ADDRESS,
    CHASSIS_ID,
    CHASSIS_MAC,
    END,
    IP4,
    IP6,
    MANAGEMENT_ADDRESS,
    MED,
    MED_TEXTS,
    ORGANISATION,
    PORT_ADDRESS,
    PORT_ID,
    PORT_MAC,
    PROFINET,
    PROFINET_CHASSIS_MAC,
    TEXTS,
    TIME_TO_LIVE,
)
from dissectors.wire.address import ip4_text, ip6_text, mac_text

MAX_TEXT: Final = 255
MAX_TLVS: Final = 128
HEADER: Final = 2
MANDATORY: Final = (CHASSIS_ID, PORT_ID, TIME_TO_LIVE)


def u16(data: bytes, at: i64) -> i64:
    """Return the unsigned 16-bit number at ``at``."""
    return i64(data[at]) << 8 | i64(data[at + 1])


def measure(data: bytes, start: i64, end: i64) -> i64:
    """Return the length of the announcement at ``start`` without its padding; NOT_MINE when it begins otherwise.

    A list that is cut off or has no end reaches to the end of the frame: ``parse`` says what is wrong with it.
    """
    if end - start < HEADER or data[start] >> 1 != CHASSIS_ID:
        return NOT_MINE
    at: i64 = start
    number: i64 = 0
    while end - at >= HEADER and number <= MAX_TLVS:
        kind: i64 = i64(data[at]) >> 1
        at += HEADER + (u16(data, at) & 0x1FF)
        if at > end:
            break
        if kind == END:
            return at - start
        number += 1
    return end - start


def parse(data: bytes, start: i64, end: i64) -> Message | None:
    """Return the announcement that ``data[start:end]`` is, None when it does not begin with a chassis id."""
    if end - start < HEADER + 2 or data[start] >> 1 != CHASSIS_ID:
        return None
    message = Message(REPORT, "announcement", "report", "LLDPDU")
    message.routine = True
    at: i64 = start
    number: i64 = 0
    while at < end:
        if end - at < HEADER:
            _fault(message, "tlv_length", at - start, f"{int(end - at)} bytes are left, a header has 2")
            break
        kind: i64 = i64(data[at]) >> 1
        size: i64 = u16(data, at) & 0x1FF
        at += HEADER
        if kind == END:
            break
        if number >= MAX_TLVS:
            _fault(message, "too_many_elements", at - start, f"more than {MAX_TLVS} elements")
            break
        if at + size > end:
            text = f"element {int(kind)} of {int(size)} bytes reaches {int(at + size - end)} beyond the frame"
            _fault(message, "tlv_length", at - start, text)
            break
        if number < 3 and kind != MANDATORY[int(number)]:
            text = f"element {int(number) + 1} is of type {int(kind)}, not {MANDATORY[int(number)]}"
            _fault(message, "mandatory_order", at - start, text)
        _element(message, kind, data, at, at + size, at - start)
        at += size
        number += 1
    else:
        _fault(message, "no_end", at - start, "the list has no end")
    message.routine = not message.violations and message.operation == "announcement"
    return message


def _fault(message: Message, name: str, at: i64, text: str) -> None:
    message.violations.append(ProtocolViolation(name, at, "8.5", text))


def _element(message: Message, kind: i64, data: bytes, at: i64, end: i64, offset: i64) -> None:
    """Take one element."""
    size: i64 = end - at
    if kind == CHASSIS_ID or kind == PORT_ID:
        if size < 2:
            _fault(message, "tlv_length", offset, f"an id of {int(size)} bytes, at least 2 are needed")
            return
        chassis = kind == CHASSIS_ID
        value = _id(data, at, end, CHASSIS_MAC if chassis else PORT_MAC, CHASSIS_ADDRESS if chassis else PORT_ADDRESS)
        message.detail["chassis" if chassis else "port"] = value
        _say(message, "chassis_id" if chassis else "port_id", value, kind)
    elif kind == TIME_TO_LIVE:
        if size < 2:
            _fault(message, "tlv_length", offset, f"a time to live of {int(size)} bytes, 2 are needed")
            return
        message.detail["ttl_seconds"] = int(u16(data, at))
        if u16(data, at) == 0:
            message.operation = "shutdown"
    elif int(kind) in TEXTS:
        _say(message, TEXTS[int(kind)], text_of(data, at, end), kind)
    elif kind == CAPABILITIES and size >= 4:
        _say(message, "capabilities", _capabilities(u16(data, at + 2)), kind)
    elif kind == MANAGEMENT_ADDRESS:
        _say(message, "management_address", _address(data, at, end), kind)
    elif kind == ORGANISATION and size >= 4:
        _organisation(message, data, at, end)


def _say(message: Message, attribute: str, value: str, kind: i64) -> None:
    if value:
        message.identity.append(Identity(attribute, value, f"lldp.{int(kind)}", SENDER))


def _organisation(message: Message, data: bytes, at: i64, end: i64) -> None:
    """Take an element of an organisation: LLDP-MED inventory and the PROFINET chassis MAC."""
    owner: i64 = i64(data[at]) << 16 | u16(data, at + 1)
    subtype = int(data[at + 3])
    if owner == MED and subtype in MED_TEXTS:
        value = text_of(data, at + 4, end)
        if value:
            message.identity.append(Identity(MED_TEXTS[subtype], value, f"lldp.med.{subtype}", SENDER))
    elif owner == PROFINET and subtype == PROFINET_CHASSIS_MAC and end - at >= 10:
        mac = mac_text(u16(data, at + 4) << 32 | u16(data, at + 6) << 16 | u16(data, at + 8))
        message.identity.append(Identity("device_mac", mac, f"lldp.pn.{subtype}", SENDER))


def _id(data: bytes, at: i64, end: i64, mac: i64, address: i64) -> str:
    """Return a chassis or port id as text: a MAC, a network address, or what the station calls itself."""
    subtype: i64 = i64(data[at])
    if subtype == mac and end - at == 7:
        return mac_text(u16(data, at + 1) << 32 | u16(data, at + 3) << 16 | u16(data, at + 5))
    if subtype == address:
        return network_address(data, at + 1, end)
    return text_of(data, at + 1, end)


def _address(data: bytes, at: i64, end: i64) -> str:
    """Return the management address, "" when it is none that can be read."""
    if end - at < 2:
        return ""
    stop: i64 = at + 1 + i64(data[at])
    return network_address(data, at + 1, stop) if stop <= end else ""


def network_address(data: bytes, at: i64, end: i64) -> str:
    """Return an address with its family number in front as text, other families in hex."""
    if end - at == 5 and data[at] == IP4:
        return ip4_text(u16(data, at + 1) << 16 | u16(data, at + 3))
    if end - at == 17 and data[at] == IP6:
        high: i64 = u16(data, at + 1) << 48 | u16(data, at + 3) << 32 | u16(data, at + 5) << 16 | u16(data, at + 7)
        low: i64 = u16(data, at + 9) << 48 | u16(data, at + 11) << 32 | u16(data, at + 13) << 16 | u16(data, at + 15)
        return ip6_text(high, low)
    if end - at == 7:
        return mac_text(u16(data, at + 1) << 32 | u16(data, at + 3) << 16 | u16(data, at + 5))
    return data[at:end].hex()


def _capabilities(bits: i64) -> str:
    """Return the names of enabled capabilities, joined with commas."""
    return ", ".join([name for number, name in enumerate(CAPABILITY_BITS) if (int(bits) >> number) & 1])


def text_of(data: bytes, at: i64, end: i64) -> str:
    """Return a text as its UTF-8 says, cut to MAX_TEXT characters; bytes that are none become hex."""
    raw = data[at:end].rstrip(b"\0")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.hex()
    return text[:MAX_TEXT]
