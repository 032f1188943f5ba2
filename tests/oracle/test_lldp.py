"""LLDP against tshark, on every capture that holds it: what each station says of itself, and how often."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from dissectors.facts import ChannelOpened, ChannelWindow, Sighting
from tests.dissectors.captured import facts_of
from tests.oracle import tshark

KINDS = ("lldp", "other", "s7comm", "modbus", "profinet", "enip", "opcua", "it")
FIELDS = (
    "eth.src",
    "lldp.chassis.id",
    "lldp.chassis.id.mac",
    "lldp.port.id",
    "lldp.port.id.mac",
    "lldp.port.desc",
    "lldp.tlv.system.name",
    "lldp.tlv.system.desc",
    "lldp.mgn.addr.ip4",
)
ATTRIBUTES = {
    "lldp.port.id": "port_id",
    "lldp.port.id.mac": "port_id",
    "lldp.chassis.id.mac": "chassis_id",
    "lldp.port.desc": "port_description",
    "lldp.tlv.system.name": "name",
    "lldp.tlv.system.desc": "description",
    "lldp.mgn.addr.ip4": "management_address",
}


@cache
def rows(path: Path) -> list[list[list[str]]]:
    tshark.require()
    return tshark.fields(path, FIELDS, "lldp")


def clean(text: str) -> str:
    """tshark writes line breaks as escapes."""
    return text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t")


@pytest.mark.parametrize("kind", KINDS)
def test_stations_say_of_themselves_what_tshark_reads(kind: str) -> None:
    tshark.require()
    named = set(ATTRIBUTES.values())
    for path in tshark.captures(kind):
        announced = rows(path)
        if not announced:
            continue
        theirs: set[tuple[str, str, str]] = set()
        for row in announced:
            for name, attribute in ATTRIBUTES.items():
                theirs |= {(row[0][0], attribute, clean(value)) for value in row[FIELDS.index(name)] if value}
            for raw in row[FIELDS.index("lldp.chassis.id")]:
                value = bytes.fromhex(raw.replace(":", "")).decode("utf-8", "replace")
                theirs.add((row[0][0], "chassis_id", value))
        ours = {
            (fact.mac, fact.attribute, fact.value)
            for fact in facts_of(path)
            if isinstance(fact, Sighting) and fact.protocol == "lldp" and fact.attribute in named
        }
        assert ours == theirs, path.name


@pytest.mark.parametrize("kind", KINDS)
def test_announcements_are_counted_one_by_one(kind: str) -> None:
    tshark.require()
    for path in tshark.captures(kind):
        announced = rows(path)
        if announced:
            facts = facts_of(path)
            mine = {fact.channel for fact in facts if isinstance(fact, ChannelOpened) and fact.protocol == "lldp"}
            reports = sum(f.reports for f in facts if isinstance(f, ChannelWindow) and f.channel in mine)
            assert reports == len(announced), path.name
