"""Bytes that will not come: a gap is told and costs only what it touches."""

from __future__ import annotations

from collections import Counter

import pytest

from dissectors.facts import Exchange, OperationFirst, Violation, Visibility
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


@pytest.mark.parametrize("number", DATA)
def test_a_lost_segment_costs_only_what_it_touches(number: int) -> None:
    lost = TALK.segments[number]
    facts = run(TALK.packets(retimed([*TALK.segments[:number], *TALK.segments[number + 1 :]])))
    truth = Counter(row[:-1] for row in TRUTH if row[0] not in {"transition", "change"})
    rows = Counter(row[:-1] for row in reported(facts) if row[0] not in {"transition", "change"})
    stranger = [row for row in rows - truth if row[0] != "exchange" or row[6] not in {"unmatched", "unanswered"}]
    assert not stranger, stranger
    assert not of(facts, Violation)
    assert states(facts) == ["gaps"]
    gap = of(facts, Visibility)[0]
    assert gap.missing_bytes == len(lost.data)
    after = [fact for fact in of(facts, Exchange) if fact.time > gap.time]
    assert all(fact.visibility == "gaps" for fact in after)
    lonely = [fact for fact in of(facts, Exchange) if fact.outcome in {"unmatched", "unanswered"}]
    assert all(fact.visibility == "gaps" for fact in lonely)
    assert len(lonely) <= 1
    missing = sum((truth - rows).values())
    assert missing <= 3, truth - rows


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


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_lost_answer_costs_only_its_own_exchange(turn: int) -> None:
    it = Conversation().handshake()
    for number in range(6):
        it.say(0, write(number, 5, number)).say(1, write(number, 5, number))
    lost = next(n for n, s in enumerate(it.segments) if s.data == write(turn, 5, turn) and s.side == 1)
    facts = run(it.packets([*it.segments[:lost], *it.segments[lost + 1 :]]))
    assert [fact.values for fact in of(facts, Exchange)] == [(number,) for number in range(6) if number != turn]
    assert {fact.outcome for fact in of(facts, Exchange)} == {"success"}


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
