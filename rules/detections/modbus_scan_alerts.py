"""Modbus alerts on scans: functions, addresses and units tried one after the other, exceptions without end."""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.facts import ChannelOpened, ChannelWindow, Exchange, OperationFirst
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import discovery
from rules.detections.modbus_alerts import MODBUS
from rules.detections.predicates import distinct_operations, distinct_units, place
from rules.detections.rule_state import RuleState
from rules.detections.windows import SECOND

WINDOW: Final = Match(ChannelWindow, MODBUS)
ADDRESS_ERROR: Final = "illegal_data_address"


def _address_scan(context: Context, state: RuleState) -> Hit | None:
    fact, numbers = context.fact, state.settings
    if isinstance(fact, Exchange | OperationFirst):
        where, span = place(context), numbers["seconds"]
        starts = [target for target in fact.targets if target.first >= 0]
        if not starts:
            return None
        known = state.distinct(where, (starts[0].kind, starts[0].first), fact.time, span)
        refused = state.counts.within(where, fact.time - int(span * SECOND), fact.time)
        if isinstance(fact, Exchange):
            refused = state.count(where, fact.time, span)
        if refused < numbers["refused"] and len(known) < numbers["addresses"]:
            return None
        firsts = [one[1] for one in known if isinstance(one, tuple)]
        words = {"seen": len(known), "refused": refused, "seconds": span, "table": starts[0].kind}
        return Hit(words={**words, "lowest": min(firsts), "highest": max(firsts)})
    return None


def _exceptions(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, ChannelWindow) or not fact.failures:
        return None
    hours = state.settings["hours"]
    seen = state.count(place(context)[1], fact.end, 3600 * hours, fact.failures)
    if seen <= state.settings["exceptions"]:
        return None
    return Hit(words={"seen": seen, "hours": hours, "limit": state.settings["exceptions"]})


MODBUS_SCANS: Final = (
    Entry(
        id="MB-013",
        name="Function code scan",
        severity="medium",
        looks=(Match(Exchange, MODBUS, errors=("illegal_function",)),),
        predicate=distinct_operations("functions", "seconds"),
        settings={"functions": 3, "seconds": 60},
        scope="pair",
        explanation=discovery(
            "{client} tried functions that {server} does not know.",
            "A client asks only functions that the device has.",
            "{seen} different functions refused in {seconds} s: {tried}.",
        ),
        false_positives="A client that probes for function 23 or 43 when it starts.",
        normal="An asset inventory tool named in the policy with its functions.",
        category="discovery",
        techniques=("T0888",),
        capture_fires="modbus/function_scan.pcap",
        capture_silent="plant/normal.pcap",
    ),
    Entry(
        id="MB-014",
        name="Address scan",
        severity="medium",
        looks=(
            Match(Exchange, MODBUS, errors=(ADDRESS_ERROR,)),
            Match(OperationFirst, MODBUS, verbs=("read",)),
        ),
        predicate=_address_scan,
        settings={"refused": 5, "addresses": 50, "seconds": 60},
        explanation=discovery(
            "{client} reads its way through the addresses of {server}.",
            "A client reads the same few ranges again and again.",
            "{seen} start addresses of {table} from {lowest} to {highest} in {seconds} s, {refused} refused.",
        ),
        false_positives="A new tag list was loaded; a historian reads its map again.",
        normal="The new ranges in the objects of the allow rule of {client}.",
        category="discovery",
        techniques=("T0861",),
        capture_fires="modbus/register_scan.pcap",
        capture_silent="plant/normal.pcap",
    ),
    Entry(
        id="MB-015",
        name="Unit scan",
        severity="medium",
        looks=(Match(ChannelOpened, MODBUS),),
        predicate=distinct_units("units", "seconds"),
        settings={"units": 10, "seconds": 120},
        scope="pair",
        explanation=discovery(
            "{client} tries which units answer behind {server}.",
            "A client talks to the units it was set up for.",
            "{seen} units tried in {seconds} s: {tried}.",
        ),
        false_positives="The configuration tool of the gateway.",
        normal="An allow rule that names the units behind {server}.",
        category="discovery",
        techniques=("T0846",),
    ),
    Entry(
        id="MB-016",
        name="Exception burst",
        severity="low",
        looks=(WINDOW,),
        predicate=_exceptions,
        settings={"exceptions": 20, "hours": 1},
        scope="server",
        explanation=discovery(
            "{server} refuses more than usual.",
            "At most {limit} exceptions in {hours} h from one device.",
            "{seen} exceptions in {hours} h.",
        ),
        false_positives="A wrong tag in a display that is polled for ever: approve or fix it.",
        normal="The wrong tag removed from the client, or a higher limit for MB-016 in the settings.",
        category="denial-of-service",
        techniques=("T0814",),
        capture_fires="modbus/register_scan.pcap",
        capture_silent="plant/normal.pcap",
    ),
)
