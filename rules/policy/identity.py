"""P7: is each end who it claims to be? IP and MAC must both fit the binding, and unit, DNP3 address or rack and slot.

Where an asset is not local, the frame must carry the MAC of the conduit's ``via`` device on that segment. Without a
conduit (and inside a zone) the MAC of any declared device will do, so that the verdict names the missing conduit
instead. A MAC the capture does not show is no mismatch; neither is a unit that no asset binds.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address

import msgspec

from dissectors.facts import ChannelOpened, Endpoint
from rules.policy.compiled import Binding, Net, Policy

Route = tuple[Net, str]


class Identity(msgspec.Struct, frozen=True):
    """The conduits whose device fits the frames; ``expected`` and ``observed`` are filled on a mismatch.

    ``mismatch`` says of what: "mac" or "unit".
    """

    conduits: tuple[str, ...]
    expected: str = ""
    observed: str = ""
    mismatch: str = "mac"

    @property
    def fits(self) -> bool:
        """Whether nothing contradicts the bindings."""
        return not self.expected


def identify(policy: Policy, channel: ChannelOpened) -> Identity:
    """Return whether both ends of a channel fit the policy's bindings."""
    client, server = channel.client, channel.server
    zones = frozenset({policy.zone_of(client.ip), policy.zone_of(server.ip)})
    conduits = policy.conduits.get(zones, ()) if len(zones) == 2 else ()
    for end in (client, server):
        borrowed = policy.by_mac.get(end.mac)
        if borrowed is not None and borrowed.ip != end.ip and end.ip not in policy.by_ip:
            return Identity((), f"{borrowed.name} at {borrowed.ip}", f"{end.mac} at {end.ip}")
    if conduits:
        fitting = tuple(one.id for one in conduits if _fit(policy, client, server, one.routes, bypass=False))
        routes: tuple[Route, ...] = tuple(route for one in conduits for route in one.routes)
    else:
        fitting = ()
        routes = policy.devices
    if not fitting and (conduits or not _fit(policy, client, server, routes, bypass=True)):
        return _mismatch(policy, client, server, routes)
    return _protocol_address(policy, channel) or Identity(fitting)


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
            return Identity((), _wanted(policy, end, routes), f"{end.mac} at {end.ip}")
        if end.ip not in policy.by_ip:
            unknown_ends.append(end)
    for end in unknown_ends[:1]:
        return Identity((), _wanted(policy, end, routes), f"{end.mac} at {end.ip}")
    expected = " and ".join(_wanted(policy, end, routes) for end in (client, server))
    return Identity((), expected, f"{client.mac} at {client.ip} and {server.mac} at {server.ip}")


def _wanted(policy: Policy, end: Endpoint, routes: tuple[Route, ...]) -> str:
    binding = policy.by_ip.get(end.ip)
    local = [f"{binding.mac} ({binding.name})"] if binding is not None else []
    devices = [
        f"{mac} ({policy.device_names[mac]} on {segment})" for segment, mac in routes if not _within(end.ip, segment)
    ]
    return f"{end.ip} with MAC {' or '.join([*local, *devices]) or 'of a declared device'}"


def _protocol_address(policy: Policy, channel: ChannelOpened) -> Identity | None:
    """Return the mismatch of unit, DNP3 address or rack and slot, if any."""
    client, server = policy.by_ip.get(channel.client.ip), policy.by_ip.get(channel.server.ip)
    if not channel.unit:
        return None
    if channel.protocol == "modbus":
        return _bound(server, "unit", server.units if server else (), channel.unit)
    if channel.protocol in {"s7comm", "s7commplus"}:
        return _bound(server, "rack/slot", (server.rack_slot,) if server and server.rack_slot else (), channel.unit)
    if channel.protocol == "dnp3":
        master, _, outstation = channel.unit.partition(">")
        return _bound(client, "DNP3 address", client.dnp3 if client else (), master) or _bound(
            server, "DNP3 address", server.dnp3 if server else (), outstation
        )
    return None


def _bound(binding: Binding | None, what: str, bound: tuple[str, ...], seen: str) -> Identity | None:
    if binding is None or not bound or seen in bound:
        return None
    return Identity((), f"{binding.name} with {what} {' or '.join(bound)}", f"{what} {seen}", "unit")
