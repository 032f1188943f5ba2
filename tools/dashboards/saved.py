"""The saved objects: data views, tag, saved searches and dashboards as Kibana imports them, always the same bytes.

Versions are the lowest that carry what is used (``typeMigrationVersion``), so that every supported Kibana takes them.
Kibana keeps parts of an object as JSON text; these are the ``...JSON`` attributes.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tools.dashboards.condition import kql
from tools.dashboards.definition import Content, Control, Dashboard, Panel, Search, Tag, View, dataset, narrowed
from tools.dashboards.lens import attributes

Saved = dict[str, Any]

CORE: Final = "8.8.0"
VERSIONS: Final = {"index-pattern": "8.0.0", "tag": "8.0.0", "search": "8.0.0", "dashboard": "10.2.0"}
"""The version of the form of each type."""
FLEET_VIEWS: Final = {"logs": "logs-*", "metrics": "metrics-*"}
"""The data views Fleet keeps; an integration package refers to them and ships none."""
TITLE: Final = "[Logs Spanwatch] {}"


def text(value: Any) -> str:
    """Return a value as JSON text."""
    return msgspec.json.encode(value).decode()


def _saved(kind: str, ident: str, attributes_: Saved, references: list[Saved]) -> Saved:
    return {
        "id": ident,
        "type": kind,
        "attributes": attributes_,
        "references": references,
        "coreMigrationVersion": CORE,
        "typeMigrationVersion": VERSIONS[kind],
        "managed": False,
    }


def _reference(kind: str, ident: str, name: str) -> Saved:
    return {"type": kind, "id": ident, "name": name}


def tag_object(tag: Tag) -> Saved:
    """Return the tag."""
    return _saved("tag", tag.id, {"name": tag.name, "description": tag.description, "color": tag.colour}, [])


def view_object(view: View) -> Saved:
    """Return a data view."""
    found = {
        "title": view.indices,
        "name": view.name,
        "timeFieldName": "@timestamp",
        "fieldFormatMap": "{}",
        "runtimeFieldMap": "{}",
        "sourceFilters": "[]",
    }
    return _saved("index-pattern", view.id, found, [])


class Builder:
    """Makes the objects of one variant: with data views of its own, or on those of Fleet (``for_package``)."""

    def __init__(self, content: Content, for_package: bool) -> None:
        self.content = content
        self.for_package = for_package
        self.tag = _reference("tag", content.basis.tag.id, f"tag-ref-{content.basis.tag.id}")

    def view(self, streams: list[str]) -> str:
        """Return the id of the data view that shows ``streams``."""
        if self.for_package:
            return FLEET_VIEWS["metrics" if "sensor" in streams else "logs"]
        return self.content.view(streams).id

    def search(self, search: Search) -> Saved:
        """Return a saved search."""
        view = self.view([search.stream])
        source = {
            "query": {"query": kql(narrowed([search.stream], search.where)), "language": "kuery"},
            "filter": [],
            "highlightAll": True,
            "version": True,
            "indexRefName": "kibanaSavedObjectMeta.searchSourceJSON.index",
        }
        found = {
            "title": TITLE.format(search.title),
            "description": search.why,
            "columns": search.columns,
            "sort": [["@timestamp", "desc"]],
            "grid": {},
            "hideChart": True,
            "kibanaSavedObjectMeta": {"searchSourceJSON": text(source)},
        }
        index = _reference("index-pattern", view, "kibanaSavedObjectMeta.searchSourceJSON.index")
        return _saved("search", search.id, found, [index, self.tag])

    def dashboard(self, dashboard: Dashboard) -> Saved:
        """Return a dashboard with all its panels."""
        panels: list[Saved] = []
        references: list[Saved] = []
        condition, index = self._only(dashboard)
        references.append(index)
        for panel in dashboard.panels:
            shown, needed = self._panel(panel)
            panels.append(shown)
            references += needed
        controls, needed = self._controls(dashboard.controls)
        references += needed
        found = {
            "title": TITLE.format(dashboard.title),
            "description": dashboard.why,
            "version": 1,
            "hits": 0,
            "timeRestore": True,
            "timeFrom": dashboard.since,
            "timeTo": "now",
            "refreshInterval": {"pause": False, "value": dashboard.refresh_seconds * 1000},
            "optionsJSON": text(
                {"useMargins": True, "syncColors": True, "syncCursor": True, "syncTooltips": False, "hidePanelTitles": False}
            ),
            "kibanaSavedObjectMeta": {
                "searchSourceJSON": text({"query": {"query": "", "language": "kuery"}, "filter": [condition]})
            },
            "controlGroupInput": controls,
            "panelsJSON": text(panels),
        }  # fmt: skip
        return _saved("dashboard", dashboard.id, found, [*references, self.tag])

    def _only(self, dashboard: Dashboard) -> tuple[Saved, Saved]:
        """Return the filter on the data sets of a dashboard and the reference to its data view."""
        names = [dataset(stream) for stream in dashboard.streams]
        field, name = "data_stream.dataset", "kibanaSavedObjectMeta.searchSourceJSON.filter[0].meta.index"
        meta: Saved = {"alias": None, "disabled": False, "negate": False, "key": field, "indexRefName": name}
        if len(names) == 1:
            meta |= {"type": "phrase", "params": {"query": names[0]}}
            query: Saved = {"match_phrase": {field: names[0]}}
        else:
            meta |= {"type": "phrases", "params": names}
            should = [{"match_phrase": {field: name}} for name in names]
            query = {"bool": {"should": should, "minimum_should_match": 1}}
        condition = {"meta": meta, "query": query, "$state": {"store": "appState"}}
        return condition, _reference("index-pattern", self.view(dashboard.streams), name)

    def _panel(self, panel: Panel) -> tuple[Saved, list[Saved]]:
        x, y, width, height = panel.at
        shown: Saved = {
            "panelIndex": panel.id,
            "gridData": {"x": x, "y": y, "w": width, "h": height, "i": panel.id},
        }
        if panel.show == "text":
            source = {"query": {"query": "", "language": "kuery"}, "filter": []}
            words = {"fontSize": 12, "openLinksInNewTab": False, "markdown": panel.text}
            part = {"title": "", "description": "", "type": "markdown", "params": words, "uiState": {}}
            part["data"] = {"aggs": [], "searchSource": source}
            return {**shown, "type": "visualization", "embeddableConfig": {"enhancements": {}, "savedVis": part, "hidePanelTitles": True}}, []  # fmt: skip
        if panel.show == "documents":
            name = f"panel_{panel.id}"
            config: Saved = {"enhancements": {}, "title": panel.title, "description": panel.why}
            reference = _reference("search", panel.search, f"{panel.id}:{name}")
            return {**shown, "type": "search", "title": panel.title, "panelRefName": name, "embeddableConfig": config}, [reference]  # fmt: skip
        made = attributes(panel, self.content, self.view(panel.streams))
        config = {"enhancements": {}, "attributes": made, "description": panel.why}
        if panel.show == "number":
            config["hidePanelTitles"] = True
        references = [{**reference, "name": f"{panel.id}:{reference['name']}"} for reference in made["references"]]
        return {**shown, "type": "lens", "title": panel.title, "embeddableConfig": config}, references

    def _controls(self, controls: list[Control]) -> tuple[Saved, list[Saved]]:
        panels: Saved = {}
        references: list[Saved] = []
        for place, control in enumerate(controls):
            chosen = {
                "id": control.id,
                "fieldName": control.field,
                "title": control.label,
                "selectedOptions": [],
                "searchTechnique": "prefix",
                "sort": {"by": "_count", "direction": "desc"},
                "enhancements": {},
            }
            panels[control.id] = {
                "type": "optionsListControl",
                "order": place,
                "width": "medium",
                "grow": True,
                "explicitInput": chosen,
            }
            name = f"controlGroup_{control.id}:optionsListDataView"
            references.append(_reference("index-pattern", self.view([control.stream]), name))
        ignore = {"ignoreFilters": False, "ignoreQuery": False, "ignoreTimerange": False, "ignoreValidations": False}
        group = {
            "controlStyle": "oneLine",
            "chainingSystem": "HIERARCHICAL",
            "showApplySelections": False,
            "ignoreParentSettingsJSON": text(ignore),
            "panelsJSON": text(panels),
        }
        return group, references
