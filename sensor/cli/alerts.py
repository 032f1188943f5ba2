"""``spanwatch alerts``: what was raised, from a store, and what each alert means."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from sensor.cli.exit import SEVERITIES, clear_errors, refuse, store_path

STORE: Final = click.option(
    "--store", type=click.Path(path_type=Path), envvar="SPANWATCH_STORE", help="Store to read (or SPANWATCH_STORE)."
)


@click.group("alerts")
def alerts() -> None:
    """List and show alerts of a store, and explain those of the catalogue.

    \b
    Example:
      spanwatch alerts list --store spanwatch.db --severity high
    """


@alerts.command("list")
@STORE
@click.option("--severity", type=click.Choice(SEVERITIES), default="low", help="Least severity to list.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="How many at most, newest first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
def list_alerts(store: Path | None, severity: str, limit: int, as_json: bool) -> None:
    """List incidents, those that happened last first.

    \b
    Example:
      spanwatch alerts list --store spanwatch.db --severity high
    """
    from sensor.cli.terminal.alerts import lines_of_alerts, list_of_alerts  # noqa: PLC0415
    from sensor.store import Store  # noqa: PLC0415

    with clear_errors(), Store(store_path(store), read_only=True) as opened:
        found = opened.alerts(severity, limit=limit)
    if as_json:
        lines_of_alerts(found)
    else:
        list_of_alerts(found)


@alerts.command("show")
@click.argument("incident")
@STORE
def show_alert(incident: str, store: Path | None) -> None:
    """Show one incident with its evidence. INCIDENT is its id or the beginning of it.

    \b
    Example:
      spanwatch alerts show i-3f2a --store spanwatch.db
    """
    from sensor.cli.terminal.alerts import one_alert  # noqa: PLC0415
    from sensor.store import Store  # noqa: PLC0415

    with clear_errors(), Store(store_path(store), read_only=True) as opened:
        found = opened.alert(incident)
        if found is None:
            fits = [alert for alert in opened.alerts() if alert.incident.startswith(incident)]
            if len(fits) != 1:
                refuse(f"no single incident is called {incident!r}; see: spanwatch alerts list --store {store}")
            found = fits[0]
        revisions = opened.alert_revisions(found.incident)
        captures = opened.captures()
    one_alert(found, revisions, captures)


@alerts.command("explain")
@click.argument("alert")
def explain(alert: str) -> None:
    """Print what an alert of the catalogue means and what a site may change. ALERT is its id.

    \b
    Example:
      spanwatch alerts explain MB-007
    """
    from rules.detections.page import page  # noqa: PLC0415

    try:
        text = page(alert.upper())
    except KeyError as error:
        refuse(str(error.args[0]))
    click.echo(text, nl=False)


COMMAND: Final = alerts
