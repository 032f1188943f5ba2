"""The check of one Lens panel: columns and what they refer to, fields and whether their type fits the operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from sensor.outputs.fields import FIELDS, ROOT
from tools.dashboards.field import DOCUMENTS, TERMS, TYPES, kind, takes

STREAMS: Final = {field.name: field.streams for field in FIELDS}
COMPUTED: Final = frozenset({"formula", "math", "counter_rate"})
VISUALISATIONS: Final = frozenset({"lnsMetric", "lnsXY", "lnsPie", "lnsDatatable"})
DATASET: Final = "data_stream.dataset"
_QUOTED: Final = re.compile(r'"(?:\\.|[^"\\])*"')
_FIELD: Final = re.compile(r"([@\w][\w.@-]*)\s*:")


def datasets(query: str) -> list[str]:
    """Return the datasets that a KQL query asks for, [] when it asks for none."""
    found = re.search(r'(?<!not )\bdata_stream\.dataset: (?:("[^"]*")|\(([^)]*)\))', query)
    if found is None:
        return []
    return [name[1:-1] for name in _QUOTED.findall(found.group(1) or found.group(2))]


def field_faults(name: str, sets: list[str]) -> Iterator[str]:
    """Yield what is wrong with the use of a field in documents of these datasets ([] when any)."""
    if name not in TYPES:
        yield f"field {name} is in no document of ours"
        return
    streams = STREAMS.get(name, ())
    words = [each.removeprefix(f"{ROOT}.") for each in sets]
    if streams and words and not set(words) & set(streams):
        yield f"field {name} is never in {', '.join(sets)}; it is in {', '.join(streams)}"


def query_faults(query: Any, sets: list[str]) -> Iterator[str]:
    """Yield what is wrong with a KQL query."""
    if not isinstance(query, dict) or query.get("language") != "kuery" or not isinstance(query.get("query"), str):
        yield "the query is not of the form {query: text, language: kuery}"
        return
    bare = _QUOTED.sub('""', query["query"])
    if bare.count("(") != bare.count(")") or bare.count('"') % 2:
        yield f"the query {query['query']} has unequal brackets or quotes"
    for name in dict.fromkeys(_FIELD.findall(bare)):
        yield from field_faults(name, sets)


def _column(ident: str, column: dict[str, Any], columns: dict[str, Any], sets: list[str]) -> Iterator[str]:
    operation, field = column.get("operationType", ""), column.get("sourceField", "")
    if operation in COMPUTED:
        references = column.get("references", [])
        if not references:
            yield f"column {ident} ({operation}) refers to no column"
        for name in references:
            if name not in columns:
                yield f"column {ident} refers to column {name}, which is not there"
    else:
        if field != DOCUMENTS:
            yield from field_faults(field, sets)
        if not takes(operation, field):
            yield f"column {ident}: {operation} does not work on {field} ({TYPES.get(field, 'unknown')})"
        keeps = operation in {"terms", "last_value", "max", "min", "date_histogram"} and field != DOCUMENTS
        expected = kind(field) if keeps else "number"
        if column.get("dataType") != expected:
            yield f"column {ident}: dataType is {column.get('dataType')}, the field gives {expected}"
    if column.get("isBucketed") != (operation in {"terms", "date_histogram"}):
        yield f"column {ident}: isBucketed does not fit {operation}"
    if "filter" in column:
        yield from query_faults(column["filter"], sets)
    order = column.get("params", {}).get("orderBy", {})
    if order.get("type") == "column" and order.get("columnId") not in columns:
        yield f"column {ident} is ordered by column {order.get('columnId')}, which is not there"
    if order.get("type") == "column" and columns.get(order.get("columnId"), {}).get("operationType") in COMPUTED:
        yield f"column {ident} is ordered by a computed column, which Lens cannot do"


def _accessors(visualization: dict[str, Any]) -> Iterator[tuple[str, bool | None]]:
    """Yield every column that the visualisation names and whether it must be a group (None: either)."""
    if "metricAccessor" in visualization:
        yield visualization["metricAccessor"], False
    for column in visualization.get("columns", []):
        yield column["columnId"], None
    for layer in visualization.get("layers", []):
        for name in (layer.get("xAccessor"), layer.get("splitAccessor"), *layer.get("primaryGroups", [])):
            if name is not None:
                yield name, True
        for name in (*layer.get("accessors", []), *layer.get("metrics", [])):
            yield name, False
        for row in layer.get("yConfig", []):
            yield row["forAccessor"], False


def lens_faults(made: dict[str, Any], sets: list[str]) -> Iterator[str]:
    """Yield everything wrong with the attributes of a Lens panel that looks at ``sets``."""
    if made.get("visualizationType") not in VISUALISATIONS:
        yield f"visualizationType {made.get('visualizationType')} is none of {', '.join(sorted(VISUALISATIONS))}"
    state = made["state"]
    yield from query_faults(state.get("query"), sets)
    layers = state["datasourceStates"]["formBased"]["layers"]
    visualization = state["visualization"]
    shown = [visualization["layerId"]] if "layerId" in visualization else []
    shown += [layer["layerId"] for layer in visualization.get("layers", [])]
    if sorted(shown) != sorted(layers):
        yield f"the visualisation shows layers {shown}, the data has {sorted(layers)}"
    names = {reference["name"] for reference in made["references"]}
    for layer, data in layers.items():
        columns = data["columns"]
        if f"indexpattern-datasource-layer-{layer}" not in names:
            yield f"layer {layer} has no reference to a data view"
        if sorted(data["columnOrder"]) != sorted(columns):
            yield f"columnOrder of layer {layer} does not list its columns once each"
        for ident, column in columns.items():
            yield from _column(ident, column, columns, sets)
        has_time = any(column.get("operationType") == "date_histogram" for column in columns.values())
        if not has_time and any(column.get("operationType") == "counter_rate" for column in columns.values()):
            yield "a counter rate needs a group by time"
        for name, is_group in _accessors(visualization):
            if name not in columns:
                yield f"the visualisation shows column {name}, which is not there"
            elif is_group is not None and columns[name].get("isBucketed") != is_group:
                yield f"the visualisation uses column {name} as {'group' if is_group else 'measure'}, which it is not"


def control_faults(name: str, sets: list[str]) -> Iterator[str]:
    """Yield what is wrong with a field that a control offers the values of."""
    yield from field_faults(name, sets)
    if name in TYPES and kind(name) not in TERMS:
        yield f"a list of options cannot show {name} ({TYPES[name]})"
