"""A running watch on the terminal: one calm screen, refreshed once a second; without a terminal, lines in the log."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final, Self

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from rules.detections.alert import Alert
from sensor.cli.terminal.alerts import severity_text, who
from sensor.cli.terminal.escape import cell, plain
from sensor.cli.terminal.words import counted, instant, number, size
from sensor.live.picture import Picture

SCREEN_SECONDS: Final = 1.0
LINE_SECONDS: Final = 60.0

log = logging.getLogger("spanwatch")


def state_line(picture: Picture) -> str:
    """Return the state as one line for a log."""
    interfaces = "; ".join(
        f"{row.name} {number(row.packets)} packets ({row.rate:.0f}/s), {number(row.dropped)} dropped"
        + ("" if row.state == "up" else f", {row.state}")
        for row in picture.interfaces
    )
    parts = [
        counted(picture.assets, "asset"),
        counted(picture.channels, "channel"),
        counted(picture.incidents, "incident"),
    ]
    if picture.spooled:
        parts.append(f"{counted(picture.spooled, 'document')} waiting")
    return plain(f"{interfaces}; {', '.join(parts)}", 1_000)


def alert_line(alert: Alert) -> str:
    """Return an alert as one line for a log."""
    return plain(f"{alert.severity} {alert.id} {alert.name}: {who(alert)}. {alert.observed}", 1_000)


def screen(picture: Picture, alerts: Iterable[Alert]) -> Group:
    """Return everything that the screen shows."""
    return Group(_head(picture), _interfaces(picture), _alerts(alerts))


def _head(picture: Picture) -> Text:
    parts = [
        instant(picture.time)[:19],
        counted(picture.assets, "asset"),
        counted(picture.channels, "channel"),
        counted(picture.incidents, "incident"),
    ]
    if picture.spooled:
        parts.append(f"{counted(picture.spooled, 'document')} waiting to leave")
    if picture.restarts:
        parts.append(counted(picture.restarts, "worker restart"))
    if picture.policy:
        parts.append(f"policy {picture.policy}")
    return cell("   ".join(parts), "bold")


def _interfaces(picture: Picture) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("interface")
    for name in ("packets/s", "packets", "bytes", "dropped"):
        table.add_column(name, justify="right")
    for row in picture.interfaces:
        name = row.name if row.state == "up" else f"{row.name} ({row.state})"
        table.add_row(
            cell(name, "" if row.state == "up" else "red"),
            cell(f"{row.rate:.0f}"),
            cell(number(row.packets)),
            cell(size(row.byte_count)),
            cell(number(row.dropped), "red" if row.dropped else ""),
        )
    return table


def _alerts(alerts: Iterable[Alert]) -> Table | Text:
    rows = list(alerts)
    if not rows:
        return Text("No alerts so far.", style="dim")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("last", "severity", "alert", "what", "client > server"):
        table.add_column(name, overflow="ellipsis", no_wrap=True)
    table.add_column("count", justify="right")
    for row in reversed(rows):
        table.add_row(
            cell(instant(row.last)[11:19]), severity_text(row.severity), cell(row.id), cell(row.name), cell(who(row)),
            cell(number(row.count)),
        )  # fmt: skip
    return table


class Screen(logging.Handler):
    """The screen while the block runs; what is logged meanwhile scrolls above it."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._live = Live(console=console, auto_refresh=False, transient=True)

    def show(self, picture: Picture, alerts: Iterable[Alert]) -> None:
        """Show the state of now."""
        self._live.update(screen(picture, alerts), refresh=True)

    def emit(self, record: logging.LogRecord) -> None:
        """Print a line of the log above the screen."""
        style = "red" if record.levelno >= logging.ERROR else "yellow" if record.levelno >= logging.WARNING else ""
        self._live.console.print(cell(record.getMessage(), style, 1_000))

    def __enter__(self) -> Self:
        """Take the screen, and the log."""
        self._live.start()
        self._before = log.propagate
        log.propagate = False
        log.addHandler(self)
        return self

    def __exit__(self, *error: object) -> None:
        """Give both back."""
        log.removeHandler(self)
        log.propagate = self._before
        self._live.stop()
