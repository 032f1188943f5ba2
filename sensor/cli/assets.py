"""``spanwatch assets``: what is on the network, from a store."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from sensor.cli.alerts import STORE
from sensor.cli.exit import clear_errors, refuse, store_path


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
    from sensor.store import Store  # noqa: PLC0415
    from sensor.terminal.assets import lines_of_assets, list_of_assets  # noqa: PLC0415

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
    from sensor.store import Store  # noqa: PLC0415
    from sensor.terminal.assets import one_asset  # noqa: PLC0415

    with clear_errors(), Store(store_path(store), read_only=True) as opened:
        found = opened.asset(asset)
        if found is None:
            refuse(f"no asset is called {asset!r}; see: spanwatch assets list --store {store}")
        events = opened.asset_events(found.id)
    one_asset(found, events)


COMMAND: Final = assets
