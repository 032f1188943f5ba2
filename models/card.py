"""The model card: what a baseline knows, from what, how far its lines can be trusted, and what it cannot see."""

from __future__ import annotations

from typing import Any

from models.baseline import Baseline
from models.registry import MODELS
from models.wording import day_text

LIMITS = (
    "order of operations: one step back only (who followed whom); no cycles, no longer contexts",
    "process values are not modelled",
    "a poll's silence is reported when its 60 s window closes; a channel that never appeared since the start is not missed",
    "phases, batches and seasons have no profiles of their own",
    "no drift is measured yet: learn again after changes of the plant",
    "windows with lost packets are not judged for timing and oddness",
    "windows covered for less than half of their length are not judged for oddness",
)


def card(baseline: Baseline) -> dict[str, Any]:
    """Return the card as plain values for JSON: dictionaries, lists, texts, numbers."""
    origin, settings = baseline.origin, baseline.settings
    return {
        "baseline": baseline.identity,
        "parent": origin.parent,
        "learned": {
            "from": day_text(origin.first),
            "to": day_text(origin.last),
            "facts": origin.facts,
            "sources": list(origin.sources),
            "periods": origin.periods,
            "period_seconds": settings.period_seconds,
            "min_periods": settings.min_periods,
            "data_sha256": origin.data_sha256,
            "settings_sha256": origin.settings_sha256,
            "packages": dict(origin.packages),
        },
        "approval": None
        if origin.approval is None
        else {"by": origin.approval.by, "role": origin.approval.role, "ticket": origin.approval.ticket},
        "notes": list(origin.notes),
        **{heading: part for model in MODELS for heading, part in model.card(baseline.states[model.name]).items()},
        "dropped": {model.name: dict(baseline.states[model.name].dropped) for model in MODELS},
        "limits": list(LIMITS),
    }
