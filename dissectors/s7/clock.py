"""Times as S7 sends them: BCD digits of year to millisecond. Compiled with mypyc."""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

LENGTH: Final = 10
CENTURY_BREAK: Final = 90
"""Years of two digits below it belong to this century."""


def clock_text(data: bytes, at: i64, end: i64) -> str:
    """Return the ISO text of the 10 bytes at ``at`` (reserved, century, year to millisecond), "" when they are none."""
    if at + LENGTH > end:
        return ""
    parts: list[int] = []
    spot: i64 = at + 2
    while spot < at + 9:
        high = data[spot] >> 4
        low = data[spot] & 15
        if high > 9 or low > 9:
            return ""
        parts.append(high * 10 + low)
        spot += 1
    thousandth = data[at + 9] >> 4
    if thousandth > 9:
        return ""
    year = parts[0] + (2000 if parts[0] < CENTURY_BREAK else 1900)
    date = f"{year:04d}-{parts[1]:02d}-{parts[2]:02d}"
    return f"{date}T{parts[3]:02d}:{parts[4]:02d}:{parts[5]:02d}.{parts[6] * 10 + thousandth:03d}"
