"""Ranges of process objects as the policy writes them, and the interval arithmetic behind coverage.

A span is (first, last), both inclusive. The kinds are those of ``dissectors.facts.Target``: Modbus tables, DNP3
"g12v1" (here also "g12v*"), S7 "DB10" or "M" in bit offsets (byte * 8 + bit; timers and counters by number),
S7 blocks by number and "szl" by id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

LAST = (1 << 63) - 1
"""Stands for the last object of any table: the end of "all"."""

REGISTER_LAST = 65535
MODBUS_TABLES = ("coil", "discrete_input", "holding_register", "input_register", "file")

Span = tuple[int, int]
ALL: Span = (0, LAST)

_RANGE = re.compile(r"(\d{1,10})(?:-(\d{1,10}))?")
_OBJECT = re.compile(r"g(\d{1,3})v(\d{1,3}|\*)")
_PLACE = re.compile(
    r"(?:DB(\d{1,5})(?:\.DB([XBWD])(\d{1,5})(?:\.([0-7]))?)?"
    r"|([MIQP])(?:([BWD])?(\d{1,5})(?:\.([0-7]))?)?"
    r"|([TC])(\d{1,5})?)"
)
_BLOCK = re.compile(r"(OB|DB|SDB|FC|SFC|FB|SFB)(\d{1,5})")
_SZL = re.compile(r"0x[0-9a-fA-F]{4}")
_BITS = {"B": 8, "W": 16, "D": 32}


def parse_range(text: str, last: int) -> Span:
    """Return the span of ``7`` or ``0-39``; ``last`` is the greatest number allowed. Raises ``ValueError``."""
    match = _RANGE.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is not a range; write it in quotes like \"0-39\"")
    span = (int(match[1]), int(match[2] or match[1]))
    return _ordered(span, text, last)


def parse_object(text: str) -> str:
    """Return the DNP3 object ``g12v1`` or ``g12v*``. Raises ``ValueError``."""
    match = _OBJECT.fullmatch(text)
    if not match or int(match[1]) > 255 or (match[2] != "*" and int(match[2]) > 255):
        raise ValueError(f"'{text}' is not a DNP3 object; write it like g12v1 or g1v*")
    return f"g{int(match[1])}v{match[2] if match[2] == '*' else int(match[2])}"


def parse_area(text: str) -> tuple[str, Span]:
    """Return kind and span of ``DB10``, ``MW4`` or ``DB10.DBX0.0-DB10.DBX255.7``. Raises ``ValueError``."""
    start, _, end = text.partition("-")
    kind, (first, last) = _place(start, text)
    if not end:
        return kind, (first, last)
    other, (_, last) = _place(end, text)
    if other != kind:
        raise ValueError(f"'{text}' begins in {kind} and ends in {other}; write one area each")
    return kind, _ordered((first, last), text, LAST)


def parse_blocks(text: str) -> tuple[str, Span]:
    """Return block kind and numbers of ``OB1`` or ``FC10-FC19``. Raises ``ValueError``."""
    start, _, end = text.partition("-")
    one, two = _BLOCK.fullmatch(start), _BLOCK.fullmatch(end or start)
    if not one or not two or one[1] != two[1]:
        raise ValueError(f"'{text}' is not a block range; write it like OB1 or FC10-FC19")
    return one[1], _ordered((int(one[2]), int(two[2])), text, REGISTER_LAST)


def parse_szl(text: str) -> Span:
    """Return the span of system status list ids ``0x0011`` or ``0x0011-0x001c``. Raises ``ValueError``."""
    start, _, end = text.partition("-")
    if not _SZL.fullmatch(start) or not _SZL.fullmatch(end or start):
        raise ValueError(f"'{text}' is not an SZL id; write it in quotes like \"0x0011\"")
    return _ordered((int(start, 16), int(end or start, 16)), text, REGISTER_LAST)


def check_register_range(text: str) -> str:
    """Return a range of Modbus registers unchanged. Raises ``ValueError`` like the other checks."""
    parse_range(text, REGISTER_LAST)
    return text


def check_port_range(text: str) -> str:
    """Return a range of ports unchanged."""
    parse_range(text, REGISTER_LAST)
    return text


def check_index_range(text: str) -> str:
    """Return a range of indexes unchanged."""
    parse_range(text, LAST)
    return text


def check_area(text: str) -> str:
    """Return an S7 area unchanged."""
    parse_area(text)
    return text


def check_blocks(text: str) -> str:
    """Return a range of S7 blocks unchanged."""
    parse_blocks(text)
    return text


def check_szl(text: str) -> str:
    """Return a range of SZL ids unchanged."""
    parse_szl(text)
    return text


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the same numbers as sorted spans that neither overlap nor touch."""
    merged: list[Span] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return tuple(merged)


def subtract(spans: Iterable[Span], taken: Iterable[Span]) -> tuple[Span, ...]:
    """Return what is left of ``spans`` without the numbers in ``taken``."""
    left = list(merge(spans))
    for first, last in taken:
        rest: list[Span] = []
        for start, end in left:
            if last < start or first > end:
                rest.append((start, end))
                continue
            if start < first:
                rest.append((start, first - 1))
            if end > last:
                rest.append((last + 1, end))
        left = rest
    return tuple(left)


def overlap(span: Span, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the parts of ``span`` that are in ``spans``."""
    return tuple((max(span[0], a), min(span[1], b)) for a, b in spans if a <= span[1] and b >= span[0])


def write_span(kind: str, span: Span) -> str:
    """Return a span in words: ``holding_register 100-101``, ``DB10 all``; S7 offsets as byte.bit."""
    if span == ALL or (span == (0, REGISTER_LAST) and kind in MODBUS_TABLES):
        return f"{kind} all"
    if kind in {"M", "I", "Q", "P"} or re.fullmatch(r"DB\d+", kind):
        first, last = (f"{number // 8}.{number % 8}" for number in span)
    elif kind == "szl":
        first, last = (f"0x{number:04x}" for number in span)
    else:
        first, last = str(span[0]), str(span[1])
    return f"{kind} {first}" if first == last else f"{kind} {first}-{last}"


def _ordered(span: Span, text: str, last: int) -> Span:
    if span[0] > span[1]:
        raise ValueError(f"'{text}' runs backwards; write the smaller number first")
    if span[1] > last:
        raise ValueError(f"'{text}' is out of range; the last possible number is {last}")
    return span


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
    return kind, (start, start + _BITS.get(unit, 1) - 1)
