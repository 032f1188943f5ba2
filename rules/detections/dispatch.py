"""Which entries look at which fact: one look-up for facts that nobody cares about.

A fact is named by a small key (protocol, word, verb, outcome, error, code, verdict); the entries for a key are found
once and kept. The table of keys is bounded: wire text in a key (an unknown operation) cannot make it grow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dissectors.context import Context
from dissectors.facts import (
    ChannelOpened,
    ChannelWindow,
    Exchange,
    OperationFirst,
    Sighting,
    Violation,
    Visibility,
)
from rules.detections.entry import Entry, Match
from rules.detections.rule_state import RuleState

MAX_ROUTES: Final = 8_192

Live = tuple[Entry, RuleState]
RouteKey = tuple[str, str, str, str, str, str, str]


def key_of(context: Context) -> RouteKey:
    """Return what dispatch may look at in a fact."""
    fact, channel = context.fact, context.channel
    protocol = channel.protocol if channel is not None else ""
    verdict = context.verdict.kind if context.verdict is not None else ""
    if isinstance(fact, Exchange):
        return protocol, fact.operation, fact.verb, fact.outcome, fact.error, fact.code, verdict
    if isinstance(fact, OperationFirst):
        return protocol, fact.operation, fact.verb, "", "", fact.code, verdict
    if isinstance(fact, Violation):
        return fact.protocol, fact.name, "", "", "", "", verdict
    if isinstance(fact, ChannelOpened | Visibility):
        return protocol, fact.state, "", "", "", "", verdict
    if isinstance(fact, Sighting):
        return fact.protocol, fact.attribute, "", "", "", "", verdict
    if isinstance(fact, ChannelWindow):
        return protocol, "", "", "", "", "", verdict
    return "", "", "", "", "", "", verdict


def matches(look: Match, key: RouteKey) -> bool:
    """Whether a look covers a key."""
    wanted = (look.protocols, look.words, look.verbs, look.outcomes, look.errors, look.codes, look.verdicts)
    return all(not names or value in names for names, value in zip(wanted, key, strict=True))


class Dispatch:
    """The routes from facts to entries."""

    def __init__(self, live: Sequence[Live]) -> None:
        self._by_type: dict[type, list[Live]] = {}
        for one in live:
            for kind in dict.fromkeys(look.fact for look in one[0].looks):
                self._by_type.setdefault(kind, []).append(one)
        self.types = frozenset(self._by_type)
        self._routes: dict[type, dict[RouteKey, tuple[Live, ...]]] = {kind: {} for kind in self._by_type}

    def context(self, context: Context) -> tuple[Live, ...]:
        """Return the entries that look at this fact, in catalogue order."""
        kind = type(context.fact)
        routes = self._routes.get(kind)
        if routes is None:
            return ()
        key = key_of(context)
        found = routes.get(key)
        if found is None:
            if len(routes) >= MAX_ROUTES:
                routes.clear()
            found = routes[key] = self._find(kind, key)
        return found

    def event(self, kind: type, word: str) -> tuple[Live, ...]:
        """Return the entries that look at an asset or sensor event of this kind."""
        return self._find(kind, ("", word, "", "", "", "", ""))

    def _find(self, kind: type, key: RouteKey) -> tuple[Live, ...]:
        return tuple(
            (entry, state)
            for entry, state in self._by_type.get(kind, ())
            if any(look.fact is kind and matches(look, key) for look in entry.looks)
        )
