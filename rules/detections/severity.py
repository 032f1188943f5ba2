"""Severity steps and the risk score within the band of a severity.

One step up when the server is in a safety zone or of high criticality, one step down in a maintenance window that
names the zone, one step down for what waits for review; never below low nor above critical.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dissectors.context import AssetView
from rules.detections.alert import SEVERITIES

BANDS: Final = {"low": (0.0, 21.0), "medium": (22.0, 47.0), "high": (48.0, 73.0), "critical": (74.0, 100.0)}
"""Risk scores of each severity, both ends included."""

Maintenance = Callable[[str, int], object]
"""Returns something true when a zone is in a maintenance window at a time (ns)."""


def step(severity: str, steps: int) -> str:
    """Return the severity so many steps higher (or lower), kept within the four."""
    at = SEVERITIES.index(severity) + steps
    return SEVERITIES[max(0, min(at, len(SEVERITIES) - 1))]


def capped(severity: str, limit: str) -> str:
    """Return the severity, or ``limit`` where that is lower; "" bounds nothing."""
    return limit if limit and SEVERITIES.index(limit) < SEVERITIES.index(severity) else severity


def steps_for(assets: tuple[AssetView | None, ...], safety: bool, review: bool, maintenance: bool) -> int:
    """Return the steps for a hit. ``assets`` holds the server (or the asset concerned)."""
    known = [asset for asset in assets if asset is not None]
    up = safety or any(asset.safety or asset.criticality == "high" for asset in known)
    return int(up) - int(maintenance) - int(review)


def risk(severity: str, *, criticality: str, succeeded: bool, denied: bool, count: int, complete: bool) -> float:
    """Return the risk score: the middle of the band, moved by what is at stake and how sure the capture makes it."""
    share = 0.5
    share += {"high": 0.2, "medium": 0.1}.get(criticality, 0.0)
    share += 0.1 if succeeded else 0.0
    share += 0.1 if denied else 0.0
    share += 0.1 if count >= 10 else 0.0
    share -= 0.0 if complete else 0.2
    minimum, maximum = BANDS[severity]
    return round(minimum + (maximum - minimum) * max(0.0, min(share, 1.0)), 1)
