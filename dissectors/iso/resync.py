"""The way back into a stream: where could the next frame begin? Compiled with mypyc."""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.iso.cotp import DT, MIN_HEADER, MIN_LENGTH, TPKT_VERSION, u16
from dissectors.iso.payload import UNKNOWN, kind_of

ENOUGH: Final = 9
"""Bytes that decide: both headers and the first two of the payload."""


def next_frame(data: bytes, start: i64, end: i64) -> i64:
    """Return the first offset in [start, end) that looks like a frame, or ``end``.

    A data unit counts when its payload is a known one, or when another frame or the end follows it exactly. Bytes
    at the end that may still become a header are kept.
    """
    at: i64 = start
    while at < end:
        if data[at] == TPKT_VERSION and plausible(data, at, end):
            return at
        at += 1
    return end


def plausible(data: bytes, at: i64, end: i64) -> bool:
    """Return whether a frame may begin at ``at``, as far as the bytes up to ``end`` report."""
    have: i64 = end - at
    if have >= 2 and data[at + 1] != 0:
        return False
    if have < 6:
        return True
    length: i64 = u16(data, at + 2)
    header: i64 = i64(data[at + 4])
    kind: i64 = i64(data[at + 5]) & 0xF0
    minimum = MIN_HEADER.get(int(kind))
    if length < MIN_LENGTH or minimum is None or header < minimum or 5 + header > length:
        return False
    if kind != DT:
        return True
    if header != 2 or (data[at + 5] & 0x0F) != 0:
        return False
    if have < ENOUGH:
        return have < 7 or (data[at + 6] & 0x7F) == 0
    if kind_of(data, at + 7, end) != UNKNOWN:
        return True
    following: i64 = at + length
    if following == end:
        return True
    return following + 1 < end and data[following] == TPKT_VERSION and data[following + 1] == 0
