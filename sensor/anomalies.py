"""The models of a baseline at the keeper's side: facts that the policy allows go in, what is odd comes out as data.

What the policy denies is told by the policy's own alerts and is not shown to the models; ``counters`` says how much.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from dissectors.facts import AnyFact, ChannelOpened, Fact
from models.finding import Finding
from rules.anomaly import Anomaly, Contribution
from rules.policy.verdict import Verdict

NOTHING: Final[Sequence[Anomaly]] = ()


class Models(Protocol):
    """The line-up of a baseline."""

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
        told = {"facts_shown": self.shown, "facts_not_allowed": self.not_allowed, "findings": self.findings}
        return told | {name: count for name, count in sorted(self._models.counters.items()) if name not in told}

    def see(self, fact: AnyFact, channel: ChannelOpened | None, verdict: Verdict | None) -> Sequence[Anomaly]:
        """Judge one fact; without a policy ``verdict`` is None and everything is judged."""
        if verdict is not None and not verdict.allows:
            self.not_allowed += 1
            return NOTHING
        self.shown += 1
        findings = self._see(fact, channel)
        return self._told(findings) if findings else NOTHING

    def tick(self, now: int) -> Sequence[Anomaly]:
        """Let packet time pass to ``now`` (ns)."""
        findings = self._models.tick(now)
        return self._told(findings) if findings else NOTHING

    def finish(self, now: int) -> Sequence[Anomaly]:
        """End everything at ``now`` (ns)."""
        return self._told(self._models.finish(now))

    def _told(self, findings: Sequence[Finding]) -> Sequence[Anomaly]:
        self.findings += len(findings)
        return [anomaly_of(finding) for finding in findings]


def anomaly_of(finding: Finding) -> Anomaly:
    """Return the finding as the rules know it: the same fields, the same values."""
    fields = msgspec.structs.asdict(finding)
    fields["contributions"] = tuple(Contribution(**msgspec.structs.asdict(one)) for one in finding.contributions)
    return Anomaly(**fields)
