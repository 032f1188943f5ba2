"""Fusion: two different models that find one channel odd within 120 s say together what neither would say alone.

Hints are kept per channel, one for each model and at most MAX_CHANNELS channels; the channel idle longest is forgotten and counted.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from dissectors.finding import Contribution, Finding
from models.contract import Hint

WITHIN: Final = 120 * 1_000_000_000
MAX_CHANNELS: Final = 2_000
MODEL: Final = "fusion"


class _Recent:
    """The newest hint of each model on one channel."""

    def __init__(self) -> None:
        self.hints: dict[str, Hint] = {}
        self.reported = 0
        self.models: frozenset[str] = frozenset()


class Fusion:
    """Joins hints."""

    def __init__(self, support: str, baseline: str) -> None:
        self._support = support
        self._baseline = baseline
        self._recent: OrderedDict[str, _Recent] = OrderedDict()
        self.evicted = 0

    def join(self, hints: Sequence[Hint]) -> list[Finding]:
        """Take new hints and return what they complete."""
        touched: dict[str, _Recent] = {}
        for hint in hints:
            recent = self._recent.get(hint.channel)
            if recent is None:
                if len(self._recent) >= MAX_CHANNELS:
                    self._recent.popitem(last=False)
                    self.evicted += 1
                recent = self._recent[hint.channel] = _Recent()
            else:
                self._recent.move_to_end(hint.channel)
            recent.hints[hint.model] = hint
            touched[hint.channel] = recent
        found: list[Finding] = []
        for recent in touched.values():
            latest = max(hint.time for hint in recent.hints.values())
            together = [hint for hint in recent.hints.values() if latest - hint.time <= WITHIN]
            models = frozenset(hint.model for hint in together)
            # Each new hint of a model that has spoken already would only repeat what was reported a moment ago.
            if len(together) > 1 and (not models <= recent.models or latest - recent.reported >= WITHIN):
                recent.reported, recent.models = latest, models
                found.append(self._reported(sorted(together, key=_name)))
        return found

    def _reported(self, hints: list[Hint]) -> Finding:
        latest = max(hints, key=_time)
        total = sum(max(hint.share, 0.01) for hint in hints)
        p_values = [hint.p_value for hint in hints if hint.p_value is not None]
        return Finding(
            alert="MDL-011",
            reason="fusion",
            model=MODEL,
            time=latest.time,
            source=latest.source,
            channel=latest.channel,
            first=min(hint.time for hint in hints),
            last=latest.time,
            frames=tuple(sorted({frame for hint in hints for frame in hint.frames}))[:8],
            expected="no two models find the same channel odd within 120 s",
            observed="; ".join(f"{hint.model}: {hint.why}" for hint in hints),
            support=self._support,
            normal="decide on the reasons of both models; learn again if this is a new way of operating",
            contributions=tuple(
                Contribution(hint.model, round(max(hint.share, 0.01) / total, 3), hint.why) for hint in hints
            ),
            score=round(max(hint.share for hint in hints), 3),
            p_value=min(p_values) if p_values else None,
            window_seconds=120,
            baseline=self._baseline,
        )


def _name(hint: Hint) -> str:
    return hint.model


def _time(hint: Hint) -> int:
    return hint.time
