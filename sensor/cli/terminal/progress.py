"""The progress bar while captures are read, on standard error so that output stays clean."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from sensor.cli.terminal.console import console

Tell = Callable[[int, "int | None"], None]
"""Takes the bytes read so far and the bytes there are (None: not known)."""


@contextmanager
def reading_bar(enabled: bool) -> Iterator[Tell | None]:
    """Show a bar while the block runs and hand it the function to call; None when not ``enabled``."""
    if not enabled:
        yield None
        return
    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(sys.stderr), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def report(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total)

        yield report
