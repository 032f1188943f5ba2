"""DNP3 alerts on commands: restarts, configuration, files, unsolicited reporting, broken messages."""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.facts import Exchange, OperationFirst, Target
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import command, mismatch, program
from rules.detections.predicates import asked, earlier, place
from rules.detections.rule_state import RuleState
from rules.detections.windows import SECOND

DNP3: Final = ("dnp3",)
ALL_OUTCOMES: Final = ("success", "failure", "unanswered", "one_way")
APPROVE: Final = (
    "A change ticket and a maintenance window for {server} ({server_zone}); or an allow rule from {client} to "
    "{server} for {operation} with its reason."
)
LOWEST_BROADCAST: Final = 0xFFFD
COMMANDS: Final = (
    "write", "select", "operate", "direct_operate", "direct_operate_no_response", "cold_restart", "warm_restart",
    "initialize_data", "initialize_application", "start_application", "stop_application", "save_configuration",
    "enable_unsolicited", "disable_unsolicited", "assign_class", "activate_configuration",
)  # fmt: skip
EVENT_CLASSES: Final = frozenset({"g60v2", "g60v3", "g60v4"})
FILE_WRITE_MODES: Final = frozenset({"write", "append", "2", "3"})


def _asks(*operations: str) -> tuple[Match, ...]:
    return (Match(Exchange, DNP3, words=operations, outcomes=ALL_OUTCOMES),)


def _application(context: Context, state: RuleState) -> Hit | None:
    hit = asked(context, state)
    if hit is None or not isinstance(context.fact, Exchange) or context.fact.operation == "stop_application":
        return hit
    return Hit(words=hit.words, severity="medium", weight=hit.weight)


def _to_everybody(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, Exchange):
        return None
    address = place(context)[2].partition(">")[2]
    broadcast = bool(fact.detail.get("broadcast")) or (address.isdigit() and int(address) >= LOWEST_BROADCAST)
    if not broadcast:
        return None
    words = {"earlier": earlier(context, state, fact.operation), "address": address or "broadcast"}
    return Hit(words=words, weight=1 + fact.repeats)


def _event_classes(targets: tuple[Target, ...]) -> str:
    return ", ".join(target.kind for target in targets if target.kind in EVENT_CLASSES)


def _unsolicited_off(context: Context, state: RuleState) -> Hit | None:
    """Wait for the enable that a starting master sends after its disable; report when it does not come."""
    fact = context.fact
    if not isinstance(fact, Exchange):
        return None
    if fact.operation == "enable_unsolicited":
        state.forgive(place(context), fact.request_time or fact.time)
        return None
    classes = _event_classes(fact.targets)
    if not classes:
        return None
    words = {"earlier": earlier(context, state, fact.operation), "classes": classes}
    deadline = fact.time + int(state.settings["enabled_again_seconds"] * SECOND)
    state.wait(place(context), deadline, context, Hit(words={**words, "wait": state.settings["enabled_again_seconds"]}))
    return None


def _file_changed(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, Exchange):
        return None
    if fact.operation == "open_file" and str(fact.detail.get("mode", "")).lower() not in FILE_WRITE_MODES:
        return None
    if fact.operation == "write" and not any(target.kind == "g70v5" for target in fact.targets):
        return None
    name = str(fact.detail.get("file", ""))[:80] or "a file whose name was not seen"
    return Hit(words={"earlier": earlier(context, state, fact.operation), "file": name}, weight=1 + fact.repeats)


def _never_enabled(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if not isinstance(fact, Exchange | OperationFirst):
        return None
    client, server, unit = place(context)
    key = (*sorted((client, server)), unit)
    if fact.operation == "enable_unsolicited":
        state.note(key, fact.time)
        return None
    if not fact.targets or state.noted(key) is not None:
        return None
    return Hit()


DNP3_COMMANDS: Final = (
    Entry(
        id="DNP-008",
        name="Command to everybody",
        severity="high",
        looks=_asks(*COMMANDS),
        predicate=_to_everybody,
        explanation=command(
            "every outstation behind this address obeys ({address}).",
            observed="{operation} (code {code}){on} to link address {address}; {earlier}.",
        ),
        false_positives="A time broadcast (write with g50): give it a rule of its own in the policy.",
        normal=APPROVE,
        category="unauthorized-operation",
        techniques=("T1692.001",),
    ),
    Entry(
        id="DNP-012",
        name="Cold restart",
        severity="high",
        looks=_asks("cold_restart"),
        predicate=asked,
        explanation=command("the outstation restarts completely and is blind and deaf until it is back."),
        false_positives="A planned restart.",
        normal=APPROVE,
        category="operating-mode",
        techniques=("T0816",),
        capture_fires="dnp3/cold_restart.pcap",
        capture_silent="plant/normal.pcap",
    ),
    Entry(
        id="DNP-013",
        name="Warm restart",
        severity="medium",
        looks=_asks("warm_restart"),
        predicate=asked,
        explanation=command("the applications of the outstation restart; events in memory may be lost."),
        false_positives="A planned restart.",
        normal=APPROVE,
        category="operating-mode",
        techniques=("T0816",),
    ),
    Entry(
        id="DNP-014",
        name="Application stopped, started or initialised",
        severity="high",
        looks=_asks("stop_application", "start_application", "initialize_application"),
        predicate=_application,
        explanation=command("a program of the outstation changes between running and stopped."),
        false_positives="The tool of the maker.",
        normal=APPROVE,
        category="operating-mode",
        techniques=("T0816",),
        context=("T0881",),
    ),
    Entry(
        id="DNP-015",
        name="Obsolete function",
        severity="low",
        looks=_asks("initialize_data", "save_configuration"),
        predicate=asked,
        explanation=command("the standard no longer recommends this function; present masters do not use it."),
        false_positives="Masters of an earlier generation.",
        normal=APPROVE,
        category="unauthorized-operation",
        techniques=("T1692.001",),
    ),
    Entry(
        id="DNP-016",
        name="Configuration activated",
        severity="high",
        looks=_asks("activate_configuration"),
        predicate=asked,
        explanation=command("the outstation takes a new configuration into use."),
        false_positives="A planned change.",
        normal=APPROVE,
        category="configuration-change",
        techniques=("T0836", "T0889"),
    ),
    Entry(
        id="DNP-017",
        name="Unsolicited reporting switched off",
        severity="high",
        looks=_asks("disable_unsolicited", "enable_unsolicited"),
        predicate=_unsolicited_off,
        settings={"enabled_again_seconds": 10},
        whole=True,
        explanation=command(
            "the outstation no longer reports events of {classes} by itself.",
            "A master that disables reporting at its start enables it again within {wait} s.",
            "{operation} (code {code}) of {classes}, not enabled again within {wait} s; {earlier}.",
        ),
        false_positives="Masters that never enable reporting again because they only poll.",
        normal=APPROVE,
        category="denial-of-service",
        techniques=("T1691.002", "T0878"),
    ),
    Entry(
        id="DNP-024",
        name="File written or deleted",
        severity="high",
        looks=_asks("open_file", "delete_file", "write"),
        predicate=_file_changed,
        explanation=program(
            "a file of the outstation changes: {file}.",
            observed="{operation} (code {code}) of {file}: {outcome}{error}; {earlier}; change ticket: none known.",
        ),
        false_positives="A configuration update; rotation of a log.",
        normal=APPROVE,
        category="program-change",
        techniques=("T0843", "T0889"),
        context=("T0809",),
    ),
    Entry(
        id="DNP-036",
        name="Unsolicited never enabled",
        severity="low",
        looks=(
            *_asks("enable_unsolicited", "unsolicited_response"),
            Match(OperationFirst, DNP3, words=("enable_unsolicited", "unsolicited_response")),
        ),
        predicate=_never_enabled,
        explanation=mismatch(
            "Reports by {server} come although no master was seen to enable them.",
            "Unsolicited reports follow an enable_unsolicited on the same pair.",
            "{operation} with {targets}, and no enable since the conversation began.",
        ),
        false_positives="Reporting enabled in the device itself, or before the capture began.",
        normal="An allow rule for unsolicited_response from the outstation to its master.",
        category="spoofing",
        techniques=("T1692.002",),
    ),
)
