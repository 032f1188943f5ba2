"""Bytes that come again: understood once, and told when they are others."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from dissectors.facts import Violation
from sensor.worker import Worker
from tests.dissectors.harness import (
    START,
    Conversation,
    Segment,
    counted,
    cut,
    feed,
    health,
    of,
    reported,
    retimed,
    run,
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


@pytest.mark.parametrize("number", DATA)
def test_a_segment_that_comes_twice_is_understood_once(number: int) -> None:
    doubled = [*TALK.segments[: number + 1], *TALK.segments[number:]]
    facts = run(TALK.packets(retimed(doubled)))
    assert reported(facts) == TRUTH
    assert sum(row["retransmissions"] for row in counted(facts).values()) == 1


def test_every_segment_may_come_twice() -> None:
    assert understood([segment for segment in TALK.segments for _ in range(2)]) == TRUTH


def test_a_mirror_that_gives_the_whole_connection_twice_makes_no_exchange_twice() -> None:
    late = list(TALK.segments[:-3])
    again = run(TALK.packets(retimed([*late, *[segment for segment in late if segment.data]])))
    assert Counter(row[0] for row in reported(again))["exchange"] == 4
    assert not of(again, Violation)


@pytest.mark.parametrize("number", DATA)
def test_an_overlapping_repeat_with_the_same_bytes_changes_nothing(number: int) -> None:
    segment = TALK.segments[number]
    first, _ = cut(segment, 6)
    overlapping = replace(segment, sequence=segment.sequence + 2, data=segment.data[2:])
    assert understood(spread(TALK.segments[:number], [first, overlapping], TALK.segments[number + 1 :])) == TRUTH


@pytest.mark.parametrize("number", DATA)
def test_a_repeat_with_other_bytes_is_reported(number: int) -> None:
    segment = TALK.segments[number]
    other = replace(segment, data=segment.data[:-1] + bytes((segment.data[-1] ^ 1,)))
    facts = run(TALK.packets(retimed([*TALK.segments[: number + 1], other, *TALK.segments[number + 1 :]])))
    conflicts = [fact for fact in of(facts, Violation) if fact.name == "overlap_conflict"]
    assert [(fact.protocol, fact.at) for fact in conflicts] == [("tcp", len(segment.data) - 1)]
    assert health(facts)["overlap_conflicts"] == 1
    assert [row for row in reported(facts) if row[0] != "violation"] == TRUTH


def test_a_keep_alive_is_neither_data_nor_a_conflict() -> None:
    it = talk()
    keep = next(segment for segment in it.segments if segment.data and segment.side == 0)
    probe = replace(keep, sequence=keep.sequence + len(keep.data) - 1, data=b"\x00")
    bare = replace(probe, data=b"")
    at = it.segments.index(keep) + 1
    facts = run(it.packets(retimed([*it.segments[:at], probe, bare, *it.segments[at:]])))
    assert reported(facts) == TRUTH
    assert sum(row["retransmissions"] for row in counted(facts).values()) == 0


def test_a_mirror_that_doubles_the_whole_connection_changes_nothing() -> None:
    doubled = [replace(segment, time=START + number * 1000) for number, segment in enumerate(TALK.segments * 2)]
    assert Counter(reported(run(TALK.packets(doubled)))) == Counter(TRUTH)


def test_bytes_are_compared_with_the_last_segment_long_after_its_block_is_gone() -> None:
    it = Conversation().handshake()
    it.say(0, write(1, 5, 1))
    worker = Worker()
    facts = feed(worker, it.packets())
    for _ in range(40):
        worker.wire.end_of_block()
    other = Segment(0, 1, write(1, 5, 2), time=START + 1_000_000_000)
    facts += feed(worker, it.packets([other]))
    assert [fact.name for fact in of(facts, Violation)] == ["overlap_conflict"]
