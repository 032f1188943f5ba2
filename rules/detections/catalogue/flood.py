"""Network alerts by counting: storms of ARP, floods of connections and of ICMP, devices that do not answer."""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.facts import ChannelWindow, Value
from rules.detections.addresses import OT_PORTS, is_one_host
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import absence, discovery
from rules.detections.patterns.asked import place
from rules.detections.rule_state import RuleState
from rules.detections.words import host_id

WINDOW: Final = (Match(ChannelWindow),)
ICMP: Final = frozenset({"icmp", "icmp6"})


def _arp_storm(context: Context, state: RuleState) -> Hit | None:
    fact, numbers = context.fact, state.settings
    if not isinstance(fact, ChannelWindow):
        return None
    minutes = max((fact.end - fact.start) / 60e9, 1 / 60)
    unsolicited = int(fact.reports / max(minutes, 1.0))
    if fact.peak_packets < numbers["frames_per_second"] and unsolicited < numbers["unsolicited_per_minute"]:
        return None
    return Hit(words={"rate": fact.peak_packets, "unsolicited": unsolicited})


def _flood(context: Context, state: RuleState) -> Hit | None:
    fact, channel, numbers = context.fact, context.channel, state.settings
    if not isinstance(fact, ChannelWindow) or channel is None or channel.transport != "tcp":
        return None
    server, span = host_id(context), numbers["seconds"] - 1
    # A connection to several units is one of each of them; its handshake stands once, with one of them.
    attempts = fact.attempts if channel.unit else max(fact.attempts, fact.connections)
    if not attempts:
        return None
    seen = state.count(server, fact.end, span, attempts)
    ot = idle = 0
    if channel.server.port in OT_PORTS:
        # Some clients open a connection for every poll: those that brought an answer are work, not a flood.
        idle = max(0, attempts - fact.responses)
        ot = state.count((server, channel.server.port), fact.end, span, idle)
    if seen < numbers["attempts"] and (ot < numbers["ot_connections"] or not idle):
        return None  # whose connections brought answers is no part of a flood that others make
    words: dict[str, Value] = {"seen": max(seen, ot), "seconds": numbers["seconds"], "refused": fact.refused}
    return Hit(words=words, about=context.server.host if context.server is not None else "")


def _ping_flood(context: Context, state: RuleState) -> Hit | None:
    fact, channel, numbers = context.fact, context.channel, state.settings
    if not isinstance(fact, ChannelWindow) or channel is None or channel.transport not in ICMP:
        return None
    if not fact.packets_client:
        return None
    seen = state.count(place(context)[:2], fact.end, numbers["seconds"] - 1, fact.packets_client)
    if seen < numbers["messages"]:
        return None
    return Hit(words={"seen": seen, "seconds": numbers["seconds"]})


def _silent(context: Context, state: RuleState) -> Hit | None:
    fact, channel, numbers = context.fact, context.channel, state.settings
    if not isinstance(fact, ChannelWindow) or channel is None or channel.transport != "tcp":
        return None
    if not fact.attempts or fact.connections or fact.refused or fact.packets_server:
        return None
    if not is_one_host(channel.server.ip):
        return None
    seen = state.count((*place(context)[:2], channel.server.port), fact.end, 60 * numbers["minutes"], fact.attempts)
    if seen < numbers["attempts"]:
        return None
    return Hit(words={"seen": seen, "minutes": numbers["minutes"], "port": channel.server.port})


FLOOD_ALERTS: Final = (
    Entry(
        id="NET-024",
        name="ARP storm",
        severity="medium",
        looks=(Match(ChannelWindow, ("arp",)),),
        predicate=_arp_storm,
        settings={"frames_per_second": 50, "unsolicited_per_minute": 60},
        scope="client",
        explanation=discovery(
            "{client} floods the network with ARP.",
            "A few ARP frames a minute from one station.",
            "{rate} frames in one second at most, {unsolicited} unsolicited a minute.",
        ),
        false_positives="A loop in the network.",
        normal="The loop removed.",
        category="denial-of-service",
        techniques=("T0814", "T0830"),
    ),
    Entry(
        id="NET-026",
        name="Connection flood",
        severity="high",
        looks=WINDOW,
        predicate=_flood,
        settings={"attempts": 3000, "ot_connections": 50, "seconds": 60},
        scope="server",
        explanation=discovery(
            "{host} is flooded with connections, the last of them from {client}.",
            "Clients keep their connections open.",
            "{seen} connection attempts without an answer to a request in {seconds} s; {refused} refused in the last window.",
        ),
        false_positives="The restart of a server.",
        normal="Clients that keep one connection.",
        category="denial-of-service",
        techniques=("T0814",),
        capture_fires="modbus/connection_flood.pcap",
        capture_silent="plant/normal.pcap",
    ),
    Entry(
        id="NET-027",
        name="ICMP flood",
        severity="low",
        looks=WINDOW,
        predicate=_ping_flood,
        settings={"messages": 60, "seconds": 60},
        scope="pair",
        explanation=discovery(
            "{client} sends {server} many ICMP messages.",
            "A few ICMP messages a minute.",
            "{seen} messages in {seconds} s.",
        ),
        false_positives="Monitoring.",
        normal="A higher number in settings.NET-027.messages.",
        category="denial-of-service",
        techniques=("T0814",),
    ),
    Entry(
        id="NET-032",
        name="Device does not answer",
        severity="medium",
        looks=WINDOW,
        predicate=_silent,
        settings={"attempts": 8, "minutes": 5},
        scope="pair",
        explanation=absence(
            "{server} does not answer the connection attempts of {client}.",
            "An attempt to connect is accepted or refused at once.",
            "{seen} attempts to port {port} in {minutes} min without an answer.",
        ),
        false_positives="The device is off.",
        normal="The device back in service, or removed from the list of {client}.",
        category="denial-of-service",
        techniques=("T0814",),
    ),
)
