"""``python -m tools.floods``: what floods do to the sensor, as a table of speed, memory and reports."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click
import msgspec

from sensor.build import version_text
from tools.floods.flood import FLOODS
from tools.floods.measure import HEAD, Result, measure


@click.command("python -m tools.floods")
@click.argument("names", nargs=-1, type=click.Choice([flood.name for flood in FLOODS]))
@click.option("--scale", type=click.FloatRange(0.0001, 1.0), default=1.0, show_default=True, help="Size of the floods.")
@click.option(
    "--keep", type=click.Path(path_type=Path, dir_okay=False), help="File of results; what it holds of others stays."
)
def floods(names: tuple[str, ...], scale: float, keep: Path | None) -> None:
    """Make each flood (all without NAMES), measure the worker and a whole replay with store, policy and output.

    Captures are streamed to a temporary folder and taken away again; the largest has 180 MB.

    \b
    Example:
      python -m tools.floods syn udp --keep floods.json
    """
    click.echo(f"spanwatch {version_text()}, scale {scale}")
    click.echo(HEAD)
    kept = {one.name: one for one in _read(keep)}
    with tempfile.TemporaryDirectory(prefix="spanwatch-floods-") as folder:
        for flood in FLOODS:
            if names and flood.name not in names:
                continue
            result = measure(flood, Path(folder), scale)
            click.echo(result.row())
            kept[flood.name] = result
            if keep is not None:
                keep.write_bytes(msgspec.json.format(msgspec.json.encode(list(kept.values()))))


def _read(path: Path | None) -> list[Result]:
    return msgspec.json.decode(path.read_bytes(), type=list[Result]) if path is not None and path.is_file() else []


if __name__ == "__main__":
    floods()
