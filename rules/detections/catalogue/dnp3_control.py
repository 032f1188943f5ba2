"""DNP3 alerts on select and operate: an operate without its select or other than it, controls that are refused."""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.dnp3.dangers import CONTROLS
from dissectors.facts import Exchange, Value
from rules.detections.catalogue.dnp3_command import asks
from rules.detections.entry import Entry, Hit
from rules.detections.explanation import command, mismatch
from rules.detections.patterns.asked import place
from rules.detections.rule_state import RuleState
from rules.detections.windows import SECOND
from rules.detections.words import target_text, value_text

SEQUENCES: Final = 16
DENIED_AT_ONCE: Final = frozenset({"no_select", "not_authorized"})
ACCEPTED: Final = frozenset({"", "success"})


def _sequence(fact: Exchange) -> int:
    value = fact.detail.get("sequence", -1)
    return value if isinstance(value, int) else -1


def _selected(context: Context, state: RuleState) -> Exchange | None:
    """Return the open select of this pair when it is young enough and the operate follows it."""
    fact = context.fact
    select = state.noted(place(context))
    if not isinstance(select, Exchange) or not isinstance(fact, Exchange):
        return None
    if (fact.request_time or fact.time) - select.time > state.settings["select_seconds"] * SECOND:
        return None
    return select


def _keep_select(context: Context, state: RuleState) -> bool:
    fact = context.fact
    if isinstance(fact, Exchange) and fact.operation == "select":
        state.note(place(context), fact.time, fact)
        return True
    return False


def _without_select(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, Exchange) or _keep_select(context, state):
        return None
    select = _selected(context, state)
    state.notes.take(place(context))
    if select is None:
        return Hit(words={"last": "no select within the time allowed"})
    follows, sequence = _sequence(select), _sequence(fact)
    if follows >= 0 and sequence >= 0 and sequence != (follows + 1) % SEQUENCES:
        return Hit(words={"last": f"the select had sequence {follows}, the operate {sequence}"})
    return None


def _differs(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, Exchange) or _keep_select(context, state):
        return None
    select = _selected(context, state)
    state.notes.take(place(context))
    if select is None or (select.targets == fact.targets and select.values == fact.values):
        return None
    words: dict[str, Value] = {
        "selected": f"{target_text(select.targets)} with {value_text(select.values)}",
        "operated": f"{target_text(fact.targets)} with {value_text(fact.values)}",
    }
    return Hit(words=words, frames=(select.request_frame, select.response_frame))


def _refused(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, Exchange):
        return None
    status = str(fact.detail.get("status", "")).lower()
    if status in ACCEPTED:
        return None
    words: dict[str, Value] = {"status": status, "seen": 1, "seconds": 0}
    if status in DENIED_AT_ONCE:
        return Hit(words=words, weight=1 + fact.repeats)
    seen = state.count(place(context), fact.time, state.settings["seconds"], 1 + fact.repeats)
    if seen < state.settings["refusals"]:
        return None
    return Hit(words={**words, "seen": seen, "seconds": state.settings["seconds"]}, weight=1 + fact.repeats)


DNP3_CONTROLS: Final = (
    Entry(
        id="DNP-003",
        name="Operate without select",
        severity="medium",
        looks=asks("select", "operate"),
        predicate=_without_select,
        settings={"select_seconds": 10},
        explanation=mismatch(
            "{client} operated {targets} of {server} without selecting it before.",
            "An operate follows the select of the same objects, with the next sequence number.",
            "{operation} (code {code}) of {targets} with {values}; {last}.",
        ),
        false_positives="The select was lost in a gap; a slow radio link (raise select_seconds).",
        normal="A longer time in settings.DNP-003.select_seconds.",
        category="unauthorized-operation",
        techniques=("T1692.001",),
    ),
    Entry(
        id="DNP-004",
        name="Operate differs from its select",
        severity="high",
        looks=asks("select", "operate"),
        predicate=_differs,
        settings={"select_seconds": 10},
        explanation=mismatch(
            "{client} operated something else on {server} than it had selected.",
            "The operate repeats index, code and value of its select: {selected}.",
            "Operated: {operated}.",
        ),
        false_positives="None known: treat it as real.",
        normal="Nothing: the standard forbids it.",
        category="spoofing",
        techniques=("T1692.001", "T0830"),
    ),
    Entry(
        id="DNP-007",
        name="Control refused",
        severity="medium",
        looks=asks(*CONTROLS),
        predicate=_refused,
        settings={"refusals": 3, "seconds": 60},
        explanation=command(
            "the outstation refuses it with status {status}.",
            "An outstation accepts the controls of its master.",
            "{operation} (code {code}) of {targets} refused with status {status}, {seen} in {seconds} s.",
            refused="",
        ),
        false_positives="Local mode at the site.",
        normal="The site back in remote mode, or {client} approved as a master of {server}.",
        category="unauthorized-operation",
        techniques=("T1692.001",),
    ),
)
