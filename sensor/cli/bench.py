"""``spanwatch bench``: packets per second of every stage, as ratios of one run."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

MIX_PACKETS: Final = 2_000_000
MIX_CONNECTIONS: Final = 500
MEGA: Final = 1_000_000


@click.command("bench")
@click.option("--packets", type=click.IntRange(1_000), default=MIX_PACKETS, show_default=True, help="Size of the mix.")
@click.option(
    "--connections", type=click.IntRange(20, 20_000), default=MIX_CONNECTIONS, show_default=True, help="Connections."
)
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Folder to keep the mix in.")
def bench(packets: int, connections: int, keep: Path | None) -> None:
    """Make a polling mix and measure reading, worker and whole replay beside tshark and Suricata.

    One core is used. The machine's load counts: compare the ratios of one run, not two runs.

    \b
    Example:
      spanwatch bench --packets 200000
    """
    from sensor.bench.run import measure  # noqa: PLC0415
    from sensor.build import version_text  # noqa: PLC0415

    click.echo(f"spanwatch {version_text()}")
    click.echo(f"{packets} packets, {connections} connections")
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
    worker = 0.0
    for figure in measure(packets, connections, keep):
        if figure.name == "worker":
            worker = figure.rate
        if not figure.packets:
            click.echo(f"{figure.name:>15}  {figure.note}")
            continue
        ratio = (
            f"{worker / figure.rate:6.1f} x slower than the worker" if figure.note == "whole process" and worker else ""
        )
        memory = f"{figure.memory:5.0f} MiB" if figure.memory else ""
        note = "" if figure.note == "whole process" else figure.note
        click.echo(f"{figure.name:>15}  {figure.rate / MEGA:8.3f} M packets/s  {memory:>9}  {ratio}{note}")


COMMAND: Final = bench
