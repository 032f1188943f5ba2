"""Predicates that many entries share: asked at all, so many in so long, violated, errors that repeat, toggling points.

Each factory returns a predicate over one fact and the memory of its entry; numbers are read from the settings by name.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

from dissectors.facts import ChannelWindow, Exchange, OperationFirst, Value, Violation
from rules.detections.entry import Hit, ScenePredicate
from rules.detections.memory import Memory
from rules.detections.windows import SECOND, first_of
from rules.detections.words import client_id, instant, scene_words, server_id
from rules.scene import Scene

POINTS: Final = 64
"""Points of one write that are looked at."""
CHANGING: Final = ("write", "control", "program", "firmware", "start_stop", "file", "time")
"""Verbs that change a device."""
Place = tuple[str, str, str]


def place(scene: Scene) -> Place:
    """Return (client, server, unit): where counters belong."""
    return client_id(scene), server_id(scene), scene.channel.unit if scene.channel is not None else ""


def earlier(scene: Scene, memory: Memory, operation: str) -> str:
    """Return who sent this operation to this server last, and note that it was sent now."""
    key = ("earlier", server_id(scene), operation)
    last = memory.noted(key)
    who = scene_words(scene).get("client", "")
    memory.note(key, scene.fact.time, f"last sent by {who} at {instant(scene.fact.time)}")
    return last if isinstance(last, str) else "never seen here before"


def asked(scene: Scene, memory: Memory) -> Hit | None:
    """Hit on every request that reaches the entry; an answer without a request is no request."""
    fact = scene.fact
    if not isinstance(fact, Exchange) or fact.outcome == "unasked":
        return None
    return Hit(words={"earlier": earlier(scene, memory, fact.operation)}, weight=1 + fact.repeats)


def many(count: str, seconds: str, *, part: tuple[int, ...] = (0, 1, 2)) -> ScenePredicate:
    """Hit from the n-th exchange on within so many seconds; ``part`` picks client, server, unit as the key."""

    def predicate(scene: Scene, memory: Memory) -> Hit | None:
        fact = scene.fact
        where = place(scene)
        key = tuple(where[at] for at in part)
        seen = memory.count(key, fact.time, memory.settings[seconds])
        if seen < memory.settings[count]:
            return None
        words: dict[str, Value] = {"seen": seen, "seconds": memory.settings[seconds], "limit": memory.settings[count]}
        if isinstance(fact, Exchange):
            words["earlier"] = earlier(scene, memory, fact.operation)
        return Hit(words=words)

    return predicate


def violated(*, escalate: bool = False, without: frozenset[str] = frozenset()) -> ScenePredicate:
    """Hit on a violation; ``escalate`` makes it high at ``high_count`` in ``high_minutes``.

    That bytes are not the protocol at all ("not_modbus") is withheld unless the stream was seen from its start.
    """

    def predicate(scene: Scene, memory: Memory) -> Hit | None:
        fact = scene.fact
        if not isinstance(fact, Violation) or fact.name in without:
            return None
        if fact.visibility != "complete" and fact.name.startswith("not_"):
            memory.withheld[("not_this_protocol", fact.visibility)] += 1
            return None
        severity = ""
        if escalate:
            seen = memory.count(place(scene)[:2], fact.time, 60 * memory.settings["high_minutes"], 1 + fact.repeats)
            severity = "high" if seen >= memory.settings["high_count"] else ""
        words: dict[str, Value] = {"violation": fact.name, "at": fact.at}
        if fact.clause:
            words["clause"] = fact.clause
        return Hit(words=words, severity=severity, weight=1 + fact.repeats)

    return predicate


def repeated_error(count: str, seconds: str, *, part: tuple[int, ...] = (0, 1, 2)) -> ScenePredicate:
    """Hit when answers with the error looked at reach n in t. Equal ones told as a number come with the window."""

    def predicate(scene: Scene, memory: Memory) -> Hit | None:
        fact = scene.fact
        if isinstance(fact, ChannelWindow) and not fact.failures:
            return None
        key = tuple(place(scene)[at] for at in part)
        span = memory.settings[seconds]
        if isinstance(fact, Exchange):
            memory.count(("told", fact.channel, fact.label), fact.time, span)
            memory.note(("error", fact.channel, fact.label), fact.time, fact.error)
            seen, error, weight = memory.count(key, fact.time, span), fact.error, 1
        elif isinstance(fact, ChannelWindow):
            weight, error = _untold(fact, memory)
            if not weight:
                return None
            seen = memory.count(key, fact.time, span, weight)
        else:
            return None
        if seen < memory.settings[count]:
            return None
        return Hit(words={"seen": seen, "seconds": span, "limit": memory.settings[count], "kind": error}, weight=weight)

    return predicate


def _untold(window: ChannelWindow, memory: Memory) -> tuple[int, str]:
    """Return how many failures of operations with the noted error the window counted beyond those told."""
    total, error = 0, ""
    for operation in window.operations:
        if not operation.failures:
            continue
        span = (window.end - window.start) / SECOND
        noted = memory.noted(("error", window.channel, operation.label), window.end, span)
        if not isinstance(noted, str):
            continue
        told = memory.counts.within(("told", window.channel, operation.label), window.start, window.end)
        total += max(0, operation.failures - told)
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


def toggled(count: str, seconds: str) -> ScenePredicate:
    """Hit when one point is written back and forth between two values n times in t."""

    def predicate(scene: Scene, memory: Memory) -> Hit | None:
        fact = scene.fact
        if not isinstance(fact, Exchange) or fact.outcome == "unasked":
            return None
        _, server, unit = place(scene)
        span = memory.settings[seconds]
        horizon = fact.time - int(span * SECOND)
        worst: Hit | None = None
        for kind, index, value in points(fact):
            key = (server, unit, kind, index)
            swing = memory.noted(key)
            if not isinstance(swing, Swing):
                memory.note(key, fact.time, Swing(value, fact.time))
                continue
            memory.note(key, fact.time, swing)
            changes = swing.write(value, fact.time, horizon)
            if changes >= memory.settings[count]:
                pair = " and ".join(sorted((str(swing.last), str(swing.other))))
                worst = Hit(words={"point": f"{kind} {index}", "pair": pair, "changes": changes, "seconds": span})
        return worst

    return predicate


def unasked(scene: Scene, memory: Memory) -> Hit | None:
    """Hit on an answer that no open request explains."""
    return Hit()


def distinct_operations(count: str, seconds: str) -> ScenePredicate:
    """Hit when different operations by one client on one server reach n in t."""

    def predicate(scene: Scene, memory: Memory) -> Hit | None:
        fact = scene.fact
        if not isinstance(fact, Exchange | OperationFirst):
            return None
        client, server, _ = place(scene)
        span = memory.settings[seconds]
        seen = memory.distinct((client, server), fact.code, fact.time, span)
        if len(seen) < memory.settings[count]:
            return None
        listed = ", ".join(str(code) for code in first_of(seen, 16))
        return Hit(words={"seen": len(seen), "tried": listed, "seconds": span})

    return predicate


def distinct_units(count: str, seconds: str) -> ScenePredicate:
    """Hit when different units, link addresses or TSAPs of one server tried by one client reach n in t."""

    def predicate(scene: Scene, memory: Memory) -> Hit | None:
        client, server, unit = place(scene)
        unit = unit.partition(">")[2] or unit
        if not unit:
            return None
        span = memory.settings[seconds]
        seen = memory.distinct((client, server), unit, scene.fact.time, span)
        if len(seen) < memory.settings[count]:
            return None
        listed = ", ".join(str(one) for one in first_of(seen, 16))
        return Hit(words={"seen": len(seen), "tried": listed, "seconds": span})

    return predicate
