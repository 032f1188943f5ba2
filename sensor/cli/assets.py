"""``spanwatch assets``: what is on the network, from a store."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import click

from sensor.cli.alerts import STORE
from sensor.cli.exit import clear_errors, load_policy, refuse, store_path
from sensor.cli.output_file import write_file


@click.group("assets")
def assets() -> None:
    """List and show assets of a store.

    \b
    Example:
      spanwatch assets list --store spanwatch.db
    """


@assets.command("list")
@STORE
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line, with all evidence.")
def list_assets(store: Path | None, as_json: bool) -> None:
    """List every asset.

    \b
    Example:
      spanwatch assets list --store spanwatch.db
    """
    from sensor.cli.terminal.assets import lines_of_assets, list_of_assets  # noqa: PLC0415
    from sensor.store import Store  # noqa: PLC0415

    with clear_errors(), Store(store_path(store), read_only=True) as opened:
        found = opened.assets()
    if as_json:
        lines_of_assets(found)
    else:
        list_of_assets(found)


@assets.command("show")
@click.argument("asset")
@STORE
def show_asset(asset: str, store: Path | None) -> None:
    """Show one asset with the evidence of every value. ASSET is its id, name, IP or MAC.

    \b
    Example:
      spanwatch assets show 10.20.1.21 --store spanwatch.db
    """
    from sensor.cli.terminal.assets import called, one_asset  # noqa: PLC0415
    from sensor.store import Store  # noqa: PLC0415

    with clear_errors(), Store(store_path(store), read_only=True) as opened:
        found = opened.asset(asset)
        if found is None:
            near = get_close_matches(asset, [one.name or one.ip or one.mac for one in opened.assets()], n=1)
            meant = f"did you mean {near[0]!r}? See" if near else "see"
            refuse(f"no asset is called {asset!r}; {meant}: spanwatch assets list --store {store}")
        events = opened.asset_events(found.id)
        partners = {row.asset: opened.asset(row.asset) for row in found.partners}
    names = {identifier: called(partner) for identifier, partner in partners.items() if partner is not None}
    one_asset(found, events, names=names)


POLICY: Final = click.option(
    "--policy", type=click.Path(path_type=Path), help="Policy that names owners and what should be there."
)


@assets.command("export")
@STORE
@click.option("--format", "form", type=click.Choice(("csv", "json", "html")), default="csv", show_default=True)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write; else standard output.")
@POLICY
def export_assets(store: Path | None, form: str, output: Path | None, policy: Path | None) -> None:
    """Export the asset map: CSV for spreadsheets, JSON with all evidence, or one self-contained HTML page.

    All 32 fields of the CISA guidance are there for every asset; what is not known says why.

    \b
    Example:
      spanwatch assets export --store spanwatch.db --format html --output assets.html
    """
    from sensor.cli.terminal.words import counted  # noqa: PLC0415
    from sensor.reports import assets_csv, assets_json, map_page, read_state  # noqa: PLC0415
    from sensor.store import Store  # noqa: PLC0415

    with clear_errors(), Store(store_path(store), read_only=True) as opened:
        state = read_state(opened, load_policy(policy))
    text = map_page(state) if form == "html" else assets_json(state) if form == "json" else assets_csv(state)
    if output is None:
        sys.stdout.buffer.write(text.encode())
        return
    write_file(output, text.encode(), "--output")
    click.echo(f"{counted(len(state.assets), 'asset')}: {output}")


COMMAND: Final = assets
