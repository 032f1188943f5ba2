"""How times, numbers and stations are written in the terminal. Times are UTC, from packets."""

from __future__ import annotations

from typing import Final

from dissectors.context import AssetView
from dissectors.facts import Endpoint, Target
from sensor.documents.moment import moment

SHOWN: Final = 8


def instant(time: int) -> str:
    """Return a packet time for people: "2026-11-21 22:10:04.123"."""
    return moment(time).replace("T", " ").removesuffix("Z") if time else "-"


def number(count: int) -> str:
    """Return a number with its thousands apart."""
    return f"{count:,}".replace(",", " ")


def size(byte_count: int) -> str:
    """Return an amount of data in the unit that suits it."""
    amount, unit = float(byte_count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{byte_count} B" if unit == "B" else f"{amount:.1f} {unit}"


def duration(nanoseconds: int) -> str:
    """Return a span of time as hours, minutes and seconds."""
    seconds = max(0, nanoseconds) / 1_000_000_000
    hours, rest = divmod(int(seconds), 3600)
    minutes = rest // 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest % 60} s" if minutes else f"{seconds:.1f} s"


def station(asset: AssetView | None, endpoint: Endpoint | None) -> str:
    """Return what a station is called: by its asset, else by its address, "-" when there is none."""
    address = (endpoint.ip or endpoint.mac) if endpoint is not None else ""
    if asset is None:
        return address or "-"
    address = asset.ip or address
    return (
        f"{asset.name} ({address})"
        if asset.name and address and asset.name != address
        else asset.name or address or asset.id
    )


def targets(rows: tuple[Target, ...]) -> str:
    """Return objects as text, e.g. "holding_register 400-411"."""
    parts = [
        row.kind if row.first < 0 else f"{row.kind} {row.first}" + (f"-{row.last}" if row.last > row.first else "")
        for row in rows[:SHOWN]
    ]
    return ", ".join(parts) + (f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else "")


def listed(items: object) -> str:
    """Return a sequence as text: the first SHOWN items and the number of the rest."""
    rows = [str(item) for item in items] if isinstance(items, tuple | list) else [str(items)]
    return ", ".join(rows[:SHOWN]) + (f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else "")


def counted(count: int, noun: str) -> str:
    """Return a number with its noun: "1 capture", "2 captures"."""
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"
