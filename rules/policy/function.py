"""The functions a policy can name, by protocol: what they address and what the policy's short words stand for.

Rows are (names or codes, tables or object need). P6 of the policy semantics: a function without object matches on
function alone, and a function matches only the tables it can address. A function that is in no row may carry objects
or not; what it carries must then be covered.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

from dissectors.dnp3.function import ROWS as DNP3_ROWS
from dissectors.dnp3.link import PRIMARY_FUNCTIONS
from dissectors.modbus.table import FUNCTIONS
from dissectors.s7 import table as s7

DISSECTED: Final = {"modbus": 502, "dnp3": 20000, "s7comm": 102, "s7commplus": 102}
"""Protocols whose content the sensor reads, and the usual server port of each."""

ENCRYPTED: Final = frozenset({"", "tls", "dtls", "quic", "ssh"})
"""Recognised protocols whose content nobody can read, and "" for bytes that nothing recognised."""

MODBUS_TABLES_OF: Final = {str(code): (row.table,) for code, row in FUNCTIONS.items() if row.table}
"""Tables a Modbus function can address; the others address none."""

WITH_OBJECT: Final = {
    "modbus": frozenset(MODBUS_TABLES_OF),
    "dnp3": frozenset({"read", "write", "select", "operate", "direct_operate", "direct_operate_no_response"}),
    "s7comm": frozenset({"read_var", "write_var", "request_download", "start_upload"}),
    "s7commplus": frozenset[str](),
}
"""Functions that always address something: without a target they match only ``objects: any``."""

WITHOUT_OBJECT: Final = {
    "modbus": frozenset(str(code) for code, row in FUNCTIONS.items() if not row.table),
    "dnp3": frozenset({"confirm", "cold_restart", "warm_restart", "delay_measure", "record_current_time"}),
    "s7comm": frozenset(
        {"setup_communication", "plc_start", "plc_stop", "plc_control", "download_ended", "end_upload"}
    ),
    "s7commplus": frozenset[str](),
}  # fmt: skip
"""Functions that match on function alone, whatever the message carries."""

WORDS: Final = {
    "s7comm": {
        "download": ("request_download", "download_block", "download_ended"),
        "upload": ("start_upload", "upload", "end_upload"),
    },
}
"""Policy words that stand for the steps of one job."""

NAMES: Final = {
    "dnp3": frozenset({row.name for row in DNP3_ROWS} | {row.name for row in PRIMARY_FUNCTIONS.values()}),
    "s7comm": frozenset(
        {name for name, _ in s7.FUNCTIONS.values()}
        | {name for name, _ in s7.SERVICES.values()}
        | {name for name, _ in s7.SUBFUNCTIONS.values()}
        | set(WORDS["s7comm"])
        | {"connect", "disconnect", "ack", "plc_control"}
    ),
}
"""Every function name that the sensor knows of a protocol; others keep their number in their name."""

_NUMBERED = re.compile(r"[a-z0-9_]*0x[0-9a-f]+")
_MODBUS_CODE = re.compile(r"([1-9][0-9]{0,2})(/[0-9]{1,5})?")
_NAME = re.compile(r"[a-z][a-z0-9_]{1,63}")


def expand(protocol: str, functions: tuple[int | str, ...]) -> frozenset[str]:
    """Return the codes (Modbus) or names (others) that a list of policy functions stands for.

    Raises ``ValueError`` where a word cannot be a function of ``protocol``.
    """
    tokens: set[str] = set()
    for function in functions:
        word = str(function)
        if protocol == "modbus":
            match = _MODBUS_CODE.fullmatch(word)
            if not match or int(match[1]) > 127:
                raise ValueError(
                    f"'{word}' is not a Modbus function code; write a number like 3, or \"8/4\" with its sub-function"
                )
        elif not isinstance(function, str) or not _NAME.fullmatch(word):
            raise ValueError(f"'{word}' is not a function name of {protocol}; write a name like read")
        elif protocol in NAMES and word not in NAMES[protocol] and not _NUMBERED.fullmatch(word):
            near = get_close_matches(word, sorted(NAMES[protocol]), 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise ValueError(f"'{word}' is not a function of {protocol}{hint}")
        tokens.update(WORDS.get(protocol, {}).get(word, (word,)))
    return frozenset(tokens)


def tokens_of(protocol: str, operation: str, code: str) -> tuple[str, ...]:
    """Return what an operation seen on the wire answers to, the most exact first."""
    if protocol != "modbus":
        return (operation,)
    function = code.partition("/")[0]
    return (code,) if function == code else (code, function)
