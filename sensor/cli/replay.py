"""``spanwatch replay``: captures in, everything that is in them out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sensor.cli.elastic_options import ElasticOptions, elastic_options
from sensor.cli.exit import ALERTS, FINE, SEVERITIES, UNREADABLE, clear_errors, refuse, start_log

if TYPE_CHECKING:
    from rules.policy import Policy
    from sensor.capture.record import Reading
    from sensor.pipeline.baseline import BaselineInUse


MAX_SENTENCE: Final = 2_000


def load_policy(path: Path | None) -> Policy | None:
    """Return the policy of a file; errors name file, line and fix."""
    if path is None:
        return None
    from rules.policy import load  # noqa: PLC0415  # pydantic is slow to import

    try:
        return load(path)
    except OSError as error:
        refuse(f"{path}: the policy cannot be read ({error.strerror or error}). Check --policy")


def report_problems(reading: Reading) -> None:
    """Say what could not be read, on standard error."""
    from sensor.cli.terminal.escape import plain  # noqa: PLC0415

    for note in reading.notes:
        click.echo(f"note: {plain(note, MAX_SENTENCE)}", err=True)
    for problem in reading.problems:
        click.echo(f"spanwatch: {plain(problem, MAX_SENTENCE)}", err=True)


def report_baseline(baseline: BaselineInUse | None) -> None:
    """Say on standard error that a baseline was refused and detection goes on without it."""
    from sensor.cli.terminal.escape import plain  # noqa: PLC0415

    if baseline is not None and baseline.refused:
        click.echo(f"spanwatch: {plain(baseline.refused, MAX_SENTENCE)}", err=True)


@click.command("replay")
@click.argument("captures", nargs=-1, required=True, metavar="CAPTURE...")
@click.option("--policy", type=click.Path(path_type=Path), help="Segmentation policy (YAML) to judge by.")
@click.option(
    "--baseline", type=click.Path(path_type=Path), help="Folder of a baseline (made by: spanwatch model train)."
)
@click.option("--store", type=click.Path(path_type=Path), help="SQLite file to keep assets, alerts and facts in.")
@click.option("--output", type=click.Path(path_type=Path), help="Folder for the five NDJSON files.")
@click.option("--site", default="default", show_default=True, help="Site name; the namespace of the data streams.")
@click.option("--sensor", default="spanwatch", show_default=True, help="Name of this sensor.")
@click.option("--spool", is_flag=True, help="Keep documents in the store for a shipper that runs by itself.")
@elastic_options
@click.option("--fail-on", type=click.Choice(SEVERITIES), help="Exit 1 when an alert is at or above this severity.")
@click.option("--quiet", is_flag=True, help="No summary, no progress.")
def replay(
    captures: tuple[str, ...],
    policy: Path | None,
    baseline: Path | None,
    store: Path | None,
    output: Path | None,
    site: str,
    sensor: str,
    spool: bool,
    elastic: ElasticOptions,
    fail_on: str | None,
    quiet: bool,
) -> None:
    """Read captures and report what is in them.

    CAPTURE is a pcap or pcapng file, plain or compressed with gzip or zstd, a directory of them, or - for standard
    input. Exit codes: 0 fine, 1 alerts at or above --fail-on, 2 wrong use, 3 a capture was unreadable or cut.

    \b
    Example:
      spanwatch replay plant.pcap --policy policy.yaml --output out/ --fail-on high
    """
    from sensor.cli.shipment import Shipment, wanted_target  # noqa: PLC0415
    from sensor.cli.terminal.progress import reading_bar  # noqa: PLC0415
    from sensor.cli.terminal.summary import Summary  # noqa: PLC0415
    from sensor.documents.origin import Origin  # noqa: PLC0415
    from sensor.pipeline.options import Options  # noqa: PLC0415
    from sensor.pipeline.replay import Replay  # noqa: PLC0415

    try:
        Origin(site=site, sensor=sensor, version="0")
    except ValueError as error:
        refuse(str(error))
    if baseline is not None and not baseline.is_dir():
        refuse(f"{baseline}: no such baseline folder. Check --baseline, or make one with: spanwatch model train")
    if spool and store is None:
        refuse("--spool needs --store FILE: documents wait there until a shipper has taken them")
    target = wanted_target(elastic, store, site, sensor)
    start_log()
    with clear_errors():
        options = Options(
            captures=captures,
            policy=load_policy(policy),
            store=store,
            output=output,
            site=site,
            sensor=sensor,
            baseline=baseline,
            spool=spool,
            elastic=target,
        )
        summary = Summary()
        run = Replay(options, [summary])
        report_baseline(run.baseline)
        with Shipment(store, target) as shipment:
            with reading_bar(not quiet and sys.stderr.isatty()) as progress:
                reading = run.run(progress)
            if not quiet:
                summary.show(reading, output=output, store=store)
                if run.baseline is not None:
                    click.echo(run.baseline.sentence())
            shipment.finish(quiet)
    report_problems(reading)
    if reading.problems:
        raise SystemExit(UNREADABLE)
    worst = max((SEVERITIES.index(alert.severity) for alert in summary.alerts.values()), default=-1)
    if fail_on is not None and worst >= SEVERITIES.index(fail_on):
        raise SystemExit(ALERTS)
    raise SystemExit(FINE)


COMMAND: Final = replay
