"""One TPKT frame with its COTP transport unit: RFC 1006 section 6, X.224 sections 13.3 to 13.12 in class 0.

``measure`` and ``parse`` read only ``data[start:end]``. Violations: "tpkt_version", "tpkt_length", "cotp_length",
"cotp_type". Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.message import NEED_MORE, NOT_MINE, ProtocolViolation

TPKT_HEADER: Final = 4
TPKT_VERSION: Final = 3
MIN_LENGTH: Final = 7
DATA_HEADER: Final = 7
"""TPKT and COTP header of a data unit: what a whole DT frame has before its payload."""
LONGEST: Final = TPKT_HEADER + 8_192
"""Bytes of a frame with the longest TPDU on which stations can agree (X.224 13.3.4); RFC 1006 lets them agree on none."""

ED: Final = 0x10
ERR: Final = 0x70
DR: Final = 0x80
DC: Final = 0xC0
CC: Final = 0xD0
CR: Final = 0xE0
DT: Final = 0xF0
NAMES: Final = {
    CR: "connect_request",
    CC: "connect_confirm",
    DR: "disconnect_request",
    DC: "disconnect_confirm",
    DT: "data",
    ED: "expedited_data",
    ERR: "error",
}
MIN_HEADER: Final = {CR: 6, CC: 6, DR: 6, DC: 5, DT: 2, ED: 2, ERR: 4}
"""Least value of the length indicator by type."""

TPDU_SIZE: Final = 0xC0
CALLING_TSAP: Final = 0xC1
CALLED_TSAP: Final = 0xC2
EOT: Final = 0x80

REASONS: Final = {
    0: "not_specified",
    1: "congestion",
    2: "not_attached",
    3: "address_unknown",
    128: "normal_disconnect",
    129: "remote_congestion",
    130: "negotiation_failed",
    131: "duplicate_source_reference",
    132: "mismatched_references",
    133: "protocol_error",
    135: "reference_overflow",
    136: "connection_refused",
    138: "header_or_parameter_length_invalid",
}
"""Reasons of a disconnect request, X.224 section 13.5.3."""
CAUSES: Final = {0: "not_specified", 1: "invalid_parameter_code", 2: "invalid_tpdu_type", 3: "invalid_parameter_value"}
"""Causes of an error unit, X.224 section 13.12.3."""


@final
class Tpdu:
    """A transport unit. ``body`` and ``end`` are the bounds of its user data, references as in the header."""

    def __init__(self, kind: i64, body: i64, end: i64) -> None:
        self.kind: i64 = kind
        self.body: i64 = body
        self.end: i64 = end
        self.eot: bool = True
        self.destination: i64 = 0
        self.source: i64 = 0
        self.reason: i64 = 0
        self.tpdu_size: i64 = 0
        self.calling: bytes = b""
        self.called: bytes = b""
        self.violations: list[ProtocolViolation] = []


def u16(data: bytes, at: i64) -> i64:
    """Return the unsigned 16-bit big-endian number at ``at``."""
    return (i64(data[at]) << 8) | i64(data[at + 1])


def measure(data: bytes, start: i64, end: i64) -> i64:
    """Return the length of the TPKT frame at ``start``, NEED_MORE, or NOT_MINE."""
    have: i64 = end - start
    if have >= 1 and data[start] != TPKT_VERSION:
        return NOT_MINE
    if have < TPKT_HEADER:
        return NEED_MORE
    length: i64 = u16(data, start + 2)
    if length < MIN_LENGTH:
        return NOT_MINE
    return length


def is_whole_data(data: bytes, start: i64, end: i64) -> bool:
    """Return whether the frame is a data unit that is a whole message: the usual case."""
    return end - start > DATA_HEADER and data[start + 4] == 2 and data[start + 5] == DT and (data[start + 6] & EOT) != 0


def parse(data: bytes, start: i64, end: i64) -> Tpdu | None:
    """Return the transport unit of the whole frame ``data[start:end]``, None when it is no TPKT frame."""
    if end - start < MIN_LENGTH or measure(data, start, end) != end - start:
        return None
    header: i64 = i64(data[start + 4])
    byte: i64 = i64(data[start + 5])
    kind: i64 = byte & 0xF0
    body: i64 = start + 5 + header
    tpdu = Tpdu(kind, min(body, end), end)
    minimum = MIN_HEADER.get(int(kind))
    if minimum is None:
        text = f"transport unit 0x{int(byte):02x}: class 0 knows CR, CC, DR, DC, DT, ED and ERR"
        tpdu.violations.append(ProtocolViolation("cotp_type", 5, "X.224 13.2.2.2", text))
        return tpdu
    if body > end or header < minimum:
        text = f"length indicator {int(header)} in a frame of {int(end - start)} bytes, at least {minimum} belong"
        tpdu.violations.append(ProtocolViolation("cotp_length", 4, "X.224 13.2.1", text))
        return tpdu
    if kind == DT or kind == ED:
        tpdu.eot = (data[body - 1] & EOT) != 0
        return tpdu
    tpdu.destination = u16(data, start + 6)
    if kind == ERR:
        tpdu.reason = i64(data[start + 8])
        return tpdu
    tpdu.source = u16(data, start + 8)
    if kind == DC:
        _parameters(tpdu, data, start + 10, body, start)
        return tpdu
    if kind == DR:
        tpdu.reason = i64(data[start + 10])
    elif data[start + 10] >> 4:
        text = f"class {data[start + 10] >> 4} is asked for, RFC 1006 allows class 0"
        tpdu.violations.append(ProtocolViolation("cotp_type", 10, "RFC 1006 6", text))
    _parameters(tpdu, data, start + 11, body, start)
    return tpdu


def _parameters(tpdu: Tpdu, data: bytes, at: i64, end: i64, start: i64) -> None:
    """Read code, length, value triples up to ``end``."""
    while at < end:
        if at + 2 > end or at + 2 + i64(data[at + 1]) > end:
            text = f"the parameter at {int(at - start)} passes the end of the header"
            tpdu.violations.append(ProtocolViolation("cotp_length", at - start, "X.224 13.2.3", text))
            return
        code: i64 = i64(data[at])
        size: i64 = i64(data[at + 1])
        if code == TPDU_SIZE and size == 1:
            exponent: i64 = i64(data[at + 2])
            tpdu.tpdu_size = (1 << exponent) if exponent <= 16 else 0
        elif code == CALLING_TSAP:
            tpdu.calling = data[at + 2 : at + 2 + size]
        elif code == CALLED_TSAP:
            tpdu.called = data[at + 2 : at + 2 + size]
        at += 2 + size
