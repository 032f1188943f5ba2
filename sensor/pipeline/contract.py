"""What the pipeline asks of the policy, of the alert catalogue and of the models of a baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from dissectors.context import Context, Event, Verdict
from dissectors.facts import ChannelOpened, Exchange, Fact, OperationFirst
from dissectors.finding import Finding
from rules.detections.alert import Alert


class Judge(Protocol):
    """The policy: what it says of a conversation and of an operation."""

    def judge_channel(self, channel: ChannelOpened, at: int | None = None) -> Verdict | None:
        """Judge who talks to whom over what at ``at`` (ns; the time of the fact); None when the policy does not."""

    def judge_operation(self, channel: ChannelOpened, operation: OperationFirst | Exchange) -> Verdict | None:
        """Judge what is done, at the time of its request."""


class Detector(Protocol):
    """The alert catalogue."""

    @property
    def wants(self) -> frozenset[type[Fact]]:
        """The fact types ``see`` is called with; read once, when the pipeline is made."""

    def see(self, event: Event) -> list[Alert]:
        """Judge one fact, one change of the inventory or of the sensor, one finding."""

    def tick(self, now: int) -> list[Alert]:
        """Let packet time pass to ``now``."""

    def finish(self, now: int) -> list[Alert]:
        """End everything at ``now``."""

    def ended(self) -> list[Alert]:
        """Return and forget the revisions that say no more than that an incident is closed."""


class Models(Protocol):
    """The models of a baseline, or what learns them: facts in, what is odd out."""

    @property
    def wants(self) -> frozenset[type[Fact]]:
        """The fact types ``see`` is called with; read once, when the pipeline is made."""

    @property
    def counters(self) -> Mapping[str, int]:
        """What the bounds made the models forget, and what else they count; read once a minute."""

    def see(self, context: Context) -> Sequence[Finding]:
        """Judge one fact."""

    def tick(self, now: int) -> Sequence[Finding]:
        """Let packet time pass to ``now``."""

    def finish(self, now: int) -> Sequence[Finding]:
        """End everything at ``now``."""
