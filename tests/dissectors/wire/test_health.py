"""The counters of the wire: told once a window as what came in it."""

from __future__ import annotations

from dissectors.facts import Health
from tests.dissectors.harness import (
    MILLISECOND,
    SECOND,
    START,
    Conversation,
    of,
    read,
    registers,
    run,
    write,
)

MINUTE = 60 * SECOND


def polling(seconds: int, step: int = 250 * MILLISECOND, time: int = START + 7 * SECOND) -> Conversation:
    it = Conversation(step=5 * MILLISECOND, time=time).handshake()
    number = 0
    while it.time < time + seconds * SECOND:
        number += 1
        it.say(0, read(number & 0xFFFF, 0, 3)).say(1, registers(number & 0xFFFF, 1, 2, number & 0xFF))
        if number % 3 == 0:
            it.say(0, write(number & 0xFFFF, 9, number & 1)).say(1, write(number & 0xFFFF, 9, number & 1))
        it.pause(step)
    return it


def test_health_is_reported_once_a_window_and_adds_up() -> None:
    it = polling(150)
    facts = run(it.packets())
    reported = of(facts, Health)
    assert [(fact.start - START) // MINUTE for fact in reported] == [0, 1, 2]
    assert sum(fact.counters["packets"] for fact in reported) == len(it.segments)
    assert reported[-1].counters["flows"] == 1
    assert reported[-1].counters["channels"] == 1
