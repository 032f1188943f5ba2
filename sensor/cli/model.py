"""``spanwatch model``: train a baseline of normal traffic, and show one."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sensor.cli.config_option import mirror_sessions, networks, told_by
from sensor.cli.exit import FINE, UNREADABLE, clear_errors, load_policy, refuse, start_log
from sensor.cli.replay import report_problems

if TYPE_CHECKING:
    from collections.abc import Callable

    from dissectors.facts import ChannelOpened, Exchange, OperationFirst
    from models.settings import Approval, Settings
    from rules.policy import Judge, Policy

UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
MINUTE: Final = 60


@click.group("model")
def model() -> None:
    """Train and show baselines: what is normal at this plant.

    \b
    Example:
      spanwatch model train normal_week/ --policy policy.yaml --output baseline-1
    """


def period_seconds(text: str) -> int:
    """Return a length of time in seconds: "120", "1m", "8h", "1d"; raises ``ValueError`` with a sentence for anything else."""
    found = re.fullmatch(r"(\d{1,9})([smhd]?)", text.strip())
    seconds = int(found[1]) * UNITS[found[2]] if found else 0
    if seconds < MINUTE or seconds % MINUTE or seconds > 31 * UNITS["d"]:
        raise ValueError(f"--period {text}: give whole minutes, from 1m to 31d (1d is usual)")
    return seconds


def approval_of(name: str | None, ticket: str | None, *, rare: bool) -> Approval | None:
    """Return who stands for what is never learned silently; a name without a ticket, or the reverse, is refused."""
    if name is None and ticket is None:
        if rare:
            refuse("--rare needs a person: give --approved-by NAME and --ticket T")
        return None
    if not name or not ticket:
        refuse("an approval needs both: --approved-by NAME and --ticket T")
    from models.settings import Approval  # noqa: PLC0415

    return Approval(by=name, ticket=ticket, rare=rare)


def settings_of(seconds: int) -> Settings:
    """Return the settings for a learning period; what is counted in hours shrinks with a period shorter than that."""
    from models.settings import Settings  # noqa: PLC0415

    return Settings(
        period_seconds=seconds,
        block_seconds=min(seconds, UNITS["h"]),
        calibration_gap_seconds=min(seconds, UNITS["h"]),
    )


@model.command("train")
@click.argument("captures", nargs=-1, metavar="[CAPTURE...]")
@click.option("--store", type=click.Path(path_type=Path), help="Learn from the facts of this store instead.")
@click.option("--output", type=click.Path(path_type=Path), required=True, help="New folder for the baseline.")
@click.option("--policy", type=click.Path(path_type=Path), help="Segmentation policy: what it denies is not learned.")
@click.option("--period", default="1d", show_default=True, help="What is seen in three of these is usual: 1m, 8h, 1d.")
@click.option("--approved-by", metavar="NAME", help="Who stands for the writes and commands that were seen.")
@click.option("--ticket", metavar="T", help="The change ticket of that approval.")
@click.option("--rare", is_flag=True, help="The approval covers reads that were seen in too few periods as well.")
def train(
    captures: tuple[str, ...],
    store: Path | None,
    output: Path,
    policy: Path | None,
    period: str,
    approved_by: str | None,
    ticket: str | None,
    rare: bool,
) -> None:
    """Learn what is normal from captures or from a store.

    Reads become usual when they were seen in three periods. Writes and commands never do by themselves: an allow rule of
    an approved policy confirms them, or a person with a ticket. A baseline is never changed; train a new one.
    Exit codes: 0 fine, 2 wrong use, 3 a capture was unreadable or cut (nothing is written).

    \b
    Example:
      spanwatch model train normal.pcap --policy policy.yaml --period 1m --output baseline-1
    """
    if bool(captures) == (store is not None):
        refuse("what should be learned? Give either captures or --store FILE")
    if output.exists():
        refuse(f"{output}: exists already, and a baseline is never changed. Choose a new folder with --output")
    try:
        seconds = period_seconds(period)
    except ValueError as error:
        refuse(told_by("period") + str(error))
    approval = approval_of(approved_by, ticket, rare=rare)
    start_log()
    with clear_errors():
        _train(captures, store, output, load_policy(policy), settings_of(seconds), approval)


def _train(
    captures: tuple[str, ...],
    store: Path | None,
    output: Path,
    policy: Policy | None,
    settings: Settings,
    approval: Approval | None,
) -> None:
    from dissectors.wire.mirrors import Mirrors  # noqa: PLC0415
    from models.baseline import BaselineError  # noqa: PLC0415  # numpy takes a moment
    from models.persistence import save  # noqa: PLC0415
    from models.training import Training  # noqa: PLC0415
    from rules.policy import Judge  # noqa: PLC0415
    from sensor.cli.terminal.model import show_learned  # noqa: PLC0415
    from sensor.cli.terminal.progress import reading_bar  # noqa: PLC0415
    from sensor.pipeline.train import Course  # noqa: PLC0415

    judge = Judge([policy], early=True) if policy is not None else None
    training = Training(settings, _allowed(judge, policy))
    course = Course(training, policy, judge, networks(), Mirrors(list(mirror_sessions())))
    if store is not None:
        course.store(store)
    else:
        with reading_bar(sys.stderr.isatty()) as progress:
            reading = course.captures(captures, progress)
        report_problems(reading)
        if reading.problems:
            raise SystemExit(UNREADABLE)
    counts = course.end()
    try:
        baseline = training.finish(approval)
    except ValueError as error:
        refuse(str(error))
    if baseline.origin.periods < settings.min_periods:
        refuse(_too_short(baseline.origin.first, baseline.origin.last, settings))
    try:
        save(baseline, output)
    except BaselineError as error:
        refuse(str(error))
    show_learned(baseline, counts, output)
    raise SystemExit(FINE)


def _allowed(
    judge: Judge | None, policy: Policy | None
) -> Callable[[ChannelOpened, OperationFirst | Exchange], str] | None:
    if judge is None or policy is None:
        return None
    from sensor.pipeline.train import allowed_by  # noqa: PLC0415

    return allowed_by(judge, policy)


def _too_short(first: int, last: int, settings: Settings) -> str:
    minutes = (last - first) // (MINUTE * 1_000_000_000)
    fitting = minutes // (settings.min_periods + 1)
    advice = f", or a shorter one: --period {fitting}m" if fitting else ""
    return (
        f"too short to learn from: the traffic spans {minutes} min, and a baseline needs {settings.min_periods} periods "
        f"of {settings.period_seconds // MINUTE} min. Give more traffic{advice}"
    )


@model.command("show")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Everything the baseline knows of stations, as JSON.")
def show(folder: Path, as_json: bool) -> None:
    """Show what a baseline learned, from what, who approved it, and what it leaves out.

    \b
    Example:
      spanwatch model show baseline-1
    """
    from models.baseline import BaselineError  # noqa: PLC0415  # numpy takes a moment
    from models.persistence import load  # noqa: PLC0415
    from sensor.cli.terminal.model import line_of, show_baseline  # noqa: PLC0415

    if not folder.is_dir():
        refuse(f"{folder}: no such baseline folder")
    try:
        baseline = load(folder)
    except BaselineError as error:
        refuse(str(error))
    if as_json:
        click.echo(line_of(baseline), nl=False)
    else:
        show_baseline(baseline)


COMMAND: Final = model
