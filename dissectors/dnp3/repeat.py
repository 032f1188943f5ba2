"""Whether a frame repeats a known one but for its sequence numbers.

The application sequence, the transport sequence and the CRC of the first data block change with every repeat; header
addresses, length and everything else must be equal. Then only the first block's CRC is left to check, because the
others are equal, CRC and all. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_le
from mypy_extensions import i64

from dissectors.dnp3.crc import has_valid_crc
from dissectors.dnp3.link import BLOCK, HEADER

CONTROL_OCTET: Final = 0xFF000000
"""The link control byte within the first eight bytes: its frame count bit may differ."""


def repeats(data: bytes, start: i64, end: i64, known: bytes, fixed: i64) -> bool:
    """Return whether the frame ``data[start:end]`` equals ``known`` from offset ``fixed`` on, and in its addresses."""
    size: i64 = end - start
    if i64(len(known)) != size:
        return False
    if (read_i64_le(data, start) ^ read_i64_le(known, 0)) & ~CONTROL_OCTET:
        return False
    stop: i64 = HEADER + BLOCK
    if stop > size - 2:
        stop = size - 2
    return equal(data, start, known, fixed, stop) and equal(data, start, known, stop + 2, size)


def equal(data: bytes, start: i64, known: bytes, at: i64, stop: i64) -> bool:
    """Return whether ``data[start + at:start + stop]`` equals ``known[at:stop]``."""
    here: i64 = at
    while here + 8 <= stop:
        if read_i64_le(data, start + here) != read_i64_le(known, here):
            return False
        here += 8
    while here < stop:
        if data[start + here] != known[here]:
            return False
        here += 1
    return True


def first_block_end(start: i64, end: i64) -> i64:
    """Return the offset behind the first data block of the frame, before its CRC."""
    stop: i64 = start + HEADER + BLOCK
    return end - 2 if stop > end - 2 else stop


def first_block_sealed(data: bytes, start: i64, end: i64) -> bool:
    """Return whether the first data block of the frame has a good CRC."""
    return has_valid_crc(data, start + HEADER, first_block_end(start, end))
