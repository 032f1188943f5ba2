"""What a protocol declares of its alerts: dangerous commands, and alerts that are instances of a shape many protocols share.

The shapes and their defaults are in ``rules.detections.patterns``. This module stays interpreted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dissectors.facts import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """A command that is an alert whoever sends it; ``number`` is its place in the series of the protocol.

    It is named by ``operations`` or ``codes`` (or, for what a device says of itself, by ``errors``), with ``objects`` only
    where it touches one of these tables. ``kind`` decides how it is reported: "command", "program" or "write".
    ``consequence`` ends the sentence "CLIENT sent OPERATION to SERVER: ...", ``consequences`` does so for operations that do
    different things. ``severities`` gives operations a severity of their own. ``normal`` says what would make it normal, "" for the approval of the Patterns. ``capture`` is the sample
    capture that shows it.
    """

    number: int
    name: str
    severity: str
    consequence: str
    operations: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    kind: str = "command"
    consequences: Mapping[str, str] = field(default_factory=dict)
    severities: Mapping[str, str] = field(default_factory=dict)
    category: str = "unauthorized-operation"
    techniques: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    expected: str = ""
    false_positives: str = "Planned maintenance."
    normal: str = ""
    capture: str = ""

    def __post_init__(self) -> None:
        """Refuse a danger that nothing names."""
        if not (self.operations or self.codes or self.errors):
            raise ValueError(f"{self.name}: name the operations, codes or errors that it is about")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One alert that is an instance of a shape which many protocols share; "" and empty take the default of the shape.

    ``operations``, ``codes``, ``verbs``, ``errors`` and ``faults`` say which facts count, ``besides`` which codes or
    faults do not, ``concerns`` decides by the exchange itself. ``settings`` are the numbers with the unit in the name, in
    the order of the shape: how many, then in how long. ``consequence`` is what the shape leaves open in its sentence;
    ``reason``, ``expected`` and ``observed`` replace a sentence of the shape. ``scope`` is what one incident is about
    ("unit", "pair", "server"), ``kind`` how it is reported ("command", "discovery"). ``whole`` withholds it where the
    capture is not complete.
    """

    number: int
    operations: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    concerns: Callable[[Exchange], bool] | None = None
    settings: Mapping[str, int | float] = field(default_factory=dict)
    name: str = ""
    severity: str = ""
    consequence: str = ""
    reason: str = ""
    expected: str = ""
    observed: str = ""
    false_positives: str = ""
    normal: str = ""
    category: str = ""
    techniques: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    scope: str = ""
    kind: str = ""
    whole: bool = False
    capture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """The pattern alerts of a series. The shapes and their defaults are in ``rules.detections.patterns``.

    ``approval`` is what would make a command of this protocol normal.
    """

    approval: str = ""
    first_writer: Pattern | None = None
    first_controller: Pattern | None = None
    identity_read: Pattern | None = None
    not_allowed: Pattern | None = None
    beyond_limits: Pattern | None = None
    not_selected: Pattern | None = None
    write_burst: Pattern | None = None
    control_burst: Pattern | None = None
    toggled: Pattern | None = None
    function_scan: Pattern | None = None
    unit_scan: Pattern | None = None
    exceptions: Pattern | None = None
    refused: tuple[Pattern, ...] = ()
    unanswered: Pattern | None = None
    unmatched: Pattern | None = None
    mismatch: Pattern | None = None
    broken: tuple[Pattern, ...] = ()
