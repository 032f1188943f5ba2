"""Who talks to whom under one policy: both ends placed in assets and zones, and the rules for the pair."""

from __future__ import annotations

from ipaddress import ip_address

import msgspec

from dissectors.facts import ChannelOpened, Endpoint
from rules.policy.compiled import Policy, Rule
from rules.policy.function import DISSECTED, ENCRYPTED
from rules.policy.identity import Identity, identify

GROUP_BIT = 1


class End(msgspec.Struct, frozen=True):
    """One end of a flow. ``asset`` is "" for an address the policy does not name, ``zone`` where none has it."""

    ip: str
    asset: str
    zone: str

    def __str__(self) -> str:
        """Name the end for a sentence."""
        return self.asset or self.ip


class Situation(msgspec.Struct, frozen=True):
    """A channel seen in one direction: ``client`` is who starts. ``pair`` are the rules for these two ends and their
    conduit, whatever they say otherwise; ``applicable`` those of them that also mean this protocol and port.
    """

    policy: Policy
    channel: ChannelOpened
    client: End
    server: End
    reversed: bool
    conduits: tuple[str, ...]
    identity: Identity
    pair: tuple[Rule, ...]
    applicable: tuple[Rule, ...]
    towards: tuple[Rule, ...]

    @property
    def crosses(self) -> bool:
        """Whether both zones are known and differ."""
        return bool(self.client.zone and self.server.zone) and self.client.zone != self.server.zone


def is_judged(channel: ChannelOpened) -> bool:
    """Whether policy speaks of this channel: IP unicast only. ARP, layer 2 protocols, broadcast and multicast are not
    flows between two assets; discovery and detections look at them.
    """
    if channel.protocol == "arp" or not channel.client.ip or not channel.server.ip:
        return False
    first_octet = channel.server.mac[:2]
    if first_octet and int(first_octet, 16) & GROUP_BIT:
        return False
    address = ip_address(channel.server.ip)
    return not address.is_multicast and channel.server.ip != "255.255.255.255"


def situate(policy: Policy, channel: ChannelOpened, *, backwards: bool = False) -> Situation:
    """Return the situation of a channel; ``backwards`` when the server starts (DNP3 unsolicited, P4)."""
    ends = (_end(policy, channel.client), _end(policy, channel.server))
    client, server = reversed(ends) if backwards else ends
    identity = identify(policy, channel)
    towards = _towards(policy, server)
    pair = tuple(rule for rule in towards if covers_pair(rule, client, server, identity.conduits))
    applicable = tuple(rule for rule in pair if speaks(rule, channel) and on_port(rule, channel))
    return Situation(policy, channel, client, server, backwards, identity.conduits, identity, pair, applicable, towards)


def covers_pair(rule: Rule, client: End, server: End, conduits: tuple[str, ...]) -> bool:
    """Whether ``from``, ``to``, and ``conduit`` or ``zone`` of a rule fit two ends."""
    if rule.conduit:
        if rule.conduit not in conduits:
            return False
    elif rule.zone and not client.zone == server.zone == rule.zone:
        return False
    sides = ((rule.client, client), (rule.server, server))
    return all(selector.covers(end.asset, end.zone, end.ip) for selector, end in sides)


def speaks(rule: Rule, channel: ChannelOpened) -> bool:
    """Whether a rule means the protocol of a channel.

    An allow for ``tcp`` or ``udp`` never covers a protocol whose content is read (P14), unless it is encrypted; a deny
    does. Where nothing was said yet, the port reports which protocol was meant.
    """
    if rule.protocol in {"any", channel.protocol}:
        return True
    if rule.protocol == channel.transport:
        return rule.kind == "deny" or channel.protocol not in DISSECTED or channel.visibility == "encrypted"
    if channel.protocol or channel.state == "established":
        return False
    return usual_port(rule, channel)


def usual_port(rule: Rule, channel: ChannelOpened) -> bool:
    """Whether the server port is one at which a rule expects its protocol."""
    port = channel.server.port
    if rule.ports is not None:
        return on_port(rule, channel)
    return DISSECTED.get(rule.protocol) == port


def on_port(rule: Rule, channel: ChannelOpened) -> bool:
    """Whether the ports of a rule hold the server port."""
    return rule.ports is None or any(first <= channel.server.port <= last for first, last in rule.ports)


def unparsed(situation: Situation, live: frozenset[str]) -> str:
    """Return why the content cannot be judged although a rule in ``live`` expects a dissected protocol (P14), or ""."""
    channel = situation.channel
    if channel.state != "established":
        return ""
    encrypted = channel.visibility == "encrypted"
    if not encrypted and channel.protocol not in ENCRYPTED:
        return ""
    for rule in situation.pair:
        if rule.id not in live or rule.protocol not in DISSECTED:
            continue
        if usual_port(rule, channel) or (encrypted and rule.protocol == channel.protocol):
            seen = f"encrypted ({channel.protocol or 'unknown'})" if encrypted or channel.protocol else "not recognised"
            return f"rule {rule.id} expects {rule.protocol}, the content is {seen}"
    return ""


def _end(policy: Policy, endpoint: Endpoint) -> End:
    binding = policy.by_ip.get(endpoint.ip)
    return End(endpoint.ip, binding.name if binding else "", policy.zone_of(endpoint.ip))


def _towards(policy: Policy, server: End) -> tuple[Rule, ...]:
    """Return every rule whose ``to`` may cover ``server``, sorted by id."""
    keys = [f"asset:{server.asset}", f"zone:{server.zone}", "any", "network"]
    rules = [rule for key in keys for rules in policy.index.get(key, {}).values() for rule in rules]
    return tuple(sorted(rules, key=lambda rule: rule.id))
