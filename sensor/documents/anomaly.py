"""The ``spanwatch.anomaly`` block of an alert that a model's score led to."""

from __future__ import annotations

from collections.abc import Mapping

from dissectors.facts import Value
from rules.detections.subject.finding import REASONS
from sensor.documents.text import Document, keywords, text


def contribution_texts(why: Mapping[str, Value]) -> list[str]:
    """Return the reasons of a score as texts, the strongest first: "requests (0.62): 640, usually 240"."""
    reported = []
    for number in range(1, REASONS + 1):
        if f"feature_{number}" not in why:
            break
        share, seen, usual = (why.get(f"{name}_{number}", "") for name in ("weight", "observed", "usual"))
        reported.append(
            f"{why[f'feature_{number}']} ({share})"
            + (f": {seen}" if seen else "")
            + (f", usually {usual}" if usual else "")
        )
    return reported


def anomaly(why_kind: str, why: Mapping[str, Value]) -> Document:
    """Return the block; empty for an alert that no model led to."""
    if why_kind != "score":
        return {}
    features = [str(why[name]) for name in (f"feature_{number}" for number in range(1, REASONS + 1)) if name in why]
    return {
        "model": text(str(why.get("model", ""))),
        "reason": text(str(why.get("reason", ""))),
        "score": why.get("score"),
        "p_value": why.get("p_value"),
        "window_s": why.get("window_s"),
        "support": text(str(why.get("support", ""))),
        "baseline": text(str(why.get("baseline", ""))),
        "weak": bool(why.get("weak")),
        "features": keywords(features),
        "contributions": keywords(contribution_texts(why)),
    }
