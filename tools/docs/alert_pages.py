"""Writes ``docs/alerts``: one page per series with a section for each alert of the catalogue, and a list of all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from dissectors.registry import PROTOCOLS
from rules.detections.catalogue import CATALOGUE
from rules.detections.page import page

MADE: Final = "<!-- Made by tools/docs/alert_pages.py from the catalogue; do not edit. -->\n"
TITLES: Final = {
    **{protocol.series: protocol.title for protocol in reversed(PROTOCOLS) if protocol.series},
    "NET": "Network and segmentation",
    "AST": "Inventory",
    "MDL": "Models",
    "SEN": "The sensor itself",
}


def pages() -> Iterator[tuple[str, str]]:
    """Give the path below docs/ and the text of every page."""
    found: dict[str, str] = {}
    listed: list[str] = []
    for series, group in groupby(CATALOGUE, lambda entry: entry.id.rpartition("-")[0]):
        entries = list(group)
        sections = [f'<a id="{entry.id}"></a>\n\n{page(entry.id)}' for entry in entries]
        found[f"{series}.md"] = f"{MADE}\n# {series}: {TITLES[series]}\n\n" + "\n".join(sections)
        rows = [f"| [{one.id}]({series}.md#{one.id}) | {one.name} | {one.severity} | {one.needs} |" for one in entries]
        listed += [f"\n## {series}: {TITLES[series]}\n", "| id | name | severity | needs |", "|---|---|---|---|", *rows]
    intro = (
        f"{MADE}\n# Alerts\n\n"
        "`spanwatch alerts explain MB-007` prints the section of one alert. Severity is the shipped one. Needs: D nothing, "
        "P a policy, B a baseline, C settings of the site.\n"
    )
    found["README.md"] = intro + "\n".join(listed) + "\n"
    yield from ((f"alerts/{name}", text) for name, text in found.items())
