"""Alerts on what the models of a baseline found odd. The model gives the score and its reasons, the entry the alert.

One incident is one channel with one reason code, whatever addresses were used in it. Timing and odd windows alone never
exceed medium, so that statistics cannot spend the attention kept for high alerts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dissectors.context import FindingEvent
from dissectors.facts import Value
from rules.detections.alert import SEVERITIES
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import score
from rules.detections.rule_state import RuleState
from rules.detections.subject.finding import score_of
from rules.detections.words import CHANGING

STATISTICS: Final = "medium"
"""The most that a single statistical model may raise."""


STORM: Final = "M3.storm"
"""The reason of the model of rhythm for more requests than ever."""


def found(event: FindingEvent, state: RuleState) -> Hit | None:
    """Hit on every finding of the entry; its severity stands when it is one of SEVERITIES."""
    finding = event.finding
    why: dict[str, Value] = dict(score_of(finding))
    severity = finding.severity if finding.severity in SEVERITIES else ""
    return Hit(words=why, severity=severity, about=finding.reason, review=finding.review)


def _rhythm(event: FindingEvent, state: RuleState) -> Hit | None:
    """Hit; more than usual is a flood or a repeated command, not a report that was kept from the operator."""
    hit = found(event, state)
    if hit is None or event.finding.reason != STORM:
        return hit
    return replace(hit, techniques=("T0806",) if event.finding.verb in CHANGING else ("T0814",))


def _agreed(event: FindingEvent, state: RuleState) -> Hit | None:
    """Hit; whichever models agree, and however many join them later, it is one incident of the channel."""
    hit = found(event, state)
    return replace(hit, about="fusion") if hit is not None else None


def _uncovered(event: FindingEvent, state: RuleState) -> Hit | None:
    """Hit unless the policy covers the conversation: what it allows explicitly is not news."""
    context = event.context
    if context is not None and context.verdict is not None and context.verdict.allows:
        return None
    return found(event, state)


ASK: Final = {"MDL-005": _rhythm, "MDL-011": _agreed, "NET-009": _uncovered}
"""Entries that look closer at an finding."""


def _entry(
    identifier: str,
    name: str,
    severity: str,
    reason: str,
    false_positives: str,
    techniques: tuple[str, ...] = (),
    max_severity: str = "",
    fires: str = "",
) -> Entry:
    return Entry(
        id=identifier,
        name=name,
        severity=severity,
        looks=(Match(FindingEvent, words=(identifier,)),),
        predicate=ASK.get(identifier, found),
        explanation=score(reason),
        false_positives=false_positives,
        normal="{approve}",
        category="anomaly",
        techniques=techniques,
        needs="B",
        scope="channel",
        max_severity=max_severity,
        whole=False,
        capture_fires=fires,
        capture_silent="plant/normal_later.pcap" if fires else "",
    )


MODEL_ALERTS: Final = (
    _entry("MDL-001", "New class on a channel", "high",
           "{client} sent {operation} (class {verb}){on} to {server}{unit_text}, which never carried this class.",
           "An action of the operator that did not happen while the baseline was learned.", ("T1692.001",)),
    _entry("MDL-002", "New function on a channel", "medium",
           "{client} sent {operation}{on} to {server}{unit_text}: class {verb} is known there, this function is not.",
           "A new firmware or display.", ("T1692.001",)),
    _entry("MDL-003", "New object or quantity", "low",
           "{client} used {operation}{on} at {server}{unit_text}: never these objects, or never so many at once.",
           "A new tag in a display.", ("T0861",), fires="modbus/register_sweep.pcap"),
    _entry("MDL-005", "Rhythm changed", "low",
           "The rhythm in which {client} talks to {server}{unit_text} is not the learned one.",
           "A loaded server; a display that was closed.", ("T1691.002",), STATISTICS, "modbus/stopped_poll.pcap"),
    _entry("MDL-006", "Answers slower or faster", "low",
           "{server} answers {client} faster or slower than was learned.",
           "A loaded controller.", ("T0830",), STATISTICS),
    _entry("MDL-010", "Odd window", "low",
           "What {client} and {server}{unit_text} did in this window is unlike any window that was learned.",
           "Maintenance or a backup.", (), STATISTICS),
    _entry("MDL-011", "Two models agree", "medium",
           "Two models find {client} and {server}{unit_text} odd at the same time, each for reasons of its own.",
           "A new operating mode.", ("T1692.001",), fires="modbus/replayed_command.pcap"),
    _entry("NET-009", "New connection between known assets", "low",
           "{client} talks {protocol} to {server}{unit_text}: the two never did in the traffic that was learned.",
           "Learning has only begun.", ("T0886",)),
)  # fmt: skip
