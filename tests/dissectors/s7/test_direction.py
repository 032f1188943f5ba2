"""Which end an S7comm message comes from, by its kind."""

from __future__ import annotations

import pytest

from dissectors.s7.direction import classic_direction


def message(rosctr: int, parameters: bytes) -> bytes:
    head = bytes((0x32, rosctr, 0, 0, 0, 1, 0, len(parameters), 0, 0))
    return head + (b"\0\0" if rosctr in {2, 3} else b"") + parameters


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (message(1, b"\x29"), 1),
        (message(3, b"\x29"), 0),
        (message(1, b"\x1b"), 0),  # in a download the controller asks for the blocks
        (message(3, b"\x1b"), 1),
        (message(2, b""), -1),
        (message(7, bytes.fromhex("0001120411440100")), 1),
        (message(7, bytes.fromhex("0001120812840100")), 0),
        (message(7, bytes.fromhex("0001120812040300")), -1),
    ],
)
def test_the_kind_tells_who_sends(data: bytes, expected: int) -> None:
    assert classic_direction(data, 0, len(data)) == expected
