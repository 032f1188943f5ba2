"""Messages that break a clause of their standard, and answers that no open request explains."""

from __future__ import annotations

from typing import Final

from dissectors.base.message import LONGEST_MESSAGE
from dissectors.context import Context
from dissectors.facts import Exchange, Value, Violation
from dissectors.registry import PROTOCOLS
from rules.detections.entry import Hit, Predicate
from rules.detections.patterns.asked import place
from rules.detections.rule_state import RuleState
from rules.detections.words import clause_text

FOREIGN: Final = frozenset(fault.name for protocol in PROTOCOLS for fault in protocol.violations if fault.foreign)
"""Violations that say the bytes are not the protocol at all."""
LONGEST: Final = {protocol.name: protocol.dissector.longest for protocol in PROTOCOLS}
HINTS: Final = frozenset(fault.name for protocol in PROTOCOLS for fault in protocol.violations if fault.hint)
"""Violations that are worth a remark only."""
MIDSTREAM_LOSSES: Final = 8
"""Times within MIDSTREAM_SECONDS that a conversation older than the capture may hold no message where one belongs."""
MIDSTREAM_SECONDS: Final = 3_600


def violated(*, escalate: bool = False) -> Predicate:
    """Hit on a violation; ``escalate`` makes it high at ``high_count`` in ``high_minutes``.

    That bytes are not the protocol at all is withheld unless the stream was seen from its start, or nobody dissects the
    conversation, or more of them came than a message can have: then the wire has seen enough of it. A conversation that began before the capture loses its place
    MIDSTREAM_LOSSES times before it counts.
    """

    def predicate(context: Context, state: RuleState) -> Hit | None:
        fact = context.fact
        if not isinstance(fact, Violation):
            return None
        if fact.visibility != "complete" and fact.name in FOREIGN and not _is_enough(context, fact, state):
            state.withheld[("not_this_protocol", fact.visibility)] += 1
            return None
        severity = "low" if fact.name in HINTS else ""
        if escalate:
            seen = state.count(place(context)[:2], fact.time, 60 * state.settings["high_minutes"], 1 + fact.repeats)
            severity = "high" if seen >= state.settings["high_count"] else severity
        words: dict[str, Value] = {"violation": fact.name, "at": fact.at}
        if fact.clause:
            words["clause"] = clause_text(fact.protocol, fact.clause)
        return Hit(words=words, severity=severity, weight=1 + fact.repeats)

    return predicate


def _is_enough(context: Context, fact: Violation, state: RuleState) -> bool:
    """Return whether bytes that fit no message are more than the rest of one that began before the capture or in a gap."""
    if fact.at > LONGEST.get(fact.protocol, LONGEST_MESSAGE):
        return True
    if context.channel is not None and context.channel.protocol != fact.protocol:
        return True
    if fact.visibility != "midstream":
        return False
    key = ("foreign", fact.channel)
    return state.count(key, fact.time, MIDSTREAM_SECONDS, 1 + fact.repeats) > MIDSTREAM_LOSSES


def unmatched(besides: tuple[str, ...] = ()) -> Predicate:
    """Hit on an answer that no open request explains; ``besides`` are codes whose late answer is odd, not spoofed."""

    def predicate(context: Context, state: RuleState) -> Hit | None:
        return None if isinstance(context.fact, Exchange) and context.fact.code in besides else Hit()

    return predicate
