"""The models of a baseline at the pipeline's side: facts that the policy allows go in, what is odd comes out as data.

What the policy denies is reported by the policy's own alerts and is not shown to the models; ``counters`` says how much.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from dissectors.context import Verdict
from dissectors.facts import AnyFact, ChannelOpened, Fact
from dissectors.finding import Finding

NOTHING: Final[Sequence[Finding]] = ()


class Models(Protocol):
    """The ensemble of a baseline."""

    @property
    def wants(self) -> frozenset[type[Fact]]:
        """The fact types ``see`` is called with."""

    @property
    def counters(self) -> dict[str, int]:
        """What the bounds of the models made them forget."""

    def see(self, fact: AnyFact, channel: ChannelOpened | None) -> Sequence[Finding]:
        """Judge one fact."""

    def tick(self, now: int) -> Sequence[Finding]:
        """Let packet time pass to ``now``."""

    def finish(self, now: int) -> Sequence[Finding]:
        """End everything at ``now``."""


class BaselineAnomalies:
    """Shows facts to the models and turns their findings into anomalies of the catalogue."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._see = models.see
        self.wants = models.wants
        self.shown = 0
        self.not_allowed = 0
        self.findings = 0

    @property
    def counters(self) -> dict[str, int]:
        """Facts shown, facts held back because the policy does not allow them, findings, and what models forgot."""
        reported = {"facts_shown": self.shown, "facts_not_allowed": self.not_allowed, "findings": self.findings}
        return reported | {name: count for name, count in sorted(self._models.counters.items()) if name not in reported}

    def see(self, fact: AnyFact, channel: ChannelOpened | None, verdict: Verdict | None) -> Sequence[Finding]:
        """Judge one fact; without a policy ``verdict`` is None and everything is judged."""
        if verdict is not None and not verdict.allows:
            self.not_allowed += 1
            return NOTHING
        self.shown += 1
        findings = self._see(fact, channel)
        return self._reported(findings) if findings else NOTHING

    def tick(self, now: int) -> Sequence[Finding]:
        """Let packet time pass to ``now`` (ns)."""
        findings = self._models.tick(now)
        return self._reported(findings) if findings else NOTHING

    def finish(self, now: int) -> Sequence[Finding]:
        """End everything at ``now`` (ns)."""
        return self._reported(self._models.finish(now))

    def _reported(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        self.findings += len(findings)
        return findings
