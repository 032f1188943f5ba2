"""DNP3 alerts that need more than one message: select and operate, bursts, scans, indications, storms, silence."""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.facts import Exchange, Value
from rules.detections.dnp3_alerts import ALL_OUTCOMES, APPROVE, DNP3
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import absence, command, mismatch, write
from rules.detections.predicates import (
    many,
    place,
    toggled,
)
from rules.detections.rule_state import RuleState
from rules.detections.windows import SECOND
from rules.detections.words import target_text, value_text

CONTROLS: Final = ("select", "operate", "direct_operate", "direct_operate_no_response")
OPERATES: Final = CONTROLS[1:]
ANSWERED: Final = CONTROLS[:3]
SEQUENCES: Final = 16
DENIED_AT_ONCE: Final = frozenset({"2", "9", "no_select", "not_authorized", "not_authorised"})
ACCEPTED: Final = frozenset({"", "0", "ok", "success"})


def _asks(*operations: str) -> Match:
    return Match(Exchange, DNP3, words=operations, outcomes=ALL_OUTCOMES)


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
        return Hit(words=words)
    seen = state.count(place(context), fact.time, state.settings["seconds"])
    if seen < state.settings["refusals"]:
        return None
    return Hit(words={**words, "seen": seen, "seconds": state.settings["seconds"]})


USUAL_CONTROL: Final = "Controls follow operator actions, a few in an hour."


DNP3_CONTROLS: Final = (
    Entry(
        id="DNP-003",
        name="Operate without select",
        severity="medium",
        looks=(_asks("select", "operate"),),
        predicate=_without_select,
        settings={"select_seconds": 10},
        explanation=mismatch(
            "{client} operated {targets} of {server} without selecting it before.",
            "An operate follows the select of the same objects, with the next sequence number.",
            "{operation} (code {code}) of {targets} with {values}; {last}.",
        ),
        false_positives="The select was lost in a gap; a slow radio link (raise select_seconds).",
        normal="A longer select_seconds for DNP-003 in the settings.",
        category="unauthorized-operation",
        techniques=("T1692.001",),
    ),
    Entry(
        id="DNP-004",
        name="Operate differs from its select",
        severity="high",
        looks=(_asks("select", "operate"),),
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
        looks=(_asks(*CONTROLS),),
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
    Entry(
        id="DNP-009",
        name="Control burst",
        severity="medium",
        looks=(_asks(*CONTROLS),),
        predicate=many("controls", "seconds"),
        settings={"controls": 10, "seconds": 60},
        explanation=write(
            "too many controls for an operator.",
            USUAL_CONTROL,
            "{seen} control messages in {seconds} s, the last one {operation} of {targets} with {values}.",
        ),
        false_positives="A switching sequence.",
        normal="A higher number of controls for DNP-009 in the settings.",
        category="unauthorized-operation",
        techniques=("T0806",),
    ),
    Entry(
        id="DNP-010",
        name="Output toggled",
        severity="high",
        looks=(_asks(*CONTROLS),),
        predicate=toggled("changes", "seconds"),
        settings={"changes": 4, "seconds": 60},
        explanation=write(
            "{point} goes back and forth.",
            USUAL_CONTROL,
            "{point} changed {changes} times in {seconds} s between {pair}.",
        ),
        false_positives="The test of a breaker out of service.",
        normal=APPROVE,
        category="unauthorized-operation",
        techniques=("T0806",),
    ),
    Entry(
        id="DNP-038",
        name="Commands not answered",
        severity="medium",
        looks=(Match(Exchange, DNP3, words=ANSWERED, outcomes=("unanswered",)),),
        predicate=many("unanswered", "seconds"),
        settings={"unanswered": 3, "seconds": 300},
        explanation=absence(
            "{server} leaves controls of {client} without an answer.",
            "Every control is answered with its status.",
            "{seen} controls without an answer in {seconds} s, the last one {operation} of {targets}.",
        ),
        false_positives="The radio link is down.",
        normal="The link repaired.",
        category="denial-of-service",
        techniques=("T1691.001",),
    ),
)
