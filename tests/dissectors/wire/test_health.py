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


def test_what_was_told_once_is_not_told_again() -> None:
    early = polling(20)
    late = Conversation(time=early.time + 90 * SECOND, first=(5_000, 6_000)).handshake()
    told = [fact.counters["packets"] for fact in of(run([*early.packets(), *late.packets()]), Health)]
    assert told[-1] <= len(late.segments) < len(early.segments) <= told[0]
    assert sum(told) == len(early.segments) + len(late.segments)


def test_how_many_flows_and_channels_there_are_is_no_sum() -> None:
    held = [fact.counters for fact in of(run(polling(150).packets()), Health)]
    assert {(counters["flows"], counters["channels"]) for counters in held} == {(1, 1)}


def test_a_packet_counts_in_its_own_minute() -> None:
    it = polling(150)
    packets = it.packets()
    for fact in of(run(packets), Health):
        mine = [packet for packet in packets if fact.start <= packet.time < fact.end]
        assert fact.counters["packets"] == len(mine)
        assert fact.counters["bytes"] == sum(len(packet.data) for packet in mine)
