"""Writes ``docs/alerts``: one page per series with a section for each alert of the catalogue, and a list of all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from dissectors.registry import PROTOCOLS
from rules.detections.catalogue import CATALOGUE
from rules.detections.incident import IDLE_SECONDS
from rules.detections.page import page
from rules.detections.severity import BANDS, OFTEN, SHARES

MADE: Final = "<!-- Made by tools/docs/alert_pages.py from the catalogue; do not edit. -->\n"
TITLES: Final = {
    **{protocol.series: protocol.title for protocol in reversed(PROTOCOLS) if protocol.series},
    "NET": "Network and segmentation",
    "AST": "Inventory",
    "MDL": "Models",
    "SEN": "The sensor itself",
}


HOLDS: Final = {
    "critical": "the asset concerned is of high criticality in the policy",
    "important": "it is of medium criticality",
    "succeeded": "the device did what was asked",
    "denied": "the policy denies it",
    "often": f"the incident has {OFTEN} hits or more",
    "incomplete": "the capture of the conversation is not complete",
}
"""What moves a risk score, in words."""


def _weighing() -> str:
    """Say what becomes of a shipped severity, what the risk score is, and how an incident begins and ends."""
    bands = ", ".join(f"{severity} {low:.0f} to {high:.0f}" for severity, (low, high) in BANDS.items())
    moves = "\n".join(f"| {words} | {SHARES[name] * 100:+.0f} % |" for name, words in HOLDS.items())
    return f"""
## Severity, risk and status

**Severity** is the shipped one, moved by one step for each of: up, when a safety zone or an asset of high criticality is concerned; down,
in a maintenance window of the policy that names the zone; down, when the alert asks for a decision and not for a reaction; down, when the
device refused what was asked and the alert says something else then. It stays between low and critical, and below the limit that some
alerts have. `alerts show` says in the line `severity` why it is not the shipped one.

**Risk** (`risk`, in documents `event.risk_score`) orders incidents of one severity. Each severity has a band: {bands}. A score begins
in the middle of its band and is moved by shares of it, never out of it:

| when | share of the band |
|---|---|
{moves}

**Status** is `open` until an incident has had no hit for {IDLE_SECONDS} s of packet time, or the input or the watch ends; then a last revision
says `closed`, with the final count. It says nothing about whether anybody looked at it. In a store whose run was interrupted, incidents of
that time stay open.
"""


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
        f"P a policy, B a baseline, C settings of the site.\n{_weighing()}"
    )
    found["README.md"] = intro + "\n".join(listed) + "\n"
    yield from ((f"alerts/{name}", text) for name, text in found.items())
