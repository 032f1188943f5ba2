"""The builder of records: what a test says is there, what it does not is ordinary, and a slip of the pen is told."""

from __future__ import annotations

import pytest

from dissectors.facts import ChannelWindow, Exchange, Fact, OperationCount, decode, encode
from sensor.sinks.sink import FACT_TYPES
from tests.build import START, made


@pytest.mark.parametrize("kind", sorted(FACT_TYPES, key=lambda kind: kind.__name__))
def test_a_record_of_every_kind_can_be_made_and_is_typed(kind: type[Fact]) -> None:
    fact = made(kind)
    assert decode(encode(fact)) == fact  # type: ignore[arg-type]
    assert fact.time == START


def test_what_is_said_is_there() -> None:
    window = made(ChannelWindow, requests=3, operations=(made(OperationCount, label="read_coils", verb="read"),))
    assert (window.requests, window.responses, window.operations[0].verb) == (3, 0, "read")


def test_a_field_that_is_not_there_is_refused() -> None:
    with pytest.raises(TypeError, match="Exchange has no value"):
        made(Exchange, value=1)
