"""A screen for tests: what is printed, as lines, for any width, with or without colours."""

from __future__ import annotations

import io
from collections.abc import Callable

from rich.console import Console

from sensor.cli.terminal.console import console


def printed(show: Callable[[Console], object], width: int = 140) -> str:
    """Return everything ``show`` prints on a console that is no terminal."""
    buffer = io.StringIO()
    show(console(buffer, width))
    return buffer.getvalue()


def in_colour(show: Callable[[Console], object], width: int = 140) -> str:
    """Return everything ``show`` prints on a terminal with colours."""
    buffer = io.StringIO()
    show(Console(file=buffer, width=width, force_terminal=True, color_system="standard", markup=False, highlight=False))
    return buffer.getvalue()


def words(text: str) -> str:
    """Return the text without line ends and runs of blanks."""
    return " ".join(text.split())
