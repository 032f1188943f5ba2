"""A panel as the state of a Lens visualisation: metric, bars, lines, area, ranking, donut, treemap or table."""

from __future__ import annotations

from typing import Any, Final

from tools.dashboards.column import columns
from tools.dashboards.condition import kql
from tools.dashboards.definition import TIME, Content, Group, Measure, Panel, narrowed

LAYER: Final = "L1"
REFERENCE: Final = f"indexpattern-datasource-layer-{LAYER}"
SERIES: Final = {"bars": "bar_stacked", "lines": "line", "area": "area_stacked", "ranking": "bar_horizontal"}
QUIET: Final = "#4c7397"
"""The one colour of everything that is no severity."""


def chosen(panel: Panel, content: Content) -> tuple[list[tuple[str, Group | None]], list[Measure]]:
    """Return the groups and measures that a panel names."""
    by = [(name, None if name == TIME else content.words.groups[name]) for name in panel.by]
    return by, [content.words.measures[name] for name in panel.count]


def _colours(group: Group | None) -> dict[str, Any]:
    """Return the colours of values that have a meaning of their own; others take Kibana's in turn."""
    if group is None or not group.colours:
        return {}
    return {
        "colorMapping": {
            "assignments": [
                {
                    "rule": {"type": "matchExactly", "values": [value]},
                    "color": {"type": "colorCode", "colorCode": colour},
                    "touched": True,
                }
                for value, colour in group.colours.items()
            ],
            "specialAssignments": [{"rule": {"type": "other"}, "color": {"type": "loop"}, "touched": False}],
            "paletteId": "eui_amsterdam_color_blind",
            "colorMode": {"type": "categorical"},
        }
    }


def _chart(panel: Panel, by: list[tuple[str, Group | None]], measures: list[Measure]) -> dict[str, Any]:
    accessors = [f"M{place}" for place in range(len(measures))]
    layer: dict[str, Any] = {
        "layerId": LAYER,
        "layerType": "data",
        "seriesType": SERIES[panel.show],
        "position": "top",
        "showGridlines": False,
        "xAccessor": "B0",
        "accessors": accessors,
    }
    group = by[-1][1]
    is_split = len(by) > 1
    if is_split:
        layer["splitAccessor"] = "B1"
    elif group is not None and group.colours:
        layer["splitAccessor"] = "B0"
        layer |= {"seriesType": "bar_horizontal_stacked"}
    elif len(measures) == 1:
        layer["yConfig"] = [{"forAccessor": "M0", "color": QUIET}]
    layer |= _colours(group)
    is_ranking = panel.show == "ranking"
    return {
        "preferredSeriesType": layer["seriesType"],
        "layers": [layer],
        "legend": {"isVisible": is_split or len(measures) > 1, "position": "right", "shouldTruncate": True},
        "valueLabels": "show" if is_ranking else "hide",
        "fittingFunction": "Linear" if panel.show == "lines" else "None",
        "axisTitlesVisibilitySettings": {"x": False, "yLeft": False, "yRight": False},
        "gridlinesVisibilitySettings": {"x": False, "yLeft": not is_ranking, "yRight": False},
        "tickLabelsVisibilitySettings": {"x": True, "yLeft": not is_ranking, "yRight": True},
        "labelsOrientation": {"x": 0, "yLeft": 0, "yRight": 0},
    }


def _slices(panel: Panel, by: list[tuple[str, Group | None]]) -> dict[str, Any]:
    layer: dict[str, Any] = {
        "layerId": LAYER,
        "layerType": "data",
        "primaryGroups": [f"B{place}" for place in range(len(by))],
        "metrics": ["M0"],
        "numberDisplay": "value",
        "categoryDisplay": "default",
        "legendDisplay": "show" if panel.show == "donut" else "hide",
        "nestedLegend": False,
    }
    return {"shape": panel.show, "layers": [{**layer, **_colours(by[0][1])}]}


def _table(by: list[tuple[str, Group | None]], measures: list[Measure]) -> dict[str, Any]:
    names = [*(f"B{place}" for place in range(len(by))), *(f"M{place}" for place in range(len(measures)))]
    return {
        "layerId": LAYER,
        "layerType": "data",
        "columns": [{"columnId": name, "isTransposed": False} for name in names],
        "paging": {"size": 10, "enabled": True},
        "rowHeight": "single",
        "headerRowHeight": "single",
    }


def _visualization(
    panel: Panel, by: list[tuple[str, Group | None]], measures: list[Measure]
) -> tuple[str, dict[str, Any]]:
    if panel.show == "number":
        return "lnsMetric", {"layerId": LAYER, "layerType": "data", "metricAccessor": "M0", "subtitle": panel.why}
    if panel.show in {"donut", "treemap"}:
        return "lnsPie", _slices(panel, by)
    if panel.show == "table":
        return "lnsDatatable", _table(by, measures)
    return "lnsXY", _chart(panel, by, measures)


def attributes(panel: Panel, content: Content, view: str) -> dict[str, Any]:
    """Return the Lens attributes of a panel that looks through the data view with id ``view``."""
    by, measures = chosen(panel, content)
    found = columns(by, measures)
    if panel.show == "number":
        # A metric shows the label of its number; the panel's own title is hidden.
        found["M0"]["label"] = panel.title
    name, visualization = _visualization(panel, by, measures)
    return {
        "title": panel.title,
        "description": panel.why,
        "type": "lens",
        "visualizationType": name,
        "references": [{"type": "index-pattern", "id": view, "name": REFERENCE}],
        "state": {
            "query": {"query": kql(narrowed(panel.streams, panel.where), panel.without), "language": "kuery"},
            "filters": [],
            "internalReferences": [],
            "adHocDataViews": {},
            "datasourceStates": {
                "formBased": {
                    "layers": {LAYER: {"columnOrder": list(found), "columns": found, "incompleteColumns": {}}}
                }
            },
            "visualization": visualization,
        },
    }
