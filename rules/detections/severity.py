"""Severity steps and the risk score within the band of a severity.

One step up when the server is in a safety zone or of high criticality, one step down in a maintenance window that
names the zone, one step down for what waits for review, one step down for what the device refused where the alert has a
sentence of its own for that; never below low nor above critical. docs/alerts/README.md says it to operators (tools/docs/alert_pages.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from dissectors.context import AssetView
from rules.detections.alert import SEVERITIES

BANDS: Final = {"low": (0.0, 21.0), "medium": (22.0, 47.0), "high": (48.0, 73.0), "critical": (74.0, 100.0)}
"""Risk scores of each severity, both ends included."""

MIDDLE: Final = 0.5
"""Where in its band a score begins, as a share of the band."""
OFTEN: Final = 10
"""Hits of an incident from which on it counts as one that goes on."""
SHARES: Final = {
    "critical": 0.2,
    "important": 0.1,
    "succeeded": 0.1,
    "denied": 0.1,
    "often": 0.1,
    "incomplete": -0.2,
}
"""What moves a score within its band, and how far."""

Maintenance = Callable[[str, int], object]
"""Returns something true when a zone is in a maintenance window at a time (ns)."""


def step(severity: str, steps: int) -> str:
    """Return the severity so many steps higher (or lower), kept within the four."""
    at = SEVERITIES.index(severity) + steps
    return SEVERITIES[max(0, min(at, len(SEVERITIES) - 1))]


def capped(severity: str, limit: str) -> str:
    """Return the severity, or ``limit`` where that is lower; "" bounds nothing."""
    return limit if limit and SEVERITIES.index(limit) < SEVERITIES.index(severity) else severity


def steps_for(assets: tuple[AssetView | None, ...], safety: bool, review: bool, maintenance: bool) -> dict[str, int]:
    """Return the steps for a hit, each by its reason. ``assets`` holds the server (or the asset concerned)."""
    known = [asset for asset in assets if asset is not None]
    steps: dict[str, int] = {}
    critical = next((asset for asset in known if asset.criticality == "high"), None)
    if safety or any(asset.safety for asset in known):
        steps["a safety zone is concerned"] = 1
    elif critical is not None:
        steps[f"{critical.name or critical.ip or critical.mac or 'the asset'} is of high criticality in the policy"] = 1
    if maintenance:
        steps["it happened in a maintenance window"] = -1
    if review:
        steps["it asks for a decision, not for a reaction"] = -1
    return steps


def told(shipped: str, base: str, steps: Mapping[str, int], severity: str, limit: str) -> str:
    """Return a sentence on why ``severity`` is not the one that the catalogue ships; "" where it is."""
    if severity == shipped:
        return ""
    parts = [f"{shipped} in the catalogue"]
    if base != shipped:
        parts.append(f"{base} for what was seen here")
    parts += [f"one step {'up' if count > 0 else 'down'}: {reason}" for reason, count in steps.items()]
    if limit and severity == limit:
        parts.append(f"never above {limit}")
    return "; ".join(parts)


def risk(severity: str, *, criticality: str, succeeded: bool, denied: bool, count: int, complete: bool) -> float:
    """Return the risk score: the middle of the band, moved by what is at stake and how sure the capture makes it."""
    moved = {
        "critical": criticality == "high",
        "important": criticality == "medium",
        "succeeded": succeeded,
        "denied": denied,
        "often": count >= OFTEN,
        "incomplete": not complete,
    }
    share = MIDDLE + sum(SHARES[name] for name, holds in moved.items() if holds)
    minimum, maximum = BANDS[severity]
    return round(minimum + (maximum - minimum) * max(0.0, min(share, 1.0)), 1)
