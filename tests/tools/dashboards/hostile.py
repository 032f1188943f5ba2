"""Answers whose every value is an attack on whoever looks at them."""

from __future__ import annotations

from collections.abc import Sequence

from tools.dashboards.definition import Content, Dashboard
from tools.dashboards.lens import chosen
from tools.dashboards.query import Cell, Span, Table

PLACE = "http://127.0.0.1:1/"
"""Where an attack that works would send its request; tests put an address of their own here."""
ATTACKS = (
    "<script>document.title='owned';fetch('http://127.0.0.1:1/script')</script>",
    "<img src=http://127.0.0.1:1/image onerror=\"document.title='owned'\">",
    '"><svg onload="document.title=\'owned\'"><image href=http://127.0.0.1:1/svg />',
    "</style><link rel=stylesheet href=http://127.0.0.1:1/sheet>",
    "' style='background:url(http://127.0.0.1:1/style)' onmouseover='alert(1)",
    "</text></svg><iframe src=http://127.0.0.1:1/frame></iframe>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:1/refresh'>",
)


def _value(place: int, unit: str, span: Span, words: Sequence[str], is_word: bool) -> Cell:
    if is_word:
        return words[place % len(words)]
    if unit == "time":
        return float(span.since + place * 1000)
    return float(place + 1)


def results(dashboard: Dashboard, content: Content, span: Span, words: Sequence[str]) -> dict[str, Table]:
    """A table for every panel with each of ``words`` wherever a document's text can be; no rows without words."""
    found: dict[str, Table] = {}
    for panel in dashboard.panels:
        if panel.show == "text":
            continue
        if panel.show == "documents":
            names = ["@timestamp", *content.search(panel.search).columns]
            rows: list[list[Cell]] = [[word] * len(names) for word in words]
            found[panel.id] = Table(names, [""] * len(names), rows, groups=len(names))
            continue
        by, measures = chosen(panel, content)
        kinds = [(group is not None, "time" if group is None else "") for _, group in by]
        kinds += [
            (measure.is_ == "last", "time" if measure.of == "@timestamp" else measure.unit) for measure in measures
        ]
        names = ["Time" if group is None else group.label for _, group in by] + [each.label for each in measures]
        rows = [[_value(place, unit, span, words, is_word) for is_word, unit in kinds] for place in range(len(words))]
        found[panel.id] = Table(names, [unit for _, unit in kinds], rows, groups=len(by))
    return found
