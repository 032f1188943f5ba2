"""The number of workers changes nothing: any split by address pair, reported in any order, merges to the same facts."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dissectors.facts import AnyFact, encode
from sensor.live.health_sum import HealthSum
from sensor.live.merge import Merge
from sensor.live.repeat import Repeats
from tests.sensor.live.crowd import Crowd, alone, packets, without_numbers

NAMES = (
    "modbus/unauthorised_write.pcap",
    "modbus/new_master.pcap",
    "plant/arp_spoof.pcap",
    "plant/address_scan.pcap",
    "plant/port_scan.pcap",
    "s7/slot_scan.pcap",
    "dnp3/cold_restart.pcap",
)
SINGLE: dict[str, list[AnyFact]] = {}


def single(name: str) -> list[AnyFact]:
    """Return what one worker reports of a capture."""
    if name not in SINGLE:
        SINGLE[name] = alone(packets(name))
    return SINGLE[name]


def reported(facts: list[AnyFact]) -> Counter[bytes]:
    """Return the facts as a bag."""
    return Counter(encode(without_numbers(fact)) for fact in facts)


def by_channel(facts: list[AnyFact]) -> dict[str, list[bytes]]:
    """Return each conversation's facts in their order."""
    rows: dict[str, list[bytes]] = defaultdict(list)
    for fact in facts:
        channel = getattr(fact, "channel", "")
        if channel:
            rows[channel].append(encode(without_numbers(fact)))
    return rows


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_the_number_of_workers_changes_nothing(name: str, data: st.DataObject) -> None:
    workers = data.draw(st.integers(1, 4), "workers")
    homes: dict[bytes, int] = {}

    def split(pair: bytes) -> int:
        if pair not in homes:
            homes[pair] = data.draw(st.integers(0, workers - 1), "worker of a pair")
        return homes[pair]

    crowd = Crowd(workers, split)
    merge, repeats, health = Merge(), Repeats(), HealthSum()
    for number in range(workers):
        merge.began(number)
    facts: list[AnyFact] = []

    def collect() -> None:
        facts.extend(health.pass_on(repeats.without(merge.ready()), merge.watermark()))

    traffic = packets(name)
    stops = set(data.draw(st.lists(st.integers(0, len(traffic)), max_size=12), "places of reports"))
    for place, packet in enumerate(traffic):
        crowd.feed(packet)
        if place in stops:
            for number in data.draw(st.lists(st.integers(0, workers - 1), max_size=workers), "who reports"):
                merge.take(crowd.report(number))
                collect()
    for number in data.draw(st.permutations(range(workers)), "order of the end"):
        merge.take(crowd.last(number))
        collect()
    facts.extend(health.pass_on(repeats.without(merge.all()), merge.watermark()))
    facts.extend(health.all())

    one = single(name)
    assert reported(facts) == reported(one)
    assert by_channel(facts) == by_channel(one)
    assert [fact.time for fact in facts] == sorted(fact.time for fact in facts)
    assert merge.held == merge.late == merge.forced == 0
