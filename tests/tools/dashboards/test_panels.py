"""Every panel of every dashboard, asked on a real server that holds the documents of the sample plant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers.elasticsearch import Elasticsearch
from tests.tools.dashboards.plant import ORIGIN, documents, loaded, replayed
from tools.dashboards import preview
from tools.dashboards.definition import Dashboard, Panel
from tools.dashboards.load import content
from tools.dashboards.quantity import written
from tools.dashboards.query import MISSING, Table, request, table

pytestmark = pytest.mark.servers

CONTENT = content()
PANELS = [(board, panel) for board in CONTENT.dashboards for panel in board.panels if panel.show != "text"]
EMPTY = {
    "review-items": "no capture of the sample plant gives a finding that waits for review without a trained baseline"
}
"""Panels that the sample plant cannot fill, and why. This table may only shrink."""


@pytest.fixture(scope="module")
def search(elasticsearch: Elasticsearch, tmp_path_factory: pytest.TempPathFactory) -> preview.Search:
    return loaded(elasticsearch.admin, tmp_path_factory.mktemp("plant"))


def asked(search: preview.Search, panel: Panel) -> Table:
    found = request(panel, CONTENT, preview.span_of(search, CONTENT))
    assert found is not None
    return table(panel, CONTENT, search(found.index, found.body))


def one(dashboard: str, ident: str) -> Panel:
    return next(panel for board, panel in PANELS if board.id == dashboard and panel.id == ident)


@pytest.mark.parametrize(("dashboard", "panel"), PANELS, ids=[f"{board.id}-{panel.id}" for board, panel in PANELS])
def test_every_panel_has_something_to_show(search: preview.Search, dashboard: Dashboard, panel: Panel) -> None:
    found = asked(search, panel)
    if panel.id in EMPTY:
        assert found.rows == [], f"{panel.id} has documents now: take it out of EMPTY"
        return
    assert found.rows
    for place, name in enumerate(found.names):
        filled = [row[place] for row in found.rows if row[place] is not None]
        assert filled or panel.show == "documents", f"column {name} is empty in every row"


def test_numbers_agree_with_the_documents(search: preview.Search, tmp_path: Path) -> None:
    found = documents(replayed(tmp_path))
    alerts = [each["spanwatch"]["alert"] for each in found if each["event"]["dataset"] == "spanwatch.alert"]
    closed = {alert["id"] for alert in alerts if alert["status"] == "closed"}
    assert asked(search, one("spanwatch-triage", "open")).rows == [[len({alert["id"] for alert in alerts} - closed)]]
    operations = [each for each in found if each["event"]["dataset"] == "spanwatch.operation"]
    assert asked(search, one("spanwatch-activity", "operations")).rows == [[len(operations)]]
    failed = [each for each in operations if each["event"]["outcome"] == "failure"]
    assert asked(search, one("spanwatch-activity", "failed")).rows == [[len(failed)]]
    hosts = {each["host"]["id"] for each in found if each["event"]["dataset"] == "spanwatch.asset"}
    assert asked(search, one("spanwatch-assets", "assets")).rows == [[len(hosts)]]
    assert {row[0] for row in asked(search, one("spanwatch-assets", "latest")).rows} == hosts
    traffic: dict[str, float] = {}
    for each in found:
        if each["event"]["dataset"] == "spanwatch.channel":
            name = each["network"].get("protocol", MISSING)
            traffic[name] = traffic.get(name, 0) + each["network"]["bytes"]
    shown = dict(asked(search, one("spanwatch-activity", "traffic")).rows)
    assert len(shown) == 8
    assert shown == {name: traffic[name] for name in shown}
    assert min(shown.values()) >= max(traffic[name] for name in set(traffic) - set(shown))


def test_a_document_that_is_there_twice_is_counted_once(search: preview.Search, elasticsearch: Elasticsearch) -> None:
    before = {name: asked(search, one("spanwatch-triage", name)).rows for name in ("open", "critical", "affected")}
    hits = search("logs-spanwatch.alert-*", {"size": 3, "query": {"match_all": {}}})["hits"]["hits"]
    lines = [
        line for hit in hits for line in ({"create": {"_index": f"logs-spanwatch.alert-{ORIGIN.site}"}}, hit["_source"])
    ]
    assert not elasticsearch.admin.bulk(operations=lines, refresh=True)["errors"]
    assert {name: asked(search, one("spanwatch-triage", name)).rows for name in before} == before


def test_the_previews_show_what_the_server_says(search: preview.Search, tmp_path: Path) -> None:
    pages = {path.stem: path.read_text() for path in preview.write(tmp_path, search)}
    assert set(pages) == {"triage", "activity", "assets", "sensors"}
    for name, page in pages.items():
        assert len(page.encode()) < 200_000, name
    for panel in (one("spanwatch-triage", "open"), one("spanwatch-activity", "operations")):
        (value,) = asked(search, panel).rows[0]
        page = pages["triage" if panel.id == "open" else "activity"]
        assert f'<h2>{panel.title}</h2><div class="number">{written(value, "")}</div>' in page
    assert "plc-chem" in pages["assets"]
