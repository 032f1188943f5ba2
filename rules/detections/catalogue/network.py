"""Network alerts without counting: public addresses, remote access before control, addresses that move, protocols."""

from __future__ import annotations

from typing import Final

from dissectors.context import AssetEvent, Context
from dissectors.facts import ChannelOpened, Exchange, Violation
from dissectors.registry import TUNNEL_FAULTS, TUNNEL_KINDS, WIRE_FAULTS, WIRE_PROTOCOL
from rules.detections.addresses import EXPECTED_ON, OT, PORTS_OF, REMOTE_ACCESS, in_control, is_public
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import Explanation, flow, identity, mismatch
from rules.detections.patterns.wrong import violated
from rules.detections.rule_state import RuleState
from rules.detections.words import client_id, context_words, instant, server_id

READ_TWICE: Final = tuple(fault.name for fault in WIRE_FAULTS if fault.name != "overlap_conflict")
_violated: Final = violated()
OPENED: Final = (Match(ChannelOpened),)
ALLOWED: Final = "An allow rule from {client} to {server} for {protocol} with reason, owner and ticket."


def _allowed(context: Context) -> bool:
    return context.verdict is not None and context.verdict.allows


def _to_public(context: Context, state: RuleState) -> Hit | None:
    channel = context.channel
    if channel is None or not is_public(channel.server.ip) or _allowed(context):
        return None
    if not in_control(context.client) or is_public(channel.client.ip):
        return None
    return Hit(words={"address": channel.server.ip, "side": channel.client.ip})


def _from_public(context: Context, state: RuleState) -> Hit | None:
    channel = context.channel
    if channel is None or not is_public(channel.client.ip) or _allowed(context):
        return None
    if not (in_control(context.server) or channel.protocol in PORTS_OF) or is_public(channel.server.ip):
        return None
    return Hit(words={"address": channel.client.ip})


def _remote_then_control(context: Context, state: RuleState) -> Hit | None:
    fact, channel = context.fact, context.channel
    if channel is None:
        return None
    if isinstance(fact, ChannelOpened):
        tool = REMOTE_ACCESS.get(fact.server.port)
        if tool is not None and fact.state == "established" and not _allowed(context):
            who = context_words(context)["client"]
            note = f"{tool} from {who} at {instant(fact.time)} (frame {fact.frame})"
            state.note(server_id(context), fact.time, (note, fact.frame))
        return None
    if not state.notes:
        return None
    remote = state.noted(client_id(context), fact.time, 60 * state.settings["minutes"])
    if not isinstance(remote, tuple):
        return None
    return Hit(words={"remote": str(remote[0]), "minutes": state.settings["minutes"]}, frames=(int(remote[1]),))


def _other_protocol(context: Context, state: RuleState) -> Hit | None:
    channel = context.channel
    if channel is None or not channel.protocol or channel.recognised_by != "bytes":
        return None
    expected = EXPECTED_ON.get(channel.server.port)
    if expected is None or channel.protocol in expected:
        return None
    return Hit(words={"port": channel.server.port, "usual": ", ".join(sorted(expected))})


def _other_port(context: Context, state: RuleState) -> Hit | None:
    channel = context.channel
    if channel is None or channel.recognised_by != "bytes" or _allowed(context):
        return None
    usual = PORTS_OF.get(channel.protocol)
    if usual is None or channel.server.port in usual:
        return None
    if channel.against_handshake and channel.client.port in usual:
        return None  # the server asks on a connection that its client opened to the usual port
    return Hit(words={"port": channel.server.port, "usual": ", ".join(str(port) for port in sorted(usual))})


def _bound_elsewhere(event: AssetEvent | Context, state: RuleState) -> Hit | None:
    """Hit on an address that went to another network card, or that the policy binds to another one."""
    if isinstance(event, Context):
        return _mismatch(event)
    if event.attribute != "mac" or not event.old or not event.new:
        return None
    if event.method == "team":
        return Hit(words={"moves": 1}, severity="low")
    moves = state.count(f"{event.asset.id} {event.asset.ip}", event.time, state.settings["seconds"])
    return Hit(words={"moves": moves}, severity="high" if moves >= state.settings["moves"] else "")


def _mismatch(context: Context) -> Hit | None:
    verdict, channel = context.verdict, context.channel
    if verdict is None or channel is None:
        return None
    words = {
        "asset": verdict.server_asset or context_words(context)["server"],
        "ip": channel.server.ip,
        "old": verdict.expected or "the address of the policy",
        "new": verdict.observed or "another one",
        "attribute": "identity",
        "method": "policy binding",
        "moves": 1,
    }
    return Hit(words=words)


def _two_ways(context: Context, state: RuleState) -> Hit | None:
    """Hit on bytes with two contents; a wrong checksum alone may be a bad cable."""
    hit = _violated(context, state)
    if hit is None or not isinstance(context.fact, Violation) or context.fact.name != "bad_checksum":
        return hit
    return Hit(words=hit.words, severity="low", weight=hit.weight)


def _twice(event: AssetEvent, state: RuleState) -> Hit | None:
    if event.attribute != "mac":
        return None
    if event.kind == "conflict":
        return Hit()
    where = f"{event.asset.id} {event.asset.ip}"
    former = state.noted(where, event.time, state.settings["seconds"])
    state.note(where, event.time, event.old)
    return Hit() if former is not None and former == event.new else None


def _industrial_tunnel(context: Context, state: RuleState) -> Hit | None:
    """Hit on a tunnel that carries industrial messages, unless the policy allows its outer ends to tunnel."""
    return None if _allowed(context) else Hit()


NETWORK_ALERTS: Final = (
    Entry(
        id="NET-012",
        name="Control zone talks to a public address",
        severity="critical",
        looks=OPENED,
        predicate=_to_public,
        explanation=flow(
            "it is a public address outside the plant.",
            "Level 2 and below talk to private addresses only.",
            "{client_zone} to {address}, {protocol}, {state}.",
        ),
        false_positives="An update, time or cloud service of a maker.",
        normal=ALLOWED,
        category="network",
        techniques=("T0883", "T0869"),
    ),
    Entry(
        id="NET-013",
        name="Public address reaches the control zone",
        severity="critical",
        looks=OPENED,
        predicate=_from_public,
        explanation=flow(
            "it comes from a public address.",
            "Nothing from outside reaches level 2 or below.",
            "{address} to {server_zone}, {protocol}, {state}.",
        ),
        false_positives="Public addresses used inside by mistake.",
        normal=ALLOWED,
        category="network",
        techniques=("T0883", "T0822"),
    ),
    Entry(
        id="NET-016",
        name="From remote access to control",
        severity="high",
        looks=(*OPENED, Match(Exchange, verbs=("write", "control", "program", "firmware", "start_stop"))),
        predicate=_remote_then_control,
        settings={"minutes": 15},
        scope="pair",
        explanation=flow(
            "it changes the process shortly after somebody came in by remote access.",
            "Remote access and control of the process are apart, or under a ticket.",
            "{remote}; then {operation} (code {code}) to {server} within {minutes} min.",
        ),
        false_positives="Remote maintenance with a ticket.",
        normal="An allow rule or exception for the remote access to {client}, with its ticket.",
        category="network",
        techniques=("T0886", "T1692.001"),
    ),
    Entry(
        id="NET-022",
        name="Address bound to another MAC",
        severity="medium",
        looks=(Match(AssetEvent, words=("moved",)), Match(ChannelOpened, means=("NET-022",))),
        predicate=_bound_elsewhere,
        settings={"moves": 3, "seconds": 60},
        scope="server",
        explanation=identity(
            "The address of {asset} is used by another network card.",
            "{ip} is used by one network card.",
            "The {attribute} went from {old} to {new} ({moves} moves within the window).",
        ),
        false_positives="Several network cards of one host, a redundant pair; a device that was replaced.",
        normal="The new MAC of {asset} in the policy, or its cards or pair under `redundancy` in the configuration.",
        category="spoofing",
        techniques=("T0830",),
        capture_fires="plant/arp_spoof.pcap",
        capture_silent="plant/normal.pcap",
    ),
    Entry(
        id="NET-023",
        name="Address used twice",
        severity="high",
        looks=(Match(AssetEvent, words=("moved", "conflict")),),
        predicate=_twice,
        settings={"seconds": 60},
        scope="server",
        explanation=identity(
            "Two network cards answer for the address of {asset}.",
            "One card answers for {ip}.",
            "Both {old} and {new} were seen for {ip}.",
        ),
        false_positives="Several network cards of one host that each answer ARP, a redundant pair.",
        normal="The cards or the pair under `redundancy` in the configuration.",
        category="spoofing",
        techniques=("T0830",),
        capture_fires="plant/arp_spoof.pcap",
        capture_silent="plant/normal.pcap",
    ),
    Entry(
        id="NET-025",
        name="TCP data injected",
        severity="high",
        looks=(Match(Violation, (WIRE_PROTOCOL,), words=("overlap_conflict",)),),
        predicate=violated(),
        explanation=mismatch(
            "After {server} or {client} had taken these bytes, another version of them was sent: {text}.",
            "A repeated segment carries the same bytes ({clause}).",
            "{text} (violation {violation} at byte {at}).",
        ),
        whole=False,
        false_positives="A broken middlebox; a mirror port that mixes two VLANs.",
        normal="A mirror port that shows each frame once.",
        category="spoofing",
        techniques=("T0830", "T1692.002"),
    ),
    Entry(
        id="NET-036",
        name="Industrial messages in a tunnel",
        severity="medium",
        looks=(Match(Violation, TUNNEL_KINDS, words=tuple(fault.name for fault in TUNNEL_FAULTS)),),
        predicate=_industrial_tunnel,
        scope="pair",
        explanation=Explanation(
            "V",
            "{sender} sent industrial messages inside a {protocol} tunnel between {client} and {server}. Whoever fills a "
            "tunnel chooses the addresses inside: these messages may come from somebody else than they say.",
            "Tunnels that carry control traffic are known: allowed by the policy for their outer ends, or named as mirror "
            "sessions (mirror_sessions).",
            "{text}.",
        ),
        false_positives="A mirror session that the configuration does not name; an overlay network of the data centre.",
        normal="A line in mirror_sessions, or an allow rule from {client} to {server} for {protocol}.",
        category="network",
        context=("T0849",),
        max_severity="medium",
        whole=False,
    ),
    Entry(
        id="NET-037",
        name="Bytes that can be read two ways",
        severity="high",
        looks=(Match(Violation, (WIRE_PROTOCOL,), words=READ_TWICE),),
        predicate=_two_ways,
        scope="pair",
        explanation=mismatch(
            "What {client} and {server} say to each other was sent so that it can be read two ways: {text}.",
            "Bytes on their way have one content and a right checksum ({clause}).",
            "{text} (violation {violation}). What the target may have read is reported as well.",
        ),
        whole=False,
        false_positives="A broken middlebox or network card; single wrong checksums from a bad cable (low).",
        normal="The device that sends it repaired. No allow rule makes two contents of the same bytes normal.",
        category="spoofing",
        techniques=("T1692.001", "T0830"),
    ),
    Entry(
        id="NET-028",
        name="Other protocol on an OT port",
        severity="medium",
        looks=OPENED,
        predicate=_other_protocol,
        scope="pair",
        explanation=Explanation(
            "V",
            "{client} speaks {protocol} to port {port} of {server}.",
            "Port {port} carries {usual}.",
            "{protocol} recognised by its content on {transport} port {port}.",
        ),
        false_positives="A web server of the maker on port 502.",
        normal="The service named in the policy with its port.",
        category="network",
        techniques=("T0885",),
    ),
    Entry(
        id="NET-029",
        name="OT protocol on another port",
        severity="low",
        looks=(Match(ChannelOpened, OT),),
        predicate=_other_port,
        scope="pair",
        explanation=flow(
            "it speaks {protocol} on a port that is not usual for it.",
            "{protocol} on port {usual}.",
            "{protocol} recognised by its content on {transport} port {port}.",
        ),
        false_positives="Gateways and address translation.",
        normal=ALLOWED,
        category="network",
        techniques=("T0885",),
    ),
)
