"""Segments before their turn: put in order, compared, and never hiding what follows."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from dissectors.facts import (
    Exchange,
    OperationFirst,
    Violation,
)
from dissectors.wire.half import MAX_HELD_BYTES, MAX_HELD_SEGMENTS
from sensor.worker import Worker
from tests.dissectors.harness import (
    ACK,
    START,
    Conversation,
    Segment,
    cut,
    feed,
    of,
    read,
    registers,
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


def understood(segments: list[Segment], conversation: Conversation = TALK) -> list[tuple[object, ...]]:
    return reported(run(conversation.packets(retimed(segments))))


def spread(*parts: list[Segment]) -> list[Segment]:
    return [segment for part in parts for segment in part]


@pytest.mark.parametrize("number", DATA[:-1])
def test_neighbours_of_one_direction_may_change_places(number: int) -> None:
    """Both messages of a direction are cut in two; the halves arrive in the wrong order."""
    segment = TALK.segments[number]
    pieces = cut(segment, len(segment.data) // 2)[::-1]
    assert understood(spread(TALK.segments[:number], pieces, TALK.segments[number + 1 :])) == TRUTH


def test_pieces_in_any_order_are_put_in_order() -> None:
    shuffled = [cut(segment, 3, 7, 8)[::-1] if len(segment.data) > 8 else [segment] for segment in TALK.segments]
    assert understood(spread(*shuffled)) == TRUTH


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_four_pieces_are_put_in_order_whatever_theirs(order: tuple[int, ...]) -> None:
    number = DATA[0]
    pieces = cut(TALK.segments[number], 3, 7, 8)
    mixed = [pieces[place] for place in order]
    assert understood(spread(TALK.segments[:number], mixed, TALK.segments[number + 1 :])) == TRUTH


def test_a_shorter_repeat_of_a_segment_ahead_of_its_turn_is_no_conflict() -> None:
    message = write(7, 5, 1)
    it = Conversation().handshake()
    parts = [Segment(0, 7, message[6:]), Segment(0, 7, message[6:8]), Segment(0, 1, message[:6])]
    facts = run(it.packets(retimed([*it.segments, *parts])))
    assert not of(facts, Violation)
    assert len(of(facts, OperationFirst)) == 1


def test_an_acknowledgement_of_bytes_that_were_never_sent_is_not_believed() -> None:
    it = Conversation().handshake().say(0, write(1, 5, 1)).say(1, write(1, 5, 1))
    it.segments.append(replace(it.segments[-2], sequence=it.sent[0], data=b"\0", acked=2_000_000_000))
    facts = run(it.packets())
    assert states(facts) == []


def test_a_segment_far_ahead_hides_nothing_that_follows() -> None:
    """A forged segment outside the receiver's window is dropped by the server; the sensor must not follow it."""
    it = Conversation().handshake()
    it.say(0, write(1, 5, 1)).say(1, write(1, 5, 1))
    it.segments.append(Segment(0, 500_000, write(66, 6, 6), ACK, it.time))
    it.pause(2_000_000_000)
    for number in range(2, 9):
        it.say(0, write(number, 5, number)).say(1, write(number, 5, number))
    facts = run(it.packets())
    values = [fact.values for fact in of(facts, Exchange) if fact.label.endswith(":5") and fact.outcome == "success"]
    assert values == [(number,) for number in range(1, 9)]
    assert "gaps" in states(facts)


def test_facts_have_unique_places_when_segments_of_one_instant_are_put_in_order() -> None:
    pieces = [cut(segment, 5)[::-1] if segment.data else [segment] for segment in TALK.segments]
    facts = run(TALK.packets([replace(segment, time=START) for part in pieces for segment in part]))
    places = [(fact.time, fact.source, fact.frame, fact.sequence) for fact in facts]
    assert len(set(places)) == len(places)


def test_what_is_held_ahead_of_its_turn_is_bounded() -> None:
    it = Conversation().handshake()
    worker = Worker()
    feed(worker, it.packets())
    for number in range(2000):
        feed(worker, it.packets([Segment(0, 100 + number * 1400, bytes(1400), ACK, it.time)]))
        flow = worker.wire.flows.table.all()[0]
        assert len(flow.opener.held) <= MAX_HELD_SEGMENTS + 1
        assert flow.opener.held_bytes <= MAX_HELD_BYTES + 1400
    assert worker.wire.flows.table.all()[0].gaps > 0


def test_frames_of_reordered_segments_are_those_that_carried_the_bytes() -> None:
    it = (
        Conversation()
        .handshake()
        .say(0, read(1, 0, 1))
        .say(0, write(2, 5, 7))
        .say(1, registers(1, 3))
        .say(1, write(2, 5, 7))
    )
    swapped = [*it.segments[:3], it.segments[4], it.segments[3], *it.segments[5:]]
    timed = [replace(segment, time=it.segments[number].time) for number, segment in enumerate(swapped)]
    assert of(run(it.packets(timed)), Exchange)[0].request_frame == 4
