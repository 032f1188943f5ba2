"""Settings of the catalogue: the named defaults of each entry with what a site changed.

A site writes ``settings: {MB-004: {writes_per_second: 30}}``. Beside its numbers every alert takes ``enabled`` and
``except``, the devices (name, IP or MAC) about which it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from rules.detections.entry import Entry

Numbers = Mapping[str, int | float]
ENABLED: Final = "enabled"
EXCEPT: Final = "except"
UNITS: Final = {
    "per_second": "1/s",
    "per_minute": "1/min",
    "seconds": "s",
    "minutes": "min",
    "hours": "h",
    "percent": "%",
}
"""The unit that the end of a setting's name says; other settings are counts."""


class Setting(msgspec.Struct, frozen=True):
    """One number that a site may change. ``unit`` is "" for a count."""

    alert: str
    name: str
    default: int | float
    unit: str

    @property
    def key(self) -> str:
        """Its place in the configuration file."""
        return f"settings.{self.alert}.{self.name}"


def describe(catalogue: Iterable[Entry]) -> list[Setting]:
    """Return every number of the catalogue, in its order."""
    return [
        Setting(entry.id, name, number, next((unit for end, unit in UNITS.items() if name.endswith(end)), ""))
        for entry in catalogue
        for name, number in entry.settings.items()
    ]


def merged_settings(catalogue: Sequence[Entry], changes: Mapping[str, Numbers]) -> list[tuple[Entry, Numbers]]:
    """Return the enabled entries with their settings. Raises ``ValueError`` that names the wrong id or setting."""
    known = {entry.id: entry for entry in catalogue}
    for identifier, numbers in changes.items():
        entry = known.get(identifier)
        if entry is None:
            raise ValueError(f"detections: there is no alert {identifier!r}; name one of the catalogue")
        for name, number in numbers.items():
            if name != ENABLED and name not in entry.settings:
                names = ", ".join(sorted((*entry.settings, ENABLED)))
                raise ValueError(f"detections: {identifier} has no setting {name!r}; it has {names}")
            if isinstance(number, bool) and name == ENABLED:
                continue
            if isinstance(number, bool) or not isinstance(number, int | float) or number < 0:
                raise ValueError(f"detections: {identifier}.{name} must be a number of 0 or more, not {number!r}")
    return [
        (entry, {**entry.settings, **changes.get(entry.id, {})})
        for entry in catalogue
        if changes.get(entry.id, {}).get(ENABLED, 1)
    ]
