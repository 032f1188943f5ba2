"""What protocols declare for the policy is whole: nothing names a function, table or grammar that is not there."""

from __future__ import annotations

import re

import pytest

from dissectors.registry import PROTOCOLS
from dissectors.span import parse_range
from dissectors.spec import Objects, Protocol

every_protocol = pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)


@every_protocol
def test_words_and_requirements_name_functions(protocol: Protocol) -> None:
    names = {row.name for row in protocol.functions}
    for steps in protocol.words.values():
        assert set(steps) <= names
    for one in protocol.requirements:
        assert {one.first, *one.then, *one.breaks} <= names


@every_protocol
def test_a_function_stands_in_one_row(protocol: Protocol) -> None:
    rows = [(row.code, row.name) for row in protocol.functions]
    assert len(rows) == len(set(rows))


@every_protocol
def test_rows_of_one_name_say_the_same_of_objects(protocol: Protocol) -> None:
    said: dict[str, tuple[object, ...]] = {}
    for row in protocol.functions:
        flags = (row.objects, row.needs_object, row.transport, row.from_server, row.writes_last)
        assert protocol.numbered or said.setdefault(row.name, flags) == flags, row.name


@every_protocol
def test_tables_of_functions_can_be_written_in_a_point_set(protocol: Protocol) -> None:
    for table in {table for row in protocol.functions for table in row.objects or ()}:
        assert any(re.fullmatch(one.kind, table) for one in protocol.objects), table


@every_protocol
def test_the_example_of_a_grammar_is_read_by_it(protocol: Protocol) -> None:
    for one in protocol.objects:
        if one.parse is None:
            assert parse_range(one.example, one.last)
            continue
        kind, (first, last) = one.parse(one.example)
        assert re.fullmatch(one.kind, kind)
        assert one.write(kind, first)
        assert first <= last <= one.last


def test_a_grammar_says_who_reads_its_tables() -> None:
    with pytest.raises(ValueError, match="give the tables, or what reads the name of one"):
        Objects(key="ranges", kind="coil", tables_key="table")
