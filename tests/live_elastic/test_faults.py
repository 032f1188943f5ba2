"""Nothing is lost and nothing is there twice, whatever fails between the spool and a real server."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from sensor.elastic.backoff import Pace
from sensor.elastic.dead_letter import dead_letter_path
from sensor.elastic.shipper import Step
from sensor.store import Store
from tests.live_elastic.shipping import STALL_SECONDS, assert_all_arrived_once, drain, settings, spooled, waiting
from tests.servers.elasticsearch import Elasticsearch
from tests.servers.proxy import Fault, Proxy

pytestmark = pytest.mark.servers

DOCUMENTS = 6_000
FAULTS: list[Fault] = [fault for fault in Fault if fault is not Fault.NONE]


def test_a_server_that_dies_in_the_middle_of_bulks_loses_nothing(newest: Elasticsearch, tmp_path: Path) -> None:
    server = newest
    path, expected = spooled(tmp_path, "power", 10_000)
    troubled = threading.Event()
    restarted = threading.Event()

    def fail() -> None:
        while waiting(path) > len(expected) // 2:
            pass
        server.kill()
        troubled.wait()
        server.start()
        restarted.set()

    def watch(step: Step) -> None:
        if step.state == "trouble":
            troubled.set()

    failure = threading.Thread(target=fail)
    failure.start()
    tally, reported = drain(path, settings(server, tmp_path, site="power"), watch=watch)
    failure.join()
    assert restarted.is_set()
    assert reported[-1] == "Elasticsearch takes documents again"
    assert all(line.startswith("Elasticsearch does not take documents: ") for line in reported[:-1:2])
    assert tally.acked + tally.duplicates == len(expected)
    assert tally.dead_letter == tally.dropped == 0
    assert_all_arrived_once(server, "power", expected)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.lower())
def test_every_fault_between_sensor_and_server_is_survived(newest: Elasticsearch, tmp_path: Path, fault: Fault) -> None:
    site = fault.name.lower()
    path, expected = spooled(tmp_path, site, 2_000)
    with Proxy(newest, lambda number: fault if number == 1 else Fault.NONE) as proxy:
        tally, reported = drain(path, settings(newest, tmp_path, url=proxy.url, site=site), seconds=STALL_SECONDS)
    assert proxy.done.count(fault) == 1
    assert tally.acked + tally.duplicates == len(expected)
    assert (tally.duplicates > 0) is (fault in {Fault.CUT_AFTER, Fault.HALF_ANSWER, Fault.STALL_AFTER})
    assert reported[-1] == "Elasticsearch takes documents again"
    assert_all_arrived_once(newest, site, expected)


def test_a_network_that_fails_half_of_the_time_is_survived(newest: Elasticsearch, tmp_path: Path) -> None:
    path, expected = spooled(tmp_path, "storm", DOCUMENTS)
    quick: list[Fault] = [fault for fault in FAULTS if not fault.name.startswith("STALL")]
    dice = Random(20260101)
    with Proxy(newest, lambda number: dice.choice([*[Fault.NONE] * len(quick), *quick])) as proxy:
        tally, _ = drain(path, settings(newest, tmp_path, url=proxy.url, site="storm"), pace=Pace(150))
    assert {*quick, Fault.NONE} == set(proxy.done)
    assert tally.duplicates > 0
    assert tally.acked + tally.duplicates == len(expected)
    assert_all_arrived_once(newest, "storm", expected)


def unmappable(path: Path, site: str) -> Iterator[str]:
    """Put documents among those that wait which no mapping can take, and give their ids."""
    store = Store(path)
    try:
        for number, document in zip(range(3), itertools.cycle(store.spool.waiting(1)), strict=False):
            body = json.loads(document.body)
            body["event"]["id"] = f"unmappable-{number}"
            body["@timestamp"] = "the day before yesterday"
            store.spool.add([(document.stream, body["event"]["id"], json.dumps(body).encode())])
            yield body["event"]["id"]
    finally:
        store.close()


def test_what_a_mapping_refuses_goes_to_the_dead_letters_with_its_reason_and_holds_nothing_up(
    server: Elasticsearch, tmp_path: Path
) -> None:
    path, expected = spooled(tmp_path, "letters", 1_200)
    refused = list(unmappable(path, "letters"))
    tally, reported = drain(path, settings(server, tmp_path, site="letters"))
    assert_all_arrived_once(server, "letters", expected)
    assert (tally.acked, tally.dead_letter, tally.dropped) == (len(expected), len(refused), 0)
    file = dead_letter_path(path)
    assert file.stat().st_mode & 0o777 == 0o600
    letters = [json.loads(line) for line in file.read_bytes().splitlines()]
    assert [letter["id"] for letter in letters] == refused
    for letter in letters:
        assert letter["status"] == 400
        assert letter["type"] == "document_parsing_exception"
        assert "@timestamp" in letter["reason"]
        assert letter["document"]["@timestamp"] == "the day before yesterday"
    [sentence] = reported
    assert str(file) in sentence
    assert refused[0] in sentence
