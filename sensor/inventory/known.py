"""What the policy says about assets, as plain data: the inventory does not read policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Protocol

import msgspec


class KnownAsset(msgspec.Struct, frozen=True, kw_only=True):
    """An asset that the policy names. ``units`` are (protocol, unit) of what it answers as, behind a gateway or by itself."""

    name: str
    ip: str = ""
    mac: str = ""
    role: str = ""
    zone: str = ""
    level: str = ""
    criticality: str = ""
    safety: bool = False
    units: frozenset[tuple[str, str]] = frozenset()


class KnownAssets(Protocol):
    """Where the inventory asks who somebody is."""

    def find(self, ip: str, mac: str, protocol: str = "", unit: str = "") -> KnownAsset | None:
        """Return the named asset that fits this identity; None when none does, or when IP and MAC contradict it."""

    def zone(self, ip: str) -> tuple[str, str, bool]:
        """Return zone, level and safety of an address that no named asset has; "" when no zone holds it."""


class KnownTable:
    """Named assets and zone networks held in dictionaries; ``networks`` maps a CIDR to (zone, level, safety)."""

    def __init__(
        self, assets: Iterable[KnownAsset], networks: Mapping[str, tuple[str, str, bool]] | None = None
    ) -> None:
        self._by_ip: dict[str, list[KnownAsset]] = {}
        self._by_mac: dict[str, list[KnownAsset]] = {}
        for asset in assets:
            if asset.ip:
                self._by_ip.setdefault(asset.ip, []).append(asset)
            if asset.mac:
                self._by_mac.setdefault(asset.mac.lower(), []).append(asset)
        parsed: list[tuple[IPv4Network | IPv6Network, tuple[str, str, bool]]] = [
            (ip_network(cidr), zone) for cidr, zone in (networks or {}).items()
        ]
        self._networks = sorted(parsed, key=lambda row: -row[0].prefixlen)

    def find(self, ip: str, mac: str, protocol: str = "", unit: str = "") -> KnownAsset | None:
        """Return the named asset; an unseen MAC contradicts nothing, a different one does."""
        if ip:
            candidates = [row for row in self._by_ip.get(ip, ()) if not row.mac or not mac or row.mac.lower() == mac]
            if not candidates and ip not in self._by_ip:
                # A card has IPv4 and IPv6 addresses: one of the other family contradicts nothing.
                candidates = [row for row in self._by_mac.get(mac, ()) if not row.ip or (":" in row.ip) != (":" in ip)]
        else:
            candidates = self._by_mac.get(mac, [])
        if unit:
            return next((row for row in candidates if (protocol, unit) in row.units), None)
        whole = [row for row in candidates if not row.units]
        if whole:
            return whole[0]
        return candidates[0] if len(candidates) == 1 else None

    def zone(self, ip: str) -> tuple[str, str, bool]:
        """Return zone, level and safety of the narrowest network that holds ``ip``."""
        try:
            address = ip_address(ip)
        except ValueError:
            return "", "", False
        for network, zone in self._networks:
            if address in network:
                return zone
        return "", "", False
