"""Reports the inventory what the policy says about assets, as plain data."""

from __future__ import annotations

from typing import Final

from dissectors.registry import PROTOCOLS
from rules.policy import Policy
from rules.policy.entity import Asset
from sensor.inventory.known import KnownAsset, KnownTable

ANY_MAC: Final = "any"
"""What a policy writes where every MAC will do."""


def _units(asset: Asset) -> frozenset[tuple[str, str]]:
    """Return every unit that an asset of the policy binds, with each protocol that its key stands for."""
    return frozenset(
        (protocol.name, unit)
        for protocol in PROTOCOLS
        if protocol.unit is not None and protocol.unit.policy_key
        for unit in asset.units(protocol.unit.policy_key)
    )


def known_assets(policy: Policy) -> KnownTable:
    """Return the assets, security devices (by MAC alone) and zone networks that the policy names."""
    document = policy.document
    zone_of = {name: zone for zone in document.zones for name in zone.assets}
    assets = []
    for name, asset in document.assets.items():
        zone = zone_of.get(name)
        assets.append(
            KnownAsset(
                name=name,
                ip=str(asset.ip or ""),
                mac="" if asset.mac == ANY_MAC else str(asset.mac or ""),
                role=asset.role or "",
                zone=zone.id if zone is not None else "",
                level=str(asset.level if asset.level is not None else ""),
                criticality=asset.criticality or "",
                safety=bool(zone is not None and zone.safety),
                units=_units(asset),
            )
        )
    for name, device in document.security_devices.items():
        for mac in device.macs.values():
            assets.append(KnownAsset(name=name, mac=str(mac), role=device.kind))
    networks = {
        str(cidr): (zone.id, str(zone.level), bool(zone.safety)) for zone in document.zones for cidr in zone.cidrs or ()
    }
    return KnownTable(assets, networks)
