"""A command is an alert whoever sends it: the predicate, and the entries of what protocols declare as dangerous."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from dissectors.base.message import CLAIMS
from dissectors.context import Context
from dissectors.danger import Danger
from dissectors.facts import Exchange
from dissectors.spec import Protocol
from dissectors.words import ANSWER_ALONE
from rules.detections.entry import Entry, Hit, Match, Predicate
from rules.detections.explanation import Explanation, command, program, write
from rules.detections.rule_state import RuleState
from rules.detections.words import client_id, context_words, host_id, instant, server_id

ALL_OUTCOMES: Final = ("success", "failure", "unanswered", "unseen", "one_way")
"""Those of a request."""
SILENT: Final = "plant/normal.pcap"
Place = tuple[str, str, str]


def place(context: Context) -> Place:
    """Return (client, host, unit): where counters belong. Units of one host are told apart by the unit alone, whether or not
    each is known as a device of its own by then.
    """
    return client_id(context), host_id(context), context.channel.unit if context.channel is not None else ""


def device(context: Context) -> tuple[str, str]:
    """Return (host, unit) of the server, whoever asks it: of a pair of link addresses its own."""
    _, host, unit = place(context)
    return host, unit.rpartition(">")[2]


def earlier(context: Context, state: RuleState, operation: str) -> str:
    """Return who sent this operation to this server last, and note that it was sent now."""
    key = ("earlier", server_id(context), operation)
    last = state.noted(key)
    who = context_words(context).get("client", "")
    state.note(key, context.fact.time, f"last sent by {who} at {instant(context.fact.time)}")
    return last if isinstance(last, str) else "never seen here before"


def asked(context: Context, state: RuleState) -> Hit | None:
    """Hit on every request that reaches the entry; an answer without a request is no request.

    One whose sender claims to be the other station is told with that contradiction, by NET-039 at the same severity.
    """
    fact = context.fact
    if not isinstance(fact, Exchange) or fact.outcome in ANSWER_ALONE or CLAIMS in fact.detail:
        return None
    return Hit(words={"earlier": earlier(context, state, fact.operation)}, weight=1 + fact.repeats)


def identifier_of(protocol: Protocol, number: int) -> str:
    """Return the id of an alert of the protocol's series."""
    return f"{protocol.series}-{number:03d}"


def dangerous(danger: Danger) -> Predicate:
    """Hit on every request that the entry matches and that touches the objects of the danger."""
    objects = frozenset(danger.objects)

    def predicate(context: Context, state: RuleState) -> Hit | None:
        fact = context.fact
        if not isinstance(fact, Exchange):
            return None
        if objects and not any(target.kind in objects for target in fact.targets):
            return None
        hit = asked(context, state)
        severity = danger.severities.get(fact.operation, "")
        return hit if hit is None or not severity else Hit(words=hit.words, severity=severity, weight=hit.weight)

    return predicate if objects or danger.severities else asked


def _explanation(danger: Danger) -> Explanation:
    told = _told(danger, danger.consequence)
    if not danger.consequences:
        return told
    each = {operation: _told(danger, what).reason for operation, what in danger.consequences.items()}
    return replace(told, of_operation=each)


def _told(danger: Danger, consequence: str) -> Explanation:
    if danger.kind == "program":
        return program(consequence)
    if danger.kind == "write":
        return write(consequence)
    if danger.errors:  # the device speaks: a refusal is the point
        return command(consequence, danger.expected, refused="")
    return command(consequence)


def danger_entry(protocol: Protocol, danger: Danger, names: tuple[str, ...]) -> Entry:
    """Return the entry of a danger; ``names`` are the protocols of the series that share it."""
    outcomes = () if danger.errors else ALL_OUTCOMES
    return Entry(
        id=identifier_of(protocol, danger.number),
        name=danger.name,
        severity=danger.severity,
        looks=(Match(Exchange, names, danger.operations, (), outcomes, danger.errors, danger.codes),),
        predicate=dangerous(danger),
        explanation=_explanation(danger),
        false_positives=danger.false_positives,
        normal=danger.normal or protocol.patterns.approval,
        category=danger.category,
        techniques=danger.techniques,
        context=danger.context,
        capture_fires=danger.capture,
        capture_silent=SILENT if danger.capture else "",
    )
