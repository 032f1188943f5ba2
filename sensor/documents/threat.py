"""ATT&CK for ICS in ECS words, from the pinned bundle: each tactic and each technique once.

A technique with several tactics, and the parent of several sub-techniques, stands once. A sub-technique stands below its parent. An id that
the pin does not know keeps its place with its number as name: an alert is never lost over its label.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rules.detections.attack.pin import Technique, pin, technique
from sensor.documents.text import Document

FRAMEWORK: Final = "MITRE ATT&CK for ICS"
TACTICS: Final = "https://attack.mitre.org/tactics/"
_LISTS: Final = ("id", "name", "reference")


def _known(identifier: str) -> Technique:
    try:
        return technique(identifier)
    except KeyError:
        return Technique(identifier, identifier, ())


def _add(rows: Document, identifier: str, name: str, reference: str) -> None:
    if identifier in rows.get("id", ()):
        return
    for key, value in zip(_LISTS, (identifier, name, reference), strict=True):
        rows.setdefault(key, []).append(value)


def threat(identifiers: Sequence[str]) -> Document:
    """Return the ``threat`` part for technique ids, {} without any."""
    if not identifiers:
        return {}
    tactics: Document = {}
    techniques: Document = {}
    below: Document = {}
    for identifier in identifiers:
        row = _known(identifier)
        main = _known(row.parent) if row.parent else row
        if row.parent:
            _add(below, row.id, row.name.partition(": ")[2] or row.name, row.reference)
        for tactic in row.tactics:
            _add(tactics, tactic.id, tactic.name, f"{TACTICS}{tactic.id}/")
        _add(techniques, main.id, main.name, main.reference)
    return {"framework": FRAMEWORK, "tactic": tactics, "technique": {**techniques, "subtechnique": below}}


def former_ids(identifiers: Sequence[str]) -> list[str]:
    """Return the ids under which older bundles know the techniques."""
    return [former for former in (_known(identifier).former for identifier in identifiers) if former]


def bundle_version() -> str:
    """Return the version of the pinned bundle."""
    return pin().bundle.version
