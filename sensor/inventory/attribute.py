"""Which of several values counts, and when two values contradict each other.

Precedence: paired protocol identity, then one-sided reply, layer-2 announcement, behaviour, and last the
vendor block of the MAC. A lower source never replaces a higher one; all stay visible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from dissectors.attributes import ATTRIBUTES
from sensor.inventory.address import CONFIRMING
from sensor.inventory.record import Attribute, Observation

MANY_VALUED: Final = frozenset(row.name for row in ATTRIBUTES if row.many)
CONTRADICTING: Final = frozenset(row.name for row in ATTRIBUTES if row.agrees)
UNIQUE: Final = frozenset(row.name for row in ATTRIBUTES if row.unique)
SWAPPED: Final = frozenset(row.name for row in ATTRIBUTES if row.swapped)

_PLACEHOLDERS: Final = frozenset({"", "0", "none", "unknown", "n/a", "na", "default", "serial", "serialnumber"})
_VENDOR_BLOCK: Final = "oui"


def rank(method: str, confidence: str) -> int:
    """Return the precedence of a source, higher counts more."""
    family = method.partition(".")[0]
    if confidence == "weak" or family == _VENDOR_BLOCK:
        return 1
    if family == "behaviour":
        return 2
    if family in CONFIRMING:
        return 3
    return 5 if confidence == "strong" else 4


def plain(value: str) -> str:
    """Return the letters and digits of ``value`` in one case, for comparison only."""
    return "".join(char for char in value.casefold() if char.isalnum())


def is_identifying(attribute: str, value: str) -> bool:
    """Whether this value can report one device from all others (not a factory placeholder)."""
    text = plain(value)
    return attribute in UNIQUE and len(text) >= 4 and text not in _PLACEHOLDERS and text.strip("0") != ""


def agree(left: str, right: str) -> bool:
    """Whether two values can be the same thing written differently ("Siemens", "SIEMENS AG")."""
    one, two = plain(left), plain(right)
    return one == two or (min(len(one), len(two)) >= 3 and (one in two or two in one))


def newest_per_source(observations: Sequence[Observation]) -> list[Observation]:
    """Return the value each (method, unit) said last, in order of first sight."""
    latest: dict[tuple[str, str], Observation] = {}
    for row in observations:
        key = (row.method, row.unit)
        before = latest.get(key)
        if before is None or (row.last, row.first) >= (before.last, before.first):
            latest[key] = row
    return list(latest.values())


def disagreeing(name: str, observations: Sequence[Observation]) -> tuple[Observation, Observation] | None:
    """Return two current values of independent sources that contradict each other; weak sources never do."""
    if name not in CONTRADICTING:
        return None
    current = [row for row in newest_per_source(observations) if rank(row.method, row.confidence) > 1]
    for position, left in enumerate(current):
        for right in current[position + 1 :]:
            independent = left.method.partition(".")[0] != right.method.partition(".")[0]
            if independent and not agree(left.value, right.value):
                return left, right
    return None


def attribute_of(name: str, observations: Sequence[Observation]) -> Attribute:
    """Return the attribute with its state and the value of the source that takes precedence."""
    current = newest_per_source(observations)
    if not current:
        return Attribute(name=name, state="unknown", value="", reason="not_seen_yet")
    best = max(current, key=lambda row: (rank(row.method, row.confidence), row.last, row.first, row.value))
    state = "conflict" if disagreeing(name, observations) else "known"
    return Attribute(name=name, state=state, value=best.value, observations=tuple(observations))


def by_attribute(rows: Mapping[str, Sequence[Observation]]) -> tuple[Attribute, ...]:
    """Return all attributes in the order of their names."""
    return tuple(attribute_of(name, rows[name]) for name in sorted(rows))
