"""CRC-16/DNP: polynomial 0x3D65 reflected, start 0, inverted, sent least significant byte first.

IEEE 1815 clause 9.2.4.3. Eight tables of 256 entries are made once, so that eight bytes cost eight look-ups.
Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i16_le, read_i64_le
from mypy_extensions import i64

POLYNOMIAL: Final = 0xA6BC
STEP: Final = 8


def _tables() -> bytes:
    """Return STEP tables of 256 little-endian 16-bit entries; table n runs n more zero bytes through the CRC."""
    first: list[int] = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ POLYNOMIAL if value & 1 else value >> 1
        first.append(value)
    entries = list(first)
    for _ in range(STEP - 1):
        before = entries[-256:]
        entries.extend((value >> 8) ^ first[value & 0xFF] for value in before)
    return b"".join(entry.to_bytes(2, "little") for entry in entries)


TABLES: Final[bytes] = _tables()


def crc16(data: bytes, start: i64, end: i64) -> i64:
    """Return the CRC of ``data[start:end]``; the caller keeps ``end`` within the data."""
    tables: bytes = TABLES
    crc: i64 = 0
    at: i64 = start
    while at + 8 <= end:
        word: i64 = read_i64_le(data, at) ^ crc
        crc = (
            i64(read_i16_le(tables, 3584 + ((word << 1) & 0x1FE)))
            ^ i64(read_i16_le(tables, 3072 + ((word >> 7) & 0x1FE)))
            ^ i64(read_i16_le(tables, 2560 + ((word >> 15) & 0x1FE)))
            ^ i64(read_i16_le(tables, 2048 + ((word >> 23) & 0x1FE)))
            ^ i64(read_i16_le(tables, 1536 + ((word >> 31) & 0x1FE)))
            ^ i64(read_i16_le(tables, 1024 + ((word >> 39) & 0x1FE)))
            ^ i64(read_i16_le(tables, 512 + ((word >> 47) & 0x1FE)))
            ^ i64(read_i16_le(tables, (word >> 55) & 0x1FE))
        ) & 0xFFFF
        at += 8
    while at < end:
        crc = (crc >> 8) ^ (i64(read_i16_le(tables, ((crc ^ i64(data[at])) & 0xFF) << 1)) & 0xFFFF)
        at += 1
    return crc ^ 0xFFFF


def has_valid_crc(data: bytes, start: i64, end: i64) -> bool:
    """Return whether ``data[start:end]`` is followed by its CRC; the caller keeps ``end + 2`` within the data."""
    return crc16(data, start, end) == i64(read_i16_le(data, end)) & 0xFFFF
