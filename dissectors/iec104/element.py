"""One information element: its value, its quality, its time. IEC 60870-5-101:2003, 7.2.6. Compiled with mypyc.

Of an event of protection equipment the event bits are the value; of a counter its reading; of packed points their 16 states.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_f32_le, read_i16_le, read_i32_le
from mypy_extensions import i64

from dissectors.facts import Value
from dissectors.iec104.table import (
    BARE_NORMALIZED,
    BITS32,
    BITS32_COMMAND,
    BYTE,
    CALL_FILE,
    CHANGES,
    COUNTED_TEST,
    COUNTER,
    DELAY,
    DIRECTORY,
    DOUBLE,
    DOUBLE_COMMAND,
    EVENT,
    EVENTS,
    FILE_ACK,
    FILE_READY,
    FLOAT,
    FLOAT_POINT,
    LAST_SECTION,
    LONG_TIME,
    NORMALIZED,
    NORMALIZED_POINT,
    OUTPUT_EVENTS,
    PATTERN,
    QUERY_LOG,
    SCALED,
    SCALED_POINT,
    SECTION_READY,
    SEGMENT,
    SINGLE,
    SINGLE_COMMAND,
    STEP,
    STEP_COMMAND,
    Type,
)

FULL_SCALE: Final = 32_768.0
"""A normalized value is a fraction of it."""


def value_of(row: Type, data: bytes, at: i64) -> Value:
    """Return the value of the element at ``at``; the caller keeps its whole size within the data."""
    form: i64 = row.form
    if form == SINGLE or form == SINGLE_COMMAND:
        return int(data[at] & 1)
    if form == DOUBLE or form == DOUBLE_COMMAND or form == STEP_COMMAND:
        return int(data[at] & 3)
    if form == STEP:
        step: i64 = i64(data[at]) & 0x7F
        return int(step - 128 if step & 0x40 else step)
    if form == NORMALIZED or form == BARE_NORMALIZED or form == NORMALIZED_POINT:
        return float(read_i16_le(data, at)) / FULL_SCALE
    if form == SCALED or form == SCALED_POINT:
        return int(i64(read_i16_le(data, at)))
    if form == FLOAT or form == FLOAT_POINT:
        return number_of(read_f32_le(data, at))
    if form == BITS32 or form == BITS32_COMMAND:
        return int(i64(read_i32_le(data, at)) & 0xFFFFFFFF)
    if form == COUNTER:
        return int(i64(read_i32_le(data, at)))
    if form == EVENT:
        return int(data[at] & 3)
    if form == EVENTS or form == OUTPUT_EVENTS or form == BYTE:
        return int(data[at])
    return int(i64(read_i16_le(data, at)) & 0xFFFF)


def has_value(form: i64) -> bool:
    """Return whether elements of this form carry something that is a value of a process object, or a qualifier."""
    return form <= BYTE or form == PATTERN or form == DELAY or form == COUNTED_TEST


def is_file(form: i64) -> bool:
    """Return whether the element speaks of a file."""
    return form >= FILE_READY and form <= QUERY_LOG


def is_invalid(form: i64, data: bytes, at: i64) -> bool:
    """Return whether the quality of a monitored element says that its value is invalid or not topical."""
    quality: i64 = 0
    if form == SINGLE or form == DOUBLE or form == EVENT:
        quality = i64(data[at])
    elif form == STEP or form == EVENTS or form == OUTPUT_EVENTS:
        quality = i64(data[at + 1])
    elif form == NORMALIZED or form == SCALED:
        quality = i64(data[at + 2])
    elif form == FLOAT or form == BITS32 or form == CHANGES:
        quality = i64(data[at + 4])
    elif form == COUNTER:
        quality = i64(data[at + 4]) & 0x80
    return (quality & 0xC0) != 0


def number_of(value: float) -> Value:
    """Return a finite number as it is; infinities and what is no number become their names."""
    if value != value:  # noqa: PLR0124 # only what is no number differs from itself
        return "nan"
    if value == float("inf"):
        return "inf"
    return "-inf" if value == float("-inf") else value


def time_text(data: bytes, at: i64, size: i64) -> str:
    """Return the time tag at ``at`` as text: ISO for the long form, minute and second of the hour for the short one.

    A tag that says that it is invalid gets a question mark. Daylight saving is not applied: the tag is the station's clock.
    """
    thousandths: i64 = i64(read_i16_le(data, at)) & 0xFFFF
    minute: i64 = i64(data[at + 2])
    doubt = "?" if minute & 0x80 else ""
    seconds = f"{int(minute & 0x3F):02d}:{int(thousandths // 1000):02d}.{int(thousandths % 1000):03d}{doubt}"
    if size != LONG_TIME:
        return f"xx:{seconds}"
    day = f"20{int(data[at + 6] & 0x7F):02d}-{int(data[at + 5] & 0x0F):02d}-{int(data[at + 4] & 0x1F):02d}"
    return f"{day}T{int(data[at + 3] & 0x1F):02d}:{seconds}"


def file_detail(row: Type, data: bytes, at: i64, end: i64, detail: dict[str, Value]) -> None:
    """Put what a file element says into ``detail``: file and section, length, qualifier. The content is not kept."""
    form: i64 = row.form
    detail["file"] = int(i64(read_i16_le(data, at)) & 0xFFFF)
    if form == FILE_READY or form == DIRECTORY:
        detail["length"] = _length(data, at + 2)
        detail["qualifier"] = int(data[at + 5])
    elif form == SECTION_READY:
        detail["section"] = int(data[at + 2])
        detail["length"] = _length(data, at + 3)
        detail["qualifier"] = int(data[at + 6])
    elif form == CALL_FILE or form == LAST_SECTION or form == FILE_ACK:
        detail["section"] = int(data[at + 2])
        detail["qualifier"] = int(data[at + 3])
        if form == LAST_SECTION:
            detail["checksum"] = int(data[at + 4])
    elif form == SEGMENT:
        detail["section"] = int(data[at + 2])
        detail["bytes"] = int(data[at + 3])


def _length(data: bytes, at: i64) -> int:
    return int(i64(data[at]) | i64(data[at + 1]) << 8 | i64(data[at + 2]) << 16)
