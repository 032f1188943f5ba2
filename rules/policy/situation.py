"""Who talks to whom under one policy: both ends placed in assets and zones, and the rules for the pair."""

from __future__ import annotations

import msgspec

from dissectors.facts import ChannelOpened, Endpoint
from rules.policy.compiled import Policy, Rule
from rules.policy.identity import Identity, identify
from rules.policy.vocabulary import DISSECTED, ENCRYPTED, Vocabulary, words_of
from rules.policy.word import is_group


class End(msgspec.Struct, frozen=True):
    """One end of a flow. ``asset`` is "" for an address the policy does not name, ``zone`` where none has it.

    ``group`` says that the address is that of many: it has no asset and no zone.
    """

    ip: str
    mac: str
    asset: str
    zone: str
    group: bool = False

    def __str__(self) -> str:
        """Name the end for a sentence."""
        return self.asset or self.ip or self.mac


class Situation(msgspec.Struct, frozen=True):
    """A channel seen in one direction: ``client`` is who starts. ``pair`` are the rules for these two ends and their
    conduit, whatever they say otherwise; ``applicable`` those of them that also mean this protocol and port.
    """

    policy: Policy
    channel: ChannelOpened
    words: Vocabulary
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


def is_below_ip(channel: ChannelOpened) -> bool:
    """Whether a channel is a conversation of layer 2."""
    return not channel.client.ip or not channel.server.ip


def is_to_group(channel: ChannelOpened) -> bool:
    """Whether a channel leads to a multicast or broadcast address."""
    server = channel.server
    return (bool(server.mac) and is_group(server.mac)) or (bool(server.ip) and is_group(server.ip))


def is_named(policy: Policy, channel: ChannelOpened) -> bool:
    """Whether a policy is about a channel below IP, or to a group: only where a rule names its protocol that way.

    So a policy that says nothing of layer 2 and of groups denies no announcement.
    """
    below = is_below_ip(channel)
    return any(
        speaks(rule, channel) and on_port(rule, channel) for rule in policy.publishing if below or rule.publishes
    )


def situate(policy: Policy, channel: ChannelOpened, *, backwards: bool = False) -> Situation:
    """Return the situation of a channel; ``backwards`` when the server starts (P4)."""
    ends = (_end(policy, channel.client), _end(policy, channel.server))
    identity = identify(policy, channel, to_group=ends[1].group)
    towards, pair = _rules(policy, channel, ends, identity, backwards)
    if not pair and not backwards and is_below_ip(channel) and not ends[1].group:
        # Nothing of layer 2 shows who began: who was seen first may be either, so a rule for the other way counts.
        other = _rules(policy, channel, ends, identity, True)
        if other[1]:
            backwards, (towards, pair) = True, other
    client, server = reversed(ends) if backwards else ends
    applicable = tuple(rule for rule in pair if speaks(rule, channel) and on_port(rule, channel))
    return Situation(
        policy,
        channel,
        words_of(channel.protocol),
        client,
        server,
        backwards,
        identity.conduits,
        identity,
        pair,
        applicable,
        towards,
    )


def _rules(
    policy: Policy, channel: ChannelOpened, ends: tuple[End, End], identity: Identity, backwards: bool
) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Return the rules that lead to the server, and those of them for this pair."""
    client, server = reversed(ends) if backwards else ends
    towards = _towards(policy, server)
    return towards, tuple(rule for rule in towards if covers_pair(rule, client, server, identity.conduits))


def covers_pair(rule: Rule, client: End, server: End, conduits: tuple[str, ...]) -> bool:
    """Whether ``from``, ``to``, and ``conduit`` or ``zone`` of a rule fit two ends; a group is in no zone."""
    if rule.conduit:
        if rule.conduit not in conduits:
            return False
    elif rule.zone and not (client.zone == rule.zone and (server.group or server.zone == rule.zone)):
        return False
    sides = ((rule.client, client), (rule.server, server))
    return all(selector.covers(end.asset, end.zone, end.ip, end.mac) for selector, end in sides)


def speaks(rule: Rule, channel: ChannelOpened) -> bool:
    """Whether a rule means the protocol of a channel.

    An allow for ``tcp`` or ``udp`` never covers a protocol whose content is read (P14), unless it is encrypted; a deny
    does. Where nothing was said yet, the port says which protocol was meant.
    """
    if rule.protocol in {"any", channel.protocol}:
        return True
    if rule.protocol == channel.transport:
        return rule.kind == "deny" or channel.protocol not in DISSECTED or channel.visibility == "encrypted"
    if channel.protocol or (channel.state == "established" and channel.recognised_by != "silence"):
        return False
    return usual_port(rule, channel)


def usual_port(rule: Rule, channel: ChannelOpened) -> bool:
    """Whether the server port is one at which a rule expects its protocol."""
    port = channel.server.port
    if rule.ports is not None:
        return on_port(rule, channel)
    return f"{channel.transport}/{port}" in words_of(rule.protocol).ports


def on_port(rule: Rule, channel: ChannelOpened) -> bool:
    """Whether the ports of a rule hold the server port."""
    return rule.ports is None or any(first <= channel.server.port <= last for first, last in rule.ports)


def unparsed(situation: Situation, live: frozenset[str]) -> str:
    """Return why the content cannot be judged although a rule in ``live`` expects a dissected protocol (P14), or ""."""
    channel = situation.channel
    if channel.state != "established" or channel.recognised_by == "silence":
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
    ip, mac = endpoint.ip, endpoint.mac
    if (mac and is_group(mac)) or (ip and is_group(ip)):
        return End(ip, mac, "", "", True)
    binding = policy.by_ip.get(ip) if ip else policy.by_mac.get(mac)
    zone = binding.zone if binding is not None else policy.zone_of(ip)
    return End(ip, mac, binding.name if binding else "", zone)


def _towards(policy: Policy, server: End) -> tuple[Rule, ...]:
    """Return every rule whose ``to`` may cover ``server``, sorted by id."""
    keys = ["any", "groups"] if server.group else [f"asset:{server.asset}", f"zone:{server.zone}", "any", "network"]
    rules = [rule for key in keys for rules in policy.index.get(key, {}).values() for rule in rules]
    return tuple(sorted(rules, key=lambda rule: rule.id))
