"""The codec of the facts: what was encoded comes back typed and equal, and nothing else comes through."""

from __future__ import annotations

import msgspec
import pytest

from dissectors.facts import (
    AnyFact,
    ChannelOpened,
    ChannelWindow,
    Exchange,
    Health,
    OperationCount,
    OperationFirst,
    Sighting,
    TransitionCount,
    TransitionFirst,
    ValueChange,
    Violation,
    Visibility,
    decode,
    decode_all,
    encode,
    encode_all,
)
from tests.build import made

FACTS: list[AnyFact] = [
    made(Sighting, vlan=3),
    made(ChannelOpened, inner_vlan=7),
    made(OperationFirst, detail={"transaction": 1, "gain": 0.5, "name": "x"}),
    made(TransitionFirst, previous="a", label="b"),
    made(Exchange, values=(1, 2.5, "text"), excerpt=b"\xff\x00"),
    made(ValueChange, points=(3,), values=(7,), previous=(6,)),
    made(ChannelWindow, operations=(made(OperationCount, label="a"),), transitions=(made(TransitionCount, count=2),)),
    made(Violation, name="length", from_client=True, excerpt=b"\xff"),
    made(Visibility, state="gaps", reason="a segment is missing", missing_bytes=5),
    made(Health, interface="eth0", counters={"packets": 3}),
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
        made(ChannelOpened).unit = "2"  # type: ignore[misc]
