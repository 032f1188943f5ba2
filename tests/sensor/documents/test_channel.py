"""Promises about channel documents: at most one per channel and five minutes, counters since the last one."""

from __future__ import annotations

from typing import Any

import msgspec

from dissectors.context import Context
from dissectors.facts import ChannelWindow
from sensor.documents import Documents
from sensor.documents.channel import Tallies, channel_document
from tests.sensor.build import SECOND, START, window
from tests.sensor.documents.contexts import ORIGIN, channel
from tests.sensor.documents.ecs_check import problems

SLOT = 300 * SECOND
FIRST = START - START % SLOT + SLOT


def minute(number: int, name: Any = "c-1", **changes: Any) -> ChannelWindow:
    """Return the ``number``-th minute of a channel, counted from the start of a slot."""
    start = FIRST + number * 60 * SECOND
    base = window(channel(), at=0)
    return msgspec.structs.replace(
        base, time=start + 60 * SECOND, start=start, end=start + 60 * SECOND, channel=name, **changes
    )


def documents_of(*facts: ChannelWindow) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    documents = Documents(ORIGIN, lambda word, document: found.append(document))
    for fact in facts:
        documents.take(Context(fact=fact, channel=channel(channel=fact.channel)))
    documents.finish()
    return found


def test_ten_minutes_of_a_channel_are_two_documents() -> None:
    found = documents_of(*(minute(number) for number in range(10)))
    assert [document["event"]["duration"] for document in found] == [SLOT, SLOT]
    assert {document["spanwatch"]["channel"]["id"] for document in found} == {"c-1"}
    assert found[0]["event"]["id"] != found[1]["event"]["id"]
    assert found[0]["@timestamp"] == found[0]["event"]["end"] == found[1]["event"]["start"]


def test_counters_add_up_to_those_of_the_windows() -> None:
    facts = [minute(number, requests=number, gaps=1) for number in range(7)]
    found = documents_of(*facts)
    reported = [document["spanwatch"]["channel"] for document in found]
    assert [row["requests"] for row in reported] == [0 + 1 + 2 + 3 + 4, 5 + 6]
    assert [row["gaps"] for row in reported] == [5, 2]
    assert sum(document["network"]["packets"] for document in found) == 7 * 20
    assert found[0]["source"]["bytes"] == 5 * 600 and found[0]["destination"]["bytes"] == 5 * 700


def test_latencies_are_the_min_the_max_and_the_mean_of_all_answers() -> None:
    rows = ((2, 40, 10, 30), (0, 0, 0, 0), (1, 50, 50, 50))
    names = ("latency_count", "latency_sum", "latency_min", "latency_max")
    (found,) = documents_of(*(minute(number, **dict(zip(names, row, strict=True))) for number, row in enumerate(rows)))
    reported = found["spanwatch"]["channel"]
    assert (reported["latency_min_us"], reported["latency_max_us"], reported["latency_mean_us"]) == (10, 50, 30)


def test_windows_of_two_workers_become_one_document() -> None:
    found = documents_of(minute(0), minute(0, packets_client=1))
    assert len(found) == 1
    assert found[0]["source"]["packets"] == 11


def test_a_channel_in_which_nothing_happened_has_no_document() -> None:
    nothing = dict.fromkeys(
        ("packets_client", "packets_server", "bytes_client", "bytes_server", "requests", "responses"), 0
    )
    assert documents_of(minute(0, connections=0, **nothing)) == []


def test_a_channel_that_ended_is_reported_when_its_slot_is_over() -> None:
    found: list[dict[str, Any]] = []
    documents = Documents(ORIGIN, lambda word, document: found.append(document))
    for fact in (minute(0, "c-1"), minute(1, "c-2"), minute(5, "c-2")):
        documents.take(Context(fact=fact, channel=channel(channel=fact.channel)))
    assert [document["spanwatch"]["channel"]["id"] for document in found] == ["c-1", "c-2"]
    assert [problems(document, "channel") for document in found] == [[], []]


def test_the_oldest_of_too_many_channels_is_given_out_early_and_nothing_is_lost() -> None:
    tallies = Tallies(2)
    facts = [minute(0, name, requests=3, last_frame=frame) for frame, name in enumerate(("c-1", "c-2", "c-3", "c-1"))]
    given = [tally for fact in facts for tally in tallies.add(fact, channel(channel=fact.channel), None, None, None)]
    assert [(tally.channel.channel, tally.early) for tally in given] == [("c-1", True), ("c-2", True)]
    given += tallies.close()
    documents = [channel_document(ORIGIN, tally) for tally in given]
    assert sum(document["spanwatch"]["channel"]["requests"] for document in documents) == 4 * 3
    assert len({document["event"]["id"] for document in documents}) == 4
