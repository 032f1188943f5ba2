"""What a transport connection carries, by the first bytes of its user data. Compiled with mypyc."""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

UNKNOWN: Final = 0
S7COMM: Final = 1
S7COMMPLUS: Final = 2
TLS: Final = 3
ISO_SESSION: Final = 4

S7_ID: Final = 0x32
PLUS_ID: Final = 0x72
ROSCTR: Final = frozenset({1, 2, 3, 7})
PLUS_VERSIONS: Final = frozenset({1, 2, 3, 0xFE, 0xFF})
TLS_RECORDS: Final = frozenset({0x14, 0x15, 0x16, 0x17})

SPDU: Final = {
    0x01: "data_transfer",
    0x07: "abort_accept",
    0x08: "finish_refuse",
    0x09: "finish",
    0x0A: "disconnect",
    0x0C: "refuse",
    0x0D: "connect",
    0x0E: "accept",
    0x19: "abort",
}
"""Session units of ITU-T X.225 section 8.3.1, as MMS and ICCP use them."""


def kind_of(data: bytes, start: i64, end: i64) -> i64:
    """Return what ``data[start:end]`` begins: S7COMM, S7COMMPLUS, TLS, ISO_SESSION or UNKNOWN."""
    if end - start < 2:
        return UNKNOWN
    first: i64 = i64(data[start])
    second: i64 = i64(data[start + 1])
    if first == S7_ID:
        return S7COMM if int(second) in ROSCTR else UNKNOWN
    if first == PLUS_ID:
        return S7COMMPLUS if int(second) in PLUS_VERSIONS else UNKNOWN
    if int(first) in TLS_RECORDS and second == 3:
        return TLS
    if int(first) in SPDU:
        if first == 1:
            return ISO_SESSION if second == 0 else UNKNOWN
        return ISO_SESSION if start + 2 + second <= end or second == 0xFF else UNKNOWN
    return UNKNOWN
