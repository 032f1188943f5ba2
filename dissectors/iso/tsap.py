"""Transport selectors: what the ends of an ISO connection call themselves, and rack and slot in those of S7.

The two-byte form of Siemens controllers: connection type, then rack (high 3 bits) and slot (low 5). S7CommPlus uses
text. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

CONNECTION_TYPES: Final = {1: "pg", 2: "op", 3: "basic"}
PLUS_PREFIX: Final = b"SIMATIC-ROOT"


def protocol_of(called: bytes) -> str:
    """Return the protocol that a called selector proposes: "s7comm", "s7commplus" or "iso"."""
    if called.startswith(PLUS_PREFIX):
        return "s7commplus"
    if len(called) == 2 and called[0] in CONNECTION_TYPES:
        return "s7comm"
    return "iso"


def rack_slot(called: bytes) -> str:
    """Return "rack/slot" of an S7 selector, "" for another form."""
    if len(called) != 2 or called[0] not in CONNECTION_TYPES:
        return ""
    return f"{called[1] >> 5}/{called[1] & 0x1F}"


def unit_key(called: bytes) -> i64:
    """Return a number for the unit of a selector, 0 when it names none."""
    if len(called) != 2 or called[0] not in CONNECTION_TYPES:
        return 0
    return i64(called[1]) + 1
