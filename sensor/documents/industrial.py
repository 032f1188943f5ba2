"""What all protocols have in common in an operation, and the part of one protocol under ``spanwatch.FAMILY``.

The fields of a part, with their types and how each is read, are declared by the protocol (``dissectors.spec.Ecs``); here
they are bounded and put in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from dissectors.act import Act
from dissectors.facts import Target
from dissectors.registry import BY_NAME, PROTOCOLS
from dissectors.spec import CONFIGURING, Ecs
from sensor.documents.text import Document, keywords, longs, text


def point_count(targets: Sequence[Target]) -> int:
    """Return how many objects ``targets`` name; a target without numbers counts as one."""
    return sum(target.last - target.first + 1 if target.first >= 0 else 1 for target in targets)


def operation(act: Act) -> Document:
    """Return ``spanwatch.operation``: what all protocols have in common."""
    secret = act.is_secret
    return {
        "class": act.verb,
        "object": text(act.targets[0].kind) if act.targets else "",
        "count": point_count(act.targets) if act.targets else None,
        "name": text(act.operation),
        "code": text(act.code),
        "label": text(act.label),
        "outcome": act.outcome,
        "error": text(act.error),
        "values": [] if secret else keywords(act.values),
        "answers": [] if secret else keywords(act.answers),
    }


def family(protocol: str) -> str:
    """Return the name of a protocol's part of documents, "" for one that has none."""
    found = BY_NAME.get(protocol)
    return found.family if found is not None else ""


def tags(protocols: Iterable[str]) -> list[str]:
    """Return the tag of industrial traffic when one of ``protocols`` is industrial."""
    return ["ot"] if any(name in _INDUSTRIAL for name in protocols) else []


def is_industrial(protocol: str) -> bool:
    """Whether the servers of a protocol are controllers."""
    return protocol in _INDUSTRIAL


def configures(act: Act) -> bool:
    """Whether the operation changes what a device is set to; copying a program out of it does not."""
    found = BY_NAME.get(act.protocol)
    return act.verb in CONFIGURING if found is None else found.configures(act.verb, act.operation)


def from_server(protocol: str, operation: str) -> bool:
    """Whether the server starts this operation, so that it is the sender."""
    found = BY_NAME.get(protocol)
    return found is not None and operation in found.from_server


def industrial(act: Act) -> Document:
    """Return the protocol's own part by its name, {} for a protocol without one."""
    rows = _ROWS.get(act.protocol)
    if rows is None:
        return {}
    part: Document = {}
    secret = act.is_secret
    for row in rows:
        if secret and row.secret:
            continue
        value = row.read(act)
        if value is None or value == "" or value == ():
            continue
        place = part
        for parent in row.parents:
            place = place.setdefault(parent, {})
        place[row.leaf] = row.bounded(value)
    return {BY_NAME[act.protocol].family: part}


def _keyword(value: object) -> object:
    return keywords(value) if isinstance(value, tuple) else text(value)


def _long(value: Any) -> object:
    return longs(value) if isinstance(value, tuple) else next(iter(longs((value,))), None)


def _as_it_is(value: object) -> object:
    return value


_BOUNDS: Final[dict[str, Callable[[Any], object]]] = {"keyword": _keyword, "long": _long}


class _Row:
    """A declared field with its place in the part."""

    __slots__ = ("bounded", "leaf", "parents", "read", "secret")

    def __init__(self, field: Ecs) -> None:
        *self.parents, self.leaf = field.name.split(".")
        self.read = field.read
        self.secret = field.secret
        self.bounded = _BOUNDS.get(field.type, _as_it_is)


_ROWS: Final = {row.name: tuple(map(_Row, row.fields)) for row in PROTOCOLS if row.family}
_INDUSTRIAL: Final = frozenset(row.name for row in PROTOCOLS if row.industrial)
