"""The entries that follow from the declarations of the protocols: their dangers, and their instances of the shapes.

Protocols of one series that declare the same danger or pattern share the entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields

from dissectors.danger import Pattern, Patterns
from dissectors.spec import Protocol
from rules.detections.entry import Entry
from rules.detections.explanation import Explanation, absence, mismatch
from rules.detections.patterns.asked import SILENT, danger_entry, identifier_of
from rules.detections.patterns.shape import Shape
from rules.detections.patterns.shapes import SHAPES

FORMS_OF_KIND = {"command": "C", "discovery": "R"}


def declared_entries(protocols: Iterable[Protocol]) -> tuple[Entry, ...]:
    """Return the entries of everything that these protocols declare."""
    known = tuple(protocols)
    entries: dict[str, Entry] = {}
    for protocol in known:
        series = [one for one in known if one.series == protocol.series]
        for danger in protocol.dangers:
            names = tuple(one.name for one in series if danger in one.dangers)
            entry = danger_entry(protocol, danger, names)
            entries.setdefault(entry.id, entry)
        for shape, pattern in patterns_of(protocol.patterns):
            names = tuple(one.name for one in series if (shape, pattern) in patterns_of(one.patterns))
            entry = _entry(protocol, SHAPES[shape], pattern, names)
            entries.setdefault(entry.id, entry)
    return tuple(entries.values())


def patterns_of(patterns: Patterns) -> list[tuple[str, Pattern]]:
    """Return each pattern with the name of its shape."""
    return list(_each(patterns))


def _each(patterns: Patterns) -> Iterator[tuple[str, Pattern]]:
    for one in fields(patterns):
        held = getattr(patterns, one.name)
        if isinstance(held, Pattern):
            yield one.name, held
        elif isinstance(held, tuple):
            yield from ((one.name, pattern) for pattern in held)


def _entry(protocol: Protocol, shape: Shape, pattern: Pattern, names: tuple[str, ...]) -> Entry:
    identifier = identifier_of(protocol, pattern.number)
    settings = dict(pattern.settings or shape.settings)
    scope = pattern.scope or shape.scope
    silent = "plant/normal_later.pcap" if shape.needs == "B" else SILENT
    return Entry(
        id=identifier,
        name=pattern.name or shape.name,
        severity=pattern.severity or shape.severity,
        looks=shape.looks(pattern, names, identifier),
        predicate=shape.predicate(pattern, settings, scope),
        explanation=_explanation(protocol, shape, pattern),
        false_positives=pattern.false_positives or shape.false_positives,
        normal=_said(protocol, pattern, shape, pattern.normal or shape.normal) or protocol.patterns.approval,
        category=pattern.category or shape.category,
        techniques=pattern.techniques or shape.techniques,
        context=pattern.context,
        needs=shape.needs,
        scope=scope,
        settings=settings,
        whole=False if shape.needs == "B" else pattern.whole or None,
        capture_fires=pattern.capture,
        capture_silent=silent if pattern.capture or shape.needs == "P" else "",
    )


def _explanation(protocol: Protocol, shape: Shape, pattern: Pattern) -> Explanation:
    reason, expected, observed = (
        _said(protocol, pattern, shape, text)
        for text in (
            pattern.reason or shape.reason,
            pattern.expected or shape.expected,
            pattern.observed or shape.observed,
        )
    )
    if shape.form == "M":
        return mismatch(reason, expected, observed)
    if shape.form == "A":
        return absence(reason, expected, observed)
    return Explanation(FORMS_OF_KIND.get(pattern.kind, shape.form), reason, expected, observed)


def _said(protocol: Protocol, pattern: Pattern, shape: Shape, text: str) -> str:
    unit = protocol.unit.name if protocol.unit is not None else "unit"
    units = f"{unit}es" if unit.endswith("s") else f"{unit}s"
    identifier = identifier_of(protocol, pattern.number)
    said = text.replace("<consequence>", pattern.consequence or shape.consequence).replace("<units>", units)
    return said.replace("<id>", identifier)
