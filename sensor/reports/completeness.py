"""How much of the asset map is known, per priority class, and how much of the plant the sensor sees at all.

completeness = known / applicable (a conflict is not known); reachable = known / (applicable - what the wire never
carries). Both stand beside the coverage: a high share of a small visible part would mislead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from sensor.reports.field import GUIDANCE, NOT_OBSERVABLE, NOT_PROVIDED
from sensor.reports.state import PlantState
from sensor.reports.value import Value

PRIORITIES: Final = ("high", "medium", "low")


class Completeness(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one priority class over all assets; shares in percent with one decimal, 0 of nothing."""

    priority: str
    fields: int
    applicable: int
    known: int
    conflict: int
    not_seen: int
    import_needed: int
    completeness: float
    reachable: float


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """What the sensor sees of the plant. ``visibility`` counts channels by how whole they were captured."""

    assets: int
    in_policy: int | None
    never_seen: tuple[str, ...]
    not_in_policy: tuple[str, ...]
    channels: int
    visibility: dict[str, int]


def _share(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def completeness(rows: Sequence[Sequence[Value]]) -> list[Completeness]:
    """Return the three classes of the guidance; ``rows`` are the values of each asset in the order of the fields."""
    told = []
    for priority in PRIORITIES:
        keys = {field.key for field in GUIDANCE if field.priority == priority}
        values = [value for row in rows for value in row if value.key in keys]
        applicable = [value for value in values if value.state != "not_applicable"]
        known = sum(value.state == "known" for value in applicable)
        never = sum(value.reason == NOT_OBSERVABLE for value in applicable)
        gaps = [value.reason for value in applicable if value.state == "unknown"]
        imports = sum(reason in {NOT_OBSERVABLE, NOT_PROVIDED} for reason in gaps)
        told.append(
            Completeness(
                priority=priority,
                fields=len(keys),
                applicable=len(applicable),
                known=known,
                conflict=sum(value.state == "conflict" for value in applicable),
                not_seen=len(gaps) - imports,
                import_needed=imports,
                completeness=_share(known, len(applicable)),
                reachable=_share(known, len(applicable) - never),
            )
        )
    return told


def coverage(state: PlantState) -> Coverage:
    """Return what of the policy's assets was seen and what was seen besides."""
    seen = {asset.name for asset in state.assets if asset.known}
    visibility: dict[str, int] = {}
    for row in state.channels:
        visibility[row.opened.visibility] = visibility.get(row.opened.visibility, 0) + 1
    names = state.names
    return Coverage(
        assets=len(state.assets),
        in_policy=len(state.policy.assets) or None,
        never_seen=tuple(name for name in state.policy.assets if name not in seen),
        not_in_policy=tuple(names[asset.id] for asset in state.assets if not asset.known),
        channels=len(state.channels),
        visibility=dict(sorted(visibility.items())),
    )
