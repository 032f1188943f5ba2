"""A dashboard as one HTML page: own style, no script, nothing loaded from anywhere, everything from documents escaped.

A content security policy in the page forbids scripts and requests as well, should an escape ever be missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

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

_STYLE: Final = """
*{box-sizing:border-box}
body{margin:0;background:#f4f6f8;color:#26323d;font:13px/1.45 "Inter","Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif}
header{width:%(width)dpx;padding-right:%(gap)dpx;margin:22px auto 12px;display:flex;align-items:flex-end;justify-content:space-between}
h1{font-size:22px;font-weight:600;margin:0}header p{margin:2px 0 0;color:#5b6672}
.range{text-align:right;color:#5b6672;font-variant-numeric:tabular-nums}
.controls{width:%(width)dpx;padding-right:%(gap)dpx;margin:0 auto 10px;display:flex;gap:%(gap)dpx}
.controls span{flex:1;background:#fff;border:1px solid #dde3e8;border-radius:6px;padding:6px 12px;color:#5b6672}
.controls b{color:#26323d;font-weight:600;margin-right:10px}
main{position:relative;width:%(width)dpx;margin:0 auto 30px}
section{position:absolute;background:#fff;border:1px solid #dde3e8;border-radius:6px;overflow:hidden;padding:8px 12px 8px}
section.words{background:none;border:0;padding:4px 2px;color:#3d4a56}
h2{font-size:13px;font-weight:600;margin:0;height:24px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
h2 small{font-weight:400;color:#7a8691;margin-left:8px;font-size:12px}
.number{font-size:40px;font-weight:600;line-height:54px;font-variant-numeric:tabular-nums;letter-spacing:-.5px}
section.words p{margin:6px 0}
.number+p{margin:0;color:#7a8691;font-size:12px;line-height:1.35}
.empty{color:#7a8691;padding-top:16px;text-align:center}
table{border-collapse:collapse;width:100%;table-layout:auto}
th{font-weight:500;color:#7a8691;text-align:left;font-size:12px;border-bottom:1px solid #dde3e8;padding:2px 8px 3px 0;white-space:nowrap}
td{border-bottom:1px solid #eef1f4;padding:2px 8px 2px 0;height:%(row)dpx;white-space:nowrap;font-variant-numeric:tabular-nums;overflow:hidden;text-overflow:ellipsis;max-width:220px}
table.documents td{height:%(document)dpx;font-size:12px;max-width:140px}
td.wide{white-space:normal}td.wide div{display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical;overflow:hidden;min-width:150px}
td.right,th.right{text-align:right;padding-right:22px}
td.none{color:#a3adb6}
.more{color:#7a8691;font-size:12px;padding-top:4px}
.chip{display:inline-block;border-radius:3px;padding:0 7px;color:#fff;font-size:11.5px;font-weight:600;line-height:18px}
.rank{display:grid;grid-template-columns:minmax(70px,max-content) 1fr 64px;gap:0 10px;align-items:center}
.rank span{white-space:nowrap;overflow:hidden;text-overflow:ellipsis;max-width:210px;line-height:%(rank)dpx}
.rank i{display:block;height:13px;border-radius:2px}.rank b{font-weight:500;text-align:right;font-variant-numeric:tabular-nums}
.chart{display:flex;gap:14px}.chart svg{flex:none}
.legend{list-style:none;margin:4px 0 0;padding:0;font-size:12px;color:#3d4a56;min-width:0;flex:1}
.legend li{white-space:nowrap;overflow:hidden;text-overflow:ellipsis;line-height:20px}
.legend i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:7px}.legend b{font-weight:500;float:right}
svg text{font-size:11px;font-family:inherit}svg text.sum{font-size:24px;font-weight:600;fill:#26323d}
"""
_SIZES: Final = {"width": WIDTH, "gap": GAP, "row": ROW_HEIGHT, "document": DOCUMENT_HEIGHT, "rank": RANK_HEIGHT}
STYLE: Final = re.sub(r"%\((\w+)\)d", lambda found: str(_SIZES[found[1]]), _STYLE)

EMPTY: Final = '<div class="empty">No documents in this range</div>'

Results = Mapping[str, Table]


def _markdown(text: str) -> str:
    """Return the words of a panel: bold and emphasis, all else escaped."""
    found = escape(" ".join(text.split()))
    found = re.sub(r"[*]{2}([^*]+)[*]{2}", r"<b>\1</b>", found)
    found = re.sub(r"[*]([^*]+)[*]", r"<em>\1</em>", found)
    return f"<p>{found}</p>"


def _legend(palette: Mapping[str, str], values: Mapping[str, str] | None = None) -> str:
    rows = []
    for name, colour in palette.items():
        value = f"<b>{escape(values[name])}</b>" if values else ""
        shown = escape(name)
        rows.append(f'<li title="{shown}">{value}<i style="background:{colour}"></i>{shown}</li>')
    return f'<ul class="legend">{"".join(rows)}</ul>'


def _colours(panel: Panel, content: Content) -> dict[str, str]:
    groups = [group for _, group in chosen(panel, content)[0] if group is not None]
    return groups[-1].colours if groups else {}


def _ranking(table: Table, colours: Mapping[str, str], height: float) -> str:
    rows = [row for row in table.rows if row[1]]
    if colours:
        order = list(colours)
        rows.sort(key=lambda row: order.index(str(row[0])) if str(row[0]) in order else len(order))
    highest = max((float(row[1] or 0) for row in rows), default=1.0)
    parts = [
        f'<span title="{escape(str(row[0]))}">{escape(str(row[0]))}</span>'
        f'<i style="width:{100 * float(row[1] or 0) / highest:.1f}%;background:{colours.get(str(row[0]), QUIET)}"></i>'
        f"<b>{escape(written(row[1], table.units[1]))}</b>"
        for row in rows[: max(1, int(height // RANK_HEIGHT))]
    ]
    return f'<div class="rank">{"".join(parts)}</div>'


def _cell(value: Cell, name: str, unit: str, colours: Mapping[str, str], is_number: bool) -> str:
    shown = escape(written(value, unit))
    if is_number:
        return f'<td class="right">{shown}</td>'
    if value is None or value == "":
        return f'<td class="none">{shown}</td>'
    if name.lower().rpartition(".")[2] == SEVERITY and str(value) in colours:
        return f'<td><span class="chip" style="background:{colours[str(value)]}">{shown}</span></td>'
    if name in WIDE:
        return f'<td class="wide"><div>{shown}</div></td>'
    return f'<td title="{shown}">{shown}</td>'


def _table(table: Table, colours: Mapping[str, str], height: float, is_documents: bool) -> str:
    room = max(1, int((height - 26) // (DOCUMENT_HEIGHT if is_documents else ROW_HEIGHT + 1)))
    shown = table.rows if len(table.rows) <= room else table.rows[: max(1, room - (0 if is_documents else 1))]
    heads, numbers = [], []
    for place, name in enumerate(table.names):
        values = [row[place] for row in shown if not isinstance(row[place], bool)]
        is_time = table.units[place] == TIME
        numbers.append(
            place >= table.groups and not is_time and any(isinstance(value, int | float) for value in values)
        )
        title = "Time" if name == "@timestamp" else name.removeprefix("spanwatch.") if is_documents else name
        side = ' class="right"' if numbers[-1] else ""
        heads.append(f"<th{side}>{escape(title)}</th>")
    rows = []
    for row in shown:
        cells = []
        for place, value in enumerate(row):
            name = table.names[place]
            text = value[:19].replace("T", " ") if name == "@timestamp" and isinstance(value, str) else value
            cells.append(_cell(text, name, table.units[place], colours, numbers[place]))
        rows.append(f"<tr>{''.join(cells)}</tr>")
    hidden = len(table.rows) - len(shown)
    more = f'<div class="more">and {hidden} more</div>' if hidden > 0 and not is_documents else ""
    kind = ' class="documents"' if is_documents else ""
    return f"<table{kind}><thead><tr>{''.join(heads)}</tr></thead><tbody>{''.join(rows)}</tbody></table>{more}"


def _body(panel: Panel, content: Content, table: Table, span: Span, width: float, height: float) -> str:
    if panel.show == "number":
        value = table.rows[0][0] if table.rows else None
        return f'<div class="number">{escape(written(value, table.units[0]))}</div><p>{escape(panel.why)}</p>'
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
        return shape.treemap(rows, unit, width, height)
    if panel.show == "donut":
        slices = [(str(row[0]), float(row[1] or 0)) for row in table.rows]
        palette = shape.tones([name for name, _ in slices], colours)
        size = min(height, width / 2)
        values = {name: written(value, unit) for name, value in slices}
        return f'<div class="chart">{shape.donut(slices, palette, size)}{_legend(palette, values)}</div>'
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
    return f'<div class="chart">{drawn}{_legend(palette) if room else ""}</div>'


def _panel(panel: Panel, content: Content, table: Table | None, span: Span) -> str:
    x, y, columns, rows = panel.at
    width, height = columns * UNIT_X - GAP, rows * UNIT_Y - GAP
    place = f"left:{x * UNIT_X}px;top:{y * UNIT_Y}px;width:{width}px;height:{height}px"
    if panel.show == "text" or table is None:
        return f'<section class="words" style="{place}">{_markdown(panel.text)}</section>'
    why = f"<small>{escape(panel.why)}</small>" if panel.why and panel.show != "number" else ""
    body = _body(panel, content, table, span, width - 26.0, height - TITLE_HEIGHT - 10.0)
    return f'<section style="{place}"><h2>{escape(panel.title)}{why}</h2>{body}</section>'


def size(dashboard: Dashboard) -> tuple[int, int]:
    """Return width and height of the page in pixels."""
    rows = max(panel.at[1] + panel.at[3] for panel in dashboard.panels)
    return WIDTH + 40, rows * UNIT_Y + 150


def page(dashboard: Dashboard, content: Content, results: Results, span: Span) -> str:
    """Return the page of a dashboard; ``results`` has the table of each panel by its id."""
    panels: Sequence[str] = [_panel(panel, content, results.get(panel.id), span) for panel in dashboard.panels]
    controls = "".join(f"<span><b>{escape(control.label)}</b>Any</span>" for control in dashboard.controls)
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
        f'content="{policy}"><title>Spanwatch: {escape(dashboard.title)}</title><style>{STYLE}</style></head><body>\n'
        f"<header><div><h1>{escape(dashboard.title)}</h1><p>{escape(dashboard.why)}</p></div>"
        f'<div class="range">{escape(moment(span.since))} to {escape(moment(span.until))} UTC</div></header>\n'
        f'<div class="controls">{controls}</div>\n<main style="height:{size(dashboard)[1] - 140}px">\n'
        + "\n".join(panels)
        + "\n</main></body></html>\n"
    )
