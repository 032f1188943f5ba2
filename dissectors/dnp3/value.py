"""One value out of an object: number or text. IEEE 1815 annex A. Compiled with mypyc."""

from __future__ import annotations

from typing import Final

from librt.strings import read_f32_le, read_f64_le, read_i16_le, read_i32_le
from mypy_extensions import i64

from dissectors.dnp3.variation import (
    BIT,
    DOUBLE_STATE,
    FLOAT32,
    FLOAT64,
    SIGNED16,
    SIGNED32,
    STATE,
    TIME,
    UNSIGNED8,
    UNSIGNED16,
    UNSIGNED32,
    Variation,
)
from dissectors.facts import Value

MAX_TEXT: Final = 64
"""Characters of an octet string that a fact carries."""


def text_of(data: bytes, start: i64, end: i64) -> str:
    """Return printable ASCII as it is and everything else in hex, at most MAX_TEXT bytes of it."""
    raw = data[start : min(end, start + MAX_TEXT)].rstrip(b"\0")
    for byte in raw:
        if byte < 0x20 or byte > 0x7E:
            return raw.hex()
    return raw.decode("ascii")


def number_of(value: float) -> Value:
    """Return a finite number as it is; infinities and what is no number become their names."""
    if value != value:  # noqa: PLR0124 # only what is no number differs from itself
        return "nan"
    if value in (float("inf"), float("-inf")):
        return "inf" if value > 0 else "-inf"
    return value


def unsigned32(data: bytes, at: i64) -> i64:
    """Return the unsigned 32-bit number at ``at``."""
    return i64(read_i32_le(data, at)) & 0xFFFFFFFF


def unsigned16(data: bytes, at: i64) -> i64:
    """Return the unsigned 16-bit number at ``at``."""
    return i64(read_i16_le(data, at)) & 0xFFFF


def time_of(data: bytes, at: i64) -> i64:
    """Return the milliseconds since 1970 UTC of a 48-bit time."""
    return unsigned32(data, at) | unsigned16(data, at + 4) << 32


def value_of(row: Variation, data: bytes, start: i64) -> Value:
    """Return the value of the object at ``start``; the caller keeps its whole size within the data."""
    form: i64 = row.form
    at: i64 = start + row.offset
    if form == STATE:
        return i64(data[at]) >> 7
    if form == SIGNED16:
        return i64(read_i16_le(data, at))
    if form == SIGNED32:
        return i64(read_i32_le(data, at))
    if form == FLOAT32:
        return number_of(read_f32_le(data, at))
    if form == UNSIGNED32:
        return unsigned32(data, at)
    if form == UNSIGNED16:
        return unsigned16(data, at)
    if form == DOUBLE_STATE:
        return i64(data[at]) >> 6
    if form == FLOAT64:
        return number_of(read_f64_le(data, at))
    if form == TIME:
        return time_of(data, at)
    if form == UNSIGNED8:
        return i64(data[at])
    return text_of(data, at, at + row.size)


def packed_of(row: Variation, data: bytes, start: i64, number: i64) -> i64:
    """Return the state of the point ``number`` of packed points that begin at ``start``."""
    if row.form == BIT:
        return (i64(data[start + (number >> 3)]) >> (number & 7)) & 1
    return (i64(data[start + (number >> 2)]) >> ((number & 3) << 1)) & 3
