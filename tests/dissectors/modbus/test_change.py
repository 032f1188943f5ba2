"""A plain read whose answer differs from the last one tells which points have which values now."""

from __future__ import annotations

import pytest

from dissectors.facts import ValueChange
from tests.dissectors.harness import Conversation, modbus, of, read, registers, run


@pytest.mark.parametrize(
    ("function", "before", "after", "change"),
    [
        (3, registers(1, 7, 8), registers(2, 7, 9), ((101,), (9,), (8,))),
        (3, registers(1, 7, 8), registers(2, 6, 9), ((100, 101), (6, 9), (7, 8))),
        (1, modbus(1, 1, b"\x01\x01\x01"), modbus(2, 1, b"\x01\x01\x02"), ((100, 101), (0, 1), (1, 0))),
    ],
    ids=["register", "registers", "coils"],
)
def test_points_with_another_value_are_told_with_both(
    function: int, before: bytes, after: bytes, change: tuple[tuple[int, ...], ...]
) -> None:
    it = Conversation().handshake()
    it.say(0, read(1, 100, 2, function=function)).say(1, before)
    it.say(0, read(2, 100, 2, function=function)).say(1, after)
    (fact,) = of(run(it.packets()), ValueChange)
    assert (fact.points, fact.values, fact.previous) == change


def test_bits_behind_the_last_point_change_nothing() -> None:
    it = Conversation().handshake()
    for number, filling in ((1, b"\x01\x01\x01"), (2, b"\x01\x01\xf1")):
        it.say(0, read(number, 100, 2, function=1)).say(1, modbus(number, 1, filling))
    assert not of(run(it.packets()), ValueChange)
