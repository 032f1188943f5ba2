"""Tables for spreadsheets: RFC 4180, UTF-8, and no cell that a spreadsheet would run as a formula.

A cell that starts with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return gets a leading apostrophe; control
characters become spaces. Lists are joined with " | ".
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from sensor.documents.moment import moment
from sensor.reports.evidence import proof_text
from sensor.reports.field import FIELDS
from sensor.reports.state import PlantState
from sensor.reports.value import values_of

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula may begin with, full-width forms included."""
MAX_CELL: Final = 10_000
"""Characters of one cell; a spreadsheet takes 32,767."""


def safe_cell(value: object) -> str:
    """Return a value as text that no spreadsheet runs."""
    text = str(value)[:MAX_CELL].encode("utf-8", "replace").decode("utf-8")
    dangerous = text.lstrip(" ").startswith(FORMULA)
    text = "".join(char if char.isprintable() else " " for char in text)
    return f"'{text}" if dangerous else text


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a CSV file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
    return out.getvalue()


def assets_csv(state: PlantState) -> str:
    """Return one row per asset: every field with its state (or why it is unknown) and its source."""
    header = [name for field in FIELDS for name in (field.key, f"{field.key}_state", f"{field.key}_source")]
    rows = []
    for asset in state.assets:
        row: list[object] = []
        for value in values_of(asset, state):
            shown = value.value or ("unknown" if value.state == "unknown" else "not applicable")
            why = f"{value.state}: {value.reason}" if value.reason else value.state
            row += [shown, why, f"{value.source} ({value.confidence})" if value.source else "none"]
        rows.append(row)
    return table(header, rows)


def conversations_csv(state: PlantState) -> str:
    """Return the zone-and-conduit evidence: one row per conversation with the verdict of the policy."""
    header = (
        "client", "client_ip", "client_zone", "server", "server_ip", "server_zone", "protocol", "unit", "transport",
        "server_port", "state", "verdict", "denied_operations", "rule", "conduit", "missing", "reason", "policy", "version", "first_seen",
        "last_seen", "packets", "bytes", "requests", "failures", "visibility", "first_frame", "channel",
    )  # fmt: skip
    rows = []
    for row in state.channels:
        opened, verdict = row.opened, row.verdict
        judged = (
            (verdict.kind, state.denied.get(opened.channel, 0), verdict.rule, verdict.conduit, verdict.missing, verdict.reason, verdict.policy,
             verdict.version)
            if verdict is not None
            else ("not judged", "", "", "", "", "", "", "")
        )  # fmt: skip
        rows.append(
            (
                (verdict.client_asset if verdict else "") or opened.client.ip or opened.client.mac, opened.client.ip,
                verdict.client_zone if verdict else "",
                (verdict.server_asset if verdict else "") or opened.server.ip or opened.server.mac, opened.server.ip,
                verdict.server_zone if verdict else "",
                opened.protocol, opened.unit, opened.transport, opened.server.port, opened.state, *judged,
                moment(row.first), moment(row.last), row.packets, row.byte_count, row.requests, row.failures,
                opened.visibility, opened.first_frame, opened.channel,
            )
        )  # fmt: skip
    return table(header, rows)


def changes_csv(state: PlantState) -> str:
    """Return what happened to assets, oldest first."""
    header = ("time", "asset", "asset_id", "event", "attribute", "from", "to", "by", "evidence", "learning")
    return table(
        header,
        (
            (
                moment(one.time), one.asset.name or one.asset.ip or one.asset.mac, one.asset.id, one.kind, one.attribute,
                one.old, one.new, one.method, proof_text(one.source, one.frames, state.captures),
                "no" if one.settled else "yes",
            )
            for one in state.events
        ),
    )  # fmt: skip
