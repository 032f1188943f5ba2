"""The check of saved objects before they are imported: everything Kibana would refuse, or show as an empty panel.

Kibana's import answers with success for a dashboard whose panels then say "could not find": references, fields, column
ids and JSON texts are therefore held here. The check works on the objects, whoever made them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, Final

import msgspec

from sensor.outputs.origin import STREAMS
from tools.dashboards.check_lens import DATASET, control_faults, datasets, field_faults, lens_faults, query_faults
from tools.dashboards.definition import COLUMNS, MAX_ROWS
from tools.dashboards.saved import CORE, FLEET_VIEWS, VERSIONS

PREFIX: Final = "spanwatch-"
ENVELOPE: Final = frozenset(
    {"id", "type", "attributes", "references", "coreMigrationVersion", "typeMigrationVersion", "managed"}
)
ATTRIBUTES: Final = {
    "dashboard": frozenset(
        {
            "title", "description", "kibanaSavedObjectMeta", "timeRestore", "timeFrom", "timeTo", "refreshInterval",
            "controlGroupInput", "panelsJSON", "optionsJSON", "hits", "version",
        }
    ),
    "index-pattern": frozenset(
        {"title", "name", "timeFieldName", "fieldFormatMap", "runtimeFieldMap", "sourceFilters"}
    ),
    "tag": frozenset({"name", "description", "color"}),
    "search": frozenset(
        {"title", "description", "columns", "sort", "grid", "hideChart", "kibanaSavedObjectMeta"}
    ),
}  # fmt: skip
"""The attributes a type has; the schema of dashboards is closed."""
CONTROLS: Final = frozenset({"panelsJSON", "controlStyle", "chainingSystem", "ignoreParentSettingsJSON", "showApplySelections"})  # fmt: skip
REQUIRED: Final = {"dashboard": "title", "index-pattern": "title", "tag": "name", "search": "title"}
PANELS: Final = frozenset({"lens", "search", "visualization"})
ONE_DATASET: Final = {f"{kind}-spanwatch.{word}-*": f"spanwatch.{word}" for word, kind in STREAMS.items()}
"""Index patterns that show one dataset only; through others a panel must say which it means."""


class _Objects:
    """The objects by type and id, and what their data views show."""

    def __init__(self, objects: Sequence[dict[str, Any]], external: frozenset[str]) -> None:
        self.there = {(each.get("type"), each.get("id")) for each in objects}
        self.there |= {("index-pattern", name) for name in external}
        self.titles: dict[str, str] = {name: name for name in external}
        for each in objects:
            attributes = each.get("attributes", {})
            if each.get("type") == "index-pattern":
                self.titles[each["id"]] = str(attributes.get("title"))


def _text(holder: dict[str, Any], name: str) -> Any:
    """Return the value of a JSON text. Raises ``ValueError``."""
    value = holder.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is not text")  # noqa: TRY004 (it is the data that is wrong)
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError as error:
        raise ValueError(f"{name} is not JSON: {error}") from None


def _texts(value: Any) -> Iterator[str]:
    """Yield every broken ``...JSON`` text, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name.endswith("JSON"):
                try:
                    yield from _texts(_text(value, name))
                except ValueError as error:
                    yield str(error)
            else:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _form(each: dict[str, Any]) -> Iterator[str]:
    kind, ident = each.get("type"), str(each.get("id"))
    if not ident.startswith(PREFIX):
        yield f"the id does not begin with {PREFIX}"
    if kind not in VERSIONS:
        yield f"type {kind} is none of {', '.join(VERSIONS)}"
        return
    if set(each) != ENVELOPE:
        yield f"has {sorted(set(each) ^ ENVELOPE)} too much or too little"
    if each.get("typeMigrationVersion") != VERSIONS[kind] or each.get("coreMigrationVersion") != CORE:
        yield f"has another version than {VERSIONS[kind]} (core {CORE})"
    attributes = each.get("attributes", {})
    for name in sorted(set(attributes) - ATTRIBUTES[kind]):
        yield f"attribute {name} does not belong to a {kind}"
    if not attributes.get(REQUIRED[kind]):
        yield f"has no {REQUIRED[kind]}"


def _references(each: dict[str, Any], objects: _Objects, needed: Sequence[str]) -> Iterator[str]:
    names = Counter(reference["name"] for reference in each["references"])
    for name, count in names.items():
        if count > 1:
            yield f"reference {name} is there {count} times"
    for reference in each["references"]:
        if (reference["type"], reference["id"]) not in objects.there:
            yield f"reference {reference['name']} leads to {reference['type']} {reference['id']}, which is not there"
    tags = [name for name in names if name.startswith("tag-ref-")]
    for name in sorted(set(needed) - set(names)):
        yield f"reference {name} is used and not declared"
    for name in sorted(set(names) - set(needed) - set(tags)):
        yield f"reference {name} is declared and not used"


def _seen(each: dict[str, Any], reference: str, objects: _Objects) -> str:
    """Return the index pattern behind a reference of an object."""
    ident = next((row["id"] for row in each["references"] if row["name"] == reference), "")
    return objects.titles.get(ident, "")


def _narrow(query: str, pattern: str) -> tuple[list[str], list[str]]:
    """Return the datasets that a query through a data view shows, and what is wrong with that."""
    asked = datasets(query)
    if asked:
        unknown = [name for name in asked if name not in ONE_DATASET.values()]
        return asked, [f"{DATASET} {name} is none of ours" for name in unknown]
    if pattern in ONE_DATASET:
        return [ONE_DATASET[pattern]], []
    return [], [f"looks at {pattern or 'an unknown data view'} without a condition on {DATASET}"]


def _grid(panels: list[dict[str, Any]]) -> Iterator[str]:
    boxes: list[tuple[str, int, int, int, int]] = []
    for panel in panels:
        grid, ident = panel["gridData"], panel["panelIndex"]
        if grid["i"] != ident:
            yield f"panel {ident}: gridData.i is {grid['i']}"
        x, y, width, height = (grid[name] for name in "xywh")
        if min(x, y) < 0 or min(width, height) < 1 or x + width > COLUMNS or y + height > MAX_ROWS:
            yield f"panel {ident} lies outside the grid of {COLUMNS} columns"
        boxes.append((ident, x, y, x + width, y + height))
    for one, two in combinations(boxes, 2):
        if one[1] < two[3] and two[1] < one[3] and one[2] < two[4] and two[2] < one[4]:
            yield f"panels {one[0]} and {two[0]} overlap"
    for ident, count in Counter(box[0] for box in boxes).items():
        if count > 1:
            yield f"panel {ident} is there {count} times"


def _panel(each: dict[str, Any], panel: dict[str, Any], objects: _Objects, needed: list[str]) -> Iterator[str]:
    kind, ident = panel.get("type"), panel["panelIndex"]
    if kind not in PANELS:
        yield f"type {kind} is none of {', '.join(sorted(PANELS))}"
    elif kind == "search":
        name = panel.get("panelRefName")
        if name != f"panel_{ident}":
            yield f"panelRefName is {name} instead of panel_{ident}"
        needed.append(f"{ident}:panel_{ident}")
    elif kind == "lens":
        made = panel["embeddableConfig"]["attributes"]
        names = [f"{ident}:{reference['name']}" for reference in made["references"]]
        needed += names
        outside = {row["name"]: row["id"] for row in each["references"]}
        for reference in made["references"]:
            if outside.get(f"{ident}:{reference['name']}") != reference["id"]:
                yield f"reference {reference['name']} leads elsewhere than that of the dashboard"
        sets, wrong = _narrow(str(made["state"]["query"].get("query")), _seen(each, names[0] if names else "", objects))
        yield from wrong
        yield from lens_faults(made, sets)


def _dashboard(each: dict[str, Any], objects: _Objects, needed: list[str]) -> Iterator[str]:
    attributes = each["attributes"]
    panels = _text(attributes, "panelsJSON")
    yield from _grid(panels)
    for panel in panels:
        for fault in _panel(each, panel, objects, needed):
            yield f"panel {panel['panelIndex']}: {fault}"
    source = _text(attributes["kibanaSavedObjectMeta"], "searchSourceJSON")
    if not any(row["meta"].get("key") == DATASET for row in source.get("filter", [])):
        yield f"the dashboard has no filter on {DATASET}"
    for row in source.get("filter", []):
        needed.append(row["meta"]["indexRefName"])
        yield from field_faults(row["meta"]["key"], [])
    group = attributes.get("controlGroupInput")
    if group is None:
        return
    if set(group) != CONTROLS:
        yield f"the control group has {sorted(set(group) ^ CONTROLS)} too much or too little"
    for ident, control in _text(group, "panelsJSON").items():
        name = f"controlGroup_{ident}:optionsListDataView"
        needed.append(name)
        if control["explicitInput"]["id"] != ident:
            yield f"control {ident} has the id {control['explicitInput']['id']} inside"
        pattern = _seen(each, name, objects)
        sets = [ONE_DATASET[pattern]] if pattern in ONE_DATASET else []
        for fault in control_faults(control["explicitInput"]["fieldName"], sets):
            yield f"control {ident}: {fault}"


def _search(each: dict[str, Any], objects: _Objects, needed: list[str]) -> Iterator[str]:
    attributes = each["attributes"]
    source = _text(attributes["kibanaSavedObjectMeta"], "searchSourceJSON")
    needed.append(source["indexRefName"])
    sets, wrong = _narrow(str(source["query"].get("query")), _seen(each, source["indexRefName"], objects))
    yield from wrong
    yield from query_faults(source["query"], sets)
    for name in (*attributes["columns"], *(name for name, _ in attributes["sort"])):
        yield from field_faults(name, sets)


def _faults(each: dict[str, Any], objects: _Objects) -> Iterator[str]:
    broken = [*_form(each), *_texts(each.get("attributes"))]
    yield from broken
    needed: list[str] = []
    try:
        if each.get("type") == "dashboard":
            yield from _dashboard(each, objects, needed)
        elif each.get("type") == "search":
            yield from _search(each, objects, needed)
        elif each.get("type") == "index-pattern":
            yield from field_faults(str(each["attributes"].get("timeFieldName")), [])
        yield from _references(each, objects, needed)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        if not broken:
            yield f"is not of the form Kibana knows: {type(error).__name__} {error}"


def faults(objects: Sequence[dict[str, Any]], *, for_package: bool = False) -> list[str]:
    """Return everything that is wrong with saved objects, each with the object it is in; [] when they can be imported.

    ``for_package`` allows references to the data views that Fleet keeps.
    """
    external = frozenset(FLEET_VIEWS.values()) if for_package else frozenset()
    known = _Objects(objects, external)
    found = [f"{each.get('type')} {each.get('id')}: {fault}" for each in objects for fault in _faults(each, known)]
    for ident, count in Counter(str(each.get("id")) for each in objects).items():
        if count > 1:
            found.append(f"{count} objects have the id {ident}")
    return found
