"""Bytes that will not come: a gap is told and costs only what it touches."""

from __future__ import annotations

from collections import Counter

import pytest

from dissectors.facts import Exchange, OperationFirst, Visibility
from tests.dissectors.harness import (
    Conversation,
    counted,
    of,
    reported,
    retimed,
    run,
    states,
    talk,
    write,
)

TALK = talk()


TRUTH = reported(run(TALK.packets()))


DATA = [number for number, segment in enumerate(TALK.segments) if segment.data]


@pytest.mark.parametrize("number", [number for number in DATA[1:-3] if TALK.segments[number].side == 1])
def test_an_answer_captured_after_the_next_request_still_finds_its_own(number: int) -> None:
    """A mirror of two ports may give the two directions out of order."""
    swapped = list(TALK.segments)
    swapped[number], swapped[number + 1] = swapped[number + 1], swapped[number]
    facts = run(TALK.packets(retimed(swapped)))
    assert Counter(row[:-1] for row in reported(facts)) == Counter(row[:-1] for row in TRUTH)
    assert states(facts) == []
    assert {row[-1] for row in reported(facts)[-1:]} == {"complete"}


def test_after_a_gap_the_next_message_is_understood() -> None:
    it = Conversation().handshake()
    for number in range(6):
        it.say(0, write(number, 5, number)).say(1, write(number, 5, number))
    lost = next(n for n, segment in enumerate(it.segments) if segment.data == write(2, 5, 2) and segment.side == 0)
    facts = run(it.packets([*it.segments[:lost], *it.segments[lost + 1 :]]))
    values = [fact.values for fact in of(facts, Exchange) if fact.outcome == "success"]
    assert values == [(0,), (1,), (3,), (4,), (5,)]


def test_what_follows_a_gap_says_that_bytes_are_missing_and_how_many() -> None:
    it = Conversation().handshake()
    for number in range(4):
        it.say(0, write(number, 5, number)).say(1, write(number, 5, number))
    lost = next(n for n, segment in enumerate(it.segments) if segment.data == write(1, 5, 1) and segment.side == 0)
    facts = run(it.packets([*it.segments[:lost], *it.segments[lost + 1 :]]))
    (gap,) = of(facts, Visibility)
    assert (gap.state, gap.missing_bytes) == ("gaps", len(write(1, 5, 1)))
    seen = {fact.values: fact.visibility for fact in of(facts, Exchange) if fact.outcome == "success"}
    assert (seen[(0,)], seen[(2,)], seen[(3,)]) == ("complete", "gaps", "gaps")


def test_after_a_gap_messages_that_never_end_with_a_segment_are_found_again() -> None:
    it = Conversation().handshake()
    stream = b"".join(write(number, 5, number) for number in range(12))
    for at in range(0, len(stream), 12):
        it.say(0, stream[at + 5 : at + 17] if at else stream[:17])
    data = [segment for segment in it.segments if segment.data]
    lossy = [segment for segment in it.segments if segment is not data[3]]
    facts = run(it.packets(lossy))
    assert counted(facts)[of(facts, OperationFirst)[0].channel]["requests"] >= 8


def test_a_gap_of_one_connection_does_not_touch_another() -> None:
    torn = talk(Conversation(client_port=40001))
    torn.segments.pop(DATA[3])
    other = run(sorted([*TALK.packets(), *torn.packets()], key=lambda packet: packet.time))
    mine = [fact for fact in of(other, Exchange) if fact.client_port == 40000]
    assert {fact.visibility for fact in mine} == {"complete"}
    assert {fact.outcome for fact in mine} == {"success", "failure"}
