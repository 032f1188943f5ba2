"""One entry of the alert catalogue: data, a predicate over events, and the sentences.

An entry says which events it looks at (so that others cost nothing), when it hits, and what the analyst reads. It is
given a RuleState of its own for what it must remember; settings are named numbers with the unit in the name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dissectors.context import AssetEvent, FindingEvent, SensorEvent
from dissectors.facts import Fact, Value
from rules.detections.explanation import NEEDS_WHOLE_CAPTURE, Explanation
from rules.detections.rule_state import RuleState

SCOPES = ("unit", "pair", "client", "server", "asset", "source", "channel")
"""What an incident is about: client, server and unit; without the unit; one side; one asset; one capture source; one
channel and the reason a model gave."""
NEEDS = ("D", "P", "B", "C")


@dataclass(frozen=True, slots=True)
class Hit:
    """A predicate's answer: this is one more of the incident.

    ``words`` fill the sentences and become the alert's detail; ``severity`` and ``techniques`` override the entry's;
    ``weight`` is how many hits this is; ``about`` distinguishes incidents of scope "source" (a table, an interface) and
    "channel" (a reason). ``seen`` is from when to when it was seen, where that is more than its event. ``review`` asks for a decision, not for a reaction.
    """

    words: Mapping[str, Value] = field(default_factory=dict)
    severity: str = ""
    techniques: tuple[str, ...] | None = None
    weight: int = 1
    frames: tuple[int, ...] = ()
    about: str = ""
    seen: tuple[int, int] | None = None
    review: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """Which events reach a predicate: those of one type, a fact standing for its Context. Empty means any.

    ``words`` are operations of an Exchange or OperationFirst, names of a Violation, states of a ChannelOpened or
    Visibility, attributes of a Sighting, kinds of an AssetEvent or SensorEvent, alert ids of a FindingEvent. ``codes``
    are function codes, ``verdicts`` the kinds of verdict ("" without a policy), ``means`` the alerts that a refusal means
    (``rules.detections.verdict``).
    """

    event: type[Fact | AssetEvent | SensorEvent | FindingEvent]
    protocols: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    means: tuple[str, ...] = ()


Predicate = Callable[[Any, RuleState], Hit | None]
"""Asked with the events that its entry matches and with no other; its annotation names their types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One alert. ``severity`` is the shipped one, before the steps for safety, criticality and maintenance.

    ``capture_fires`` and ``capture_silent`` name the capture (or the synthetic story "scene:ID:fires") that must raise it
    and the normal one that must not. ``whole`` withholds the alert when the capture around it is not complete; it
    follows from the form of the explanation unless said otherwise. ``max_severity`` is the severity it never exceeds.
    """

    id: str
    name: str
    severity: str
    looks: tuple[Match, ...]
    explanation: Explanation
    false_positives: str
    normal: str
    category: str
    predicate: Predicate
    techniques: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    needs: str = "D"
    scope: str = "unit"
    settings: Mapping[str, int | float] = field(default_factory=dict)
    version: int = 1
    whole: bool | None = None
    review: bool = False
    max_severity: str = ""
    capture_fires: str = ""
    capture_silent: str = ""

    def __post_init__(self) -> None:
        if not self.capture_fires:
            object.__setattr__(self, "capture_fires", f"scene:{self.id}:fires")
        if not self.capture_silent:
            object.__setattr__(self, "capture_silent", f"scene:{self.id}:silent")

    @property
    def needs_whole_capture(self) -> bool:
        """Whether it is withheld when the capture around the fact has a gap, is one-sided or began midstream."""
        return self.whole if self.whole is not None else self.explanation.form in NEEDS_WHOLE_CAPTURE
