"""So many of one thing in so long: bursts, errors that repeat, functions and units tried one after the other.

Each factory returns a predicate; the numbers are read from the settings by name.
"""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.facts import ChannelOpened, ChannelWindow, Exchange, OperationFirst, Value
from rules.detections.entry import Hit, Predicate
from rules.detections.patterns.asked import device, earlier, place
from rules.detections.rule_state import RuleState
from rules.detections.windows import SECOND, first_of
from rules.detections.words import client_id, server_id

POLLS: Final = 5
"""Requests in its first window that make a unit one that is polled, whether or not it answers."""
POLL_SECONDS: Final = 15
"""So long after its only answer a unit that is polled has been asked again."""


def many(count: str, seconds: str, *, part: tuple[int, ...] = (0, 1, 2)) -> Predicate:
    """Hit from the n-th exchange on within so many seconds; ``part`` picks client, server, unit as the key."""

    def predicate(context: Context, state: RuleState) -> Hit | None:
        fact = context.fact
        where = place(context)
        key = tuple(where[at] for at in part)
        weight = 1 + fact.repeats if isinstance(fact, Exchange) else 1
        seen = state.count(key, fact.time, state.settings[seconds], weight)
        if seen < state.settings[count]:
            return None
        words: dict[str, Value] = {"seen": seen, "seconds": state.settings[seconds], "limit": state.settings[count]}
        if isinstance(fact, Exchange):
            words["earlier"] = earlier(context, state, fact.operation)
        return Hit(words=words, weight=weight)

    return predicate


def burst(context: Context, state: RuleState) -> Hit | None:
    """Hit on a burst of writes: too many in one second, or steadily many, one by one or counted in a window."""
    fact, numbers = context.fact, state.settings
    if isinstance(fact, ChannelWindow):
        peak = max((one.peak for one in fact.operations if one.verb == "write"), default=0)
        if peak <= numbers["writes_per_second"]:
            return None
        return Hit(
            words={
                "rate": peak,
                "limit": numbers["writes_per_second"],
                "span": "one second",
                "setting": "writes_per_second",
            }
        )
    seen = state.count(key := place(context), fact.time, 2 * numbers["steady_seconds"])
    if seen <= numbers["writes_per_second"] and seen < numbers["steady_writes_per_second"] * numbers["steady_seconds"]:
        return None
    second = state.counts.within(key, fact.time - SECOND + 1, fact.time)
    if second > numbers["writes_per_second"]:
        return Hit(
            words={
                "rate": second,
                "limit": numbers["writes_per_second"],
                "span": "one second",
                "setting": "writes_per_second",
            }
        )
    seconds = int(numbers["steady_seconds"])
    minimum = min(
        state.counts.within(key, fact.time - (back + 1) * SECOND + 1, fact.time - back * SECOND)
        for back in range(seconds)
    )
    if minimum >= numbers["steady_writes_per_second"]:
        limit = numbers["steady_writes_per_second"]
        return Hit(
            words={
                "rate": minimum,
                "limit": limit,
                "span": f"each of {seconds} seconds",
                "setting": "steady_writes_per_second",
            }
        )
    return None


def exceptions(context: Context, state: RuleState) -> Hit | None:
    """Hit when one device refuses more than so many requests in so many hours, by the counts of windows."""
    fact = context.fact
    if not isinstance(fact, ChannelWindow) or not fact.failures:
        return None
    hours = state.settings["hours"]
    seen = state.count(device(context), fact.end, 3600 * hours, fact.failures)
    if seen <= state.settings["exceptions"]:
        return None
    return Hit(words={"seen": seen, "hours": hours, "limit": state.settings["exceptions"]})


def repeated_error(count: str, seconds: str, *, part: tuple[int, ...] = (0, 1, 2)) -> Predicate:
    """Hit when answers with the error looked at reach n in t."""

    def predicate(context: Context, state: RuleState) -> Hit | None:
        fact = context.fact
        if not isinstance(fact, Exchange):
            return None
        where = (*place(context), server_id(context))
        key = tuple(where[at] for at in part)
        span = state.settings[seconds]
        weight = 1 + fact.repeats
        seen = state.count(key, fact.time, span, weight)
        if seen < state.settings[count]:
            return None
        return Hit(
            words={"seen": seen, "seconds": span, "limit": state.settings[count], "kind": fact.error}, weight=weight
        )

    return predicate


def distinct_operations(count: str, seconds: str) -> Predicate:
    """Hit when different operations by one client on one server reach n in t."""

    def predicate(context: Context, state: RuleState) -> Hit | None:
        fact = context.fact
        if not isinstance(fact, Exchange | OperationFirst):
            return None
        span = state.settings[seconds]
        seen = state.distinct((client_id(context), server_id(context)), fact.code, fact.time, span)
        if len(seen) < state.settings[count]:
            return None
        listed = ", ".join(str(code) for code in first_of(seen, 16))
        return Hit(words={"seen": len(seen), "tried": listed, "seconds": span})

    return predicate


def distinct_units(count: str, seconds: str) -> Predicate:
    """Hit when different units or link addresses of one host tried by one client reach n in t.

    The first window of each tells a try from a poll. What the policy or the baseline names is no try.
    """

    def predicate(context: Context, state: RuleState) -> Hit | None:
        fact, channel, baseline = context.fact, context.channel, state.baseline_index
        if not isinstance(fact, ChannelWindow) or channel is None or channel.time < fact.start:
            return None
        client, host, unit = place(context)
        unit = unit.rpartition(">")[2]
        if not unit or _is_named(context) or not _is_tried(fact, channel):
            return None
        if baseline is not None and channel.unit in baseline.units(channel):
            return None
        span = state.settings[seconds]
        seen = state.distinct((client, host), unit, fact.last or fact.time, span)
        if len(seen) < state.settings[count]:
            return None
        listed = ", ".join(str(one) for one in first_of(seen, 16))
        return Hit(words={"seen": len(seen), "tried": listed, "seconds": span})

    return predicate


def _is_named(context: Context) -> bool:
    """Whether the policy names the device behind a gateway and allows to talk with it."""
    verdict, server = context.verdict, context.server
    return verdict is not None and verdict.allows and server is not None and server.known and bool(server.host)


def _is_tried(window: ChannelWindow, channel: ChannelOpened) -> bool:
    """Whether a client only looked whether a unit is there: it is asked once or twice, or does not answer."""
    if window.requests >= POLLS:
        return False
    answers = window.responses - window.failures + window.reports
    return answers <= 0 or (answers == 1 and window.end - channel.time >= POLL_SECONDS * SECOND)
