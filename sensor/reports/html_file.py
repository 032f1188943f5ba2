"""The asset map as one HTML file: no request to anywhere, search, filters, evidence of every value.

Everything a device said goes into the page escaped: as text in the markup, as JSON without ``<``, ``>`` and ``&`` in the
data block, and the script only ever makes text nodes of it. A content security policy allows exactly this style and
this script, by their digests, and no connection at all.
"""

from __future__ import annotations

import base64
import hashlib
import json
import unicodedata
from html import escape
from importlib.resources import files

from sensor.cli.terminal.escape import HIDDEN
from sensor.documents.moment import moment
from sensor.reports.completeness import Completeness, Coverage, completeness, coverage
from sensor.reports.diagram import diagram
from sensor.reports.json_file import document
from sensor.reports.state import PlantState
from sensor.reports.value import values_of

COLUMNS = ("hostname", "ip_address", "mac_address", "manufacturer", "model", "role", "protocols", "zone", "last_seen")
WHOLE = frozenset({"ip_address", "mac_address", "last_seen", "zone"})
"""Columns that do not wrap."""
SECONDS = len("2026-11-21 22:10:04")
HEADINGS = ("Asset", "IP", "MAC", "Manufacturer", "Model", "Role", "Protocols", "Zone", "Last seen")
WHY = {
    "not_seen_yet": "not seen yet",
    "not_provided": "not in the policy",
    "not_observable_passively": "needs an import",
    "behind_router": "behind a router",
    "shared_mac": "shared MAC",
}
"""Why a value is not known, in two or three words; the details say more."""
FILTERS = {
    "zone": "Zone",
    "role": "Role",
    "protocols": "Protocol",
    "manufacturer": "Manufacturer",
    "identity": "Identity",
}


def _file(name: str) -> str:
    return (files("sensor.reports") / "page" / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def embedded(record: object) -> str:
    """Return JSON that cannot end a script element, whatever texts are in it."""
    text = json.dumps(record, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _scope(state: PlantState) -> str:
    period = f"{moment(state.first)} to {moment(state.last)}" if state.last else "nothing seen"
    policy = state.policy
    judged = f"{policy.id} version {policy.version} " if policy.id else ""
    rows = [
        ("Sensor", f"{state.sensor or 'not named'} (Spanwatch {state.sensor_version})"),
        ("Period (UTC, from packets)", period),
        ("Policy", f"{judged}SHA-256 {policy.sha256}" if policy.sha256 else "none: nothing was judged"),
    ]
    lines = "".join(f'<tr><th>{escape(name)}</th><td class="mono">{escape(text)}</td></tr>' for name, text in rows)
    captures = "".join(
        f"<tr><td>{escape(row.name)}</td><td class=right>{row.packets}</td><td>{moment(row.first)}</td>"
        f'<td>{moment(row.last)}</td><td class="mono">{escape(row.sha256 or "not known")}</td></tr>'
        for row in state.captures
    )
    heads = "<tr><th>Capture</th><th>Packets</th><th>First</th><th>Last</th><th>SHA-256</th></tr>"
    listed = f"<details><summary>{len(state.captures)} captures</summary><table>{heads}{captures}</table></details>"
    return f"<table>{lines}</table>{listed if captures else ''}"


def _completeness(rows: list[Completeness]) -> str:
    lines = "".join(
        f"<tr><td>{row.priority.capitalize()}</td><td class=right>{row.fields}</td><td class=right>{row.known}</td>"
        f"<td class=right>{row.conflict}</td><td class=right>{row.not_seen}</td><td class=right>{row.import_needed}</td>"
        f"<td class=right>{row.completeness} %</td><td class=right>{row.reachable} %</td></tr>"
        for row in rows
    )
    heads = (
        "Priority", "Fields", "Known", "Conflict", "Not seen yet", "Import needed", "Completeness",
        "Of what the wire carries",
    )  # fmt: skip
    return (
        f"<table><thead><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr></thead><tbody>{lines}</tbody></table>"
    )


def _listed(names: tuple[str, ...]) -> str:
    return "".join(f'<span class="tag">{escape(name)}</span>' for name in names) or "none"


def _coverage(cover: Coverage, has_policy: bool) -> str:
    how = ", ".join(f"{count} {escape(name.replace('_', ' '))}" for name, count in cover.visibility.items()) or "none"
    text = f"<p>{cover.assets} assets, {cover.channels} conversations ({how}).</p>"
    if has_policy:
        text += f"<p>In the policy and never seen: {_listed(cover.never_seen)}</p>"
    return text + f"<p>Seen and not in the policy: {_listed(cover.not_in_policy)}</p>"


def _assets(state: PlantState) -> str:
    lines = []
    for asset in state.assets:
        values = {value.key: value for value in values_of(asset, state)}
        cells = []
        for key in COLUMNS:
            value = values[key]
            text = state.names[asset.id] if key == "hostname" else value.value
            if key == "last_seen":
                text = text.replace("T", " ")[:SECONDS]
            kind = ' class="whole"' if key in WHOLE else ""
            why = WHY.get(value.reason, value.reason) or "does not apply"
            cells.append(f"<td{kind}>{escape(text)}</td>" if text else f'<td class="unknown-value">{escape(why)}</td>')
        lines.append(f'<tr data-id="{escape(asset.id)}" tabindex="0">{"".join(cells)}</tr>')
    heads = "".join(f"<th>{head}</th>" for head in HEADINGS)
    return f'<table id="assets"><thead><tr>{heads}</tr></thead><tbody>{"".join(lines)}</tbody></table>'


def _tools() -> str:
    selects = "".join(
        f'<select data-field="{key}" aria-label="{name}"><option value="">{name}: all</option></select>'
        for key, name in FILTERS.items()
    )
    known = (
        '<select data-field="known" aria-label="In the policy"><option value="">In the policy: all</option>'
        '<option value="true">in the policy</option><option value="false">not in the policy</option></select>'
    )
    return (
        '<div class="tools"><input type="search" id="search" aria-label="Search" '
        f'placeholder="Search name, address, model, serial number ...">{selects}{known}'
        '<span id="count" class="soft" aria-live="polite"></span></div>'
    )


def visible(text: str) -> str:
    """Return a page without characters that control, hide or turn text; line ends of the page itself stay."""
    return "".join(char if char == "\n" or unicodedata.category(char) not in HIDDEN else "\ufffd" for char in text)


def map_page(state: PlantState) -> str:
    """Return the page."""
    style, script = _file("map.css"), _file("map.js")
    svg, boxes_left, lines_left = diagram(state)
    rows = [values_of(asset, state) for asset in state.assets]
    left = f"{boxes_left} assets and {lines_left} pairs are not drawn. " if boxes_left or lines_left else ""
    title = f"Asset map{': ' + state.policy.title if state.policy.title else ''}"
    signers = "".join(
        f"<tr><td>{role}</td><td></td><td></td><td></td></tr>" for role in ("Prepared", "Reviewed", "Approved")
    )
    policy = f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; img-src data:; base-uri 'none'; form-action 'none'"
    return visible(
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
        f'<link rel="icon" href="data:,"><style>{style}</style></head>\n<body><header><h1>{escape(title)}</h1>'
        f'<p class="soft">Observed passively by Spanwatch. Every value names how it is known and the frames that prove it; '
        f"what is not known says why.</p></header>\n<main>{_scope(state)}\n"
        f"<h2>Who talks to whom</h2><p class='key soft'><span><i></i>allowed</span><span class='denied'><i></i>not allowed"
        f"</span><span class='unjudged'><i></i>not judged</span>{left}Dashed: not in the policy.</p>"
        f'<div class="figure">{svg}</div>\n'
        f'<h2>Assets</h2>{_tools()}<section id="details" aria-live="polite"></section>{_assets(state)}\n'
        f"<h2>Completeness</h2>{_completeness(completeness(rows))}\n"
        f"<h2>Coverage</h2>{_coverage(coverage(state), bool(state.policy.assets))}\n"
        f"<h2>Signatures</h2><table class='sign'><thead><tr><th></th><th>Name</th><th>Role</th><th>Date</th></tr></thead>"
        f"<tbody>{signers}</tbody></table></main>\n"
        f'<script type="application/json" id="map-data">{embedded(document(state))}</script>\n'
        f"<script>{script}</script></body></html>\n"
    )
