"""A baseline in the terminal: what was learned, from what, how far to trust it, what was left out and how to approve it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from rich.console import Console
from rich.text import Text

from models.baseline import Baseline
from models.card import card
from sensor.cli.terminal.console import console
from sensor.cli.terminal.escape import json_line, plain
from sensor.cli.terminal.table import Column, print_fields, print_table
from sensor.cli.terminal.words import counted, number

SHOWN: Final = 30
WHY: Final = {"unapproved": "can do harm, nobody approved it", "rare": "seen in too few periods"}
UNREAD: Final = "that they talk; the operations are not read"
"""What is learned of a conversation whose protocol is not dissected."""
HOW_TO_APPROVE: Final = (
    "What is not learned is reported when it happens. Approve what belongs here by training again with --approved-by NAME "
    "--ticket T (--rare for reads), or by an allow rule of an approved policy (--policy)."
)
CHANNELS: Final = (
    Column("client > server / protocol / unit"),
    Column("classes", from_width=60),
    Column("requests", right=True),
    Column("periods", from_width=80, right=True),
    Column("confirmed by", from_width=110),
)
LEFT_OUT: Final = (
    Column("client > server / protocol / unit"),
    Column("operation"),
    Column("objects", from_width=70),
    Column("requests", from_width=60, right=True),
    Column("why not", from_width=90),
)


class Counts(Protocol):
    """What became of the facts of a training run."""

    @property
    def learned(self) -> int:
        """Facts learned from."""

    @property
    def denied(self) -> int:
        """Facts the policy does not allow."""

    @property
    def frozen(self) -> int:
        """Facts inside a maintenance window that freezes learning."""


def line_of(baseline: Baseline) -> str:
    """Return the card of a baseline as one line of JSON."""
    return json_line(card(baseline))


def show_learned(baseline: Baseline, counts: Counts, folder: Path, on: Console | None = None) -> None:
    """Print what a training run made."""
    out = on or console()
    show_baseline(baseline, out)
    for count, what in (
        (counts.denied, "the policy does not allow"),
        (counts.frozen, "fall into a maintenance window that freezes learning"),
    ):
        if count:
            out.print(Text(f"Not looked at: {counted(count, 'fact')} that {what}.", style="yellow"))
    out.print(Text(f"Baseline in: {plain(folder)}"))


def show_baseline(baseline: Baseline, on: Console | None = None) -> None:
    """Print the card of a baseline."""
    out = on or console()
    reported = card(baseline)
    _show_origin(out, reported)
    rows = [_channel(row) for row in reported["channels"]]
    print_table(out, f"Learned: {counted(len(rows), 'conversation')}", CHANNELS, rows[:SHOWN])
    _more(out, len(rows) - SHOWN, "conversations")
    _show_left_out(out, reported["not_approved"], any(row["standing"] in WHY for row in reported["channels"]))
    for note in reported["notes"]:
        out.print(Text(f"Note: {plain(note, 1_000)}", style="yellow"))
    for limit in reported["limits"]:
        out.print(Text(f"Limit: {plain(limit, 1_000)}", style="dim"))


def _show_origin(out: Console, reported: dict[str, Any]) -> None:
    learned, approval = reported["learned"], reported["approval"]
    forests = [
        f"{row['protocol']} in {row['seconds']} s ({row['windows']} windows learned)"
        for row in reported["windows"]["forests"]
    ]
    person = f"{approval['by']} ({approval['ticket']})" if approval else ""
    print_fields(
        out,
        [
            ("baseline", reported["baseline"]),
            ("learned", f"{learned['from']} to {learned['to']} UTC, {counted(learned['facts'], 'fact')}"),
            ("periods", f"{number(learned['periods'])} of {learned['period_seconds']} s"),
            ("from", ", ".join(learned["sources"])),
            ("approved by", person or "nobody in person; what a rule of an approved policy allows counts as confirmed"),
            ("polls", counted(len(reported["rhythm"]["polls"]), "poll") + " with a period"),
            ("odd rhythm", reported["rhythm"]["calibration"]["honesty"]),
            ("odd windows", ", ".join(forests) or "none"),
            ("not judged", _not_grown(reported["windows"]["not_grown"])),
        ],
    )  # fmt: skip


def _not_grown(rows: Sequence[dict[str, Any]]) -> str:
    """Return which windows are not judged, those of one reason together."""
    by_reason: dict[str, list[str]] = {}
    for row in rows:
        by_reason.setdefault(row["why"], []).append(f"{row['protocol']} in {row['seconds']} s")
    return "; ".join(f"{', '.join(names)} (seen too little: {why})" for why, names in by_reason.items())


def _channel(row: dict[str, Any]) -> Sequence[object]:
    operations = [operation for group in row["groups"].values() for operation in group]
    by = sorted({operation["by"] for operation in operations if operation["by"]})
    nothing_inside = "" if operations else UNREAD
    standing = f" ({WHY[row['standing']]})" if row["standing"] in WHY else nothing_inside
    requests = number(sum(operation["requests"] for operation in operations))
    confirmed = f"{by[0]}" + (f" and {len(by) - 1} more" if len(by) > 1 else "") if by else ""
    return row["channel"], (", ".join(row["groups"]) + standing).strip(), requests, row["periods"], confirmed


def _show_left_out(out: Console, rows: Sequence[dict[str, Any]], whole_conversations: bool) -> None:
    if not rows:
        if whole_conversations:
            out.print(Text(HOW_TO_APPROVE, style="yellow"))
        else:
            out.print(Text("Everything that was seen is part of the baseline.", style="green"))
        return
    ordered = sorted(rows, key=lambda row: (row["standing"] != "unapproved", row["channel"], row["operation"]))
    cells = [
        (row["channel"], row["operation"], row["objects"], row["requests"], WHY.get(row["standing"], row["standing"]))
        for row in ordered[:SHOWN]
    ]
    print_table(out, f"Not learned: {counted(len(rows), 'operation')}", LEFT_OUT, cells)
    _more(out, len(rows) - SHOWN, "operations (all of them: spanwatch model show FOLDER --json)")
    out.print(Text(HOW_TO_APPROVE, style="yellow"))


def _more(out: Console, count: int, what: str) -> None:
    if count > 0:
        out.print(Text(f"... and {number(count)} more {what}"))
