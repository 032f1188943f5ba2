"""The pinned ATT&CK for ICS: names, tactics and former ids of the techniques that the catalogue names.

The data file holds an extract of one STIX bundle (file name, version, SHA-256), MITRE's crosswalk from v18 ids
and MITRE's copyright line. Ids are named in the catalogue; everything else about a technique is read from here.
Limit: only the techniques that the catalogue uses, their parents and the crosswalk are in the extract.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

EXTRACT: Final = "ics-attack-19.1-extract.json"


class Bundle(msgspec.Struct, frozen=True):
    """A STIX bundle as MITRE released it."""

    file: str
    version: str
    sha256: str


class Tactic(msgspec.Struct, frozen=True):
    """A column of the matrix."""

    id: str
    shortname: str
    name: str


class Row(msgspec.Struct, frozen=True):
    """One technique of the extract; ``tactics`` are short names, empty when it is revoked."""

    id: str
    name: str
    tactics: tuple[str, ...]
    revoked: bool
    deprecated: bool


class Pin(msgspec.Struct, frozen=True):
    """The whole data file; ``crosswalk`` goes from the former id to the present one."""

    copyright: str
    bundle: Bundle
    former_bundle: Bundle
    provenance: str
    tactics: tuple[Tactic, ...]
    techniques: tuple[Row, ...]
    crosswalk: dict[str, str]


class Technique(msgspec.Struct, frozen=True):
    """A technique ready for a document. ``name`` has the parent before a sub-technique; ``former`` may be ""."""

    id: str
    name: str
    tactics: tuple[Tactic, ...]
    former: str = ""
    parent: str = ""

    @property
    def reference(self) -> str:
        """The page of this technique at MITRE."""
        return f"https://attack.mitre.org/techniques/{self.id.replace('.', '/')}/"


@cache
def pin() -> Pin:
    """Return the pinned data; read once."""
    return msgspec.json.decode((files(__package__) / EXTRACT).read_bytes(), type=Pin)


@cache
def _techniques() -> dict[str, Technique]:
    data = pin()
    tactics = {tactic.shortname: tactic for tactic in data.tactics}
    names = {row.id: row.name for row in data.techniques}
    former = {new: old for old, new in data.crosswalk.items()}
    known: dict[str, Technique] = {}
    for row in data.techniques:
        if row.revoked or row.deprecated:
            continue
        parent = row.id.partition(".")[0] if "." in row.id else ""
        name = f"{names[parent]}: {row.name}" if parent else row.name
        columns = tuple(tactics[short] for short in row.tactics)
        known[row.id] = Technique(row.id, name, columns, former.get(row.id, ""), parent)
    return known


def technique(identifier: str) -> Technique:
    """Return the technique with this present id. Raises ``KeyError`` for one that is missing, revoked or deprecated."""
    try:
        return _techniques()[identifier]
    except KeyError:
        message = f"{identifier} is not in the pinned ATT&CK for ICS {pin().bundle.version}, or it is revoked"
        raise KeyError(message) from None


def present_id(former: str) -> str:
    """Return the id that replaced a former one, or the same id when it was not replaced."""
    return pin().crosswalk.get(former, former)
