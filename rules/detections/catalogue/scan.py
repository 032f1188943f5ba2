"""Network alerts by counting: scans of addresses, ports and controllers."""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.facts import ChannelOpened, ChannelWindow, Sighting, Value
from rules.detections.addresses import OT_PORTS, is_one_host, neighbourhood
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import discovery
from rules.detections.patterns.asked import place
from rules.detections.rule_state import RuleState
from rules.detections.windows import SECOND, Seen, first_of
from rules.detections.words import client_id

OPENED: Final = (Match(ChannelOpened),)
SHOWN: Final = 12
POLLS: Final = 5
NETWORK_TOOL: Final = "The tool named in the policy: an allow rule from {client} with its ports and its reason."


def _listed(values: Seen) -> str:
    more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return ", ".join(str(value) for value in first_of(values, SHOWN)) + more


def _addresses(context: Context, state: RuleState) -> Hit | None:
    channel, numbers, now = context.channel, state.settings, context.fact.time
    if channel is None or channel.protocol == "arp" or not is_one_host(channel.server.ip):
        return None
    key = (client_id(context), neighbourhood(channel.server.ip))
    slow = state.distinct(key, channel.server.ip, now, numbers["slow_seconds"])
    fast = state.distinct(("fast", *key), channel.server.ip, now, numbers["seconds"])
    if len(slow) < numbers["slow_destinations"] and len(fast) < numbers["destinations"]:
        return None
    return Hit(words={"seen": len(slow), "tried": _listed(slow), "seconds": numbers["slow_seconds"]})


def _ports(context: Context, state: RuleState) -> Hit | None:
    channel, numbers = context.channel, state.settings
    if channel is None or channel.transport not in {"tcp", "udp"} or not is_one_host(channel.server.ip):
        return None
    port = f"{channel.transport}/{channel.server.port}"
    seen = state.distinct(place(context)[:2], port, context.fact.time, numbers["seconds"])
    if len(seen) < numbers["ports"]:
        return None
    return Hit(words={"seen": len(seen), "tried": _listed(seen), "seconds": numbers["seconds"]})


def _controllers(context: Context, state: RuleState) -> Hit | None:
    fact, channel, numbers = context.fact, context.channel, state.settings
    if channel is None or channel.server.port not in OT_PORTS or not is_one_host(channel.server.ip):
        return None
    verdict = context.verdict
    if verdict is not None and verdict.allows:
        return None
    if isinstance(fact, ChannelOpened) and fact.state == "established":
        return None  # the first window tells a poll from a try
    if isinstance(fact, ChannelWindow) and (
        channel.state != "established" or channel.time < fact.start or _polls(fact, channel)
    ):
        return None
    seen = state.distinct(client_id(context), channel.server.ip, context.fact.time, numbers["seconds"])
    if len(seen) < numbers["servers"]:
        return None
    return Hit(words={"seen": len(seen), "tried": _listed(seen), "seconds": numbers["seconds"]})


def _polls(window: ChannelWindow, channel: ChannelOpened) -> bool:
    """Whether the client asks the same again and again and is answered: POLLS times, less in a window just begun."""
    life = (window.end - max(window.start, channel.time)) / SECOND
    asked = max((one.requests for one in window.operations if one.verb == "read"), default=0)
    return window.responses >= asked >= max(2, min(POLLS, life / 10))


def _arp_scan(context: Context, state: RuleState) -> Hit | None:
    fact, numbers = context.fact, state.settings
    if not isinstance(fact, Sighting):
        return None
    span = 60 * numbers["minutes"]
    seen = state.distinct(fact.mac, fact.value, fact.time, span)
    if len(seen) < numbers["addresses"]:
        return None
    who = f"{fact.ip} ({fact.mac})" if fact.ip else fact.mac
    words: dict[str, Value] = {"client": who, "seen": len(seen), "tried": _listed(seen), "minutes": numbers["minutes"]}
    return Hit(words=words, about=fact.mac)


SCAN_ALERTS: Final = (
    Entry(
        id="NET-017",
        name="Address scan",
        severity="high",
        looks=OPENED,
        predicate=_addresses,
        settings={"destinations": 50, "seconds": 120, "slow_destinations": 50, "slow_seconds": 600},
        scope="client",
        explanation=discovery(
            "{client} tries one address after another.",
            "A station talks to the few others that it works with.",
            "{seen} addresses of one network in {seconds} s: {tried}.",
        ),
        false_positives="Network management.",
        normal=NETWORK_TOOL,
        category="discovery",
        techniques=("T0846",),
        capture_fires="plant/address_scan.pcap",
        capture_silent="plant/normal.pcap",
    ),
    Entry(
        id="NET-018",
        name="Port scan",
        severity="high",
        looks=OPENED,
        predicate=_ports,
        settings={"ports": 25, "seconds": 120},
        scope="pair",
        explanation=discovery(
            "{client} tries one port of {server} after another.",
            "A client uses the few services of a server that it needs.",
            "{seen} ports in {seconds} s: {tried}.",
        ),
        false_positives="A vulnerability scanner.",
        normal=NETWORK_TOOL,
        category="discovery",
        techniques=("T0846.001",),
        capture_fires="plant/port_scan.pcap",
        capture_silent="plant/normal.pcap",
    ),
    Entry(
        id="NET-019",
        name="Controller scan",
        severity="high",
        looks=(Match(ChannelOpened), Match(ChannelWindow)),
        predicate=_controllers,
        settings={"servers": 10, "seconds": 120},
        scope="client",
        explanation=discovery(
            "{client} tries the control ports of many devices.",
            "A client talks to the controllers that it works with, and asks them the same again and again.",
            "{seen} devices on control ports in {seconds} s: {tried}.",
        ),
        false_positives="An asset inventory tool.",
        normal=NETWORK_TOOL,
        category="discovery",
        techniques=("T0846", "T0888"),
        capture_fires="plant/address_scan.pcap",
        capture_silent="plant/normal.pcap",
    ),
    Entry(
        id="NET-020",
        name="ARP scan",
        severity="high",
        looks=(Match(Sighting, words=("asked_for",)),),
        predicate=_arp_scan,
        settings={"addresses": 40, "minutes": 6},
        scope="client",
        explanation=discovery(
            "{client} asks for one address after another.",
            "A station asks for the addresses of the others that it works with.",
            "{seen} addresses asked for in {minutes} min: {tried}.",
        ),
        false_positives="The restart of a router.",
        normal=NETWORK_TOOL,
        category="discovery",
        techniques=("T0846.002",),
        capture_fires="plant/arp_scan.pcap",
        capture_silent="plant/normal.pcap",
    ),
)
