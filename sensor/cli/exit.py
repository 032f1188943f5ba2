"""Exit codes, the same for every command, and how errors of use are reported."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import click

if TYPE_CHECKING:
    from rules.policy import Policy

FINE: Final = 0
ALERTS: Final = 1
USAGE: Final = 2
UNREADABLE: Final = 3
FAILED: Final = 4
"""A part of the sensor failed on a fact or message: the results are not complete."""

INTERRUPTED: Final = 130
"""Ctrl-C ended it: what a shell reports of a program that SIGINT ended."""

MAX_LINE: Final = 4_096
"""Characters of one line of an error."""

SEVERITIES: Final = ("low", "medium", "high", "critical")


def start_log() -> None:
    """Send the log to standard error and say once when the packet path is interpreted."""
    from sensor.build import is_compiled  # noqa: PLC0415  # imports the packet path

    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s", force=True)
    if not is_compiled():
        logging.getLogger("spanwatch").warning("the packet path is interpreted: correct, but about 30 times slower")


def refuse(message: str) -> NoReturn:
    """End with a clear sentence and the exit code for wrong use or configuration.

    A sentence quotes what a file holds, which must not steer the terminal.
    """
    from sensor.cli.terminal.escape import plain  # noqa: PLC0415  # rich is slow to import

    lines = [plain(line, MAX_LINE) for line in message.splitlines()]
    click.echo("spanwatch: " + "\n".join(lines), err=True)
    raise SystemExit(USAGE)


@contextmanager
def clear_errors() -> Iterator[None]:
    """Report errors of policy, store and output as one sentence, exit code 2."""
    import msgspec  # noqa: PLC0415

    from rules.policy import PolicyError  # noqa: PLC0415  # pydantic is slow to import
    from sensor.sinks.ndjson import OutputError  # noqa: PLC0415
    from sensor.store import StoreError  # noqa: PLC0415

    try:
        yield
    except (PolicyError, StoreError, OutputError) as error:
        refuse(str(error))
    except msgspec.MsgspecError as error:
        refuse(f"the store is damaged ({error}); choose another file with --store, or restore a copy")


def store_path(path: Path | None) -> Path:
    """Return the store to read, with a clear error when there is none."""
    if path is None:
        refuse("which store? Give --store FILE (made by: spanwatch replay CAPTURE --store FILE)")
    return path


def load_policy(path: Path | None, given_by: str = "--policy") -> Policy | None:
    """Return the policy of a file; errors name file, line and fix."""
    if path is None:
        return None
    from rules.policy import load  # noqa: PLC0415  # pydantic is slow to import

    try:
        return load(path)
    except OSError as error:
        refuse(f"{path}: the policy cannot be read ({error.strerror or error}). Check {given_by}")
