"""Alerts in the terminal: the list, one of them with everything, and as lines of JSON for other programs."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.text import Text

from rules.detections.alert import Alert
from sensor.cli.terminal.console import SEVERITY_STYLES, console
from sensor.cli.terminal.escape import cell, json_line
from sensor.cli.terminal.table import Column, print_fields, print_table
from sensor.cli.terminal.words import counted, instant, listed, station, targets
from sensor.documents.anomaly import contribution_texts
from sensor.documents.threat import threat
from sensor.store.row import Capture

COLUMNS = (
    Column("severity"),
    Column("alert"),
    Column("what"),
    Column("client > server", from_width=70),
    Column("count", from_width=60, right=True),
    Column("first", from_width=100),
    Column("incident", from_width=130),
)


def severity_text(severity: str) -> Text:
    """Return a severity in its colour."""
    return Text(severity, style=SEVERITY_STYLES.get(severity, ""))


def who(alert: Alert) -> str:
    """Return "client > server", or the one side there is."""
    client, server = station(alert.client, alert.client_endpoint), station(alert.server, alert.server_endpoint)
    if client == "-":
        return server
    return client if server == "-" else f"{client} > {server}"


def alert_row(alert: Alert) -> tuple[object, ...]:
    """Return an alert as a row of COLUMNS."""
    return (
        severity_text(alert.severity), alert.id, alert.name, who(alert), alert.count, instant(alert.first),
        alert.incident,
    )  # fmt: skip


def _list_row(alert: Alert) -> tuple[object, ...]:
    *before, _, incident = alert_row(alert)
    return (*before, instant(alert.last), incident)


LIST_COLUMNS = (*COLUMNS[:5], Column("last", from_width=100), COLUMNS[6])
"""A list has the newest first, so it shows the time that it goes by."""


def list_of_alerts(alerts: Sequence[Alert], on: Console | None = None) -> None:
    """Print incidents as a table, one line each."""
    out = on or console()
    if not alerts:
        out.print("No alerts.")
        return
    print_table(out, counted(len(alerts), "incident"), LIST_COLUMNS, map(_list_row, alerts))


def lines_of_alerts(alerts: Sequence[Alert], on: Console | None = None) -> None:
    """Print one JSON object per alert and line; the first bytes of the message are in hex."""
    out = on or console()
    for alert in alerts:
        row = msgspec.to_builtins(msgspec.structs.replace(alert, excerpt=b"")) | {"excerpt": alert.excerpt.hex()}
        out.file.write(json_line(row))


def _technique_lines(alert: Alert) -> str:
    block = threat(alert.techniques)
    if not block:
        return ""
    rows = block["technique"]
    below = rows["subtechnique"]
    pairs = [*zip(rows["id"], rows["name"], strict=True), *zip(below.get("id", ()), below.get("name", ()), strict=True)]
    return ", ".join(f"{identifier} {name}" for identifier, name in dict.fromkeys(pairs))


def _policy_line(alert: Alert) -> str:
    verdict = alert.verdict
    if verdict is None:
        return ""
    lacks = f", missing: {verdict.missing}" if verdict.missing else ""
    closest = f", closest rule: {verdict.closest}" if verdict.closest else ""
    policy = f" ({verdict.policy} version {verdict.version})" if verdict.policy else ""
    return f"{verdict.kind}{lacks}{closest}{policy}"


def _why_lines(alert: Alert) -> list[tuple[str, str]]:
    """Return why: for a score its model, its rarity and its reasons, each on a line of its own."""
    why = alert.why
    if alert.why_kind != "score":
        return [("why", ", ".join(f"{name}={why[name]}" for name in sorted(why)))]
    return [
        ("model", f"{why.get('model', '')} ({why.get('reason', '')})"),
        ("p-value", str(why.get("p_value", ""))),
        ("window", f"{why['window_s']} s" if "window_s" in why else ""),
        *(("because", line) for line in contribution_texts(why)),
        ("learned from", str(why.get("support", ""))),
        ("baseline", str(why.get("baseline", ""))),
    ]


def _holding(alert: Alert, captures: Sequence[Capture]) -> str:
    """Return the captures that hold the proving frames, with the frame numbers inside each."""
    found = []
    named = [capture for capture in captures if capture.name == alert.source]
    whole = any(capture.first_frame <= alert.frames[0] for capture in named) if alert.frames else False
    for capture in named if whole else captures:
        inside = [frame - capture.first_frame + 1 for frame in alert.frames
                  if capture.first_frame <= frame < capture.first_frame + capture.packets]  # fmt: skip
        if inside:
            found.append(f"{capture.name}: {', '.join(map(str, inside))}")
    return "; ".join(found)


def one_alert(
    alert: Alert, revisions: Sequence[Alert] = (), captures: Sequence[Capture] = (), on: Console | None = None
) -> None:
    """Print one incident with its explanation, its evidence and how it went on."""
    out = on or console()
    title = Text.assemble(severity_text(alert.severity), " ", cell(alert.id), " ", cell(alert.name, "bold"))
    out.print(title)
    print_fields(
        out,
        [
            ("incident", f"{alert.incident} (revision {alert.revision}, {alert.status})"),
            ("first, last", f"{instant(alert.first)}, {instant(alert.last)} UTC"),
            ("count", alert.count),
            ("severity", f"{alert.severity}: {alert.weighed}" if alert.weighed else ""),
            ("risk", f"{alert.risk} of 100"),
            ("who", who(alert)),
            ("protocol", f"{alert.protocol or alert.transport} {alert.unit}".strip()),
            ("operation", f"{alert.operation} (code {alert.code}): {alert.outcome}" if alert.operation else ""),
            ("objects", targets(alert.targets)),
            ("values sent", listed(alert.values)),
            ("values answered", listed(alert.answers)),
            ("error", alert.error),
            ("reason", alert.reason),
            ("expected", alert.expected),
            ("observed", alert.observed),
            ("policy", _policy_line(alert)),
            *_why_lines(alert),
            ("frames", ", ".join(map(str, alert.frames))),
            ("in capture", _holding(alert, captures) or alert.source),
            (
                "bytes",
                f"{alert.excerpt.hex(' ')} (offset {alert.offset}, length {alert.length})" if alert.excerpt else "",
            ),
            ("capture was", alert.visibility),
            ("ATT&CK", _technique_lines(alert)),
            ("can be harmless", alert.false_positives),
            ("makes it normal", alert.normal),
        ],
    )
    if len(revisions) > 1:
        columns = (
            Column("revision", right=True),
            Column("severity"),
            Column("status"),
            Column("count", right=True),
            Column("last"),
        )
        rows = [
            (row.revision, severity_text(row.severity), row.status, row.count, instant(row.last)) for row in revisions
        ]
        print_table(out, "Revisions", columns, rows)
