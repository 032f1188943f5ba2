"""Predicates that many entries share: asked at all, so many in so long, violated, errors that repeat, toggling points.

Each factory returns a predicate over one fact and the memory of its entry; numbers are read from the settings by name.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

from dissectors.context import Context
from dissectors.facts import ChannelWindow, Exchange, OperationFirst, Value, Violation
from rules.detections.entry import ContextPredicate, Hit
from rules.detections.rule_state import RuleState
from rules.detections.windows import SECOND, first_of
from rules.detections.words import client_id, context_words, instant, server_id

POINTS: Final = 64
"""Points of one write that are looked at."""
CHANGING: Final = ("write", "control", "program", "firmware", "start_stop", "file", "time")
"""Verbs that change a device."""
Place = tuple[str, str, str]


def place(context: Context) -> Place:
    """Return (client, server, unit): where counters belong."""
    return client_id(context), server_id(context), context.channel.unit if context.channel is not None else ""


def earlier(context: Context, state: RuleState, operation: str) -> str:
    """Return who sent this operation to this server last, and note that it was sent now."""
    key = ("earlier", server_id(context), operation)
    last = state.noted(key)
    who = context_words(context).get("client", "")
    state.note(key, context.fact.time, f"last sent by {who} at {instant(context.fact.time)}")
    return last if isinstance(last, str) else "never seen here before"


def asked(context: Context, state: RuleState) -> Hit | None:
    """Hit on every request that reaches the entry; an answer without a request is no request."""
    fact = context.fact
    if not isinstance(fact, Exchange) or fact.outcome == "unmatched":
        return None
    return Hit(words={"earlier": earlier(context, state, fact.operation)}, weight=1 + fact.repeats)


def many(count: str, seconds: str, *, part: tuple[int, ...] = (0, 1, 2)) -> ContextPredicate:
    """Hit from the n-th exchange on within so many seconds; ``part`` picks client, server, unit as the key."""

    def predicate(context: Context, state: RuleState) -> Hit | None:
        fact = context.fact
        where = place(context)
        key = tuple(where[at] for at in part)
        seen = state.count(key, fact.time, state.settings[seconds])
        if seen < state.settings[count]:
            return None
        words: dict[str, Value] = {"seen": seen, "seconds": state.settings[seconds], "limit": state.settings[count]}
        if isinstance(fact, Exchange):
            words["earlier"] = earlier(context, state, fact.operation)
        return Hit(words=words)

    return predicate


def violated(*, escalate: bool = False, without: frozenset[str] = frozenset()) -> ContextPredicate:
    """Hit on a violation; ``escalate`` makes it high at ``high_count`` in ``high_minutes``.

    That bytes are not the protocol at all ("not_modbus") is withheld unless the stream was seen from its start.
    """

    def predicate(context: Context, state: RuleState) -> Hit | None:
        fact = context.fact
        if not isinstance(fact, Violation) or fact.name in without:
            return None
        if fact.visibility != "complete" and fact.name.startswith("not_"):
            state.withheld[("not_this_protocol", fact.visibility)] += 1
            return None
        severity = ""
        if escalate:
            seen = state.count(place(context)[:2], fact.time, 60 * state.settings["high_minutes"], 1 + fact.repeats)
            severity = "high" if seen >= state.settings["high_count"] else ""
        words: dict[str, Value] = {"violation": fact.name, "at": fact.at}
        if fact.clause:
            words["clause"] = fact.clause
        return Hit(words=words, severity=severity, weight=1 + fact.repeats)

    return predicate


def repeated_error(count: str, seconds: str, *, part: tuple[int, ...] = (0, 1, 2)) -> ContextPredicate:
    """Hit when answers with the error looked at reach n in t. Equal ones reported as a number come with the window."""

    def predicate(context: Context, state: RuleState) -> Hit | None:
        fact = context.fact
        if isinstance(fact, ChannelWindow) and not fact.failures:
            return None
        key = tuple(place(context)[at] for at in part)
        span = state.settings[seconds]
        if isinstance(fact, Exchange):
            state.count(("reported", fact.channel, fact.label), fact.time, span)
            state.note(("error", fact.channel, fact.label), fact.time, fact.error)
            seen, error, weight = state.count(key, fact.time, span), fact.error, 1
        elif isinstance(fact, ChannelWindow):
            weight, error = _unreported(fact, state)
            if not weight:
                return None
            seen = state.count(key, fact.time, span, weight)
        else:
            return None
        if seen < state.settings[count]:
            return None
        return Hit(words={"seen": seen, "seconds": span, "limit": state.settings[count], "kind": error}, weight=weight)

    return predicate


def _unreported(window: ChannelWindow, state: RuleState) -> tuple[int, str]:
    """Return how many failures of operations with the noted error the window counted beyond those reported."""
    total, error = 0, ""
    for operation in window.operations:
        if not operation.failures:
            continue
        span = (window.end - window.start) / SECOND
        noted = state.noted(("error", window.channel, operation.label), window.end, span)
        if not isinstance(noted, str):
            continue
        reported = state.counts.within(("reported", window.channel, operation.label), window.start, window.end)
        total += max(0, operation.failures - reported)
        error = noted
    return total, error


def points(fact: Exchange) -> Iterator[tuple[str, int, Value]]:
    """Yield (table, index, written value) of the first POINTS points of a write."""
    place_of_value = 0
    for target in fact.targets:
        if target.first < 0:
            continue
        for index in range(target.first, min(target.last, target.first + POINTS - 1) + 1):
            if place_of_value >= min(len(fact.values), POINTS):
                return
            yield target.kind, index, fact.values[place_of_value]
            place_of_value += 1


class Swing:
    """The last two different values written to a point, and the times at which they took turns."""

    __slots__ = ("at", "last", "other", "turns")

    def __init__(self, value: Value, time: int) -> None:
        self.last = value
        self.other: Value | None = None
        self.at = time
        self.turns: deque[int] = deque()

    def write(self, value: Value, time: int, horizon: int) -> int:
        """Take a written value; return how often the same two values took turns since ``horizon``."""
        late = self.at < horizon
        self.at = time
        if value == self.last:
            return 0
        if late or value != self.other:
            self.turns.clear()
        self.other, self.last = self.last, value
        if late:
            return 0
        self.turns.append(time)
        while self.turns[0] < horizon:
            self.turns.popleft()
        return len(self.turns)


def toggled(count: str, seconds: str) -> ContextPredicate:
    """Hit when one point is written back and forth between two values n times in t."""

    def predicate(context: Context, state: RuleState) -> Hit | None:
        fact = context.fact
        if not isinstance(fact, Exchange) or fact.outcome == "unmatched":
            return None
        _, server, unit = place(context)
        span = state.settings[seconds]
        horizon = fact.time - int(span * SECOND)
        worst: Hit | None = None
        for kind, index, value in points(fact):
            key = (server, unit, kind, index)
            swing = state.noted(key)
            if not isinstance(swing, Swing):
                state.note(key, fact.time, Swing(value, fact.time))
                continue
            state.note(key, fact.time, swing)
            changes = swing.write(value, fact.time, horizon)
            if changes >= state.settings[count]:
                pair = " and ".join(sorted((str(swing.last), str(swing.other))))
                worst = Hit(words={"point": f"{kind} {index}", "pair": pair, "changes": changes, "seconds": span})
        return worst

    return predicate


def unmatched(context: Context, state: RuleState) -> Hit | None:
    """Hit on an answer that no open request explains."""
    return Hit()


def distinct_operations(count: str, seconds: str) -> ContextPredicate:
    """Hit when different operations by one client on one server reach n in t."""

    def predicate(context: Context, state: RuleState) -> Hit | None:
        fact = context.fact
        if not isinstance(fact, Exchange | OperationFirst):
            return None
        client, server, _ = place(context)
        span = state.settings[seconds]
        seen = state.distinct((client, server), fact.code, fact.time, span)
        if len(seen) < state.settings[count]:
            return None
        listed = ", ".join(str(code) for code in first_of(seen, 16))
        return Hit(words={"seen": len(seen), "tried": listed, "seconds": span})

    return predicate


def distinct_units(count: str, seconds: str) -> ContextPredicate:
    """Hit when different units, link addresses or TSAPs of one server tried by one client reach n in t."""

    def predicate(context: Context, state: RuleState) -> Hit | None:
        client, server, unit = place(context)
        unit = unit.partition(">")[2] or unit
        if not unit:
            return None
        span = state.settings[seconds]
        seen = state.distinct((client, server), unit, context.fact.time, span)
        if len(seen) < state.settings[count]:
            return None
        listed = ", ".join(str(one) for one in first_of(seen, 16))
        return Hit(words={"seen": len(seen), "tried": listed, "seconds": span})

    return predicate
