"""What the instances of a shape share, and how a Pattern of a protocol becomes what its alert looks at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from dissectors.danger import Pattern
from dissectors.facts import Exchange, Violation
from rules.detections.entry import Match, Predicate
from rules.detections.patterns.asked import ALL_OUTCOMES
from rules.detections.patterns.denied import refusals

Names = tuple[str, ...]
Settings = Mapping[str, int | float]
PARTS: Final = {"server": (3,), "pair": (0, 1), "unit": (0, 1, 2)}
"""What is counted together, by the scope of the alert: client, host, unit, device."""
DONE: Final = "{operation} (code {code}) of {targets} with {values}: {outcome}{error}; {earlier}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the instances of a shape share. ``looks`` is given the pattern, the protocols and the id of the alert."""

    name: str = ""
    severity: str = "medium"
    form: str
    reason: str
    expected: str = ""
    observed: str = ""
    consequence: str = ""
    false_positives: str = ""
    normal: str = ""
    category: str = "unauthorized-operation"
    techniques: tuple[str, ...] = ()
    settings: Settings = field(default_factory=dict)
    scope: str = "unit"
    needs: str = "D"
    looks: Callable[[Pattern, Names, str], tuple[Match, ...]]
    predicate: Callable[[Pattern, Settings, str], Predicate]


def exchanges_of(pattern: Pattern, names: Names, identifier: str) -> tuple[Match, ...]:
    """Return the match of requests with the operations, verbs and codes of the pattern."""
    return (Match(Exchange, names, pattern.operations, pattern.verbs, ALL_OUTCOMES, (), pattern.codes),)


def refusals_of(pattern: Pattern, names: Names, identifier: str) -> tuple[Match, ...]:
    """Return the matches of what a refusal by the policy means this alert for."""
    return refusals(identifier)


def ended_in(outcome: str) -> Callable[[Pattern, Names, str], tuple[Match, ...]]:
    """Return what makes the match of exchanges that ended in this outcome."""
    return lambda pattern, names, _: (Match(Exchange, names, pattern.operations, pattern.verbs, (outcome,)),)


def errors_of(pattern: Pattern, names: Names, identifier: str) -> tuple[Match, ...]:
    """Return the matches of its errors, or of the failures of its operations."""
    if not pattern.errors:
        return (Match(Exchange, names, pattern.operations, outcomes=("failure",)),)
    return (Match(Exchange, names, pattern.operations, errors=pattern.errors),)


def violations_of(pattern: Pattern, names: Names, identifier: str) -> tuple[Match, ...]:
    """Return the match of its violations."""
    return (Match(Violation, names, words=pattern.faults),)
