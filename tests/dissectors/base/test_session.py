"""Behind a gap: the rest of a message is no violation, more bytes than a message has are, and each direction has its own gap."""

from __future__ import annotations

import random

import pytest

from dissectors.facts import AnyFact, OperationFirst, Violation
from rules.detections.patterns.wrong import LONGEST
from tests.dissectors.harness import SECOND, Conversation, of, read, registers, run

TOO_MANY = LONGEST["modbus"] + 400


def polled() -> Conversation:
    return Conversation().handshake().say(0, read(1, 0, 2)).say(1, registers(1, 7, 8))


def lost(it: Conversation, side: int, size: int) -> None:
    """Bytes of a side are missing from the capture; the other side acknowledges them."""
    it.sent[side] += size
    it.say(1 - side, b"")


def noise(it: Conversation, side: int, size: int) -> None:
    chance = random.Random(side)
    for at in range(0, size, 100):
        it.say(side, chance.randbytes(min(100, size - at)))


def foreign(facts: list[AnyFact]) -> list[tuple[bool, int]]:
    return [(fact.from_client, fact.at) for fact in of(facts, Violation) if fact.name == "not_modbus"]


@pytest.mark.parametrize("side", [0, 1])
def test_more_bytes_behind_a_gap_than_a_message_has_are_reported_once(side: int) -> None:
    it = polled()
    lost(it, side, 15)
    noise(it, side, 10 * TOO_MANY)
    ((from_client, at),) = foreign(run(it.packets()))
    assert from_client == (side == 0)
    assert LONGEST["modbus"] < at <= TOO_MANY


def test_the_rest_of_a_message_behind_a_gap_is_not_reported_and_its_next_one_is_found() -> None:
    it = polled()
    for number in range(2, 9):
        lost(it, 1, 15)
        noise(it, 1, LONGEST["modbus"] - 100)
        it.say(0, read(number, 40, 2)).say(1, registers(number, 7, 8)).say(1, registers(number, 7, 8))
    facts = run(it.packets())
    assert foreign(facts) == []
    assert "read_holding_registers holding_register:40-41" in {fact.label for fact in of(facts, OperationFirst)}


def test_a_gap_does_not_begin_the_count_anew() -> None:
    it = polled()
    for _ in range(10):
        lost(it, 0, 15)
        noise(it, 0, 400)
        it.pause(5 * SECOND)
    assert len(foreign(run(it.packets()))) == 1


def test_a_gap_in_one_direction_excuses_nothing_in_the_other() -> None:
    it = polled()
    lost(it, 0, 15)
    noise(it, 1, 10 * TOO_MANY)
    first, second = foreign(run(it.packets()))
    assert first == (False, 0)
    assert second[0] is False and second[1] > LONGEST["modbus"]


def test_a_message_of_one_direction_does_not_end_the_gap_of_the_other() -> None:
    it = polled()
    lost(it, 0, 15)
    for number in range(2, 4):
        it.say(1, registers(number, 7, 8))
    noise(it, 0, 200)
    assert foreign(run(it.packets())) == []
