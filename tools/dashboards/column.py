"""Groups and measures as columns of a Lens layer.

Column ids are their place: ``B0`` the first group, ``M0`` the first measure. A measure that Lens computes from others
(``open``, ``rate``) brings these as ``M0X0``, ``M0X1``, ...
"""

from __future__ import annotations

from typing import Any, Final

from tools.dashboards.condition import kql
from tools.dashboards.definition import TIME, Group, Measure
from tools.dashboards.field import DOCUMENTS, kind

Column = dict[str, Any]

OPERATIONS: Final = {
    "count": "count",
    "distinct": "unique_count",
    "sum": "sum",
    "average": "average",
    "maximum": "max",
    "last": "last_value",
}
"""Measures that are one Lens operation."""
COMPUTED: Final = frozenset({"open", "rate", "last"})
"""Measures that Lens cannot order groups by."""


def _format(measure: Measure) -> Column:
    if kind(measure.of) not in {"", "number"} and measure.is_ not in {"distinct", "open"}:
        return {}
    if measure.unit == "bytes":
        return {"format": {"id": "bytes", "params": {"decimals": 1}}}
    if measure.is_ == "average" and not measure.unit:
        return {"format": {"id": "number", "params": {"decimals": 2}}}
    if measure.unit:
        return {"format": {"id": "number", "params": {"decimals": 0, "suffix": f" {measure.unit}"}}}
    return {"format": {"id": "number", "params": {"decimals": 0}}}


def _metric(label: str, operation: str, field: str, **more: Any) -> Column:
    data = kind(field) if operation in {"max", "min", "last_value"} else "number"
    return {
        "label": label,
        "customLabel": True,
        "dataType": data or "number",
        "operationType": operation,
        "isBucketed": False,
        "scale": "ratio" if data in {"number", ""} else "ordinal",
        "sourceField": field or DOCUMENTS,
        **more,
    }


def _open(ident: str, measure: Measure) -> dict[str, Column]:
    """Distinct values less those that meet the condition, as Lens keeps a formula: itself, its parts, the sum."""
    condition = kql(measure.where)
    formula = f"unique_count({measure.of}) - unique_count({measure.of}, kql='{condition}')"
    part = f"Part of {measure.label}"
    whole, less, sum_ = f"{ident}X0", f"{ident}X1", f"{ident}X2"
    tree = {
        "type": "function",
        "name": "subtract",
        "args": [whole, less],
        "location": {"min": 0, "max": len(formula)},
        "text": formula,
    }
    number = {"dataType": "number", "isBucketed": False, "scale": "ratio", "customLabel": True}
    return {
        ident: {
            "label": measure.label,
            **number,
            "operationType": "formula",
            "params": {"formula": formula, "isFormulaBroken": False, **_format(measure)},
            "references": [sum_],
        },
        whole: _metric(part, "unique_count", measure.of, params={"emptyAsNull": False}),
        less: _metric(
            part,
            "unique_count",
            measure.of,
            params={"emptyAsNull": False},
            filter={"query": condition, "language": "kuery"},
        ),
        sum_: {"label": part, **number, "operationType": "math", "params": {"tinymathAst": tree}, "references": [whole, less]},
    }  # fmt: skip


def _rate(ident: str, measure: Measure) -> dict[str, Column]:
    highest = f"{ident}X0"
    return {
        ident: {
            "label": measure.label,
            "customLabel": True,
            "dataType": "number",
            "operationType": "counter_rate",
            "isBucketed": False,
            "scale": "ratio",
            "references": [highest],
            "timeScale": "s",
            "params": _format(measure),
        },
        highest: _metric(f"Maximum of {measure.label}", "max", measure.of, params={"emptyAsNull": True}),
    }


def measure_columns(ident: str, measure: Measure) -> dict[str, Column]:
    """Return the columns of a measure, its own first."""
    if measure.is_ == "open":
        return _open(ident, measure)
    if measure.is_ == "rate":
        return _rate(ident, measure)
    operation = OPERATIONS[measure.is_]
    params: Column = {"emptyAsNull": operation not in {"count", "unique_count"}, **_format(measure)}
    more: Column = {"params": params}
    where = dict(measure.where)
    if operation == "last_value":
        params = {"sortField": "@timestamp", "showArrayValues": False, **_format(measure)}
        more = {"params": params}
        where = {measure.of: "*", **where}
    if where:
        more["filter"] = {"query": kql(where), "language": "kuery"}
    return {ident: _metric(measure.label, operation, measure.of, **more)}


def time_column() -> Column:
    """Return the column of time; Kibana chooses the interval."""
    return {
        "label": "Time",
        "customLabel": True,
        "dataType": "date",
        "operationType": "date_histogram",
        "sourceField": "@timestamp",
        "isBucketed": True,
        "scale": "interval",
        "params": {"interval": "auto", "includeEmptyRows": True, "dropPartials": False},
    }


def _order(group: Group, first: Measure) -> Column:
    if group.by_name:
        return {"orderBy": {"type": "alphabetical", "fallback": False}, "orderDirection": "asc"}
    if first.is_ not in COMPUTED:
        return {"orderBy": {"type": "column", "columnId": "M0"}, "orderDirection": "desc"}
    operation, field = ("max", first.of) if first.is_ == "rate" else ("unique_count", first.of)
    by = _metric(first.label, operation, field, params={"emptyAsNull": False})
    return {"orderBy": {"type": "custom"}, "orderAgg": by, "orderDirection": "desc"}


def group_column(group: Group, first: Measure) -> Column:
    """Return the column of a group, ordered by the first measure of its panel."""
    return {
        "label": group.label,
        "customLabel": True,
        "dataType": kind(group.field),
        "operationType": "terms",
        "scale": "ordinal",
        "sourceField": group.field,
        "isBucketed": True,
        "params": {
            "size": group.top,
            **_order(group, first),
            "otherBucket": group.others,
            "missingBucket": group.others,
            "parentFormat": {"id": "terms"},
            "include": [],
            "exclude": [],
            "includeIsRegex": False,
            "excludeIsRegex": False,
            "secondaryFields": [],
        },
    }


def columns(by: list[tuple[str, Group | None]], measures: list[Measure]) -> dict[str, Column]:
    """Return all columns of a layer in their order: groups, then measures with their parts."""
    found: dict[str, Column] = {}
    for place, (name, group) in enumerate(by):
        found[f"B{place}"] = time_column() if name == TIME or group is None else group_column(group, measures[0])
    for place, measure in enumerate(measures):
        found |= measure_columns(f"M{place}", measure)
    return found
