"""The CRC of DNP3: the standard's own example, the check value of the algorithm, and any cut of eight bytes."""

from __future__ import annotations

import pytest

from dissectors.dnp3.crc import crc16


def by_bit(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA6BC if crc & 1 else crc >> 1
    return crc ^ 0xFFFF


def test_the_check_value_of_the_algorithm() -> None:
    assert crc16(b"123456789", 0, 9) == 0xEA82


def test_a_header_of_the_standard() -> None:
    frame = bytes.fromhex("056405c00100000c")  # reset of link states, master 3072 to outstation 1
    assert crc16(frame, 0, len(frame)) == by_bit(frame)


@pytest.mark.parametrize("size", range(34))
def test_eight_bytes_at_a_time_give_what_single_bits_give_wherever_they_lie(size: int) -> None:
    data = bytes((number * 37 + 11) & 0xFF for number in range(64))
    for start in range(9):
        assert crc16(data, start, start + size) == by_bit(data[start : start + size])
