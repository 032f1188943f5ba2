"""A baseline: what all models learned from one span of traffic, and where that comes from. Immutable."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import msgspec

from models.settings import Approval, Settings
from models.wording import count_text, day_text, seconds_text

SCHEMA = 2

State = TypeVar("State")

Text = Annotated[str, msgspec.Meta(max_length=2_000)]
Natural = Annotated[int, msgspec.Meta(ge=0, le=2**62)]


class BaselineError(Exception):
    """A baseline that cannot be used; the message names the file, the reason and the fix."""


class Origin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a baseline comes from. Times in ns; digests are SHA-256 in hex; ``parent`` is the identity of the
    baseline it replaces; ``periods`` counts the different periods with traffic.
    """

    first: Natural
    last: Natural
    facts: Natural
    periods: Natural
    sources: tuple[Text, ...]
    data_sha256: Text
    settings_sha256: Text
    approval: Approval | None = None
    parent: Text = ""
    packages: dict[Text, Text] = {}
    notes: tuple[Text, ...] = ()


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an ``Ensemble`` needs. ``identity`` is the digest of its manifest, 16 hex digits; ``states`` holds what
    each model learned, by the model's name.
    """

    identity: str
    settings: Settings
    origin: Origin
    states: dict[str, Any]

    def state(self, kind: type[State]) -> State:
        """Return what the model learned whose state is a ``kind``."""
        return next(state for state in self.states.values() if isinstance(state, kind))

    def support(self) -> str:
        """Return one clause on how much learning stands behind a finding."""
        origin = self.origin
        period = seconds_text(self.settings.period_seconds) if self.settings.period_seconds != 86_400 else "1 day"
        return (
            f"learned from {day_text(origin.first)} to {day_text(origin.last)} UTC, "
            f"{count_text(origin.periods, 'period')} of {period}"
        )
