"""Settings of the catalogue: the named defaults of each entry with what a site changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rules.detections.entry import Entry

Numbers = Mapping[str, int | float]


def merged_settings(catalogue: Sequence[Entry], changes: Mapping[str, Numbers]) -> list[tuple[Entry, Numbers]]:
    """Return the enabled entries with their settings. Raises ``ValueError`` that names the wrong id or setting."""
    known = {entry.id: entry for entry in catalogue}
    for identifier, numbers in changes.items():
        entry = known.get(identifier)
        if entry is None:
            raise ValueError(f"detections: there is no alert {identifier!r}; name one of the catalogue")
        for name, number in numbers.items():
            if name != "enabled" and name not in entry.settings:
                names = ", ".join(sorted((*entry.settings, "enabled")))
                raise ValueError(f"detections: {identifier} has no setting {name!r}; it has {names}")
            if isinstance(number, bool) and name == "enabled":
                continue
            if isinstance(number, bool) or not isinstance(number, int | float) or number < 0:
                raise ValueError(f"detections: {identifier}.{name} must be a number of 0 or more, not {number!r}")
    return [
        (entry, {**entry.settings, **changes.get(entry.id, {})})
        for entry in catalogue
        if changes.get(entry.id, {}).get("enabled", 1)
    ]
