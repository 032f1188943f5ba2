"""Alerts on stations that do what a baseline has never seen them do: the newcomer among writers, masters, readers.

Silent without a baseline. They speak of what was done, not of whether the policy allows it, so they stand beside its
alerts; at a site without a policy they are the only ones that know who may write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dissectors.context import Context
from dissectors.facts import ChannelOpened, Exchange, Value
from rules.detections.entry import ContextPredicate, Entry, Hit, Match
from rules.detections.explanation import Explanation, command, discovery, identity, program, write
from rules.detections.ports import PORTS_OF
from rules.detections.predicates import earlier
from rules.detections.rule_state import BaselineIndex, RuleState
from rules.detections.words import asset_name, client_id

SHOWN: Final = 8
ALL_OUTCOMES: Final = ("success", "failure", "unanswered", "one_way")
IDENTITY_LISTS: Final = frozenset({0x0011, 0x0111, 0x001C, 0x011C})
"""System status lists of S7 that report order numbers and component names."""
APPROVE: Final = "A new baseline in which a named person approves {client} for {operation} on {server}, with a ticket."


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more or "nobody"


def _newcomer(verbs: tuple[str, ...]) -> ContextPredicate:
    """Hit on an operation of these classes by a client that was not learned to do any of them here."""
    classes = frozenset(verbs)

    def predicate(context: Context, state: RuleState) -> Hit | None:
        fact, channel = context.fact, context.channel
        if (
            state.baseline_index is None
            or channel is None
            or not isinstance(fact, Exchange)
            or fact.outcome == "unmatched"
        ):
            return None
        known = state.baseline_index.doers(channel, classes)
        if channel.client.ip in known:
            return None
        words: dict[str, Value] = {"known": _listed(known), "earlier": earlier(context, state, fact.operation)}
        return Hit(words=words, weight=1 + fact.repeats)

    return predicate


def _unlearned(
    concerns: Callable[[Exchange], bool], servers: str = "", minutes: str = "", *, blocks: bool = False
) -> ContextPredicate:
    """Hit on an operation this client was not learned to do here; medium when it asks ``servers`` in ``minutes``.

    With ``blocks`` only when nobody was learned to use its object here.
    """

    def predicate(context: Context, state: RuleState) -> Hit | None:
        fact, channel, baseline_index = context.fact, context.channel, state.baseline_index
        if baseline_index is None or channel is None or not isinstance(fact, Exchange) or fact.outcome == "unmatched":
            return None
        if not concerns(fact) or _is_learned(baseline_index, channel, fact, blocks=blocks):
            return None
        severity = ""
        if servers:
            asked = state.distinct(client_id(context), channel.server.ip, fact.time, 60 * state.settings[minutes])
            severity = "medium" if len(asked) >= state.settings[servers] else ""
        words = {"known": _listed(baseline_index.clients(channel)), "earlier": earlier(context, state, fact.operation)}
        return Hit(words=words, severity=severity, weight=1 + fact.repeats)

    return predicate


def _is_learned(baseline_index: BaselineIndex, channel: ChannelOpened, fact: Exchange, *, blocks: bool) -> bool:
    if blocks:
        return all(baseline_index.knows(channel, target) for target in fact.targets)
    return baseline_index.does(channel, fact.label)


def _any(fact: Exchange) -> bool:
    return True


def _is_identity_list(fact: Exchange) -> bool:
    return any(target.kind == "szl" and target.first in IDENTITY_LISTS for target in fact.targets)


def _is_attribute(fact: Exchange) -> bool:
    return any(target.kind.startswith("g0v") for target in fact.targets)


def _is_time(fact: Exchange) -> bool:
    return fact.code == "24" or any(target.kind in {"g50v1", "g50v3"} for target in fact.targets)


def _new_master(context: Context, state: RuleState) -> Hit | None:
    channel, fact = context.channel, context.fact
    if state.baseline_index is None or channel is None or not isinstance(fact, ChannelOpened):
        return None
    known = state.baseline_index.clients(channel)
    if not known or channel.client.ip in known:  # nobody known: the server itself was never learned
        return None
    return Hit(words={"known": _listed(known), "asset": _client(context), "method": f"{channel.protocol} connection"})


def _new_link(context: Context, state: RuleState) -> Hit | None:
    channel, fact = context.channel, context.fact
    if state.baseline_index is None or channel is None or not isinstance(fact, ChannelOpened) or not channel.unit:
        return None
    known = state.baseline_index.units(channel)
    addresses = {address for pair in known for address in pair.split(">")}
    strange = [address for address in channel.unit.split(">") if address not in addresses]
    if not known or not strange:
        return None
    words = {"known": _listed(known), "strange": ", ".join(strange), "method": "DNP3 link header"}
    return Hit(words={**words, "asset": _client(context)})


def _client(context: Context) -> str:
    if context.client is not None:
        return asset_name(context.client)
    return context.channel.client.ip if context.channel is not None else "a station"


def _exchanges(protocol: str, **words: tuple[str, ...]) -> tuple[Match, ...]:
    return (Match(Exchange, (protocol,), outcomes=ALL_OUTCOMES, **words),)


WRITERS: Final = "Learned writers here: {known}; the limits of the policy apply to them."
READERS: Final = "Only tools for inventory ask this; learned clients of {server}: {known}."


FIRES: Final = {
    "MB-001": "modbus/unauthorised_write.pcap",
    "MB-012": "plant/identity.pcap",
    "DNP-001": "dnp3/direct_operate.pcap",
    "DNP-021": "dnp3/time_change.pcap",
    "DNP-029": "plant/identity.pcap",
    "DNP-039": "dnp3/new_master.pcap",
    "S7-007": "s7/program_download.pcap",
    "S7-023": "plant/identity.pcap",
    "NET-010": "modbus/new_master.pcap",
}
"""The capture that shows each, once the normal day has been learned."""


def _entry(
    identifier: str,
    name: str,
    severity: str,
    looks: tuple[Match, ...],
    predicate: ContextPredicate,
    explanation: Explanation,
    false_positives: str,
    category: str,
    techniques: tuple[str, ...],
    normal: str = APPROVE,
    settings: dict[str, int | float] | None = None,
    scope: str = "unit",
) -> Entry:
    return Entry(
        id=identifier,
        name=name,
        severity=severity,
        looks=looks,
        predicate=predicate,
        explanation=explanation,
        false_positives=false_positives,
        normal=normal,
        category=category,
        techniques=techniques,
        settings=settings or {},
        scope=scope,
        needs="B",
        whole=False,
        capture_fires=FIRES.get(identifier, ""),
        capture_silent="plant/normal_later.pcap" if identifier in FIRES else "",
    )


def _asked_by_newcomer(what: str) -> Explanation:
    return discovery(
        "{client} asks {server} " + what + ", which it was never learned to do.",
        READERS,
        "{operation} (code {code}){on}: {outcome}{error}; {earlier}.",
    )


THREE: Final[dict[str, int | float]] = {"servers": 3, "minutes": 10}
NEVER: Final = "this station was never learned to write here."

NEWCOMER_ALERTS: Final = (
    _entry("MB-001", "Write by a station that never wrote here", "high", _exchanges("modbus", verbs=("write",)),
           _newcomer(("write",)), write(NEVER, WRITERS),
           "Commissioning; a replaced engineering station; a display that took over.", "unauthorised-write",
           ("T1692.001",)),
    _entry("MB-012", "Identification read by a new station", "low", _exchanges("modbus", codes=("17", "43/14")),
           _unlearned(_any, "servers", "minutes"), _asked_by_newcomer("who it is"),
           "An asset inventory tool; commissioning.", "discovery", ("T0888",), settings=THREE),
    _entry("DNP-001", "Control by a station that never controlled here", "high",
           _exchanges("dnp3", codes=("3", "4", "5", "6")), _newcomer(("control",)),
           Explanation("W", "{client} sent {operation} (code {code}){on} to {server}: it never controlled here.",
                       "Learned for control here: {known}.",
                       "{operation} of {targets} with {values}: {outcome}{error}; {earlier}."),
           "A back-up control centre that takes over.", "unauthorised-control", ("T1692.001", "T0848")),
    _entry("DNP-021", "Time written", "medium", _exchanges("dnp3", codes=("2", "24")), _unlearned(_is_time),
           command("the outstation takes its clock from a station that was never learned to set it.",
                   "Learned masters of {server}: {known}."),
           "A site without a good clock.", "time", ("T0836",)),
    _entry("DNP-029", "Attributes read by a new station", "low", _exchanges("dnp3", codes=("1",)),
           _unlearned(_is_attribute), _asked_by_newcomer("who it is (device attributes)"),
           "An inventory tool.", "discovery", ("T0888",)),
    _entry("DNP-039", "New link address behind a known IP", "medium", (Match(ChannelOpened, ("dnp3",)),), _new_link,
           identity("DNP3 link address {strange} was never learned at {server}.", "Link pairs learned here: {known}.",
                    "{client} uses the link pair {unit}."),
           "A new outstation behind a gateway.", "spoofing", ("T0848",),
           "A new baseline, or {server} in the policy with this link address."),
    _entry("S7-007", "Block never seen before added", "high",
           _exchanges("s7comm", words=("request_download", "insert_block", "insert_block_2")),
           _unlearned(_any, blocks=True), program("nobody was learned to use this block."),
           "A planned change.", "program-change", ("T0843.003", "T0889")),
    _entry("S7-015", "Write by a station that never wrote here", "high", _exchanges("s7comm", verbs=("write",)),
           _newcomer(("write",)), write(NEVER, WRITERS), "A new display.", "unauthorised-write", ("T1692.001",)),
    _entry("S7-023", "Identity read by a new station", "low", _exchanges("s7comm", words=("read_szl",)),
           _unlearned(_is_identity_list, "servers", "minutes"), _asked_by_newcomer("for its order numbers"),
           "An inventory tool.", "discovery", ("T0888",), settings=THREE),
    _entry("NET-010", "New master", "high", (Match(ChannelOpened, tuple(PORTS_OF), words=("established",)),),
           _new_master,
           identity("{asset} began to act as a client of {server} over {protocol}.",
                    "Learned clients of {server}: {known}.", "First connection at {time}."),
           "A display that took over; a spare one.", "spoofing", ("T0848",),
           "A new baseline with {asset} in it, or an allow rule for it.", scope="pair"),
)  # fmt: skip
