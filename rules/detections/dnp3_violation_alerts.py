"""DNP3 alerts on messages that are wrong or unmatched, and on a link that is reset again and again."""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.facts import Exchange, Violation
from rules.detections.dnp3_alerts import ALL_OUTCOMES, DNP3
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import Explanation, mismatch, violation
from rules.detections.predicates import many, unmatched, violated
from rules.detections.rule_state import RuleState

WRONG_WAY: Final = frozenset({"direction", "wrong_direction"})
UNDEFINED: Final = frozenset(
    {"qualifier", "reserved_address", "unknown_function", "unknown_group", "unknown_object", "unknown_qualifier"}
)


def _link_reset(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if isinstance(fact, Exchange) and fact.operation == "reset_user_process":
        return Hit(words={"seen": 1, "seconds": 0, "kind": fact.operation})
    hit = _RESETS(context, state)
    return None if hit is None else Hit(words={**hit.words, "kind": "reset_link_states"})


_RESETS: Final = many("resets", "seconds")

DNP3_VIOLATIONS: Final = (
    Entry(
        id="DNP-037",
        name="Response unasked",
        severity="high",
        looks=(Match(Exchange, DNP3, outcomes=("unmatched",)),),
        predicate=unmatched,
        explanation=mismatch(
            "{server} answered {client} although no request with this sequence was open.",
            "A response carries the sequence of an open request.",
            "{operation} (code {code}) with no request open for it.",
        ),
        false_positives="A late answer after a time-out.",
        normal="Nothing: find out who sends the second answer.",
        category="spoofing",
        techniques=("T1692.002", "T0830"),
    ),
    Entry(
        id="DNP-041",
        name="Wrong direction",
        severity="medium",
        looks=(Match(Violation, DNP3, words=tuple(sorted(WRONG_WAY))),),
        predicate=violated(),
        explanation=violation("the direction or function class does not fit the role of the station."),
        false_positives="A capture that began in the middle; peer-to-peer by design.",
        normal="The station's role in the policy.",
        category="protocol-violation",
        techniques=("T1692.002",),
    ),
    Entry(
        id="DNP-042",
        name="Broken DNP3",
        severity="medium",
        looks=(Match(Violation, DNP3),),
        predicate=violated(escalate=True, without=WRONG_WAY | UNDEFINED),
        settings={"high_count": 2, "high_minutes": 10},
        explanation=violation("start, length, checksum, transport sequence or object length is wrong."),
        false_positives="A gap; noise of a serial line that a terminal server carries.",
        normal="The line repaired.",
        category="protocol-violation",
        techniques=("T0866", "T0814"),
    ),
    Entry(
        id="DNP-043",
        name="Undefined code",
        severity="low",
        looks=(Match(Violation, DNP3, words=tuple(sorted(UNDEFINED))),),
        predicate=violated(),
        explanation=violation("function, group or qualifier is not defined."),
        false_positives="Objects of the maker.",
        normal="The maker's objects named in the policy.",
        category="protocol-violation",
        techniques=("T0866",),
    ),
    Entry(
        id="DNP-044",
        name="Link resets",
        severity="medium",
        looks=(Match(Exchange, DNP3, words=("reset_link_states", "reset_user_process"), outcomes=ALL_OUTCOMES),),
        predicate=_link_reset,
        settings={"resets": 5, "seconds": 60},
        explanation=Explanation(
            "C",
            "{client} resets the link to {server} again and again.",
            "One reset_link_states when a connection begins; reset_user_process never.",
            "{seen} times {kind} in {seconds} s.",
        ),
        false_positives="An unstable radio link.",
        normal="A stable link.",
        category="denial-of-service",
        techniques=("T0814",),
    ),
)
