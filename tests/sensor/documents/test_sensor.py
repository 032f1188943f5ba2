"""Promises about health documents: one per interface and time, numbers that only grow."""

from __future__ import annotations

from typing import Any

from dissectors.context import Context
from dissectors.facts import Health
from sensor.documents import Documents
from sensor.documents.sensor import MAX_INTERFACES
from tests.sensor.documents.contexts import ORIGIN, health
from tests.sensor.documents.ecs_check import problems


def documents_of(*facts: Health) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    documents = Documents(ORIGIN, lambda word, document: found.append(document))
    for fact in facts:
        documents.take(Context(fact=fact))
    documents.finish()
    return found


def captures(found: list[dict[str, Any]], name: str) -> list[int]:
    return [document["spanwatch"]["sensor"]["capture"][name] for document in found]


def test_counters_grow_from_minute_to_minute() -> None:
    found = documents_of(*(health(minute * 60, packets=10, bytes=7) for minute in (1, 2, 3)))
    assert captures(found, "packets") == [10, 20, 30]
    assert captures(found, "bytes") == [7, 14, 21]
    assert [document["spanwatch"]["sensor"]["uptime_s"] for document in found] == [60, 120, 180]


def test_workers_that_share_an_interface_make_one_document_per_time() -> None:
    found = documents_of(
        health(60, "w0", packets=1, flows=2),
        health(60, "w1", packets=2, flows=3),
        health(120, "w0", packets=1, flows=9),
    )
    assert captures(found, "packets") == [3, 4]
    assert captures(found, "flows") == [5, 9]


def test_every_interface_has_its_own_series() -> None:
    found = documents_of(health(60, interface="eth1", packets=1), health(60, interface="eth2", packets=5))
    names = [document["observer"]["ingress"]["interface"]["name"] for document in found]
    assert dict(zip(names, captures(found, "packets"), strict=True)) == {"eth1": 1, "eth2": 5}


def test_what_was_lost_and_evicted_is_counted() -> None:
    (found,) = documents_of(
        health(60, dropped=3, not_decoded=4, evicted_flows=5, observations_dropped=6, assets_evicted=7, unheard_of=8)
    )
    reported = found["spanwatch"]["sensor"]["capture"]
    assert (reported["dropped"], reported["dissect_errors"], reported["forgotten"]) == (3, 4, 18)
    assert problems(found, "sensor") == []


def test_a_flood_of_interfaces_is_bounded_and_loses_no_count() -> None:
    found = documents_of(*(health(60, interface=f"eth{number}", packets=1) for number in range(MAX_INTERFACES + 50)))
    assert len(found) == MAX_INTERFACES + 1
    assert sum(captures(found, "packets")) == MAX_INTERFACES + 50


def test_a_health_document_has_no_id() -> None:
    (found,) = documents_of(health(60))
    assert "id" not in found["event"]


def test_what_waits_and_what_has_left_is_reported_beside_the_capture() -> None:
    found = documents_of(
        health(60, spool_documents=7, spool_bytes=900, spool_oldest_seconds=3, output_acked=5, spool_dropped=1),
        health(120, spool_documents=0, spool_bytes=0, spool_oldest_seconds=0, output_acked=4, output_paused=1),
    )
    first, second = (document["spanwatch"]["sensor"] for document in found)
    assert first["spool"] == {"documents": 7, "bytes": 900, "oldest_age_s": 3, "dropped": 1}
    assert (second["spool"]["documents"], second["spool"]["dropped"]) == (0, 1)
    assert second["output"] == {"acked": 9, "paused": True}
    assert captures(found, "forgotten") == [0, 0]
    assert problems(found[1], "sensor") == []


def test_rows_that_the_store_forgot_are_counted_as_evicted() -> None:
    assert captures(documents_of(health(60, store_forgot_windows=3)), "forgotten") == [3]
