"""``spanwatch expect``: for CI, replay a capture and compare with a reviewed file."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Final

import click

from sensor.cli.config_option import mirror_sessions, networks, redundancy, settings_and_exceptions
from sensor.cli.exit import ALERTS, FINE, UNREADABLE, clear_errors, load_policy, refuse, start_log
from sensor.cli.output_file import write_file
from sensor.cli.replay import report_problems

MAX_DIFFERENCES: Final = 200
BEGINNING: Final = b"packets: "
"""How every file of expected results begins."""


@click.command("expect")
@click.argument("captures", nargs=-1, required=True, metavar="CAPTURE...")
@click.option("--against", type=click.Path(path_type=Path), required=True, help="File with the expected results.")
@click.option("--policy", type=click.Path(path_type=Path), help="Segmentation policy to judge by.")
@click.option("--update", is_flag=True, help="Write the file anew instead of comparing.")
def expect(captures: tuple[str, ...], against: Path, policy: Path | None, update: bool) -> None:
    """Replay a capture and compare with its expected results.

    Where NAME.facts.jsonl lies beside NAME.expected.yaml, every single fact is compared as well, and --update writes
    both. An empty file is enough to begin.

    Exit codes: 0 equal, 1 different (the difference is printed), 2 wrong use, 3 the capture was unreadable or cut.

    \b
    Example:
      spanwatch expect plant.pcap --policy policy.yaml --against plant.expected.yaml
    """
    from sensor.cli.terminal.words import counted  # noqa: PLC0415  # rich is slow to import
    from sensor.pipeline import fact_lines  # noqa: PLC0415
    from sensor.pipeline.expect import Expectation  # noqa: PLC0415
    from sensor.pipeline.options import Options  # noqa: PLC0415
    from sensor.pipeline.replay import Replay  # noqa: PLC0415

    start_log()
    if not update and not against.is_file():
        refuse(f"{against}: no such file; make it with --update and review it")
    if update and not _may_be_replaced(against):
        refuse(
            f"{against}: is no file of expected results, and --update leaves it as it is. Name a new file with --against"
        )
    facts = fact_lines.beside(against)
    with clear_errors():
        expectation = Expectation([] if facts.is_file() else None)
        settings, exceptions = settings_and_exceptions()
        judged = load_policy(policy)
        options = Options(
            captures=captures,
            policy=judged,
            settings=settings,
            exceptions=exceptions,
            networks=networks(),
            redundancy=redundancy(),
            mirrors=mirror_sessions(),
        )
        reading = Replay(options, [expectation]).run()
    report_problems(reading)
    text = expectation.text()
    if update:
        write_file(against, text.encode(), "--against")
        if expectation.lines is not None:
            write_file(facts, fact_lines.text(expectation.lines).encode(), "--against")
        click.echo(f"{against}: written, {counted(len(expectation.alerts), 'alert')}; review it before you commit it")
        raise SystemExit(UNREADABLE if reading.problems else FINE)
    expected = against.read_text(encoding="utf-8")
    differences = list(
        difflib.unified_diff(expected.splitlines(), text.splitlines(), str(against), "this run", lineterm="", n=1)
    )
    if expectation.lines is not None:
        reviewed = facts.read_text(encoding="utf-8").splitlines()
        differences += fact_lines.difference(reviewed, expectation.lines, str(facts))
    for line in differences[:MAX_DIFFERENCES]:
        click.echo(line)
    if len(differences) > MAX_DIFFERENCES:
        click.echo("... and more")
    if differences:
        raise SystemExit(ALERTS)
    raise SystemExit(UNREADABLE if reading.problems else FINE)


def _may_be_replaced(file: Path) -> bool:
    """Whether a file is new, empty or one that this command made: a policy named by mistake is not overwritten."""
    if not file.is_file():
        return True
    try:
        with file.open("rb") as opened:
            return opened.read(len(BEGINNING)) in (b"", BEGINNING)
    except OSError as error:
        refuse(f"{file}: cannot be read ({error.strerror or error}). Check --against")


COMMAND: Final = expect
