"""Promises about the attributes of devices: a closed list, every word a dissector says is in it, every field is one."""

from __future__ import annotations

import re

import pytest

from dissectors.attributes import ATTRIBUTES, NAMES
from dissectors.dnp3.attribute import CLAIMS
from dissectors.modbus.table import OBJECTS
from dissectors.s7.szl import COMPONENTS
from sensor.documents.fields import FIELDS
from sensor.elastic.mappings import TYPES
from tests.repository import ROOT

SAID = re.compile(r'Identity\("(\w+)"')


def test_every_attribute_is_declared_once() -> None:
    assert len(NAMES) == len(ATTRIBUTES)


@pytest.mark.parametrize(
    "words", [CLAIMS.values(), OBJECTS.values(), [row[0] for row in COMPONENTS.values()]], ids=["dnp3", "modbus", "s7"]
)
def test_every_attribute_of_a_table_is_declared(words: list[str]) -> None:
    assert set(words) - NAMES == set()


def test_every_attribute_that_a_dissector_says_is_declared() -> None:
    said = {
        word for path in (ROOT / "dissectors").rglob("*.py") for word in SAID.findall(path.read_text(encoding="utf-8"))
    }
    assert said and said - NAMES == set()


def test_every_field_that_an_attribute_fills_is_a_field_of_documents() -> None:
    ecs = {name for names in TYPES.values() for name in names.split()}
    known = ecs | {field.name for field in FIELDS}
    assert {row.field for row in ATTRIBUTES if row.field} - known == set()
