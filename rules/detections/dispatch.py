"""Which entries look at which event: one look-up for events that nobody cares about.

An event is named by a small key (protocol, word, verb, outcome, error, code, verdict, what the verdict means); the
entries for a key are found once and kept. The table of keys is bounded: wire text in a key (an unknown operation) cannot
make it grow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dissectors.context import Context, Event, FindingEvent
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
from rules.detections.verdict import meaning

MAX_ROUTES: Final = 8_192
PLACES: Final = (ChannelOpened, Visibility)

Live = tuple[Entry, RuleState]
RouteKey = tuple[str, str, str, str, str, str, str, str]


def type_of(event: Event) -> type:
    """Return what an event is to an entry: the type of its fact where there is one."""
    return type(event.fact) if isinstance(event, Context) else type(event)


def key_of(event: Event) -> RouteKey:
    """Return what dispatch may look at in an event."""
    if isinstance(event, FindingEvent):
        return "", event.finding.alert, "", "", "", "", "", ""
    if not isinstance(event, Context):
        return "", event.kind, "", "", "", "", "", ""
    fact, channel = event.fact, event.channel
    protocol = channel.protocol if channel is not None else ""
    verdict = event.verdict.kind if event.verdict is not None else ""
    means = meaning(event)
    if isinstance(fact, Exchange):
        return protocol, fact.operation, fact.verb, fact.outcome, fact.error, fact.code, verdict, means
    if isinstance(fact, OperationFirst):
        return protocol, fact.operation, fact.verb, "", "", fact.code, verdict, means
    if isinstance(fact, Violation):
        return fact.protocol, fact.name, "", "", "", "", verdict, means
    if isinstance(fact, PLACES):
        return protocol, fact.state, "", "", "", "", verdict, means
    if isinstance(fact, Sighting):
        return fact.protocol, fact.attribute, "", "", "", "", verdict, means
    if isinstance(fact, ChannelWindow):
        return protocol, "", "", "", "", "", verdict, means
    return "", "", "", "", "", "", verdict, means


def matches(look: Match, key: RouteKey) -> bool:
    """Whether a look covers a key."""
    wanted = (
        look.protocols, look.words, look.verbs, look.outcomes, look.errors, look.codes, look.verdicts, look.means,
    )  # fmt: skip
    return all(not names or value in names for names, value in zip(wanted, key, strict=True))


class Dispatch:
    """The routes from events to entries."""

    def __init__(self, live: Sequence[Live]) -> None:
        self._by_type: dict[type, list[Live]] = {}
        for one in live:
            for kind in dict.fromkeys(look.event for look in one[0].looks):
                self._by_type.setdefault(kind, []).append(one)
        self.types = frozenset(self._by_type)
        self._routes: dict[type, dict[RouteKey, tuple[Live, ...]]] = {kind: {} for kind in self._by_type}

    def route(self, event: Event) -> tuple[Live, ...]:
        """Return the entries that look at this event, in catalogue order."""
        kind = type_of(event)
        routes = self._routes.get(kind)
        if routes is None:
            return ()
        key = key_of(event)
        found = routes.get(key)
        if found is None:
            if len(routes) >= MAX_ROUTES:
                routes.clear()
            found = routes[key] = tuple(
                one
                for one in self._by_type[kind]
                if any(look.event is kind and matches(look, key) for look in one[0].looks)
            )
        return found
