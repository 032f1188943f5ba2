"""The asset map as one HTML file: no request to anywhere, search, filters, evidence of every value.

The markup is ``page/*.jinja``. Everything a device said goes into it escaped: as text in the markup (autoescape), as JSON
without ``<``, ``>`` and ``&`` in the data block, and the script only ever makes text nodes of it. A content security
policy allows exactly this style and this script, by their digests, and no connection at all.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Iterator
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from sensor.cli.terminal.escape import HIDDEN
from sensor.documents.moment import moment
from sensor.reports.completeness import completeness, coverage
from sensor.reports.diagram import diagram, short
from sensor.reports.json_file import document
from sensor.reports.state import PlantState
from sensor.reports.value import Value, values_of

COLUMNS: Final = {
    "hostname": "Asset",
    "ip_address": "IP",
    "mac_address": "MAC",
    "manufacturer": "Manufacturer",
    "model": "Model",
    "role": "Role",
    "protocols": "Protocols",
    "zone": "Zone",
    "last_seen": "Last seen",
}
WHOLE: Final = frozenset({"ip_address", "mac_address", "last_seen", "zone"})
"""Columns that do not wrap."""
SECONDS: Final = len("2026-11-21 22:10:04")
WHY: Final = {
    "not_seen_yet": "not seen yet",
    "not_provided": "not said in the policy",
    "not_observable_passively": "needs an import",
    "behind_router": "behind a router",
    "shared_mac": "shared MAC",
}
"""Why a value is not known, in two or three words; the details say more."""
FILTERS: Final = {
    "zone": "Zone",
    "role": "Role",
    "protocols": "Protocol",
    "manufacturer": "Manufacturer",
    "identity": "Identity",
}


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("sensor.reports", "page"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {"digest": _digest, "moment": moment, "short": short}
    # The order of the fields is that of the guidance.
    made.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    return made


def _scope(state: PlantState) -> dict[str, str]:
    policy = state.policy
    judged = f"{policy.id} version {policy.version} " if policy.id else ""
    return {
        "Sensor": f"{state.sensor or 'not named'} (Spanwatch {state.sensor_version})",
        "Period (UTC, from packets)": f"{moment(state.first)} to {moment(state.last)}"
        if state.last
        else "nothing seen",
        "Policy": f"{judged}SHA-256 {policy.sha256}" if policy.sha256 else "none: nothing was judged",
    }


def _cells(name: str, values: list[Value]) -> Iterator[tuple[str, str]]:
    """Yield class and text of each cell of an asset."""
    found = {value.key: value for value in values}
    for key in COLUMNS:
        value = found[key]
        text = name if key == "hostname" else value.value
        if key == "last_seen":
            text = text.replace("T", " ")[:SECONDS]
        if text:
            yield "whole" if key in WHOLE else "", text
        else:
            yield "unknown-value", WHY.get(value.reason, value.reason) or "does not apply"


def visible(text: str) -> str:
    """Return a page without characters that control, hide or turn text; line ends of the page itself stay."""
    return "".join(char if char == "\n" or unicodedata.category(char) not in HIDDEN else "\ufffd" for char in text)


def map_page(state: PlantState) -> str:
    """Return the page."""
    page = files("sensor.reports") / "page"
    rows = [values_of(asset, state) for asset in state.assets]
    return visible(
        _templates()
        .get_template("map.html.jinja")
        .render(
            title=f"Asset map{': ' + state.policy.title if state.policy.title else ''}",
            style=(page / "map.css").read_text(encoding="utf-8"),
            script=(page / "map.js").read_text(encoding="utf-8"),
            state=state,
            scope=_scope(state),
            picture=diagram(state),
            filters=FILTERS,
            columns=COLUMNS.values(),
            assets=[
                (asset.id, list(_cells(state.names[asset.id], row)))
                for asset, row in zip(state.assets, rows, strict=True)
            ],
            completeness=completeness(rows),
            cover=coverage(state),
            data=document(state),
        )
    )
