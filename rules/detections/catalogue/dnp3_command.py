"""DNP3 alerts on commands that no pattern covers: to everybody, reporting switched off, files, time, link addresses."""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.dnp3 import PROTOCOL
from dissectors.facts import ChannelOpened, Exchange, OperationFirst, Target, Visibility
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import Explanation, command, identity, mismatch, program
from rules.detections.patterns.asked import ALL_OUTCOMES, earlier, place
from rules.detections.patterns.counted import many
from rules.detections.patterns.unlearned import APPROVE as LEARN
from rules.detections.patterns.unlearned import client_name, listed, unlearned
from rules.detections.rule_state import RuleState
from rules.detections.windows import SECOND

DNP3: Final = (PROTOCOL.name,)
APPROVE: Final = PROTOCOL.patterns.approval
LOWEST_BROADCAST: Final = 0xFFFD
COMMANDS: Final = (
    "write", "select", "operate", "direct_operate", "direct_operate_no_response", "cold_restart", "warm_restart",
    "initialize_data", "initialize_application", "start_application", "stop_application", "save_configuration",
    "enable_unsolicited", "disable_unsolicited", "assign_class", "activate_configuration",
)  # fmt: skip
EVENT_CLASSES: Final = frozenset({"g60v2", "g60v3", "g60v4"})
FILE_WRITE_MODES: Final = frozenset({"write", "append"})
RESETS: Final = many("resets", "seconds")


def asks(*operations: str) -> tuple[Match, ...]:
    """Return the match of requests with these operations."""
    return (Match(Exchange, DNP3, words=operations, outcomes=ALL_OUTCOMES),)


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
    """Wait for the enable that a starting master sends after its disable; report when it does not come.

    An enable may be among bytes that the capture loses meanwhile, of this pair or another one of the connection: then nothing is
    missing.
    """
    fact = context.fact
    if isinstance(fact, Visibility):
        state.lose(place(context)[:2], fact.time)
        return None
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
    where = place(context)
    hit = Hit(words={**words, "wait": state.settings["enabled_again_seconds"]})
    state.wait(where, deadline, context, hit, where[:2], fact.time)
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
    client, server, unit = place(context)
    ends = tuple(sorted((client, server)))
    key = (*ends, unit)
    if isinstance(fact, Visibility):
        state.note(ends, fact.time)  # the enable may be among the bytes that the capture lost
    if not isinstance(fact, Exchange | OperationFirst):
        return None
    if fact.operation == "enable_unsolicited":
        state.note(key, fact.time)
        return None
    if not fact.targets or state.noted(key) is not None or state.noted(ends) is not None:
        return None
    return Hit()


def _link_reset(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if isinstance(fact, Exchange) and fact.operation == "reset_user_process":
        return Hit(words={"seen": 1, "seconds": 0, "kind": fact.operation})
    hit = RESETS(context, state)
    return None if hit is None else Hit(words={**hit.words, "kind": "reset_link_states"})


def _is_time(fact: Exchange) -> bool:
    return fact.code == "24" or any(target.kind in {"g50v1", "g50v3"} for target in fact.targets)


def _new_link(context: Context, state: RuleState) -> Hit | None:
    channel, fact = context.channel, context.fact
    if state.baseline_index is None or channel is None or not isinstance(fact, ChannelOpened) or not channel.unit:
        return None
    known = state.baseline_index.units(channel)
    addresses = {address for pair in known for address in pair.split(">")}
    strange = [address for address in channel.unit.split(">") if address not in addresses]
    if not known or not strange:
        return None
    words = {"known": listed(known), "strange": ", ".join(strange), "method": "DNP3 link header"}
    return Hit(words={**words, "asset": client_name(context)})


DNP3_COMMANDS: Final = (
    Entry(
        id="DNP-008",
        name="Command to everybody",
        severity="high",
        looks=asks(*COMMANDS),
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
        id="DNP-017",
        name="Unsolicited reporting switched off",
        severity="high",
        looks=(*asks("disable_unsolicited", "enable_unsolicited"), Match(Visibility, DNP3, words=("gaps",))),
        predicate=_unsolicited_off,
        settings={"enabled_again_seconds": 10},
        whole=True,
        explanation=command(
            "the outstation no longer reports events of {classes} on its own.",
            "A master that disables reporting at its start enables it again within {wait} s.",
            "{operation} (code {code}) of {classes}, not enabled again within {wait} s; {earlier}.",
        ),
        false_positives="Masters that never enable reporting again because they only poll.",
        normal=APPROVE,
        category="denial-of-service",
        techniques=("T1691.002", "T0878"),
    ),
    Entry(
        id="DNP-021",
        name="Time written",
        severity="medium",
        looks=(Match(Exchange, DNP3, outcomes=ALL_OUTCOMES, codes=("2", "24")),),
        predicate=unlearned(_is_time),
        needs="B",
        whole=False,
        explanation=command(
            "the outstation takes its clock from a station that was never seen to set it while learning.",
            "Learned masters of {server}: {known}.",
        ),
        false_positives="A site without a good clock.",
        normal=LEARN,
        category="time",
        techniques=("T0836",),
        capture_fires="dnp3/time_change.pcap",
        capture_silent="plant/normal_later.pcap",
    ),
    Entry(
        id="DNP-024",
        name="File written or deleted",
        severity="high",
        looks=asks("open_file", "delete_file", "write"),
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
            *asks("enable_unsolicited", "unsolicited_response"),
            Match(OperationFirst, DNP3, words=("enable_unsolicited", "unsolicited_response")),
            Match(Visibility, DNP3, words=("gaps",)),
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
    Entry(
        id="DNP-039",
        name="New link address behind a known IP",
        severity="medium",
        looks=(Match(ChannelOpened, DNP3),),
        predicate=_new_link,
        needs="B",
        whole=False,
        explanation=identity(
            "DNP3 link address {strange} was never learned at {server}.",
            "Link pairs learned here: {known}.",
            "{client} uses the link pair {unit}.",
        ),
        false_positives="A new outstation behind a gateway.",
        normal="A new baseline, or {server} in the policy with this link address.",
        category="spoofing",
        techniques=("T0848",),
        capture_fires="dnp3/new_master.pcap",
        capture_silent="plant/normal_later.pcap",
    ),
    Entry(
        id="DNP-044",
        name="Link resets",
        severity="medium",
        looks=asks("reset_link_states", "reset_user_process"),
        predicate=_link_reset,
        settings={"resets": 5, "seconds": 60},
        explanation=Explanation(
            "C",
            "{client} resets the link to {server} again and again.",
            "One reset_link_states when a connection begins; reset_user_process never.",
            "{seen} times {kind} in {seconds} s.",
        ),
        false_positives="An unstable radio link.",
        normal="A stable link.",
        category="denial-of-service",
        techniques=("T0814",),
    ),
)
