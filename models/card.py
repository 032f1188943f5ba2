"""The model card: what a baseline knows, from what, how far its lines can be trusted, and what it cannot see."""

from __future__ import annotations

from typing import Any

from models.baseline import Baseline
from models.calibration import Calibration
from models.features import MISSING
from models.group import group_of
from models.known import LearnedConversation, LearnedOperation
from models.wording import day_text, targets_text

LIMITS = (
    "order of operations: one step back only (who followed whom); no cycles, no longer contexts",
    "process values are not modelled",
    "a poll's silence is told when its 60 s window closes; a channel that never appeared since the start is not missed",
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
        "channels": [_conversation(learned) for learned in baseline.novelty.conversations],
        "not_approved": [
            {"channel": learned.conversation.name, **_operation(operation)}
            for learned in baseline.novelty.conversations
            for operation in learned.operations
            if not operation.member
        ],
        "rhythm": _rhythm(baseline),
        "windows": _windows(baseline),
        "dropped": {
            "novelty": dict(baseline.novelty.dropped),
            "rhythm": dict(baseline.rhythms.dropped),
            "window": dict(baseline.windows.dropped),
        },
        "limits": list(LIMITS),
    }


def _conversation(learned: LearnedConversation) -> dict[str, Any]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for operation in learned.operations:
        if operation.member:
            groups.setdefault(group_of(operation.verb), []).append(_operation(operation))
    return {
        "channel": learned.conversation.name,
        "standing": learned.standing,
        "by": learned.by,
        "periods": len(learned.periods),
        "first": day_text(learned.first),
        "last": day_text(learned.last),
        "groups": {group: groups[group] for group in sorted(groups)},
        "transitions": len(learned.followed),
    }


def _operation(operation: LearnedOperation) -> dict[str, Any]:
    return {
        "operation": operation.operation,
        "verb": operation.verb,
        "objects": targets_text(operation.targets),
        "requests": operation.requests,
        "periods": len(operation.counts),
        "standing": operation.standing,
        "by": operation.by,
        "source": operation.source,
        "frame": operation.frame,
    }


def _rhythm(baseline: Baseline) -> dict[str, Any]:
    return {
        "calibration": _calibration(baseline.rhythms.calibration),
        "windows_left_out": baseline.rhythms.suppressed,
        "polls": [
            {
                "channel": rhythm.conversation.name,
                "operation": beat.label,
                "period_s": round(beat.period / 1e6, 4),
                "spread_s": round(beat.spread / 1e6, 4),
                "longest_gap_s": round(beat.maximum / 1e6, 4),
                "gaps": beat.gaps,
            }
            for rhythm in baseline.rhythms.channels
            for beat in rhythm.beats
            if beat.period > 0
        ],
        "without_period": sum(beat.period <= 0 for rhythm in baseline.rhythms.channels for beat in rhythm.beats),
    }


def _windows(baseline: Baseline) -> dict[str, Any]:
    return {
        "forests": [
            {
                "protocol": model.protocol,
                "seconds": model.seconds,
                "windows": model.rows,
                "trees": model.trees,
                "samples": model.samples,
                "calibration": _calibration(model.calibration),
            }
            for model in baseline.windows.models
        ],
        "not_grown": [
            {"protocol": one.protocol, "seconds": one.seconds, "windows": one.rows, "why": one.why}
            for one in baseline.windows.skipped
        ],
        "windows_left_out": baseline.windows.suppressed,
        "features_missing": list(MISSING),
    }


def _calibration(calibration: Calibration) -> dict[str, Any]:
    return {
        "method": calibration.method,
        "line": round(calibration.line, 4),
        "near": round(calibration.near, 4),
        "blocks": calibration.blocks,
        "held_out_days": round(calibration.held_out_days, 3),
        "measured_incidents_per_day": calibration.measured_per_day,
        "honesty": calibration.honest(),
    }
