"""``python -m tools.bench``: packets per second of every stage, as ratios of one run; beside tshark and Suricata."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sensor.cli.elastic_options import ElasticOptions, elastic_options, refuse_wrong_cluster, settings_or_none
from sensor.cli.exit import ALERTS, refuse

if TYPE_CHECKING:
    from sensor.elastic.settings import Settings

MIX_PACKETS: Final = 2_000_000
MIX_CONNECTIONS: Final = 500
MEGA: Final = 1_000_000
SHIPPED_DOCUMENTS: Final = 100_000
MAX_REASON: Final = 1_000


@click.command("python -m tools.bench")
@click.option("--packets", type=click.IntRange(1_000), default=MIX_PACKETS, show_default=True, help="Size of the mix.")
@click.option(
    "--connections", type=click.IntRange(20, 20_000), default=MIX_CONNECTIONS, show_default=True, help="Connections."
)
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Folder to keep the mix in.")
@click.option("--live", is_flag=True, help="Find the highest lossless rate of watching, on a cable of its own (root).")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="With --live: processes.")
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="PYTHON",
    help="Compare with the Spanwatch of another environment instead.",
)
@elastic_options
@click.option(
    "--documents",
    type=click.IntRange(10_000),
    default=SHIPPED_DOCUMENTS,
    show_default=True,
    help="With --elastic: documents to ship.",
)
def bench(
    packets: int,
    connections: int,
    keep: Path | None,
    live: bool,
    workers: int,
    against: Path | None,
    elastic: ElasticOptions,
    documents: int,
) -> None:
    """Make a polling mix and measure reading, worker and whole replay beside tshark and Suricata.

    One core is used. The machine's load counts: compare the ratios of one run, not two runs. With --live the mix is sent
    through a cable between two network namespaces made for it, and nowhere else.

    With --elastic the way to a cluster is measured instead: documents of the site "bench" are written into its stream
    logs-spanwatch.operation-bench, which can be deleted afterwards.

    \b
    Example:
      python -m tools.bench --packets 200000
      sudo python -m tools.bench --live --packets 600000
      python -m tools.bench --elastic https://es:9200 --elastic-ca ca.pem --elastic-key-file bench.key
    """
    settings = settings_or_none(elastic, "bench", "bench")
    if settings is not None:
        _measure_shipping(settings, documents, keep)
        return
    from sensor.build import version_text  # noqa: PLC0415
    from tools.bench.run import measure  # noqa: PLC0415

    click.echo(f"spanwatch {version_text()}")
    click.echo(f"{packets} packets, {connections} connections")
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
    if live:
        _live(packets, connections, workers, keep)
        return
    if against is not None:
        _compare(against, packets, connections)
        return
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


def _compare(other: Path, packets: int, connections: int) -> None:
    from tools.bench.against import compare  # noqa: PLC0415
    from tools.bench.mix import write  # noqa: PLC0415
    from tools.bench.policy import policy_text  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="spanwatch-bench-") as folder:
        mix = Path(folder) / "mix.pcap"
        write(mix, packets, connections)
        mix.with_suffix(".yaml").write_text(policy_text(connections), encoding="utf-8")
        for line in compare(other, mix):
            click.echo(line)


def _live(packets: int, connections: int, workers: int, keep: Path | None) -> None:
    from sensor.live.error import LiveError  # noqa: PLC0415
    from tools.bench.live import measure  # noqa: PLC0415

    try:
        for figure in measure(packets, connections, workers, keep):
            rate = f"{figure.rate:9.0f} packets/s  " if figure.rate else ""
            click.echo(f"{figure.name:>22}  {rate}{figure.note}")
    except LiveError as error:
        refuse(str(error))


def _measure_shipping(settings: Settings, documents: int, keep: Path | None) -> None:
    """Print documents per second; exit code 1 when some did not arrive."""
    from sensor.build import version_text  # noqa: PLC0415
    from sensor.cli.terminal.escape import plain  # noqa: PLC0415
    from tools.bench.ship import measure_shipping  # noqa: PLC0415

    if problem := refuse_wrong_cluster(settings):
        refuse(problem)
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
    click.echo(f"spanwatch {version_text()}")
    click.echo(f"{documents} documents to {', '.join(settings.urls)}")
    # Another time, other ids: documents that are there already would be measured as duplicates.
    shipped = measure_shipping(settings, documents, datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"), keep)
    if shipped.documents:
        click.echo(
            f"{'shipping':>15}  {shipped.rate:8.0f} documents/s, {shipped.byte_count / documents:.0f} bytes each, "
            f"{shipped.processor:.1f} s of processor time"
        )
    if shipped.waiting or shipped.refused:
        why = f" ({plain(shipped.reason, MAX_REASON)})" if shipped.reason else ""
        click.echo(
            f"spanwatch: {shipped.waiting} documents did not arrive, {shipped.refused} were refused{why}", err=True
        )
        raise SystemExit(ALERTS)


if __name__ == "__main__":
    bench()
