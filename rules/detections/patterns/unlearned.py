"""A station does what a baseline never saw it do: the first writer, the first reader of an identity, a new block.

Silent without a baseline. These speak of what was done, not of whether the policy allows it, so they stand beside its
alerts; at a site without a policy they are the only ones that know who may write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dissectors.context import Context
from dissectors.facts import ChannelOpened, Exchange, Value
from dissectors.words import ANSWER_ALONE
from rules.detections.entry import Hit, Predicate
from rules.detections.patterns.asked import earlier
from rules.detections.rule_state import BaselineIndex, RuleState
from rules.detections.words import asset_name, client_id

SHOWN: Final = 8
APPROVE: Final = "A new baseline in which a named person approves {client} for {operation} on {server}, with a ticket."


def listed(names: tuple[str, ...]) -> str:
    """Return the names that were learned, the first of them."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more or "nobody"


def first_use(verbs: tuple[str, ...]) -> Predicate:
    """Hit on an operation of these classes by a client that was not learned to do any of them here."""
    classes = frozenset(verbs)

    def predicate(context: Context, state: RuleState) -> Hit | None:
        fact, channel = context.fact, context.channel
        if (
            state.baseline_index is None
            or channel is None
            or not isinstance(fact, Exchange)
            or fact.outcome in ANSWER_ALONE
        ):
            return None
        known = state.baseline_index.doers(channel, classes)
        if channel.client.ip in known:
            return None
        words: dict[str, Value] = {"known": listed(known), "earlier": earlier(context, state, fact.operation)}
        return Hit(words=words, weight=1 + fact.repeats)

    return predicate


def unlearned(
    concerns: Callable[[Exchange], bool], servers: str = "", minutes: str = "", *, blocks: bool = False
) -> Predicate:
    """Hit on an operation this client was not learned to do here; medium when it asks ``servers`` in ``minutes``.

    With ``blocks`` only when nobody was learned to use its object here.
    """

    def predicate(context: Context, state: RuleState) -> Hit | None:
        fact, channel, baseline_index = context.fact, context.channel, state.baseline_index
        if baseline_index is None or channel is None or not isinstance(fact, Exchange) or fact.outcome in ANSWER_ALONE:
            return None
        if not concerns(fact) or _is_learned(baseline_index, channel, fact, blocks=blocks):
            return None
        severity = ""
        if servers:
            asked = state.distinct(client_id(context), channel.server.ip, fact.time, 60 * state.settings[minutes])
            severity = "medium" if len(asked) >= state.settings[servers] else ""
        words = {"known": listed(baseline_index.clients(channel)), "earlier": earlier(context, state, fact.operation)}
        return Hit(words=words, severity=severity, weight=1 + fact.repeats)

    return predicate


def _is_learned(baseline: BaselineIndex, channel: ChannelOpened, fact: Exchange, *, blocks: bool) -> bool:
    if blocks:
        return all(baseline.knows(channel, target) for target in fact.targets)
    return baseline.does(channel, fact.label)


def anything(fact: Exchange) -> bool:
    """Concern every exchange."""
    return True


def client_name(context: Context) -> str:
    """Return what the client is called."""
    if context.client is not None:
        return asset_name(context.client)
    return context.channel.client.ip if context.channel is not None else "a station"
