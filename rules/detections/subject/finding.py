"""The subject of a finding: stations and channel from the context around it, what was done and why from the finding."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import msgspec

from dissectors.context import Context, FindingEvent
from dissectors.facts import Health, Value
from dissectors.finding import Contribution, Finding
from rules.detections.explanation import Words
from rules.detections.subject.context import context_fields
from rules.detections.subject.subject import Subject
from rules.detections.words import client_id, context_words, instant, target_text

REASONS: Final = 3
"""Contributions that are reported, the strongest first."""

_NOTHING: Final = Health(0, "", 0, 0, 0, 0, "", {})
"""Stands in where no fact is what the alert is about."""


def finding_subject(event: FindingEvent) -> Subject:
    """Return the subject of what a model found."""
    finding = event.finding
    around = event.context if event.context is not None else Context(fact=_NOTHING)
    verdict = around.verdict
    return Subject(
        time=finding.last or finding.time,
        source=finding.source,
        words=partial(_words, finding, around),
        fields=partial(_fields, finding, around),
        client=client_id(around),
        server=around.server.id if around.server is not None else "",
        channel=finding.channel,
        concerned=around.server,
        devices=(around.client, around.server),
        zones=(around.server.zone if around.server else "", around.client.zone if around.client else ""),
        safety=verdict is not None and verdict.safety,
        verdict=verdict,
        visibility=getattr(around.fact, "visibility", "complete"),
        frames=finding.frames,
    )


def score_of(finding: Finding) -> Mapping[str, Value]:
    """Return why a model found this odd, as the ``why`` of the alert: numbered contributions, no sentences."""
    why: dict[str, Value] = {"model": finding.model, "reason": finding.reason, "support": finding.support}
    if finding.p_value is not None:
        why["p_value"] = round(finding.p_value, 6)
    if finding.score:
        why["score"] = round(finding.score, 3)
    if finding.window_seconds:
        why["window_s"] = finding.window_seconds
    if finding.baseline:
        why["baseline"] = finding.baseline
    if finding.weak:
        why["weak"] = 1
    for number, one in enumerate(finding.contributions[:REASONS], 1):
        why[f"feature_{number}"] = one.feature
        why[f"weight_{number}"] = round(one.weight, 3)
        if one.observed:
            why[f"observed_{number}"] = one.observed
        if one.usual:
            why[f"usual_{number}"] = one.usual
    return why


def _words(finding: Finding, context: Context) -> Words:
    words = context_words(context)
    words["time"] = instant(finding.time)
    if context.channel is None:
        words.update(client="a station", server="the plant", unit_text="", protocol="traffic")
    words["operation"] = finding.operation or "traffic"
    words["verb"] = finding.verb or "unknown"
    words["targets"] = target_text(finding.targets) or "no object"
    words["on"] = f" on {words['targets']}" if finding.targets else ""
    words["usual"] = _sentence(finding.expected)
    words["seen"] = _sentence(finding.observed)
    words["learned"] = f" {_sentence(finding.support)}" if finding.support else ""
    words["reasons"] = _reasons(finding)
    words["rarity"] = _rarity(finding.p_value)
    words["approve"] = (
        _sentence(finding.normal) or "A baseline that was learned with this in it, approved by a named person."
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


def _reasons(finding: Finding) -> str:
    if finding.weak:
        return " The explanation is weak: the methods do not agree on what is odd."
    reported = [_reason(one) for one in finding.contributions[:REASONS] if one.observed not in finding.observed]
    return f" Strongest reasons: {'; '.join(reported)}." if reported else ""


def _reason(one: Contribution) -> str:
    usual = f", usually {one.usual}" if one.usual else ""
    return f"{one.feature} {one.observed}{usual}".strip()


def _rarity(p_value: float | None) -> str:
    if p_value is None or not 0.0 < p_value <= 1.0:
        return ""
    return f" On clean traffic one window in {round(1 / p_value)} or fewer scored as high."


def _fields(finding: Finding, context: Context) -> dict[str, Any]:
    fields = context_fields(msgspec.structs.replace(context, fact=_NOTHING))
    fields.update(
        channel=finding.channel,
        operation=finding.operation,
        verb=finding.verb,
        code=finding.code,
        targets=finding.targets,
    )
    return fields
