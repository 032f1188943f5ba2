"""S7 alerts that no pattern covers: start, mode changes, passwords, refusals, scans of lists and of racks and slots."""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.facts import Exchange, OperationFirst, Value
from dissectors.iso import PROTOCOL as TRANSPORT
from dissectors.s7 import S7COMM, S7COMMPLUS
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import Explanation, command, discovery, mismatch
from rules.detections.patterns.asked import ALL_OUTCOMES, asked, place
from rules.detections.patterns.counted import repeated_error
from rules.detections.rule_state import RuleState
from rules.detections.windows import Seen, first_of

S7: Final = (S7COMM.name, S7COMMPLUS.name)
APPROVE: Final = S7COMM.patterns.approval
MODE_COMMANDS: Final = ("plc_stop", "plc_start", "memory_reset")
PASSWORD_REFUSED: Final = 0xD602
REFUSALS: Final = frozenset({0xD241, 0x8703})
"""Protection level of the CPU, and object refused."""
ITEM_REFUSED: Final = frozenset({3, "access_denied"})
CONNECT: Final = ("connect",)


def asks(*operations: str) -> tuple[Match, ...]:
    """Return the match of requests with these operations."""
    return (Match(Exchange, S7, words=operations, outcomes=ALL_OUTCOMES),)


def _started(context: Context, state: RuleState) -> Hit | None:
    hit = asked(context, state)
    if hit is None or not isinstance(context.fact, Exchange):
        return None
    start = context.fact.detail.get("start", "warm")
    return Hit(words={**hit.words, "start": f"{start} start"}, weight=hit.weight)


def _mode_notice(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, Exchange):
        return None
    server = place(context)[1]
    if fact.operation in MODE_COMMANDS:
        state.note(server, fact.time, fact.operation)
        return None
    seconds = state.settings["command_seconds"]
    if state.noted(server, fact.time, seconds) is not None:
        return None
    mode = str(fact.detail.get("mode", "") or (fact.values[0] if fact.values else "not named"))[:40]
    return Hit(words={"mode": mode, "seconds": seconds})


def _szl_scan(context: Context, state: RuleState) -> Hit | None:
    fact, numbers = context.fact, state.settings
    if not isinstance(fact, Exchange | OperationFirst):
        return None
    seen: Seen = {}
    everything = False
    for target in fact.targets:
        if target.kind == "szl":
            everything = everything or target.first == 0
            seen = state.distinct(place(context)[:2], target.first, fact.time, numbers["seconds"])
    if not everything and len(seen) < numbers["lists"]:
        return None
    listed = ", ".join(f"0x{one:04x}" for one in first_of(seen, 16) if isinstance(one, int))
    return Hit(words={"seen": len(seen), "tried": listed, "seconds": numbers["seconds"]})


def _password(context: Context, state: RuleState) -> Hit | None:
    fact, numbers = context.fact, state.settings
    if not isinstance(fact, Exchange):
        return None
    refused = fact.error_code == PASSWORD_REFUSED or (fact.outcome == "failure" and fact.error_code == 0)
    seen = state.count(place(context), fact.time, numbers["seconds"], 1 + fact.repeats) if refused else 0
    words: dict[str, Value] = {"refused": seen, "seconds": numbers["seconds"]}
    return Hit(words=words, severity="high" if seen >= numbers["refusals"] else "", weight=1 + fact.repeats)


def _access_refused(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, Exchange):
        return None
    item = fact.detail.get("item_error", 0)
    if fact.error_code not in REFUSALS and item not in ITEM_REFUSED and fact.error not in ITEM_REFUSED:
        return None
    return _REFUSED(context, state)


_REFUSED: Final = repeated_error("refused", "seconds", part=(0, 1))


def _slot_scan(context: Context, state: RuleState) -> Hit | None:
    """Hit on different TSAPs, fewer of them where they are refused: one called again and again is a client that reconnects."""
    fact, numbers = context.fact, state.settings
    if not isinstance(fact, Exchange):
        return None
    where, span = place(context)[:2], numbers["seconds"]
    called = str(fact.detail.get("tsap", "")) or place(context)[2]
    seen = state.distinct(where, called, fact.time, span)
    asked_at = fact.request_time or fact.time
    if len(seen) == 1:
        state.note(("began", where), fact.time, asked_at)
    failed = fact.outcome in {"failure", "unanswered"}
    refused = len(state.distinct((where, "refused"), called, fact.time, span)) if failed else 0
    if len(seen) < numbers["tsaps"] and refused < numbers["refused"]:
        return None
    listed = ", ".join(str(one) for one in first_of(seen, 16))
    began = state.noted(("began", where))
    return Hit(
        words={"seen": len(seen), "refused": refused, "tried": listed, "seconds": span},
        seen=(began if isinstance(began, int) else asked_at, asked_at + fact.latency),
    )


S7_ALERTS: Final = (
    Entry(
        id="S7-002",
        name="Controller started",
        severity="high",
        looks=asks("plc_start"),
        predicate=_started,
        explanation=command(
            "its program runs again ({start}).",
            observed="{operation} (code {code}), {start}: {outcome}{error}; {earlier}.",
        ),
        false_positives="A planned start.",
        normal=APPROVE,
        category="operating-mode",
        techniques=("T0858", "T0816"),
    ),
    Entry(
        id="S7-003",
        name="Mode changed without a command on the wire",
        severity="medium",
        looks=(Match(Exchange, S7, words=("mode_notice", *MODE_COMMANDS)),),
        predicate=_mode_notice,
        settings={"command_seconds": 30},
        scope="server",
        explanation=mismatch(
            "{server} changed its operating mode and no command on the network told it to.",
            "A start or stop command within {seconds} s before the change.",
            "Mode notice {mode} at {time}, and no command in the {seconds} s before.",
        ),
        false_positives="Somebody at the cabinet; a fault of the CPU.",
        normal="Work at the cabinet under a change ticket.",
        category="operating-mode",
        techniques=("T0858",),
    ),
    Entry(
        id="S7-024",
        name="SZL scan",
        severity="medium",
        looks=(
            Match(Exchange, S7, words=("read_szl",), outcomes=ALL_OUTCOMES),
            Match(OperationFirst, S7, words=("read_szl",)),
        ),
        predicate=_szl_scan,
        settings={"lists": 10, "seconds": 60},
        scope="pair",
        explanation=discovery(
            "{client} reads through the system status lists of {server}.",
            "A client asks for the few lists that it shows.",
            "{seen} lists in {seconds} s: {tried}.",
        ),
        false_positives="Diagnostics in the engineering tool.",
        normal="An allow rule from {client} with the lists it needs in its objects.",
        category="discovery",
        techniques=("T0888",),
    ),
    Entry(
        id="S7-027",
        name="Password tried",
        severity="low",
        looks=asks("set_password"),
        predicate=_password,
        settings={"refusals": 3, "seconds": 60},
        explanation=Explanation(
            "C",
            "{client} sent a password to {server}.",
            "Passwords are used under a change ticket.",
            "A password was present: {outcome}; {refused} refused in {seconds} s.",
        ),
        false_positives="A forgotten password.",
        normal=APPROVE,
        category="unauthorized-operation",
        context=("T0859",),
    ),
    Entry(
        id="S7-028",
        name="Access refused",
        severity="medium",
        looks=(Match(Exchange, S7, outcomes=("failure", "success")),),
        predicate=_access_refused,
        settings={"refused": 3, "seconds": 60},
        explanation=command(
            "the controller refuses access.",
            "A client asks only for what it may have.",
            "{seen} refusals in {seconds} s, the last one {operation} (code {code}){on}{error}.",
            refused="",
        ),
        false_positives="A wrong data block in a display.",
        normal="The display corrected, or the protection level agreed with {client}.",
        category="unauthorized-operation",
        techniques=("T1692.001",),
    ),
    Entry(
        id="S7-034",
        name="Rack and slot scan",
        severity="medium",
        looks=(Match(Exchange, (*S7, TRANSPORT.name), words=CONNECT),),
        predicate=_slot_scan,
        settings={"tsaps": 5, "refused": 3, "seconds": 60},
        scope="pair",
        explanation=discovery(
            "{client} tries racks and slots of {server}.",
            "A client connects to the rack and slot it was set up for.",
            "{seen} called TSAPs in {seconds} s ({tried}), {refused} of them refused or not answered.",
        ),
        false_positives="A driver that tries slots 1 and 2.",
        normal="The slot set in the driver of {client}.",
        category="discovery",
        techniques=("T0846",),
        capture_fires="s7/slot_scan.pcap",
        capture_silent="plant/normal.pcap",
    ),
)
