"""Modbus alerts that need more than one message: bursts, toggling, scans, errors that repeat, unanswered commands."""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.facts import ChannelOpened, ChannelWindow, Exchange
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import Explanation, absence, command, write
from rules.detections.modbus_alerts import ALL_OUTCOMES, APPROVE, MODBUS
from rules.detections.predicates import (
    asked,
    many,
    place,
    repeated_error,
    toggled,
)
from rules.detections.rule_state import RuleState
from rules.detections.windows import SECOND

WRITE_LOOK: Final = Match(Exchange, MODBUS, verbs=("write",), outcomes=ALL_OUTCOMES)
WINDOW: Final = Match(ChannelWindow, MODBUS)
GATEWAY_ERRORS: Final = ("gateway_path_unavailable", "gateway_target_failed")
BUSY_ERRORS: Final = ("acknowledge", "server_device_busy")
DEVICE_ERRORS: Final = ("server_device_failure", "memory_parity_error")


def _errors(*names: str) -> tuple[Match, ...]:
    return (Match(Exchange, MODBUS, errors=names), WINDOW)


def _burst(context: Context, state: RuleState) -> Hit | None:
    fact, numbers = context.fact, state.settings
    if isinstance(fact, ChannelWindow):
        peak = max((one.peak for one in fact.operations if one.verb == "write"), default=0)
        if peak <= numbers["writes_per_second"]:
            return None
        return Hit(words={"rate": peak, "limit": numbers["writes_per_second"], "span": "one second"})
    seen = state.count(key := place(context), fact.time, 2 * numbers["steady_seconds"])
    if seen <= numbers["writes_per_second"] and seen < numbers["steady_writes_per_second"] * numbers["steady_seconds"]:
        return None
    second = state.counts.within(key, fact.time - SECOND + 1, fact.time)
    if second > numbers["writes_per_second"]:
        return Hit(words={"rate": second, "limit": numbers["writes_per_second"], "span": "one second"})
    seconds = int(numbers["steady_seconds"])
    minimum = min(
        state.counts.within(key, fact.time - (back + 1) * SECOND + 1, fact.time - back * SECOND)
        for back in range(seconds)
    )
    if minimum >= numbers["steady_writes_per_second"]:
        limit = numbers["steady_writes_per_second"]
        return Hit(words={"rate": minimum, "limit": limit, "span": f"each of {seconds} seconds"})
    return None


def _broadcast(context: Context, state: RuleState) -> Hit | None:
    fact, channel = context.fact, context.channel
    if channel is None or (isinstance(fact, Exchange) and channel.unit != "0"):
        return None
    _, server, unit = place(context)
    if isinstance(fact, ChannelOpened):
        if unit not in {"", "0", "255"}:
            units = state.noted(server)
            known = units if isinstance(units, frozenset) else frozenset()
            if len(known) < 256:
                state.note(server, fact.time, known | {unit})
        return None
    units = state.noted(server)
    if unit != "0" or not isinstance(units, frozenset) or len(units) < state.settings["units"]:
        return None
    hit = asked(context, state)
    return None if hit is None else Hit(words={**hit.words, "units": ", ".join(sorted(units, key=int)[:16])})


def _path_lost(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    key = ("answered", *place(context)[1:])
    if isinstance(fact, ChannelWindow) and fact.responses > fact.failures:
        state.note(key, fact.end)
        if not fact.failures:
            return None
    if not isinstance(fact, Exchange | ChannelWindow) or state.noted(key) is None:
        return None
    return _PATH(context, state)


_PATH: Final = repeated_error("errors", "seconds", part=(1, 2))
USUAL_WRITES: Final = "Writes here follow operator actions, a few in a minute."

MODBUS_COUNTED: Final = (
    Entry(
        id="MB-004",
        name="Write burst",
        severity="medium",
        looks=(WRITE_LOOK, WINDOW),
        predicate=_burst,
        settings={"writes_per_second": 20, "steady_writes_per_second": 10, "steady_seconds": 2},
        explanation=Explanation(
            "W",
            "{client} wrote to {server} in a burst: {rate} writes in {span}.",
            USUAL_WRITES,
            "{rate} writes in {span}; the limit is {limit}.",
        ),
        false_positives="A recipe download; a data server that writes all its tags when it restarts.",
        normal="A higher writes_per_second for MB-004 in the settings, or a limits line in the allow rule of {client}.",
        category="unauthorized-operation",
        techniques=("T0806",),
        capture_fires="modbus/write_burst.pcap",
        capture_silent="plant/normal.pcap",
    ),
    Entry(
        id="MB-005",
        name="Output toggled",
        severity="high",
        looks=(WRITE_LOOK,),
        predicate=toggled("changes", "seconds"),
        settings={"changes": 10, "seconds": 60},
        explanation=write(
            "{point} goes back and forth.",
            USUAL_WRITES,
            "{point} changed {changes} times in {seconds} s between {pair}.",
        ),
        false_positives="A test mode; software that pulses a coil as a heartbeat (approve it).",
        normal=APPROVE,
        category="unauthorized-operation",
        techniques=("T0806",),
    ),
    Entry(
        id="MB-006",
        name="Broadcast write",
        severity="high",
        looks=(Match(Exchange, MODBUS, codes=("5", "6", "15", "16", "22")), Match(ChannelOpened, MODBUS)),
        predicate=_broadcast,
        settings={"units": 2},
        explanation=write(
            "unit 0 makes every device behind this gateway obey.",
            observed="{operation} (code {code}) to unit 0 of {targets} with {values}; units seen behind it: {units}.",
        ),
        false_positives="Devices that use unit 0 for themselves.",
        normal=APPROVE,
        category="unauthorized-operation",
        techniques=("T1692.001",),
    ),
    Entry(
        id="MB-017",
        name="Server busy",
        severity="medium",
        looks=_errors(*BUSY_ERRORS),
        predicate=repeated_error("errors", "seconds", part=(1,)),
        settings={"errors": 3, "seconds": 60},
        scope="server",
        explanation=command(
            "the device says that it is busy and does not serve its clients.",
            "A device answers at once.",
            "{seen} answers busy or acknowledge in {seconds} s (last: {kind}).",
            refused="",
        ),
        false_positives="Long write jobs, which answer acknowledge by design.",
        normal="A slower poll rate of the clients of {server}.",
        category="denial-of-service",
        techniques=("T0814",),
    ),
    Entry(
        id="MB-018",
        name="Device failure reported",
        severity="medium",
        looks=(Match(Exchange, MODBUS, errors=DEVICE_ERRORS),),
        predicate=asked,
        explanation=command("the device answers that it failed to do what was asked.", "A healthy device.", refused=""),
        false_positives="A sensor fault behind the device.",
        normal="The fault repaired.",
        category="operating-mode",
        context=("T0826",),
    ),
    Entry(
        id="MB-019",
        name="Path behind a gateway lost",
        severity="medium",
        looks=_errors(*GATEWAY_ERRORS),
        predicate=_path_lost,
        settings={"errors": 3, "seconds": 60},
        scope="unit",
        explanation=absence(
            "The gateway {server} no longer reaches{unit_text}, which answered before.",
            "The unit answers through its gateway.",
            "{seen} answers {kind} in {seconds} s.",
        ),
        false_positives="A serial device that was switched off.",
        normal="The device back in service.",
        category="denial-of-service",
        techniques=("T1695.001",),
    ),
    Entry(
        id="MB-027",
        name="Commands not answered",
        severity="medium",
        looks=(Match(Exchange, MODBUS, verbs=("write",), outcomes=("unanswered",)),),
        predicate=many("unanswered", "seconds"),
        settings={"unanswered": 3, "seconds": 300},
        explanation=absence(
            "{server} leaves writes of {client} without an answer while the connection lives.",
            "Every write is answered, with success or an exception.",
            "{seen} writes without an answer in {seconds} s, the last one {operation} (code {code}).",
        ),
        false_positives="An overloaded gateway; a device in listen-only.",
        normal="The device answers again.",
        category="denial-of-service",
        techniques=("T1691.001",),
    ),
)
