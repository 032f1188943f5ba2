"""P7: is each end who it claims to be? IP and MAC must both fit the binding, and the unit behind the address.

Where an asset is not local, the frame must carry the MAC of the conduit's ``via`` device on that segment. Without a
conduit (and inside a zone) the MAC of any declared device will do, so that the verdict names the missing conduit
instead. A MAC the capture does not show is no mismatch; neither is a unit that no asset binds, nor an IPv6 address of a card
that is bound with IPv4. Of a conversation below IP
the MAC alone names the ends; of one to a group only the publisher is looked at, at home or behind a declared device.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address

import msgspec

from dissectors.context import Mismatch
from dissectors.facts import ChannelOpened, Endpoint
from dissectors.spec import Unit
from rules.policy.compiled import Binding, Conduit, Net, Policy
from rules.policy.vocabulary import words_of

Route = tuple[Net, str]


class Identity(msgspec.Struct, frozen=True):
    """The conduits whose device fits the frames; ``expected`` and ``observed`` are filled on a mismatch."""

    conduits: tuple[str, ...]
    expected: str = ""
    observed: str = ""
    mismatch: Mismatch = Mismatch.NOTHING

    @property
    def fits(self) -> bool:
        """Whether nothing contradicts the bindings."""
        return not self.expected


def identify(policy: Policy, channel: ChannelOpened, *, to_group: bool = False) -> Identity:
    """Return whether both ends of a channel fit the policy's bindings; of one ``to_group`` the client alone."""
    client, server = channel.client, channel.server
    for end in (client,) if to_group else (client, server):
        borrowed = policy.by_mac.get(end.mac)
        if end.ip and borrowed is not None and not _may_be(borrowed, end.ip) and end.ip not in policy.by_ip:
            bound = f"at {borrowed.ip}" if borrowed.ip else "without IP address"
            return _other_mac(f"{borrowed.name} {bound}", f"{end.mac} at {end.ip}")
    if not client.ip or not server.ip:
        return Identity(() if to_group else tuple(one.id for one in _conduits_below_ip(policy, client, server)))
    if to_group:
        if not _own(policy, client) and client.mac not in policy.device_names:
            return _other_mac(_wanted(policy, client, policy.devices), f"{client.mac} at {client.ip}")
        return _protocol_address(policy, channel) or Identity(())
    zones = frozenset({policy.zone_of(client.ip), policy.zone_of(server.ip)})
    conduits = policy.conduits.get(zones, ()) if len(zones) == 2 else ()
    if conduits:
        fitting = tuple(one.id for one in conduits if _fit(policy, client, server, one.routes, bypass=False))
        routes: tuple[Route, ...] = tuple(route for one in conduits for route in one.routes)
    else:
        fitting = ()
        routes = policy.devices
    if not fitting and (conduits or not _fit(policy, client, server, routes, bypass=True)):
        return _mismatch(policy, client, server, routes)
    return _protocol_address(policy, channel) or Identity(fitting)


def _may_be(binding: Binding, ip: str) -> bool:
    """Whether a card of the policy may have an address: its own, or one of the other family (IPv6 beside IPv4)."""
    return binding.ip == ip or (bool(binding.ip) and (":" in binding.ip) != (":" in ip))


def _conduits_below_ip(policy: Policy, client: Endpoint, server: Endpoint) -> tuple[Conduit, ...]:
    """Return the conduits between the zones of two devices that only their MACs name."""
    ends = [policy.by_mac.get(end.mac) for end in (client, server)]
    zones = frozenset(binding.zone for binding in ends if binding is not None)
    return policy.conduits.get(zones, ()) if len(zones) == 2 else ()


def _other_mac(expected: str, observed: str) -> Identity:
    return Identity((), expected, observed, Mismatch.MAC)


def _fit(policy: Policy, client: Endpoint, server: Endpoint, routes: Iterable[Route], *, bypass: bool) -> bool:
    """Whether the two MACs can be seen together: both own, or one own and one the device's on that segment.

    ``bypass`` lets two own MACs pass although a device stands between the segments.
    """
    separated = False
    for segment, mac in routes:
        here, there = _within(client.ip, segment), _within(server.ip, segment)
        separated = separated or here != there
        if here and not there:
            fits = _own(policy, client) and server.mac in {"", mac}
        elif there and not here:
            fits = _own(policy, server) and client.mac in {"", mac}
        elif here:
            continue
        else:
            fits = _in_transit(policy, client, server, segment, mac)
        if fits:
            return True
    return (bypass or not separated) and _own(policy, client) and _own(policy, server)


def _in_transit(policy: Policy, client: Endpoint, server: Endpoint, segment: Net, mac: str) -> bool:
    """Whether both MACs are devices' on a segment where neither end is local."""
    devices = {"", *(other for place, other in policy.devices if place == segment)}
    seen = {client.mac, server.mac}
    return seen <= devices and (mac in seen or seen == {""})


def _within(ip: str, segment: Net) -> bool:
    return ip_address(ip) in segment


def _own(policy: Policy, end: Endpoint) -> bool:
    binding = policy.by_ip.get(end.ip)
    return binding is None or not end.mac or binding.mac in {"any", end.mac}


def _mismatch(policy: Policy, client: Endpoint, server: Endpoint, routes: tuple[Route, ...]) -> Identity:
    """Say which end is wrong: the one whose MAC is neither its own nor a device's where it is not local."""
    unknown_ends = []
    for end in (client, server):
        if end.mac in {mac for segment, mac in routes if not _within(end.ip, segment)}:
            continue
        if not _own(policy, end):
            return _other_mac(_wanted(policy, end, routes), f"{end.mac} at {end.ip}")
        if end.ip not in policy.by_ip:
            unknown_ends.append(end)
    for end in unknown_ends[:1]:
        return _other_mac(_wanted(policy, end, routes), f"{end.mac} at {end.ip}")
    expected = " and ".join(_wanted(policy, end, routes) for end in (client, server))
    return _other_mac(expected, f"{client.mac} at {client.ip} and {server.mac} at {server.ip}")


def _wanted(policy: Policy, end: Endpoint, routes: tuple[Route, ...]) -> str:
    binding = policy.by_ip.get(end.ip)
    local = [f"{binding.mac} ({binding.name})"] if binding is not None else []
    devices = [
        f"{mac} ({policy.device_names[mac]} on {segment})" for segment, mac in routes if not _within(end.ip, segment)
    ]
    return f"{end.ip} with MAC {' or '.join([*local, *devices]) or 'of a declared device'}"


def _protocol_address(policy: Policy, channel: ChannelOpened) -> Identity | None:
    """Return the mismatch of the unit behind an address, if any; where a unit is a pair, of either end's."""
    unit = words_of(channel.protocol).protocol.unit
    if not channel.unit or unit is None or not unit.policy_key:
        return None
    client, server = policy.by_ip.get(channel.client.ip), policy.by_ip.get(channel.server.ip)
    if not unit.pair:
        return _bound(server, unit, channel.unit)
    of_client, _, of_server = channel.unit.partition(">")
    return _bound(client, unit, of_client) or _bound(server, unit, of_server)


def _bound(binding: Binding | None, unit: Unit, seen: str) -> Identity | None:
    bound = binding.units.get(unit.policy_key, ()) if binding is not None else ()
    if binding is None or not bound or seen in bound:
        return None
    expected = f"{binding.name} with {unit.name} {' or '.join(bound)}"
    return Identity((), expected, f"{unit.name} {seen}", Mismatch.UNIT)
