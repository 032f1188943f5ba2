"""Modbus alerts that no pattern covers: writes to everybody, address scans, lost paths, programs that move."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from dissectors.context import Context
from dissectors.facts import ChannelOpened, ChannelWindow, Exchange, OperationFirst, Value
from dissectors.modbus import PROTOCOL
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import absence, discovery, program, write
from rules.detections.patterns.asked import ALL_OUTCOMES, asked, earlier, place
from rules.detections.patterns.counted import repeated_error
from rules.detections.rule_state import RuleState
from rules.detections.windows import SECOND

MODBUS: Final = (PROTOCOL.name,)
APPROVE: Final = PROTOCOL.patterns.approval
GATEWAY_ERRORS: Final = ("gateway_path_unavailable", "gateway_target_failed")
ADDRESS_ERROR: Final = "illegal_data_address"
NAMED_UNITS: Final = 16
TO_CONTROLLER: Final = ("90/48", "90/49", "90/50")
FROM_CONTROLLER: Final = ("90/51", "90/52", "90/53")


def _program_moved(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, Exchange):
        return None
    says = fact.detail.get("direction", "")
    out = says == "from_server" if says else fact.code in FROM_CONTROLLER
    words = {"earlier": earlier(context, state, fact.operation), "direction": "from" if out else "to"}
    if out:
        return Hit(words=words, severity="medium", techniques=("T0845",), weight=1 + fact.repeats)
    return Hit(words=words, weight=1 + fact.repeats)


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
    if hit is None:
        return None
    listed = ", ".join(sorted(units, key=int)[:NAMED_UNITS])
    more = f" and {len(units) - NAMED_UNITS} more" if len(units) > NAMED_UNITS else ""
    return Hit(words={**hit.words, "units": listed + more}, weight=hit.weight)


def _path_lost(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    key = ("answered", *place(context)[1:])
    if isinstance(fact, ChannelWindow):
        if fact.responses > fact.failures:
            state.note(key, fact.end, True)
        return None
    if not isinstance(fact, Exchange) or context.channel is None:
        return None
    if state.noted(key) is None:  # its first request was answered unless it is the first that fails
        state.note(key, fact.time, fact.request_frame > context.channel.frame)
    return _PATH(context, state) if state.noted(key) else None


_PATH: Final = repeated_error("errors", "seconds", part=(1, 2))


def _address_scan(context: Context, state: RuleState) -> Hit | None:
    fact, numbers = context.fact, state.settings
    if isinstance(fact, Exchange | OperationFirst):
        where, span = place(context), numbers["seconds"]
        starts = [target for target in fact.targets if target.first >= 0]
        if not starts:
            return None
        known = state.distinct(where, (starts[0].kind, starts[0].first), fact.time, span)
        refused = state.counts.within(where, fact.time - int(span * SECOND), fact.time)
        tried: Collection[object] = ()
        if isinstance(fact, Exchange):
            refused = state.count(where, fact.time, span, 1 + fact.repeats)
            tried = state.distinct((where, "refused"), (starts[0].kind, starts[0].first), fact.time, span)
        if len(tried) < numbers["refused"] and len(known) < numbers["addresses"]:
            return None
        goes = "reads" if fact.verb == "read" else "writes"
        firsts = [one[1] for one in known if isinstance(one, tuple)]
        words: dict[str, Value] = {"reads_or_writes": goes, "seen": len(known), "refused": refused, "seconds": span}
        return Hit(words={**words, "table": starts[0].kind, "lowest": min(firsts), "highest": max(firsts)})
    return None


MODBUS_ALERTS: Final = (
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
            "{client} {reads_or_writes} its way through the addresses of {server}.",
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
        id="MB-019",
        name="Path behind a gateway lost",
        severity="medium",
        looks=(Match(Exchange, MODBUS, errors=GATEWAY_ERRORS), Match(ChannelWindow, MODBUS)),
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
        id="MB-032",
        name="Program moved to or from a controller (UMAS)",
        severity="critical",
        looks=(Match(Exchange, MODBUS, outcomes=ALL_OUTCOMES, codes=(*TO_CONTROLLER, *FROM_CONTROLLER)),),
        predicate=_program_moved,
        explanation=program("blocks of the controller program move {direction} the controller."),
        false_positives="A planned download; a backup of the program.",
        normal=APPROVE,
        category="program-change",
        techniques=("T0843.001", "T0889"),
    ),
)
