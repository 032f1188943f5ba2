"""What an anomaly is about: stations and channel from the context around it, what was done and why from the anomaly."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import msgspec

from dissectors.context import Context
from dissectors.facts import Health, Value
from dissectors.finding import Contribution, Finding
from rules.detections.explanation import Words
from rules.detections.subject import Subject, context_fields
from rules.detections.words import client_id, context_words, instant, target_text

REASONS: Final = 3
"""Contributions that are reported, the strongest first."""

_NOTHING: Final = Health(0, "", 0, 0, 0, 0, "", {})
"""Stands where a fact is not what the alert reports of."""


def finding_subject(anomaly: Finding, context: Context | None) -> Subject:
    """Return the subject of what a model found. ``context`` is None when nothing is known of its channel any more."""
    around = context if context is not None else Context(fact=_NOTHING)
    verdict = around.verdict
    return Subject(
        time=anomaly.last or anomaly.time,
        source=anomaly.source,
        words=partial(_words, anomaly, around),
        fields=partial(_fields, anomaly, around),
        client=client_id(around),
        server=around.server.id if around.server is not None else "",
        channel=anomaly.channel,
        concerned=around.server,
        zones=(around.server.zone if around.server else "", around.client.zone if around.client else ""),
        safety=verdict is not None and verdict.safety,
        verdict=verdict,
        visibility=getattr(around.fact, "visibility", "complete"),
        frames=anomaly.frames,
    )


def score_of(anomaly: Finding) -> Mapping[str, Value]:
    """Return why a model found this odd, as the ``why`` of the alert: numbered contributions, no sentences."""
    why: dict[str, Value] = {"model": anomaly.model, "reason": anomaly.reason, "support": anomaly.support}
    if anomaly.p_value is not None:
        why["p_value"] = round(anomaly.p_value, 6)
    if anomaly.score:
        why["score"] = round(anomaly.score, 3)
    if anomaly.window_seconds:
        why["window_s"] = anomaly.window_seconds
    if anomaly.baseline:
        why["baseline"] = anomaly.baseline
    if anomaly.weak:
        why["weak"] = 1
    for number, one in enumerate(anomaly.contributions[:REASONS], 1):
        why[f"feature_{number}"] = one.feature
        why[f"weight_{number}"] = round(one.weight, 3)
        if one.observed:
            why[f"observed_{number}"] = one.observed
        if one.usual:
            why[f"usual_{number}"] = one.usual
    return why


def _words(anomaly: Finding, context: Context) -> Words:
    words = context_words(context)
    words["time"] = instant(anomaly.time)
    if context.channel is None:
        words.update(client="a station", server="the plant", unit_text="", protocol="traffic")
    words["operation"] = anomaly.operation or "traffic"
    words["verb"] = anomaly.verb or "unknown"
    words["targets"] = target_text(anomaly.targets) or "no object"
    words["on"] = f" on {words['targets']}" if anomaly.targets else ""
    words["usual"] = _sentence(anomaly.expected)
    words["seen"] = _sentence(anomaly.observed)
    words["learned"] = f" {_sentence(anomaly.support)}" if anomaly.support else ""
    words["reasons"] = _reasons(anomaly)
    words["rarity"] = _rarity(anomaly.p_value)
    words["approve"] = (
        _sentence(anomaly.normal) or "A baseline that was learned with this in it, approved by a named person."
    )
    return words


def _sentence(clause: str) -> str:
    """Return a clause of a model as a sentence: with its full stop, and a capital where it begins with a plain word."""
    text = clause.strip()
    if not text:
        return ""
    first = text.split(" ", 1)[0]
    head = text[0].upper() + text[1:] if first.isalpha() and first.islower() else text
    return head if head.endswith((".", "!", "?")) else f"{head}."


def _reasons(anomaly: Finding) -> str:
    if anomaly.weak:
        return " The explanation is weak: the methods do not agree on what is odd."
    reported = [_reason(one) for one in anomaly.contributions[:REASONS] if one.observed not in anomaly.observed]
    return f" Strongest reasons: {'; '.join(reported)}." if reported else ""


def _reason(one: Contribution) -> str:
    usual = f", usually {one.usual}" if one.usual else ""
    return f"{one.feature} {one.observed}{usual}".strip()


def _rarity(p_value: float | None) -> str:
    if p_value is None or not 0.0 < p_value <= 1.0:
        return ""
    return f" On clean traffic one window in {round(1 / p_value)} or fewer scored as high."


def _fields(anomaly: Finding, context: Context) -> dict[str, Any]:
    fields = context_fields(msgspec.structs.replace(context, fact=_NOTHING))
    fields.update(
        channel=anomaly.channel,
        operation=anomaly.operation,
        verb=anomaly.verb,
        code=anomaly.code,
        targets=anomaly.targets,
    )
    return fields
