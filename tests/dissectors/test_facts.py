"""The codec of the facts: what was encoded comes back typed and equal, and nothing else comes through."""

from __future__ import annotations

import msgspec
import pytest

from dissectors.facts import AnyFact, Health, Violation, Visibility, decode, decode_all, encode, encode_all
from tests.sensor.build import change, exchange, opened, operation, sighting, window

CHANNEL = opened()
FACTS: list[AnyFact] = [
    CHANNEL,
    sighting(("00:80:f4:01:02:21", "10.0.0.21")),
    operation(CHANNEL),
    exchange(CHANNEL),
    change(CHANNEL),
    window(CHANNEL, at=60),
    Violation(1, "a.pcap", 1, 0, "c", "modbus", "length", 4, "6", "text", True, "complete", "", 1, b"\xff\x00", 0, 2),
    Visibility(1, "a.pcap", 1, 0, "c", "gaps", "a segment is missing", 5),
    Health(1, "a.pcap", 1, 0, 0, 60, "eth0", {"packets": 3}),
]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_a_fact_comes_back_as_it_was(fact: AnyFact) -> None:
    assert decode(encode(fact)) == fact


def test_a_batch_keeps_its_order() -> None:
    assert decode_all(encode_all(FACTS)) == FACTS


@pytest.mark.parametrize("data", [msgspec.msgpack.encode(["Nothing", 1]), msgspec.msgpack.encode({"time": 1}), b"\xc1"])
def test_what_is_no_fact_is_refused(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(data)


def test_a_fact_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        CHANNEL.unit = "2"  # type: ignore[misc]
