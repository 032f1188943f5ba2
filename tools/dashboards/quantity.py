"""Numbers and times as a person reads them, in the units of the measures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from tools.dashboards.definition import TIME
from tools.dashboards.query import Cell

DAY_MS: Final = 86_400_000
_STEPS: Final = {
    "bytes": ((1 << 40, "TB"), (1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")),
    "µs": ((1_000_000, "s"), (1_000, "ms")),
    "s": ((86_400, "d"), (3_600, "h"), (60, "min")),
}
_LEAST: Final = {"bytes": "B"}


def _plain(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.2f}".rstrip("0").rstrip(".") if abs(value) < 100 else f"{value:,.0f}"


def number(value: float, unit: str) -> str:
    """Return a number with its unit, in the largest step that leaves a one before the point."""
    for size, word in _STEPS.get(unit, ()):
        if abs(value) >= size:
            return f"{value / size:,.1f} {word}".replace(".0 ", " ")
    word = _LEAST.get(unit, unit)
    shown = _plain(round(value, 2))
    return f"{shown}{word}" if word.startswith("/") else f"{shown} {word}".rstrip()


def moment(value: float, span: float = 0.0) -> str:
    """Return a time (ms since 1970, UTC) as precise as a range of ``span`` ms needs; without a range, to the second."""
    time = datetime.fromtimestamp(value / 1000, UTC)
    if not span:
        return time.strftime("%Y-%m-%d %H:%M:%S")
    if span < DAY_MS:
        return time.strftime("%H:%M:%S" if span < 3_600_000 else "%H:%M")
    return time.strftime("%m-%d %H:%M" if span < 7 * DAY_MS else "%m-%d")


def written(value: Cell, unit: str) -> str:
    """Return a cell of a table; a missing value is a dash."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return moment(float(value)) if unit == TIME else number(float(value), unit)
