"""Packet times as text. Times are nanoseconds since 1970 UTC; documents have milliseconds, an epoch all digits."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

SECOND: Final = 1_000_000_000
MILLISECOND: Final = 1_000_000
LAST_SECOND: Final = 253_402_300_799
"""The end of the year 9999, the last that RFC 3339 can write with four digits."""


@lru_cache(maxsize=4096)
def _whole(second: int, layout: str) -> str:
    return datetime.fromtimestamp(max(0, min(second, LAST_SECOND)), UTC).strftime(layout)


def moment(time: int) -> str:
    """Return ``time`` with milliseconds, e.g. "2026-11-21T22:10:04.123Z"."""
    second, rest = divmod(time, SECOND)
    return f"{_whole(second, '%Y-%m-%dT%H:%M:%S')}.{rest // MILLISECOND:03d}Z"


def epoch_text(time: int) -> str:
    """Return the name of a run whose first packet came at ``time``, e.g. "20261121T060000.123456789Z"."""
    second, rest = divmod(time, SECOND)
    return f"{_whole(second, '%Y%m%dT%H%M%S')}.{rest:09d}Z"
