"""A baseline at work: loaded once, its models for the pipeline and its stations for the catalogue.

A baseline that is damaged, foreign or tampered with is refused with its reason. Detection then goes on without it and
says so: once in words (``refused``) and as the alert on refused files.
"""

from __future__ import annotations

from pathlib import Path

from dissectors.context import SensorEvent
from models.baseline import BaselineError
from models.ensemble import Ensemble
from models.persistence import load
from sensor.pipeline.anomalies import BaselineAnomalies
from sensor.pipeline.learned_stations import LearnedStations


class BaselineInUse:
    """The baseline of a folder. ``anomalies`` and ``baseline_index`` are None when it was ``refused`` (a sentence)."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.resolve().name or "baseline"
        self.refused = ""
        self.identity = ""
        self.anomalies: BaselineAnomalies | None = None
        self.baseline_index: LearnedStations | None = None
        try:
            baseline = load(folder)
        except BaselineError as error:
            reason = str(error).replace(str(folder), self.name)  # where it lies is nobody's business
            self.refused = f"the baseline is refused: {reason}. Detection goes on without it"
            return
        self.identity = baseline.identity
        self.anomalies = BaselineAnomalies(Ensemble(baseline))
        self.baseline_index = LearnedStations(baseline.novelty.conversations)

    def sentence(self) -> str:
        """Return what came of the baseline in this run, for the end of a summary."""
        if self.anomalies is None:
            return "Baseline: refused, nothing was judged by it."
        counts = self.anomalies.counters
        left = f", {counts['facts_not_allowed']} left to the policy" if counts["facts_not_allowed"] else ""
        return f"Baseline {self.identity}: {counts['facts_shown']} facts judged{left}, {counts['findings']} findings"

    def event(self, time: int, source: str) -> SensorEvent | None:
        """Return what the sensor reports of itself when the baseline was refused, at packet time ``time`` (ns)."""
        if not self.refused:
            return None
        return SensorEvent(
            kind="file_refused",
            time=time,
            source=source,
            subject="baseline",
            observed=f"{self.refused[:1].upper()}{self.refused[1:]}; alerts that need a baseline are off.",
        )
