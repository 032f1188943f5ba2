"""A dashboard as one HTML page: own style, no script, nothing loaded from anywhere. The markup is ``template/*.jinja``.

A content security policy in the page forbids scripts and requests as well, should an escape ever be missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from tools.dashboards import shape
from tools.dashboards.definition import TIME, Content, Dashboard, Panel
from tools.dashboards.lens import QUIET, chosen
from tools.dashboards.quantity import moment, written
from tools.dashboards.query import Cell, Span, Table

UNIT_X: Final = 32
UNIT_Y: Final = 25
GAP: Final = 10
WIDTH: Final = 48 * UNIT_X
TITLE_HEIGHT: Final = 34
ROW_HEIGHT: Final = 25
DOCUMENT_HEIGHT: Final = 42
RANK_HEIGHT: Final = 24
SEVERITY: Final = "severity"
WIDE: Final = frozenset({"message", "event.reason", "spanwatch.alert.expected", "spanwatch.alert.observed", "spanwatch.alert.normal", "spanwatch.operation.label", "spanwatch.policy.reason"})  # fmt: skip
"""Fields with sentences: their columns take the room that is left."""

EMPTY: Final[dict[str, Any]] = {"kind": "empty"}
SIZES: Final = {"width": WIDTH, "gap": GAP, "row": ROW_HEIGHT, "document": DOCUMENT_HEIGHT, "rank": RANK_HEIGHT}
"""What the style must know of the sizes here."""

Results = Mapping[str, Table]


Shown = dict[str, Any]
"""What the template needs to draw a panel; its ``kind`` says how."""

RUN: Final = re.compile(r"[*]{2}([^*]+)[*]{2}|[*]([^*]+)[*]|([^*]+|[*])")


def _runs(text: str) -> list[tuple[str, str, str]]:
    """Return the words of a panel in runs, each of which is bold, emphasised or plain."""
    return RUN.findall(" ".join(text.split()))


def _legend(palette: Mapping[str, str], values: Mapping[str, str] | None = None) -> list[tuple[str, str, str]]:
    return [(name, colour, values[name] if values else "") for name, colour in palette.items()]


def _colours(panel: Panel, content: Content) -> dict[str, str]:
    groups = [group for _, group in chosen(panel, content)[0] if group is not None]
    return groups[-1].colours if groups else {}


def _ranking(table: Table, colours: Mapping[str, str], height: float) -> Shown:
    rows = [row for row in table.rows if row[1]]
    if colours:
        order = list(colours)
        rows.sort(key=lambda row: order.index(str(row[0])) if str(row[0]) in order else len(order))
    highest = max((float(row[1] or 0) for row in rows), default=1.0)
    found = [
        (
            str(row[0]), f"{100 * float(row[1] or 0) / highest:.1f}", colours.get(str(row[0]), QUIET),
            written(row[1], table.units[1]),
        )
        for row in rows[: max(1, int(height // RANK_HEIGHT))]
    ]  # fmt: skip
    return {"kind": "ranking", "rows": found}


def _cell(value: Cell, name: str, unit: str, colours: Mapping[str, str], is_number: bool) -> tuple[str, str, str]:
    """Return kind, text and colour of a cell."""
    shown = written(value, unit)
    if is_number:
        return "right", shown, ""
    if value is None or value == "":
        return "none", shown, ""
    if name.lower().rpartition(".")[2] == SEVERITY and str(value) in colours:
        return "chip", shown, colours[str(value)]
    return "wide" if name in WIDE else "", shown, ""


def _table(table: Table, colours: Mapping[str, str], height: float, is_documents: bool) -> Shown:
    room = max(1, int((height - 26) // (DOCUMENT_HEIGHT if is_documents else ROW_HEIGHT + 1)))
    shown = table.rows if len(table.rows) <= room else table.rows[: max(1, room - (0 if is_documents else 1))]
    heads: list[tuple[bool, str]] = []
    for place, name in enumerate(table.names):
        values = [row[place] for row in shown if not isinstance(row[place], bool)]
        is_number = (
            place >= table.groups
            and table.units[place] != TIME
            and any(isinstance(value, int | float) for value in values)
        )
        title = "Time" if name == "@timestamp" else name.removeprefix("spanwatch.") if is_documents else name
        heads.append((is_number, title))
    rows = []
    for row in shown:
        cells = []
        for place, value in enumerate(row):
            name = table.names[place]
            text = value[:19].replace("T", " ") if name == "@timestamp" and isinstance(value, str) else value
            cells.append(_cell(text, name, table.units[place], colours, heads[place][0]))
        rows.append(cells)
    more = 0 if is_documents else len(table.rows) - len(shown)
    return {"kind": "table", "documents": is_documents, "heads": heads, "rows": rows, "more": more}


def _body(panel: Panel, content: Content, table: Table, span: Span, width: float, height: float) -> Shown:
    if panel.show == "number":
        value = table.rows[0][0] if table.rows else None
        return {"kind": "number", "text": written(value, table.units[0])}
    if not table.rows:
        return EMPTY
    severities = content.words.groups[SEVERITY].colours
    if panel.show in {"table", "documents"}:
        return _table(table, severities, height, panel.show == "documents")
    colours = _colours(panel, content)
    if panel.show == "ranking":
        return _ranking(table, colours, height)
    unit = table.units[-1]
    if panel.show == "treemap":
        rows = [(tuple(map(str, row[: table.groups])), float(row[table.groups] or 0)) for row in table.rows]
        return {"kind": "treemap", "picture": shape.treemap(rows, unit, width, height)}
    if panel.show == "donut":
        slices = [(str(row[0]), float(row[1] or 0)) for row in table.rows]
        palette = shape.tones([name for name, _ in slices], colours)
        values = {name: written(value, unit) for name, value in slices}
        ring = shape.donut(slices, palette, min(height, width / 2))
        return {"kind": "chart", "picture": ring, "legend": _legend(palette, values)}
    data = shape.series(table)
    if not data:
        return EMPTY
    order = [name for name in colours if name in data] or sorted(
        data, key=lambda name: (-sum(data[name].values()), name)
    )
    palette = shape.tones(order, colours)
    room = 150.0 if len(order) > 1 else 0.0
    drawn = shape.over_time(
        data, palette, panel.show, unit, width - room, height, span.interval * 1000.0, span.since, span.until
    )
    return {"kind": "chart", "picture": drawn, "legend": _legend(palette) if room else []}


def _panel(panel: Panel, content: Content, table: Table | None, span: Span) -> tuple[Panel, str, Shown | None]:
    """Return a panel, its place on the page, and what it shows; None for words."""
    x, y, columns, rows = panel.at
    width, height = columns * UNIT_X - GAP, rows * UNIT_Y - GAP
    place = f"left:{x * UNIT_X}px;top:{y * UNIT_Y}px;width:{width}px;height:{height}px"
    if panel.show == "text" or table is None:
        return panel, place, None
    return panel, place, _body(panel, content, table, span, width - 26.0, height - TITLE_HEIGHT - 10.0)


def size(dashboard: Dashboard) -> tuple[int, int]:
    """Return width and height of the page in pixels."""
    rows = max(panel.at[1] + panel.at[3] for panel in dashboard.panels)
    return WIDTH + 40, rows * UNIT_Y + 150


def page(dashboard: Dashboard, content: Content, results: Results, span: Span) -> str:
    """Return the page of a dashboard; ``results`` has the table of each panel by its id."""
    templates = Environment(
        loader=PackageLoader("tools.dashboards", "template"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    templates.filters |= {"moment": moment, "runs": _runs}
    return templates.get_template("page.html.jinja").render(
        dashboard=dashboard,
        span=span,
        sizes=SIZES,
        height=size(dashboard)[1] - 140,
        panels=[_panel(panel, content, results.get(panel.id), span) for panel in dashboard.panels],
    )
