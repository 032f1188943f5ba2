"""The lines of facts: complete, readable, the same each time, and a difference begins where the first line differs."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from dissectors.facts import AnyFact
from sensor.pipeline.fact_lines import beside, difference, line, text
from tests.sensor.build import exchange, opened, operation, sighting, window


@pytest.mark.parametrize("fact", [sighting(("", "10.0.0.1")), opened(), window(opened(), at=60), operation(opened())])
def test_a_line_names_every_field_that_holds_something(fact: AnyFact) -> None:
    fields = json.loads(line(fact))
    held = {name for name in fact.__struct_fields__ if getattr(fact, name) not in ("", 0, (), {})} - {"source"}
    assert set(fields) == {"fact", *held}
    assert fields["fact"] == type(fact).__name__


def test_bytes_are_hexadecimal_and_parts_have_names() -> None:
    fields = json.loads(line(exchange(opened())))
    assert fields["excerpt"] == "0001"
    assert fields["targets"] == [{"kind": "holding_register", "first": 3, "last": 3}]


def test_a_renamed_capture_and_another_order_of_the_detail_change_no_line() -> None:
    one = msgspec.structs.replace(exchange(opened()), detail={"a": 1, "b": 2})
    other = msgspec.structs.replace(one, detail={"b": 2, "a": 1}, source="b.pcap")
    assert line(one) == line(other)


def test_a_float_that_is_no_number_is_not_taken_for_nothing() -> None:
    values = tuple(float(word) for word in ("nan", "inf", "-inf", "1.5"))
    fact = msgspec.structs.replace(exchange(opened()), values=values)
    assert json.loads(line(fact))["values"] == ["nan", "inf", "-inf", 1.5]


def test_equal_lines_have_no_difference_and_others_begin_at_the_first_that_differs() -> None:
    lines = [f"line {number}" for number in range(100)]
    assert list(difference(lines, list(lines), "name")) == []
    changed = [*lines[:50], "new", *lines[51:]]
    head, *rest = difference(lines, changed, "name")
    assert "line 51 of 100" in head
    assert rest == ["--- name", "+++ this run", "@@ -1 +1 @@", "-line 50", "+new"]


@pytest.mark.parametrize("found", [["a", "b"], ["a", "b", "c", "d"]])
def test_a_line_too_few_or_too_many_is_a_difference(found: list[str]) -> None:
    assert len(list(difference(["a", "b", "c"], found, "name"))) > 1


def test_the_file_lies_beside_the_expected_one() -> None:
    assert beside(Path("x/stop.expected.yaml")) == Path("x/stop.facts.jsonl")
    assert beside(Path("stop.yaml")) == Path("stop.facts.jsonl")
    assert text(["a", "b"]) == "a\nb\n"
