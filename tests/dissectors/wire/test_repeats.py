"""Bytes that come again: understood once, and told when they are others."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from dissectors.facts import Violation
from tests.dissectors.harness import (
    START,
    Conversation,
    Segment,
    counted,
    cut,
    of,
    reported,
    retimed,
    run,
    talk,
)

TALK = talk()


TRUTH = reported(run(TALK.packets()))


DATA = [number for number, segment in enumerate(TALK.segments) if segment.data]


def understood(segments: list[Segment], conversation: Conversation = TALK) -> list[tuple[object, ...]]:
    return reported(run(conversation.packets(retimed(segments))))


def spread(*parts: list[Segment]) -> list[Segment]:
    return [segment for part in parts for segment in part]


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
