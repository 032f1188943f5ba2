"""``spanwatch replay``: captures in, everything that is in them out."""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import TYPE_CHECKING, Final, NoReturn

import click
import msgspec

from sensor.cli.config_option import networks
from sensor.cli.exit import ALERTS, FAILED, FINE, INTERRUPTED, SEVERITIES, UNREADABLE, USAGE, clear_errors, start_log
from sensor.cli.run_options import RunOptions, check, run_options, to_options

if TYPE_CHECKING:
    from pathlib import Path

    from sensor.capture.record import Reading
    from sensor.pipeline.baseline import BaselineInUse


MAX_SENTENCE: Final = 2_000


def report_problems(reading: Reading) -> None:
    """Say what could not be read, on standard error."""
    from sensor.cli.terminal.escape import plain  # noqa: PLC0415

    for note in reading.notes:
        click.echo(f"note: {plain(note, MAX_SENTENCE)}", err=True)
    for problem in reading.problems:
        click.echo(f"spanwatch: {plain(problem, MAX_SENTENCE)}", err=True)


def report_interfaces(interfaces: Collection[str]) -> None:
    """Say on standard error which interfaces the configuration names that are not there."""
    from sensor.cli.networks import never_there  # noqa: PLC0415  # pydantic is slow to import
    from sensor.cli.terminal.escape import plain  # noqa: PLC0415

    if note := never_there(networks(), interfaces):
        click.echo(f"note: {plain(note, MAX_SENTENCE)}", err=True)


def report_baseline(baseline: BaselineInUse | None) -> None:
    """Say on standard error that a baseline was refused and detection goes on without it."""
    from sensor.cli.terminal.escape import plain  # noqa: PLC0415

    if baseline is not None and baseline.refused:
        click.echo(f"spanwatch: {plain(baseline.said, MAX_SENTENCE)}", err=True)


def report_interruption(output: Path | None, store: Path | None) -> NoReturn:
    """Say on standard error what Ctrl-C leaves of a replay, and end with the exit code for it."""
    from sensor.cli.terminal.escape import plain  # noqa: PLC0415

    kept = []
    if output is not None:
        kept.append(f"{plain(output)} is as it was, nothing of this run is in it")
    if store is not None:
        kept.append(f"{plain(store)} holds what was read until then; the same replay again completes it")
    click.echo(f"\nspanwatch: interrupted before the end. {'; '.join(kept) or 'Nothing was written'}", err=True)
    raise SystemExit(INTERRUPTED)


@click.command("replay")
@click.argument("captures", nargs=-1, required=True, metavar="CAPTURE...")
@run_options
@click.option(
    "--merge/--no-merge",
    default=None,
    help="Read captures of the same time together, by packet time. Without it: the two legs of a tap.",
)
@click.option("--fail-on", type=click.Choice(SEVERITIES), help="Exit 1 when an alert is at or above this severity.")
@click.option("--quiet", is_flag=True, help="No summary, no progress.")
def replay(
    captures: tuple[str, ...],
    run: RunOptions,
    merge: bool | None,
    fail_on: str | None,
    quiet: bool,
) -> None:
    """Read captures and report what is in them.

    CAPTURE is a pcap or pcapng file, plain or compressed with gzip or zstd, a directory of them, or - for standard
    input. Of files of the same time the two legs of a tap are read together; --merge reads together whatever is of the
    same time. Exit codes: 0 fine, 1 alerts at or above --fail-on, 2 wrong use, 3 a capture was unreadable or cut,
    4 a part of Spanwatch failed on something it read (SEN-023): the results are not complete, 130 Ctrl-C. With a
    baseline that is refused the rest is reported all the same, and the exit code is 2.

    \b
    Example:
      spanwatch replay plant.pcap --policy policy.yaml --output out/ --fail-on high
    """
    from sensor.cli.shipment import Shipment  # noqa: PLC0415
    from sensor.cli.terminal.progress import reading_bar  # noqa: PLC0415
    from sensor.cli.terminal.summary import Summary  # noqa: PLC0415
    from sensor.cli.terminal.words import counted  # noqa: PLC0415
    from sensor.pipeline.replay import Replay  # noqa: PLC0415

    target = check(run)
    start_log()
    with clear_errors():
        options = msgspec.structs.replace(to_options(run, target, captures=captures), merge=merge)
        summary = Summary()
        running = Replay(options, [summary])
        report_baseline(running.baseline)
        with Shipment(run.store, target) as shipment:
            try:
                with reading_bar(not quiet and sys.stderr.isatty()) as progress:
                    reading = running.run(progress)
            except KeyboardInterrupt:
                report_interruption(run.output, run.store)
            if not quiet:
                summary.show(reading, output=run.output, store=run.store)
                if running.baseline is not None:
                    click.echo(running.baseline.sentence())
            shipment.finish(quiet)
    report_problems(reading)
    report_interfaces(list(running.worker.wire.places.interfaces))
    if reading.problems:
        raise SystemExit(UNREADABLE)
    if running.failures:
        click.echo(f"spanwatch: parts of Spanwatch failed {counted(running.failures, 'time')} (SEN-023)", err=True)
        raise SystemExit(FAILED)
    if running.baseline is not None and running.baseline.refused:
        raise SystemExit(USAGE)
    worst = max((SEVERITIES.index(alert.severity) for alert in summary.alerts.values()), default=-1)
    if fail_on is not None and worst >= SEVERITIES.index(fail_on):
        raise SystemExit(ALERTS)
    raise SystemExit(FINE)


COMMAND: Final = replay
