from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from sensor.documents.fields import FIELDS
from sensor.elastic import kibana
from tests.repository import ROOT
from tools.dashboards import ndjson, rules, rules_ndjson, saved_objects
from tools.dashboards.field import ECS, KINDS, TYPES
from tools.dashboards.load import content
from tools.dashboards.saved import FLEET_VIEWS

OBJECTS = saved_objects()
DASHBOARDS = [each for each in OBJECTS if each["type"] == "dashboard"]
SHOWN = {"number": "lnsMetric", "table": "lnsDatatable", "donut": "lnsPie", "treemap": "lnsPie"}


def test_the_objects_are_the_same_bytes_in_every_run() -> None:
    program = "import sys; from tools.dashboards import ndjson; sys.stdout.buffer.write(ndjson())"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}, stdout=-1
        )
        assert done.stdout == ndjson()


def test_every_line_is_one_object_and_what_is_referred_to_comes_first() -> None:
    lines = [msgspec.json.decode(line) for line in ndjson().splitlines()]
    assert lines == OBJECTS
    before: set[tuple[str, str]] = set()
    for each in lines:
        assert {(row["type"], row["id"]) for row in each["references"]} <= before
        before.add((each["type"], each["id"]))


def test_there_are_four_dashboards_four_data_views_and_one_tag_on_all() -> None:
    kinds = [each["type"] for each in OBJECTS]
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {
        "dashboard": 4,
        "index-pattern": 4,
        "search": 5,
        "tag": 1,
    }
    for each in OBJECTS:
        if each["type"] in {"dashboard", "search"}:
            assert [row["id"] for row in each["references"] if row["type"] == "tag"] == ["spanwatch-ot"]


@pytest.mark.parametrize("dashboard", content().dashboards, ids=lambda dashboard: dashboard.id)
def test_every_panel_of_the_definition_is_a_panel_in_kibana(dashboard) -> None:
    made = next(each for each in DASHBOARDS if each["id"] == dashboard.id)
    panels = {panel["panelIndex"]: panel for panel in msgspec.json.decode(made["attributes"]["panelsJSON"])}
    assert list(panels) == [panel.id for panel in dashboard.panels]
    for panel in dashboard.panels:
        shown = panels[panel.id]
        if panel.show == "text":
            assert shown["embeddableConfig"]["savedVis"]["params"]["markdown"] == panel.text
        elif panel.show == "documents":
            assert shown["type"] == "search"
        else:
            lens = shown["embeddableConfig"]["attributes"]
            assert lens["visualizationType"] == SHOWN.get(panel.show, "lnsXY")
            assert lens["title"] == panel.title


def test_severity_has_its_own_colours_wherever_it_is_shown() -> None:
    triage = next(each for each in DASHBOARDS if each["id"] == "spanwatch-triage")
    panels = {panel["panelIndex"]: panel for panel in msgspec.json.decode(triage["attributes"]["panelsJSON"])}
    for name in ("by-severity", "over-time"):
        layer = panels[name]["embeddableConfig"]["attributes"]["state"]["visualization"]["layers"][0]
        rows = layer["colorMapping"]["assignments"]
        assert [row["rule"]["values"] for row in rows] == [["critical"], ["high"], ["medium"], ["low"]]


def test_incidents_are_counted_by_their_id_and_documents_by_theirs() -> None:
    counted = {(measure.is_, measure.of) for measure in content().words.measures.values()}
    assert not [row for row in counted if row[0] == "count"], "documents can be there twice after a rollover"
    names = {name: measure.of for name, measure in content().words.measures.items() if "incidents" in name}
    assert set(names.values()) == {"spanwatch.alert.id"}


def test_open_incidents_are_those_without_a_closing_revision() -> None:
    triage = next(each for each in DASHBOARDS if each["id"] == "spanwatch-triage")
    panel = next(row for row in msgspec.json.decode(triage["attributes"]["panelsJSON"]) if row["panelIndex"] == "open")
    layers = panel["embeddableConfig"]["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]
    columns = layers["L1"]["columns"]
    assert columns["M0"]["params"]["formula"] == (
        "unique_count(spanwatch.alert.id) - unique_count(spanwatch.alert.id, kql='spanwatch.alert.status: \"closed\"')"
    )
    assert columns["M0"]["references"] == ["M0X2"]
    assert columns["M0X2"]["params"]["tinymathAst"]["args"] == ["M0X0", "M0X1"]
    assert columns["M0X1"]["filter"]["query"] == 'spanwatch.alert.status: "closed"'


def test_a_package_ships_no_data_views_and_refers_to_those_of_fleet() -> None:
    objects = saved_objects(for_package=True)
    assert "index-pattern" not in {each["type"] for each in objects}
    used = {row["id"] for each in objects for row in each["references"] if row["type"] == "index-pattern"}
    assert used == set(FLEET_VIEWS.values())


def test_the_table_of_ecs_fields_says_what_ecs_says() -> None:
    fixture = msgspec.json.decode((ROOT / "tests" / "sensor" / "documents" / "ecs-9.4.0.json").read_bytes())["fields"]
    assert {name: fixture.get(name, {}).get("type") for name in ECS} == ECS
    assert set(TYPES.values()) <= set(KINDS)
    assert not set(ECS) & {field.name for field in FIELDS}


def test_the_promotion_rule_takes_each_incident_once_and_keeps_severity_and_risk() -> None:
    (rule,) = rules()
    assert rule["index"] == ["logs-spanwatch.alert-*"]
    assert rule["query"] == (
        'event.kind: "alert" and data_stream.dataset: "spanwatch.alert" and spanwatch.alert.revision: 1'
    )
    assert {row["value"]: row["severity"] for row in rule["severity_mapping"]} == {
        "21": "low",
        "47": "medium",
        "73": "high",
        "99": "critical",
    }
    assert rule["risk_score_mapping"][0]["field"] == "event.risk_score"
    assert rule["rule_name_override"] == "rule.name"
    assert rule["timestamp_override"] == "event.ingested"
    assert rule["enabled"] is False
    assert [msgspec.json.decode(line) for line in rules_ndjson().splitlines()] == [rule]


def test_the_variant_that_groups_repeats_is_another_rule() -> None:
    (plain,), (grouped,) = rules(), rules(suppress=True)
    assert plain["rule_id"] != grouped["rule_id"]
    assert "alert_suppression" not in plain
    assert grouped["alert_suppression"]["group_by"] == ["rule.id", "host.name", "source.ip"]


def test_what_is_shipped_is_what_the_definitions_make() -> None:
    assert (kibana.SAVED_OBJECTS.lines, kibana.RULES.lines) == (ndjson(), rules_ndjson())
