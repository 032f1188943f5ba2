"""How models write numbers for analysts: short, with units, the same on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from dissectors.facts import Target

SECOND = 1_000_000_000


def day_text(time: int) -> str:
    """Return the UTC minute of ``time`` (ns), e.g. "2026-11-22 16:05"."""
    return datetime.fromtimestamp(time // SECOND, UTC).strftime("%Y-%m-%d %H:%M")


def seconds_text(seconds: float) -> str:
    """Return a duration with three digits that matter and its unit."""
    if seconds < 0.0009995:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 0.9995:
        return f"{seconds * 1e3:.3g} ms"
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 600:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"


def target_text(target: Target) -> str:
    """Return a range of objects, e.g. "holding_register 100-101"."""
    if target.first < 0:
        return target.kind
    if target.first == target.last:
        return f"{target.kind} {target.first}"
    return f"{target.kind} {target.first}-{target.last}"


def targets_text(targets: Sequence[Target], limit: int = 3) -> str:
    """Return at most ``limit`` ranges and how many more there are."""
    shown = ", ".join(target_text(target) for target in targets[:limit])
    return shown + (f" and {len(targets) - limit} more" if len(targets) > limit else "")


def count_text(number: int, noun: str) -> str:
    """Return "1 request", "1,204 requests"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
