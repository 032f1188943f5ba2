"""Tables that fit: columns that matter least go first when the terminal is narrow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sensor.cli.terminal.escape import cell


class Column:
    """A column, shown where the terminal has at least ``from_width`` columns."""

    def __init__(self, name: str, from_width: int = 0, right: bool = False) -> None:
        self.name = name
        self.from_width = from_width
        self.right = right


def print_table(console: Console, title: str, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
    """Print rows as a table; a row has one value per column, of any type (``Text`` keeps its style)."""
    shown = [place for place, column in enumerate(columns) if console.width >= column.from_width]
    table = Table(title=Text(title, style="bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for place in shown:
        column = columns[place]
        table.add_column(Text(column.name), justify="right" if column.right else "left", overflow="fold")
    for row in rows:
        values = [row[place] for place in shown]
        table.add_row(*(value if isinstance(value, Text) else cell(value) for value in values))
    console.print(table)


def print_fields(console: Console, fields: Iterable[tuple[str, object]]) -> None:
    """Print names and values below each other, leaving out what is empty."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in fields:
        text = value if isinstance(value, Text) else cell(value, limit=2_000)
        if text.plain:
            table.add_row(Text(name), text)
    console.print(table)
