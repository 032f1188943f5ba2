from __future__ import annotations

import re

import pytest

from tests.tools.dashboards.hostile import ATTACKS, results
from tools.dashboards.load import content
from tools.dashboards.page import page
from tools.dashboards.query import Span
from tools.dashboards.shape import squares

CONTENT = content()
SPAN = Span(1_795_357_940_000, 1_795_358_650_000)
OWN_TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "div", "h1", "h2", "p", "b", "em", "span", "main", "section",
    "small", "table", "thead", "tbody", "tr", "th", "td", "i", "ul", "li", "svg", "rect", "text", "line", "circle",
    "polygon", "polyline",
}  # fmt: skip


@pytest.mark.parametrize("dashboard", CONTENT.dashboards, ids=lambda dashboard: dashboard.id)
def test_a_page_has_no_other_elements_and_addresses_than_its_own(dashboard) -> None:
    shown = page(dashboard, CONTENT, results(dashboard, CONTENT, SPAN, ATTACKS), SPAN)
    assert set(re.findall(r"<([a-zA-Z][a-zA-Z0-9]*)", shown)) <= OWN_TAGS
    assert "default-src 'none'; style-src 'unsafe-inline'" in shown
    for attack in ATTACKS:
        assert attack not in shown
    attributes = {name for tag in re.findall(r"<[a-z][^<>]*>", shown) for name in re.findall(r'\s([a-z-]+)="', tag)}
    assert not {name for name in attributes if name.startswith("on") or name in {"href", "src", "action"}}


def test_a_panel_without_documents_says_so() -> None:
    dashboard = CONTENT.dashboards[0]
    shown = page(dashboard, CONTENT, results(dashboard, CONTENT, SPAN, ()), SPAN)
    assert shown.count("No documents in this range") == sum(
        panel.show not in {"text", "number"} for panel in dashboard.panels
    )


def test_a_rate_of_one_moment_is_no_line_and_no_error() -> None:
    dashboard = CONTENT.dashboards[3]
    made = results(dashboard, CONTENT, SPAN, ("sensor1",))
    for row in made["packets"].rows:
        row[-1] = None
    full = page(dashboard, CONTENT, results(dashboard, CONTENT, SPAN, ("sensor1",)), SPAN)
    assert "No documents in this range" not in full
    assert page(dashboard, CONTENT, made, SPAN).count("No documents in this range") == 1


def test_the_same_results_give_the_same_page() -> None:
    dashboard = CONTENT.dashboards[1]
    made = {page(dashboard, CONTENT, results(dashboard, CONTENT, SPAN, ATTACKS), SPAN) for _ in range(2)}
    assert len(made) == 1


def test_the_colours_of_severity_stand_for_nothing_else() -> None:
    severities = set(CONTENT.words.groups["severity"].colours.values())
    for dashboard in CONTENT.dashboards[1:]:
        shown = page(dashboard, CONTENT, results(dashboard, CONTENT, SPAN, ("plc", "rtu", "hmi")), SPAN)
        assert not [colour for colour in severities if colour in shown], dashboard.id
    triage = page(
        CONTENT.dashboards[0], CONTENT, results(CONTENT.dashboards[0], CONTENT, SPAN, ("critical", "low")), SPAN
    )
    assert CONTENT.words.groups["severity"].colours["critical"] in triage


def test_the_rectangles_of_a_treemap_fill_their_box_in_proportion() -> None:
    values = [60.0, 20.0, 10.0, 6.0, 4.0]
    boxes = squares(values, (0.0, 0.0, 200.0, 50.0))
    for value, (x, y, width, height) in zip(values, boxes, strict=True):
        assert width * height == pytest.approx(value * 100)
        assert x >= -1e-9
        assert y >= -1e-9
        assert x + width <= 200 + 1e-6
        assert y + height <= 50 + 1e-6
