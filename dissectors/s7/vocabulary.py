"""What the policy can say of S7comm and S7CommPlus: functions by name, areas, blocks and system status lists."""

from __future__ import annotations

import re
from typing import Final

from dissectors.iso import TRANSPORT
from dissectors.s7 import plus
from dissectors.s7.table import FUNCTIONS, MODE_GROUP, MODES, SERVICES, SUBFUNCTIONS
from dissectors.span import ALL, Span, ordered
from dissectors.spec import Function, Objects

NEED_OBJECT: Final = frozenset({"read_var", "write_var", "request_download", "start_upload"})
WITHOUT_OBJECT: Final = frozenset({"setup_communication", "plc_start", "plc_stop", "download_ended", "end_upload"})
STEPS: Final[dict[str, tuple[str, ...]]] = {
    "download": ("request_download", "download_block", "download_ended"),
    "upload": ("start_upload", "upload", "end_upload"),
}
"""Words that stand for the steps of one transfer."""


def _row(code: str, name: str, verb: str) -> Function:
    objects = () if name in WITHOUT_OBJECT else None
    return Function(name, verb, code, objects=objects, needs_object=name in NEED_OBJECT)


WORDS: Final = (
    *TRANSPORT,
    *(_row(f"0x{code:02x}", *row) for code, row in FUNCTIONS.items()),
    *(_row(f"0x28 {name}", *row) for name, row in SERVICES.items()),
    *(_row(f"{code >> 8}.{code & 0xFF:02x}", *row) for code, row in SUBFUNCTIONS.items()),
    *(_row(f"{MODE_GROUP}.{mode:02x}", "mode_notice", "report") for mode in MODES),
    _row("", "block_send", "write"),
    _row("", "ack", "session"),
)
PLUS_WORDS: Final = (
    *TRANSPORT,
    *(_row(f"0x{code:04x}", *row) for code, row in plus.FUNCTIONS.items()),
    _row(f"0x{plus.NOTIFICATION_CODE:02x}", "notification", "report"),
    _row(f"0x{plus.KEEP_ALIVE:02x}", "keep_alive", "session"),
    _row(f"0x{plus.SYSTEM_EVENT:02x}", "system_event", "session"),
)

NUMBER_LAST: Final = 65_535
BITS: Final = {"B": 8, "W": 16, "D": 32}
NUMBERED: Final = frozenset({"T", "C"})
"""Areas addressed by number; the others are addressed by byte and bit, and counted in bits."""

_PLACE: Final = re.compile(
    r"(?:DB(\d{1,5})(?:\.DB([XBWD])(\d{1,5})(?:\.([0-7]))?)?"
    r"|([MIQP])(?:([BWD])?(\d{1,5})(?:\.([0-7]))?)?"
    r"|([TC])(\d{1,5})?)",
    re.ASCII,
)
_BLOCK: Final = re.compile(r"(OB|DB|SDB|FC|SFC|FB|SFB)(\d{1,5})", re.ASCII)
_SZL: Final = re.compile(r"0x[0-9a-fA-F]{4}")


def parse_area(text: str) -> tuple[str, Span]:
    """Return kind and span of ``DB10``, ``MW4`` or ``DB10.DBX0.0-DB10.DBX255.7``. Raises ``ValueError``."""
    start, _, end = text.partition("-")
    kind, (first, last) = _place(start, text)
    if not end:
        return kind, (first, last)
    other, (_, last) = _place(end, text)
    if other != kind:
        raise ValueError(f"'{text}' begins in {kind} and ends in {other}; write one area each")
    return kind, ordered((first, last), text, ALL[1])


def _place(text: str, whole: str) -> tuple[str, Span]:
    match = _PLACE.fullmatch(text)
    if not match:
        raise ValueError(f"'{whole}' is not an S7 area; write it like DB10.DBX0.0-DB10.DBX255.7, MB4 or DB10")
    block, unit, byte, bit = match.group(1, 2, 3, 4)
    kind = f"DB{int(block)}" if block else ""
    if not block:
        if match[9]:
            return match[9], (int(match[10]), int(match[10])) if match[10] else ALL
        kind, unit, byte, bit = match.group(5, 6, 7, 8)
        unit = unit or "X"
    if byte is None:
        return kind, ALL
    if (unit == "X") != (bit is not None):
        raise ValueError(f"'{whole}' mixes a bit and a byte; write DBX4.0 for a bit and DBB4 for a byte")
    start = int(byte) * 8 + int(bit or 0)
    return kind, (start, start + BITS.get(unit, 1) - 1)


def parse_blocks(text: str) -> tuple[str, Span]:
    """Return block kind and numbers of ``OB1`` or ``FC10-FC19``. Raises ``ValueError``."""
    start, _, end = text.partition("-")
    one, two = _BLOCK.fullmatch(start), _BLOCK.fullmatch(end or start)
    if not one or not two or one[1] != two[1]:
        raise ValueError(f"'{text}' is not a block range; write it like OB1 or FC10-FC19")
    return one[1], ordered((int(one[2]), int(two[2])), text, NUMBER_LAST)


def parse_szl(text: str) -> tuple[str, Span]:
    """Return the span of system status list ids ``0x0011`` or ``0x0011-0x001c``. Raises ``ValueError``."""
    start, _, end = text.partition("-")
    if not _SZL.fullmatch(start) or not _SZL.fullmatch(end or start):
        raise ValueError(f"'{text}' is not an SZL id; write it in quotes like \"0x0011\"")
    return "szl", ordered((int(start, 16), int(end or start, 16)), text, NUMBER_LAST)


def write_offset(kind: str, number: int) -> str:
    """Return a bit offset as byte and bit; timers and counters have numbers."""
    return str(number) if kind in NUMBERED else f"{number // 8}.{number % 8}"


def write_szl(kind: str, number: int) -> str:
    """Return the id of a system status list."""
    return f"0x{number:04x}"


OBJECTS: Final = (
    Objects(
        key="areas",
        kind=r"DB\d+|[MIQPTC]",
        example="DB10.DBX0.0-DB10.DBX255.7",
        parse=parse_area,
        write=write_offset,
    ),
    Objects(key="blocks", kind="OB|DB|SDB|FC|SFC|FB|SFB", example="FC10-FC19", parse=parse_blocks),
    Objects(key="szl", kind="szl", example="0x0011", parse=parse_szl, write=write_szl),
)
