"""A baseline at work: loaded once, its models for the pipeline and its stations for the catalogue.

A baseline that is damaged, foreign or tampered with is refused with its reason. Detection then goes on without it and
says so: once in words (``refused``) and as the alert on refused files. What the policy denies is reported by the policy's
own alerts and is not shown to the models; counters say how much that was.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from dissectors.context import Context, SensorEvent
from dissectors.finding import Finding
from models.baseline import BaselineError
from models.ensemble import Ensemble
from models.novelty.state import Novelty
from models.persistence import load
from sensor.pipeline.learned_stations import LearnedStations

NOTHING: Final[Sequence[Finding]] = ()


class AllowedFacts:
    """Shows the models of a baseline the facts that the policy allows, and counts what they find."""

    def __init__(self, models: Ensemble) -> None:
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

    def see(self, context: Context) -> Sequence[Finding]:
        """Judge one fact; without a policy there is no verdict and everything is judged."""
        if context.verdict is not None and not context.verdict.allows:
            self.not_allowed += 1
            return NOTHING
        self.shown += 1
        return self._counted(self._see(context))

    def tick(self, now: int) -> Sequence[Finding]:
        """Let packet time pass to ``now`` (ns)."""
        return self._counted(self._models.tick(now))

    def finish(self, now: int) -> Sequence[Finding]:
        """End everything at ``now`` (ns)."""
        return self._counted(self._models.finish(now))

    def _counted(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        self.findings += len(findings)
        return findings


class BaselineInUse:
    """The baseline of a folder. ``models`` and ``baseline_index`` are None when it was ``refused`` (a sentence)."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.resolve().name or "baseline"
        self.refused = ""
        self.said = ""
        """The same for the operator, who must know where it lies."""
        self.identity = ""
        self.models: AllowedFacts | None = None
        self.baseline_index: LearnedStations | None = None
        try:
            baseline = load(folder)
        except BaselineError as error:
            reason = str(error).replace(str(folder), self.name)  # where it lies is nobody's business
            self.said = f"the baseline is refused: {error}. Detection goes on without it; check --baseline"
            self.refused = f"the baseline is refused: {reason}. Detection goes on without it"
            return
        self.identity = baseline.identity
        self.models = AllowedFacts(Ensemble(baseline))
        self.baseline_index = LearnedStations(baseline.state(Novelty).conversations)

    def sentence(self) -> str:
        """Return what came of the baseline in this run, for the end of a summary."""
        if self.models is None:
            return "Baseline: refused, nothing was judged by it."
        counts = self.models.counters
        left = f", {counts['facts_not_allowed']} left to the policy" if counts["facts_not_allowed"] else ""
        return f"Baseline {self.identity}: {counts['facts_shown']} facts judged{left}, {counts['findings']} findings"

    def event(self, time: int, source: str) -> SensorEvent | None:
        """Return what the sensor reports about itself when the baseline was refused, at packet time ``time`` (ns)."""
        if not self.refused:
            return None
        return SensorEvent(
            kind="file_refused",
            time=time,
            source=source,
            subject="baseline",
            observed=f"{self.refused[:1].upper()}{self.refused[1:]}; alerts that need a baseline are off.",
        )
