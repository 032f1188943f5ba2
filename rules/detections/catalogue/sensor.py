"""Alerts on the sensor itself: what it does not see, what it had to forget, what its clock does."""

from __future__ import annotations

from typing import Final

from dissectors.context import Context, SensorEvent
from dissectors.facts import Health
from dissectors.health import BOUNDS
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import Explanation, health
from rules.detections.grammar import counted
from rules.detections.rule_state import RuleState
from rules.detections.windows import SECOND

COUNTERS: Final = (Match(Health),)
NAMED: Final = 6
"""Names of what was not read that an alert lists."""
MIRROR: Final = "The mirror port and the cabling put right."


def percent(part: int, whole: int) -> float:
    """Return the share in percent, 0 of nothing."""
    return round(100 * part / whole, 3) if whole else 0.0


def _no_traffic(event: Context | SensorEvent, state: RuleState) -> Hit | None:
    if isinstance(event, SensorEvent):
        return reported(event, state)
    fact = event.fact
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
    return Hit(
        words={"observed": f"{counted(dropped, 'frame')} dropped ({share} %)", "dropped": dropped}, about=fact.interface
    )


def _doubled(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, Health):
        return None
    double = fact.counters.get("duplicates", 0)
    share = percent(double, fact.counters.get("packets", 0))
    if share <= state.settings["percent"]:
        return None
    return Hit(
        words={
            "observed": f"{double} of {fact.counters.get('packets', 0)} frames were copies ({share} %)",
            "doubled": double,
        },
        about=fact.interface,
    )


def _evicted(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, Health):
        return None
    full = {BOUNDS[name]: count for name, count in sorted(fact.counters.items()) if count and name in BOUNDS}
    if not full:
        return None
    listed = ", ".join(f"{name} ({count})" for name, count in full.items())
    return Hit(words={"observed": f"not kept because a bound was reached: {listed}", **full})


def _failed(event: Context | SensorEvent, state: RuleState) -> Hit | None:
    """Hit with as many as failed, of a part above the packets or of a dissector: one incident for all."""
    if isinstance(event, SensorEvent):
        facts = event.detail.get("facts")
        return Hit(weight=facts if isinstance(facts, int) else 1, about="parts")
    fact = event.fact
    failures = fact.counters.get("dissector_failures", 0) if isinstance(fact, Health) else 0
    if not failures:
        return None
    observed = (
        f"a dissector failed on {counted(failures, 'message')}. Such conversations are counted on and read no further"
    )
    return Hit(weight=failures, words={"observed": observed, "failures": failures}, about="parts")


def _clock(event: Context | SensorEvent, state: RuleState) -> Hit | None:
    if isinstance(event, SensorEvent):
        return reported(event, state)
    fact = event.fact
    jumps = fact.counters.get("clock_jumps", 0) if isinstance(fact, Health) else 0
    return Hit(words={"observed": f"packet time jumped {counted(jumps, 'time')}", "jumps": jumps}) if jumps else None


def _refuses(context: Context, state: RuleState) -> Hit | None:
    fact, numbers = context.fact, state.settings
    if not isinstance(fact, Health):
        return None
    minutes = max((fact.end - fact.start) / SECOND / 60, 1.0)
    count = fact.counters.get("resynchronised", 0)
    if count / minutes < numbers["resynchronised_per_minute"]:
        return None
    return Hit(words={"observed": f"streams lost their place {counted(count, 'time')}"})


def _not_read(context: Context, state: RuleState) -> Hit | None:
    """Hit when a share of the frames of a window was not read, or many frames of one name; medium when both are true."""
    fact, numbers = context.fact, state.settings
    if not isinstance(fact, Health) or not fact.unread:
        return None
    rows = sorted(fact.unread.items(), key=lambda row: (-row[1], row[0]))
    unread = sum(count for _, count in rows)
    frames = fact.counters.get("messages", fact.counters.get("packets", 0))
    share = percent(unread, frames)
    is_large = share > numbers["percent"] and unread >= numbers["least_frames"]
    is_many = rows[0][1] >= numbers["frames_of_one_name"]
    if not is_large and not is_many:
        return None
    named = ", ".join(f"{name} {count}" for name, count in rows[:NAMED])
    more = f" and {len(rows) - NAMED} more names" if len(rows) > NAMED else ""
    return Hit(
        words={"observed": f"{unread} of {frames} frames were not read ({share} %): {named}{more}", "unread": unread},
        severity="medium" if is_large and is_many else "low",
        about=fact.interface,
    )


def reported(event: SensorEvent, state: RuleState) -> Hit | None:
    """Hit on what the sensor says, at its severity; counted as many times as documents are concerned."""
    documents = event.detail.get("documents", 1)
    return Hit(weight=documents if isinstance(documents, int) else 1, severity=event.severity, about=event.subject)


def _health(reason: str, expected: str) -> Explanation:
    return health(reason + " ({source}).", expected, "At {time}: {observed}.")


def _event(identifier: str, name: str, severity: str, kind: str, expected: str, fp: str, normal: str) -> Entry:
    return Entry(
        id=identifier,
        name=name,
        severity=severity,
        looks=(Match(SensorEvent, words=(kind,)),),
        predicate=reported,
        scope="source",
        explanation=health(name + ": {subject}.", expected, "At {time}: {observed}"),
        false_positives=fp,
        normal=normal,
        category="sensor-health",
    )


SENSOR_EVENTS: Final = (
    _event("SEN-010", "Output backs up", "medium", "output_backs_up", "Documents leave within minutes.",
           "A cluster upgrade.", "The cluster back in service."),
    _event("SEN-011", "Documents refused", "medium", "documents_refused", "The cluster takes every document.",
           "A mapping changed by others.", "The templates of this version installed again."),
    _event("SEN-012", "Credentials refused", "high", "credentials_refused", "The cluster knows this sensor.",
           "A key that expired.", "A new key for this sensor."),
    _event("SEN-014", "Rule, model or policy file refused", "high", "file_refused",
           "Files are valid; the last good one stays active.", "None known.", "The file corrected."),
    _event("SEN-015", "Policy out of date", "medium", "policy_out_of_date", "The policy is reviewed and approved.",
           "None known.", "A reviewed policy version with its approvals."),
    _event("SEN-017", "Behind the wire", "high", "behind", "Processing keeps up with the capture.",
           "A burst of traffic.", "More workers."),
    _event("SEN-018", "Detection switched off", "low", "detection_off", "Every alert of the catalogue is on.",
           "A window opened on purpose.", "The alert switched on again."),
    _event("SEN-019", "Evidence store full", "medium", "evidence_full", "Evidence is kept for its time.",
           "None known.", "More space, or a shorter time."),
    _event("SEN-026", "Documents held back", "medium", "documents_held_back",
           "An alert writes few documents a minute; the store has every fact.",
           "A scan of the whole plant.", "The cause of the alert that is named."),
    _event("SEN-020", "Sensor restarted", "low", "restarted", "The sensor runs without a break.",
           "An update.", "Nothing: it is reported once."),
)  # fmt: skip

SENSOR_ALERTS: Final = (
    *SENSOR_EVENTS,
    Entry(
        id="SEN-001",
        name="No traffic",
        severity="critical",
        looks=(*COUNTERS, Match(SensorEvent, words=("no_traffic",))),
        predicate=_no_traffic,
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
        false_positives="A mirror of both directions on two ports, or of both sides of a router; a station between two others that "
        "passes their frames on (look at NET-022).",
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
        id="SEN-023",
        name="Part of the sensor failed",
        severity="high",
        looks=(*COUNTERS, Match(SensorEvent, words=("part_failed",))),
        predicate=_failed,
        scope="source",
        explanation=_health(
            "What one part of the sensor could not take is missing in what it says", "Every part takes every fact."
        ),
        false_positives="None known.",
        normal="The fault mended: report it with the quarantine file, whose lines say what failed where.",
        category="sensor-health",
    ),
    Entry(
        id="SEN-013",
        name="Clock jump",
        severity="medium",
        looks=(*COUNTERS, Match(SensorEvent, words=("clock_jump",))),
        predicate=_clock,
        scope="source",
        explanation=_health("The clock of the capture jumped", "Packet time goes forward, by less than a jump."),
        false_positives="The start of the time service.",
        normal="A disciplined clock on the sensor.",
        category="sensor-health",
    ),
    Entry(
        id="SEN-021",
        name="Frames not read",
        severity="low",
        looks=COUNTERS,
        predicate=_not_read,
        settings={"percent": 1, "least_frames": 5, "frames_of_one_name": 100},
        scope="source",
        max_severity="medium",
        explanation=_health(
            "Some frames are wrapped, sealed or broken so that the sensor does not see what they carry",
            "At most 1 % of the frames of a minute, and fewer than 100 of one name, are not read.",
        ),
        false_positives="Sealed traffic (MACsec, IPsec) on purpose; a capture with a short snap length.",
        normal="The mirror taken where the frames are not wrapped, or in a form that is read (docs/wrappings.md).",
        category="sensor-health",
    ),
)
