"""The checker of documents finds every fault it is there for: otherwise the tests that use it would prove nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.sensor.documents.contexts import written
from tests.sensor.documents.ecs_check import ecs, problems

Damage = Callable[[dict[str, Any]], object]

FAULTS: list[tuple[str, Damage, str]] = [
    ("unknown ECS field", lambda d: d["event"].update(colour="red"), "event.colour is not an ECS field"),
    ("unknown own field", lambda d: d["spanwatch"]["alert"].update(colour="red"), "not in the catalogue"),
    ("field of another stream", lambda d: d["spanwatch"].update(asset={"zone": "z"}), "not declared for stream alert"),
    ("missing array", lambda d: d["host"].update(ip="10.0.0.1"), "host.ip must be an array"),
    ("needless array", lambda d: d["source"].update(ip=["10.0.0.1"]), "source.ip must not be an array"),
    ("value not allowed", lambda d: d["event"].update(kind="banana"), "is not one of"),
    ("kind of Kibana", lambda d: d["event"].update(kind="signal"), "belongs to Kibana"),
    ("type of a firewall", lambda d: d["event"].update(type=["denied"]), "neither permits nor blocks"),
    ("direction of hosts", lambda d: d["network"].update(direction="sideways"), "is not one of"),
    ("pairing", lambda d: d["event"].update(type=["change"]), "does not go with"),
    ("no protocol", lambda d: d["network"].pop("protocol"), "obliges network.protocol"),
    ("MAC form", lambda d: d["source"].update(mac="00:80:f4:01:02:21"), "does not look like"),
    ("id", lambda d: d["event"].update(id="7"), "no document id"),
    ("stream", lambda d: d["data_stream"].update(dataset="spanwatch.channel"), "is not that of alert"),
    ("dataset", lambda d: d["event"].update(dataset="other"), "is not data_stream.dataset"),
    ("wall clock", lambda d: d["event"].update(created=d["@timestamp"]), "is a wall clock"),
    ("seconds for a date", lambda d: d.update({"@timestamp": 1_700_000_000}), "is no date"),
    ("number as text", lambda d: d["event"].update(severity="73"), "is no long"),
    ("text as number", lambda d: d["network"]["vlan"].update(id=204), "is no keyword"),
    ("no address", lambda d: d["client"].update(ip="PLC-7"), "is no ip"),
    ("too long", lambda d: d["event"].update(sequence=1 << 63), "is no long"),
    ("empty list", lambda d: d.update(tags=[]), "is empty"),
]


def alert() -> dict[str, Any]:
    return copy.deepcopy(next(document for word, document in written() if word == "alert"))


def test_the_field_list_is_whole() -> None:
    assert ecs()["version"] == "9.4.0"
    assert len(ecs()["fields"]) == 2605
    assert "Apache License" in ecs()["notice"]


def test_an_undamaged_alert_has_no_problem() -> None:
    assert problems(alert(), "alert") == []


@pytest.mark.parametrize(("name", "damage", "reported"), FAULTS, ids=[name for name, _, _ in FAULTS])
def test_a_damaged_alert_is_found(name: str, damage: Damage, reported: str) -> None:
    document = alert()
    damage(document)
    assert any(reported in problem for problem in problems(document, "alert")), problems(document, "alert")
