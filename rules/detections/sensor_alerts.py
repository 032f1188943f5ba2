"""Alerts on the sensor itself: what it does not see, what it had to forget, what its clock does."""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.facts import Health
from dissectors.health import BOUNDS
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import Explanation, health
from rules.detections.rule_state import RuleState
from rules.detections.sensor_event import SensorEvent
from rules.detections.windows import SECOND

COUNTERS: Final = (Match(Health),)
MIRROR: Final = "The mirror port and the cabling put right."


def percent(part: int, whole: int) -> float:
    """Return the share in percent, 0 of nothing."""
    return round(100 * part / whole, 3) if whole else 0.0


def _no_traffic(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, Health) or "packets" not in fact.counters:
        return None
    where = (fact.source, fact.interface)
    if fact.counters["packets"]:
        state.notes.take(where)
        return None
    since = state.noted(where)
    start = since if isinstance(since, int) else fact.start
    state.note(where, fact.end, start)
    silent = (fact.end - start) // SECOND
    if silent < state.settings["seconds"]:
        return None
    return Hit(words={"observed": f"no frame for {silent} s"}, about=fact.interface)


def _dropped(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, Health):
        return None
    dropped = fact.counters.get("dropped", 0)
    share = percent(dropped, dropped + fact.counters.get("packets", 0))
    if share <= state.settings["percent"]:
        return None
    return Hit(words={"observed": f"{dropped} frames dropped ({share} %)", "dropped": dropped}, about=fact.interface)


def _doubled(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, Health):
        return None
    double = fact.counters.get("duplicate_frames", 0)
    share = percent(double, fact.counters.get("packets", 0))
    if share <= state.settings["percent"]:
        return None
    return Hit(words={"observed": f"{double} frames seen twice ({share} %)", "doubled": double}, about=fact.interface)


def _evicted(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, Health):
        return None
    full = {BOUNDS[name]: count for name, count in sorted(fact.counters.items()) if count and name in BOUNDS}
    if not full:
        return None
    listed = ", ".join(f"{name} ({count})" for name, count in full.items())
    return Hit(words={"observed": f"forgotten because the table was full: {listed}", **full})


def _clock(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    jumps = fact.counters.get("clock_jumps", 0) if isinstance(fact, Health) else 0
    return Hit(words={"observed": f"packet time jumped {jumps} times", "jumps": jumps}) if jumps else None


def _refuses(context: Context, state: RuleState) -> Hit | None:
    fact, numbers = context.fact, state.settings
    if not isinstance(fact, Health):
        return None
    minutes = max((fact.end - fact.start) / SECOND / 60, 1.0)
    worst = [
        f"{name.removeprefix('resynchronised_') or 'a stream'} lost its place {count} times"
        for name, count in sorted(fact.counters.items())
        if name.startswith("resynchronised") and count / minutes >= numbers["resynchronised_per_minute"]
    ]
    return Hit(words={"observed": "; ".join(worst)}) if worst else None


def _not_decoded(context: Context, state: RuleState) -> Hit | None:
    fact, numbers = context.fact, state.settings
    if not isinstance(fact, Health):
        return None
    span = 3600 * numbers["hours"]
    unread = state.count(("unread", fact.source), fact.end, span, fact.counters.get("not_decoded", 0))
    messages = fact.counters.get("messages", fact.counters.get("packets", 0))
    seen = state.count(("seen", fact.source), fact.end, span, messages)
    share = percent(unread, seen)
    if seen < numbers["least_messages"] or share <= numbers["percent"]:
        return None
    return Hit(words={"observed": f"{unread} of {seen} messages not decoded ({share} %)"})


def reported(event: SensorEvent, state: RuleState) -> Hit | None:
    """Hit on what the sensor says, at its severity."""
    return Hit(severity=event.severity, about=event.subject)


def _health(reason: str, expected: str) -> Explanation:
    return health(reason + " ({source}).", expected, "At {time}: {observed}.")


SENSOR_ALERTS: Final = (
    Entry(
        id="SEN-001",
        name="No traffic",
        severity="critical",
        looks=(*COUNTERS, Match(SensorEvent, words=("no_traffic",))),
        predicate=_no_traffic,
        on_sensor=reported,
        settings={"seconds": 60},
        scope="source",
        explanation=_health("The sensor sees nothing, so it can raise nothing", "Frames arrive all the time."),
        false_positives="The plant network is off.",
        normal=MIRROR,
        category="sensor-health",
    ),
    Entry(
        id="SEN-002",
        name="Frames dropped",
        severity="high",
        looks=COUNTERS,
        predicate=_dropped,
        settings={"percent": 0.1},
        scope="source",
        explanation=_health("Frames were lost before the sensor read them", "At most 0.1 % of the frames are dropped."),
        false_positives="A burst at the start.",
        normal="A larger ring, or more workers.",
        category="sensor-health",
    ),
    Entry(
        id="SEN-005",
        name="Frames doubled",
        severity="low",
        looks=COUNTERS,
        predicate=_doubled,
        settings={"percent": 5},
        scope="source",
        explanation=_health("Frames arrive twice", "At most 5 % of the frames are doubled."),
        false_positives="A mirror of both directions on two ports.",
        normal=MIRROR,
        category="sensor-health",
    ),
    Entry(
        id="SEN-007",
        name="Dissector refuses",
        severity="medium",
        looks=COUNTERS,
        predicate=_refuses,
        settings={"resynchronised_per_minute": 10},
        scope="source",
        explanation=_health("A dissector does not follow what it reads", "A stream is read without losing its place."),
        false_positives="An unknown dialect.",
        normal="The dialect added to the dissector.",
        category="sensor-health",
    ),
    Entry(
        id="SEN-008",
        name="Not decoded",
        severity="low",
        looks=COUNTERS,
        predicate=_not_decoded,
        settings={"percent": 1, "hours": 1, "least_messages": 100},
        scope="source",
        explanation=_health("Some messages are not understood", "At most 1 % of the messages are not decoded."),
        false_positives="Functions of a maker.",
        normal="The functions added to the dissector.",
        category="sensor-health",
    ),
    Entry(
        id="SEN-009",
        name="Bound reached",
        severity="medium",
        looks=COUNTERS,
        predicate=_evicted,
        scope="source",
        explanation=_health("A table of the sensor is full and forgets", "No bounded table forgets anything."),
        false_positives="An attack that fills tables: look at NET-026.",
        normal="A larger bound, where the traffic is legitimate.",
        category="sensor-health",
    ),
    Entry(
        id="SEN-013",
        name="Clock jump",
        severity="medium",
        looks=(*COUNTERS, Match(SensorEvent, words=("clock_jump",))),
        predicate=_clock,
        on_sensor=reported,
        scope="source",
        explanation=_health("The clock of the capture jumped", "Packet time goes forward, by less than a jump."),
        false_positives="The start of the time service.",
        normal="A disciplined clock on the sensor.",
        category="sensor-health",
    ),
)
