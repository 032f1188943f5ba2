"""The terminal: colour and width only where there is one, no markup anywhere."""

from __future__ import annotations

import io
import os
import sys
from typing import IO, Final, NoReturn

from rich.console import Console

PIPE_COLUMNS: Final = 140
"""Width of tables when nobody looks: a file or a pipe, unless COLUMNS says otherwise."""
MIN_COLUMNS: Final = 40

SEVERITY_STYLES: Final = {"low": "cyan", "medium": "yellow", "high": "red", "critical": "bold red"}


class _Console(Console):
    def on_broken_pipe(self) -> NoReturn:
        """Leave it to the program: rich would end it with exit code 1, which reads as alerts."""
        raise BrokenPipeError


def console(file: IO[str] | None = None, width: int | None = None) -> Console:
    """Return a console on ``file`` (standard output) that prints text as it is.

    What the encoding of the terminal lacks is shown as an escape instead of ending the program.
    """
    target = file or sys.stdout
    if isinstance(target, io.TextIOWrapper):
        target.reconfigure(errors="backslashreplace")
    columns = width
    if columns is None and not target.isatty():
        given = os.environ.get("COLUMNS", "")
        columns = int(given) if given.isdecimal() and int(given) else PIPE_COLUMNS
    if columns is not None:
        columns = max(columns, MIN_COLUMNS)
    return _Console(file=target, width=columns, markup=False, highlight=False, emoji=False)
