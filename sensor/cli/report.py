"""``spanwatch report``: the auditor's bundle from a store."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from sensor.cli.alerts import STORE
from sensor.cli.assets import POLICY
from sensor.cli.exit import MAX_LINE, clear_errors, load_policy, refuse, store_path


@click.command("report")
@STORE
@click.option("--output", type=click.Path(path_type=Path), required=True, help="New folder for the bundle.")
@POLICY
def report(store: Path | None, output: Path, policy: Path | None) -> None:
    """Write the auditor's bundle: asset map, conversations with verdicts, changes, alerts, and the digest of each.

    The same store and policy give the same bytes. Check a bundle with the digests in manifest.json.

    \b
    Example:
      spanwatch report --store spanwatch.db --policy policy.yaml --output report/
    """
    from sensor.cli.terminal.escape import plain  # noqa: PLC0415
    from sensor.cli.terminal.words import counted  # noqa: PLC0415
    from sensor.reports import BundleError, read_state, write_bundle  # noqa: PLC0415
    from sensor.store import Store  # noqa: PLC0415

    with clear_errors(), Store(store_path(store), read_only=True) as opened:
        state = read_state(opened, load_policy(policy))
    try:
        written = write_bundle(state, output)
    except BundleError as error:
        refuse(str(error))
    if state.note:
        click.echo(f"note: {plain(state.note, MAX_LINE)}", err=True)
    click.echo(
        f"{counted(len(state.assets), 'asset')}, {counted(len(state.channels), 'conversation')}, {counted(len(state.alerts), 'incident')}"
    )
    for path in written:
        click.echo(f"  {path}")


COMMAND: Final = report
