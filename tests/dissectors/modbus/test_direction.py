"""Which end a Modbus message can come from, by its form."""

from __future__ import annotations

import pytest

from dissectors.modbus.direction import direction
from tests.dissectors.harness import modbus, read, refused, registers, write


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (read(1, 0, 2), 1),
        (read(1, 0x0300, 2, function=1), -1),  # as an answer it holds three bytes of coils
        (registers(1, 7, 8), 0),
        (refused(1, 3, 2), 0),
        (write(1, 5, 7), -1),
        (modbus(1, 1, bytes.fromhex("10000000010200ff")), 1),
        (modbus(1, 1, bytes.fromhex("1000000001")), 0),
        (read(1, 0, 2)[:-1], -1),
    ],
)
def test_the_form_tells_who_sends(message: bytes, expected: int) -> None:
    assert direction(message, 0, len(message)) == expected
    assert direction(b"\xff" * 3 + message + b"\xff", 3, 3 + len(message)) == expected
