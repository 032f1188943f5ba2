"""What all generated pages share: their first line, tables, and text that a table can hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

MADE: Final = "<!-- Made by `make docs`; change the code, not this page. -->"


def page(title: str, *parts: str) -> str:
    """Return a page: its title, then its parts with a blank line between them."""
    return "\n\n".join([MADE, f"# {title}", *(part.strip("\n") for part in parts if part)]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; "" without rows."""
    lines = ["| " + " | ".join(cell(value) for value in row) + " |" for row in rows]
    if not lines:
        return ""
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *lines])


def section(title: str, *parts: str) -> str:
    """Return a section, "" when nothing is in it."""
    kept = [part for part in parts if part]
    return "\n\n".join([f"## {title}", *kept]) if kept else ""


def cell(value: object) -> str:
    """Return a value as one line that does not end its cell."""
    return " ".join(str(value).split()).replace("|", "\\|")


def code(value: object) -> str:
    """Return a value as code, "" for nothing."""
    return f"`{value}`" if str(value) else ""
