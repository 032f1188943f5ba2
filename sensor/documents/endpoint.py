"""The two ends of a conversation and the network between them, in ECS words.

``source`` is the sender and ``client`` the initiator of what the document reports; both are the client of the channel,
except for what a server starts by itself (an unsolicited report).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from dissectors.context import AssetView
from dissectors.facts import Endpoint
from sensor.documents.text import Document, text

MAX_CACHED: Final = 4_096
"""Addresses whose form in documents is remembered; nothing is lost when one is not."""


@lru_cache(maxsize=MAX_CACHED)
def mac(address: str) -> str:
    """Return a MAC address in the form of ECS: upper case with hyphens, "" for none."""
    return address.upper().replace(":", "-")


@lru_cache(maxsize=MAX_CACHED)
def _within(ip: str) -> bool:
    """Whether ``ip`` is inside the perimeter: private, link-local, or a group that no router forwards."""
    address = ip_address(ip)
    return address.is_private or address.is_link_local or address.is_multicast or address.is_loopback


@lru_cache(maxsize=MAX_CACHED)
def ip(address: str) -> str:
    """Return ``address`` when it is an IP address, else ""."""
    try:
        return address if ip_address(address) else ""
    except ValueError:
        return ""


def direction(source: str, destination: str) -> str:
    """Return the direction of traffic seen from the perimeter, "" when an end has no IP."""
    if not ip(source) or not ip(destination):
        return ""
    if _within(source):
        return "internal" if _within(destination) else "outbound"
    return "inbound" if _within(destination) else "external"


def _full(end: Endpoint) -> Document:
    return {"ip": ip(end.ip), "port": end.port or None, "mac": mac(end.mac)}


def _short(end: Endpoint) -> Document:
    return {"ip": ip(end.ip), "port": end.port or None, "mac": "" if ip(end.ip) else mac(end.mac)}


def ends(source: Endpoint, destination: Endpoint) -> Document:
    """Return source, destination, client and server."""
    return {
        "source": _full(source),
        "destination": _full(destination),
        "client": _short(source),
        "server": _short(destination),
    }


def network(
    source: Endpoint,
    destination: Endpoint,
    *,
    transport: str,
    protocol: str,
    flow: str,
    vlan: int,
    inner_vlan: int,
    zone: str = "",
) -> Document:
    """Return the ``network`` part. ``flow`` is the community id, ``zone`` the section as the policy names it."""
    address = ip(source.ip) or ip(destination.ip)
    return {
        "type": ("ipv6" if ":" in address else "ipv4") if address else "",
        "transport": transport.lower(),
        "protocol": protocol.lower(),
        "direction": direction(source.ip, destination.ip),
        "name": text(zone),
        "community_id": flow if flow.startswith("1:") else "",
        "vlan": {"id": str(vlan) if vlan else ""},
        "inner": {"vlan": {"id": str(inner_vlan) if inner_vlan else ""}},
    }


def host(asset: AssetView | None, end: Endpoint) -> Document:
    """Return the ``host`` part: the affected asset, or what its address reports when it is no asset."""
    if asset is None:
        return {"ip": [ip(end.ip)] if ip(end.ip) else [], "mac": [mac(end.mac)] if end.mac else []}
    address, hardware = ip(asset.ip) or ip(end.ip), asset.mac or end.mac
    return {
        "id": text(asset.id),
        "name": text(asset.name or asset.id),
        "ip": [address] if address else [],
        "mac": [mac(hardware)] if hardware else [],
        "type": text(asset.role),
    }


def related(ips: Iterable[str], assets: Iterable[AssetView | None]) -> Document:
    """Return ``related``: every IP, and name and id of every asset of the document, once each."""
    hosts = [word for asset in assets if asset is not None for word in (text(asset.name), text(asset.id)) if word]
    return {"ip": list(dict.fromkeys(filter(None, map(ip, ips)))), "hosts": list(dict.fromkeys(hosts))}


def places(source: AssetView | None, destination: AssetView | None) -> Document:
    """Return Purdue levels and zones of both ends."""
    return {
        "purdue": {
            "source": text(source.level) if source else "",
            "destination": text(destination.level) if destination else "",
        },
        "zone": {
            "source": text(source.zone) if source else "",
            "destination": text(destination.zone) if destination else "",
        },
    }
