from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from tools.dashboards import saved_objects
from tools.dashboards.check import faults
from tools.dashboards.field import TYPES, takes

Objects = list[dict[str, Any]]
Change = Callable[[Objects], None]
TRIAGE, ACTIVITY, SENSORS = "spanwatch-triage", "spanwatch-activity", "spanwatch-sensors"


def named(objects: Objects, ident: str) -> dict[str, Any]:
    return next(each for each in objects if each["id"] == ident)


@contextmanager
def opened(holder: dict[str, Any], name: str) -> Iterator[Any]:
    """The value of a JSON text to change; written back at the end."""
    value = msgspec.json.decode(holder[name])
    yield value
    holder[name] = msgspec.json.encode(value).decode()


@contextmanager
def panel(objects: Objects, dashboard: str, ident: str) -> Iterator[dict[str, Any]]:
    with opened(named(objects, dashboard)["attributes"], "panelsJSON") as panels:
        yield next(each for each in panels if each["panelIndex"] == ident)


@contextmanager
def lens(objects: Objects, dashboard: str, ident: str) -> Iterator[dict[str, Any]]:
    with panel(objects, dashboard, ident) as each:
        yield each["embeddableConfig"]["attributes"]["state"]


@contextmanager
def columns(objects: Objects, dashboard: str, ident: str) -> Iterator[dict[str, Any]]:
    with lens(objects, dashboard, ident) as state:
        yield state["datasourceStates"]["formBased"]["layers"]["L1"]["columns"]


def test_the_objects_of_spanwatch_have_no_fault() -> None:
    assert faults(saved_objects()) == []
    assert faults(saved_objects(for_package=True), for_package=True) == []


CHANGES: dict[str, tuple[Change, str]] = {}


def change(said: str) -> Callable[[Change], Change]:
    def keep(function: Change) -> Change:
        CHANGES[function.__name__] = (function, said)
        return function

    return keep


@change("the id does not begin with spanwatch-")
def a_foreign_id(objects: Objects) -> None:
    named(objects, "spanwatch-ot")["id"] = "ot"


@change("2 objects have the id spanwatch-review")
def an_id_twice(objects: Objects) -> None:
    objects.append(copy.deepcopy(named(objects, "spanwatch-review")))


@change("leads to index-pattern spanwatch-alerts, which is not there")
def a_data_view_missing(objects: Objects) -> None:
    objects.remove(named(objects, "spanwatch-alerts"))


@change("leads to search spanwatch-incidents, which is not there")
def a_search_missing(objects: Objects) -> None:
    objects.remove(named(objects, "spanwatch-incidents"))


@change("leads to tag spanwatch-ot, which is not there")
def the_tag_missing(objects: Objects) -> None:
    objects.remove(named(objects, "spanwatch-ot"))


@change("is used and not declared")
def a_reference_undeclared(objects: Objects) -> None:
    references = named(objects, TRIAGE)["references"]
    references[:] = [row for row in references if row["name"] != "newest:panel_newest"]


@change("is declared and not used")
def a_reference_unused(objects: Objects) -> None:
    row = {"type": "index-pattern", "id": "spanwatch-logs", "name": "nobody:indexpattern-datasource-layer-L1"}
    named(objects, TRIAGE)["references"].append(row)


@change("leads elsewhere than that of the dashboard")
def a_reference_elsewhere(objects: Objects) -> None:
    for row in named(objects, TRIAGE)["references"]:
        if row["name"].startswith("open:"):
            row["id"] = "spanwatch-asset-records"


@change("panelsJSON is not JSON")
def panels_cut(objects: Objects) -> None:
    attributes = named(objects, TRIAGE)["attributes"]
    attributes["panelsJSON"] = attributes["panelsJSON"][:-5]


@change("optionsJSON is not text")
def options_as_object(objects: Objects) -> None:
    named(objects, TRIAGE)["attributes"]["optionsJSON"] = {}


@change("ignoreParentSettingsJSON is not JSON")
def controls_broken(objects: Objects) -> None:
    named(objects, TRIAGE)["attributes"]["controlGroupInput"]["ignoreParentSettingsJSON"] = "{"


@change("attribute colour does not belong to a dashboard")
def an_open_schema(objects: Objects) -> None:
    named(objects, TRIAGE)["attributes"]["colour"] = "red"


@change("has another version than 10.2.0")
def a_newer_version(objects: Objects) -> None:
    named(objects, TRIAGE)["typeMigrationVersion"] = "10.9.0"


@change("panels open and critical overlap")
def panels_overlapping(objects: Objects) -> None:
    with panel(objects, TRIAGE, "critical") as each:
        each["gridData"]["x"] = 7


@change("panel by-severity lies outside the grid of 48 columns")
def a_panel_outside(objects: Objects) -> None:
    with panel(objects, TRIAGE, "by-severity") as each:
        each["gridData"]["w"] = 17


@change("gridData.i is another")
def a_panel_misnamed(objects: Objects) -> None:
    with panel(objects, TRIAGE, "open") as each:
        each["gridData"]["i"] = "another"


@change("field spanwatch.alert.ident is in no document of ours")
def a_field_misspelt(objects: Objects) -> None:
    with columns(objects, TRIAGE, "over-time") as found:
        found["M0"]["sourceField"] = "spanwatch.alert.ident"


@change("field spanwatch.alert.severity is never in spanwatch.operation")
def a_field_of_other_documents(objects: Objects) -> None:
    with columns(objects, ACTIVITY, "by-class") as found:
        found["B1"]["sourceField"] = "spanwatch.alert.severity"


@change("average does not work on network.protocol (keyword)")
def an_average_of_words(objects: Objects) -> None:
    with columns(objects, ACTIVITY, "latency") as found:
        found["M0"]["sourceField"] = "network.protocol"


@change("terms does not work on spanwatch.alert.observed (text)")
def groups_of_sentences(objects: Objects) -> None:
    with columns(objects, TRIAGE, "by-technique") as found:
        found["B0"]["sourceField"] = "spanwatch.alert.observed"


@change("terms does not work on event.severity (long)")
def groups_of_numbers(objects: Objects) -> None:
    with columns(objects, TRIAGE, "by-technique") as found:
        found["B0"]["sourceField"] = "event.severity"


@change("date_histogram does not work on event.severity (long)")
def time_by_number(objects: Objects) -> None:
    with columns(objects, TRIAGE, "over-time") as found:
        found["B0"]["sourceField"] = "event.severity"


@change("dataType is string, the field gives ip")
def a_wrong_data_type(objects: Objects) -> None:
    with columns(objects, TRIAGE, "sources") as found:
        found["B0"]["dataType"] = "string"


@change("columnOrder of layer L1 does not list its columns once each")
def a_column_out_of_order(objects: Objects) -> None:
    with lens(objects, TRIAGE, "over-time") as state:
        state["datasourceStates"]["formBased"]["layers"]["L1"]["columnOrder"].pop()


@change("the visualisation shows column M7, which is not there")
def an_accessor_of_nothing(objects: Objects) -> None:
    with lens(objects, TRIAGE, "verdicts") as state:
        state["visualization"]["layers"][0]["metrics"] = ["M7"]


@change("the visualisation uses column M0 as group, which it is not")
def a_measure_as_group(objects: Objects) -> None:
    with lens(objects, TRIAGE, "over-time") as state:
        state["visualization"]["layers"][0]["splitAccessor"] = "M0"


@change("is ordered by column M7, which is not there")
def an_order_by_nothing(objects: Objects) -> None:
    with columns(objects, TRIAGE, "hosts") as found:
        found["B0"]["params"]["orderBy"]["columnId"] = "M7"


@change("is ordered by a computed column")
def an_order_by_formula(objects: Objects) -> None:
    with columns(objects, TRIAGE, "by-severity") as found:
        found["B0"]["params"]["orderBy"] = {"type": "column", "columnId": "M0"}


@change("column M0X2 refers to column M0X1, which is not there")
def a_formula_without_its_part(objects: Objects) -> None:
    with lens(objects, TRIAGE, "open") as state:
        layer = state["datasourceStates"]["formBased"]["layers"]["L1"]
        del layer["columns"]["M0X1"]
        layer["columnOrder"].remove("M0X1")


@change("a counter rate needs a group by time")
def a_rate_without_time(objects: Objects) -> None:
    with columns(objects, SENSORS, "packets") as found:
        found["B0"] = {**found["B1"], "params": {}}


@change("without a condition on data_stream.dataset")
def a_broad_view_without_condition(objects: Objects) -> None:
    with lens(objects, ACTIVITY, "operations") as state:
        state["query"]["query"] = ""


@change("without a condition on data_stream.dataset")
def a_dataset_that_is_excluded(objects: Objects) -> None:
    with lens(objects, ACTIVITY, "operations") as state:
        state["query"]["query"] = f"not {state['query']['query']}"


@change("data_stream.dataset spanwatch.operations is none of ours")
def a_dataset_misspelt(objects: Objects) -> None:
    with lens(objects, ACTIVITY, "operations") as state:
        state["query"]["query"] = 'data_stream.dataset: "spanwatch.operations"'


@change("field event.outcomes is in no document of ours")
def a_query_on_no_field(objects: Objects) -> None:
    with lens(objects, ACTIVITY, "operations") as state:
        state["query"]["query"] += ' and event.outcomes: "failure"'


@change("has unequal brackets or quotes")
def a_query_cut(objects: Objects) -> None:
    with lens(objects, ACTIVITY, "operations") as state:
        state["query"]["query"] += ' and event.outcome: ("failure"'


@change("the dashboard has no filter on data_stream.dataset")
def a_dashboard_without_filter(objects: Objects) -> None:
    each = named(objects, TRIAGE)
    each["references"] = [row for row in each["references"] if "filter[0]" not in row["name"]]
    with opened(each["attributes"]["kibanaSavedObjectMeta"], "searchSourceJSON") as source:
        source["filter"] = []


@change("a list of options cannot show spanwatch.alert.count (long)")
def a_control_of_numbers(objects: Objects) -> None:
    with opened(named(objects, TRIAGE)["attributes"]["controlGroupInput"], "panelsJSON") as controls:
        controls["severity"]["explicitInput"]["fieldName"] = "spanwatch.alert.count"


@change("field spanwatch.asset.role is never in spanwatch.alert")
def a_control_of_other_documents(objects: Objects) -> None:
    with opened(named(objects, TRIAGE)["attributes"]["controlGroupInput"], "panelsJSON") as controls:
        controls["severity"]["explicitInput"]["fieldName"] = "spanwatch.asset.role"


@change("field rule.nam is in no document of ours")
def a_search_column_misspelt(objects: Objects) -> None:
    named(objects, "spanwatch-incidents")["attributes"]["columns"].append("rule.nam")


@change("is not of the form Kibana knows")
def a_panel_without_a_place(objects: Objects) -> None:
    with panel(objects, TRIAGE, "open") as each:
        del each["gridData"]


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_every_kind_of_damage_is_found(name: str) -> None:
    objects = copy.deepcopy(saved_objects())
    damage, said = CHANGES[name]
    damage(objects)
    found = faults(objects)
    assert any(said in fault for fault in found), found


def test_a_field_of_text_can_never_be_counted_grouped_or_averaged() -> None:
    texts = [name for name, kind in TYPES.items() if kind in {"text", "match_only_text", "flattened"}]
    assert len(texts) > 5
    operations = ("terms", "unique_count", "last_value", "max", "sum", "average", "date_histogram")
    assert [(name, each) for name in texts for each in operations if takes(each, name)] == []
