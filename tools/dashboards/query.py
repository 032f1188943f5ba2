"""What a panel asks of Elasticsearch, from the definition that also makes the Kibana panel, and the answer as a table.

Used by the checks on a real server and by the preview. Limits: Kibana asks a second time for the rest of a group
("Other"); here a group has its most frequent values, and one row for documents without a value where ``others`` is set.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tools.dashboards.condition import query
from tools.dashboards.definition import TIME, Content, Group, Measure, Panel, narrowed
from tools.dashboards.lens import chosen

MISSING: Final = "(no value)"
MAX_DOCUMENTS: Final = 50
"""Rows that a panel of documents asks for."""
MAX_INTERVALS: Final = 60
INTERVALS: Final = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
)  # fmt: skip
"""Widths of a bar of time, in seconds."""
AGGREGATIONS: Final = {"distinct": "cardinality", "sum": "sum", "average": "avg", "maximum": "max", "rate": "max"}
_PRECISION: Final = 40_000

Cell = str | int | float | bool | None


class Span(msgspec.Struct, frozen=True):
    """A range of time in milliseconds since 1970, both ends included."""

    since: int
    until: int

    @property
    def interval(self) -> int:
        """Seconds of one bar."""
        seconds = max(1, (self.until - self.since) / 1000)
        return next((width for width in INTERVALS if seconds / width <= MAX_INTERVALS), INTERVALS[-1])


class Request(msgspec.Struct, frozen=True):
    """One search: where to send it and its body."""

    index: str
    body: dict[str, Any]


class Table(msgspec.Struct, frozen=True):
    """An answer: a name and a unit for each column, groups before measures, and the rows. Times are milliseconds."""

    names: list[str]
    units: list[str]
    rows: list[list[Cell]]
    groups: int = 0


def _metric(measure: Measure) -> dict[str, Any]:
    if measure.is_ == "last":
        hit = {"size": 1, "sort": [{"@timestamp": "desc"}], "_source": False, "fields": [measure.of]}
        return {"filter": {"exists": {"field": measure.of}}, "aggs": {"v": {"top_hits": hit}}}
    if measure.is_ == "count":
        inner: dict[str, Any] = {"value_count": {"field": "@timestamp"}}
    elif measure.is_ in {"distinct", "open"}:
        inner = {"cardinality": {"field": measure.of, "precision_threshold": _PRECISION}}
    else:
        inner = {AGGREGATIONS[measure.is_]: {"field": measure.of}}
    if measure.where and measure.is_ != "open":
        return {"filter": query(measure.where), "aggs": {"v": inner}}
    return inner


def _metrics(measures: list[Measure]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place, measure in enumerate(measures):
        found[f"m{place}"] = _metric(measure)
        if measure.is_ == "open":
            found[f"m{place}x"] = {"filter": query(measure.where), "aggs": {"v": _metric(measure)}}
    return found


def _terms(group: Group, first: Measure) -> dict[str, Any]:
    found: dict[str, Any] = {"field": group.field, "size": group.top}
    if group.others:
        found["missing"] = MISSING
    if group.by_name:
        return {**found, "order": {"_key": "asc"}}
    if first.is_ == "last":
        return found
    return {**found, "order": [{"m0>v" if first.where and first.is_ != "open" else "m0": "desc"}, {"_key": "asc"}]}


def _when(span: Span | None) -> list[dict[str, Any]]:
    if span is None:
        return []
    return [{"range": {"@timestamp": {"gte": span.since, "lte": span.until, "format": "epoch_millis"}}}]


def _documents(panel: Panel, content: Content, span: Span | None) -> Request:
    search = content.search(panel.search)
    asked = query(narrowed([search.stream], search.where))
    asked["bool"]["filter"] += _when(span)
    body = {
        "size": MAX_DOCUMENTS,
        "query": asked,
        "sort": [{"@timestamp": "desc"}, {"event.sequence": {"order": "desc", "unmapped_type": "long"}}],
        "_source": False,
        "fields": ["@timestamp", *search.columns],
    }
    return Request(content.view([search.stream]).indices, body)


def request(panel: Panel, content: Content, span: Span | None = None) -> Request | None:
    """Return the search of a panel, None for one of words only. ``span`` limits it in time."""
    if panel.show == "text":
        return None
    if panel.show == "documents":
        return _documents(panel, content, span)
    by, measures = chosen(panel, content)
    asked = query(narrowed(panel.streams, panel.where), panel.without)
    asked["bool"]["filter"] += _when(span)
    inner = _metrics(measures)
    width = span.interval if span is not None else 86_400
    metrics = inner
    for place, (name, group) in reversed(list(enumerate(by))):
        if name == TIME or group is None:
            bucket: dict[str, Any] = {
                "date_histogram": {"field": "@timestamp", "fixed_interval": f"{width}s", "min_doc_count": 1}
            }
        else:
            bucket = {"terms": _terms(group, measures[0])}
        # Every level carries the measures: groups are ordered by them.
        bucket["aggs"] = {**metrics, f"g{place}": inner[f"g{place}"]} if f"g{place}" in inner else dict(inner)
        inner = {**metrics, f"g{place}": bucket}
    body = {"size": 0, "track_total_hits": False, "query": asked, "aggs": inner}
    return Request(content.view(panel.streams).indices, body)


def _last(bucket: dict[str, Any], field: str) -> Cell:
    hits = bucket["v"]["hits"]["hits"]
    found = hits[0].get("fields", {}).get(field, []) if hits else []
    if len(found) > 1:
        return ", ".join(map(str, found))
    value: Cell = found[0] if found else None
    return value


def _number(bucket: dict[str, Any], place: int, measure: Measure) -> Cell:
    found = bucket[f"m{place}"]
    if measure.is_ == "last":
        return _last(found, measure.of)
    value: Cell = found.get("v", found)["value"]
    if measure.is_ == "open" and isinstance(value, int | float):
        closed: int = bucket[f"m{place}x"]["v"]["value"]
        return max(0, value - closed)
    return value


def _walk(
    bucket: dict[str, Any], by: list[tuple[str, Group | None]], measures: list[Measure], place: int, keys: list[Cell]
) -> list[list[Cell]]:
    if place == len(by):
        return [[*keys, *(_number(bucket, number, measure) for number, measure in enumerate(measures))]]
    found: list[list[Cell]] = []
    for each in bucket[f"g{place}"]["buckets"]:
        key: Cell = each["key"]
        if "key_as_string" in each and by[place][0] != TIME:
            key = each["key_as_string"]
        found += _walk(each, by, measures, place + 1, [*keys, key])
    return found


def _grown(table: Table, place: int) -> None:
    """Turn a counter's highest values into growth per second: the first of a series has none, a restart begins at 0."""
    before: dict[tuple[Cell, ...], tuple[float, float]] = {}
    for row in sorted(table.rows, key=lambda row: float(row[0] or 0)):
        series, now, value = tuple(row[1 : table.groups]), float(row[0] or 0), float(row[place] or 0)
        earlier = before.get(series)
        before[series] = (now, value)
        if earlier is None:
            row[place] = None
        else:
            seconds = max(1.0, (now - earlier[0]) / 1000)
            row[place] = round((value - earlier[1] if value >= earlier[1] else value) / seconds, 3)


def table(panel: Panel, content: Content, answer: dict[str, Any]) -> Table:
    """Return the answer to the search of a panel as a table."""
    if panel.show == "documents":
        columns = ["@timestamp", *content.search(panel.search).columns]
        rows: list[list[Cell]] = []
        for hit in answer["hits"]["hits"]:
            fields = hit.get("fields", {})
            rows.append([", ".join(map(str, fields[name])) if name in fields else None for name in columns])
        return Table(columns, [""] * len(columns), rows, groups=len(columns))
    by, measures = chosen(panel, content)
    names = ["Time" if group is None else group.label for _, group in by] + [measure.label for measure in measures]
    units = [TIME if group is None else "" for _, group in by]
    units += [TIME if measure.of == "@timestamp" else measure.unit for measure in measures]
    found = Table(names, units, _walk(answer["aggregations"], by, measures, 0, []), groups=len(by))
    for place, measure in enumerate(measures, len(by)):
        if measure.is_ == "rate":
            _grown(found, place)
    return found
