"""From the running asset to its frozen record, and back when the sensor starts on a store it wrote before."""

from __future__ import annotations

from sensor.inventory.asset import Asset, Held, Place, Seen, Segment
from sensor.inventory.attribute import attribute_of
from sensor.inventory.record import (
    Address,
    AssetRecord,
    Attribute,
    Observation,
    Partner,
    ProtocolUse,
    Role,
    Service,
)


def record_of(asset: Asset) -> AssetRecord:
    """Return everything known of ``asset`` now."""
    view = asset.view()
    vendor, confidence = asset.vendor()
    return AssetRecord(
        id=asset.id,
        name=view.name,
        ip=view.ip,
        mac=asset.mac,
        mac_reason="" if asset.mac else asset.mac_reason,
        vlan=asset.vlan,
        vlans=tuple(asset.vlans),
        parent=asset.parent.id if asset.parent else "",
        protocol=asset.protocol,
        unit=asset.unit,
        known=view.known,
        identity=identity_of(asset),
        zone=view.zone,
        role=view.role,
        level=view.level,
        criticality=view.criticality,
        safety=view.safety,
        vendor=vendor,
        vendor_confidence=confidence,
        router=asset.router,
        first=asset.seen.first,
        last=asset.seen.last,
        source=asset.seen.source,
        frames=asset.seen.frames,
        addresses=_addresses(asset),
        attributes=_attributes(asset),
        protocols=tuple(
            ProtocolUse(
                protocol=name,
                side=side,
                first=row.first,
                last=row.last,
                frames=row.frames,
                encrypted=row.note == "encrypted",
            )
            for (name, side), row in asset.protocols.items()
        ),
        services=tuple(
            Service(transport=kind, port=port, protocol=row.note, first=row.first, last=row.last, frames=row.frames)
            for (kind, port), row in asset.services.items()
        ),
        roles=tuple(
            Role(role=role, reason=row.note, first=row.first, frame=row.first_frame)
            for role, row in asset.roles.items()
        ),
        partners=tuple(
            Partner(asset=other, side=side, protocol=name, first=row.first, last=row.last, channels=row.count)
            for (other, side, name), row in asset.partners.items()
        ),
        units=tuple(f"{protocol}/{unit}" for protocol, unit in asset.units),
        links=tuple(asset.links),
        merged_into=asset.merged_into,
        cards=tuple(asset.cards),
        network=view.network,
    )


def identity_of(asset: Asset) -> str:
    """Return how sure the identity is.

    "conflict": another MAC uses one of its addresses. "bound": the policy names it. "moved": it had another proven IPv4
    address on the same VLAN before. "new": none of these.
    """
    if any(not held.current for held in asset.addresses.values()):
        return "conflict"
    if asset.known is not None:
        return "bound"
    proven = [held.vlan for ip, held in asset.addresses.items() if held.confirmed and ":" not in ip]
    return "moved" if not asset.router and len(proven) > len(set(proven)) else "new"


def _addresses(asset: Asset) -> tuple[Address, ...]:
    return tuple(
        Address(
            ip=ip, mac=held.mac, vlan=held.vlan, confirmed=held.confirmed, current=held.current,
            first=held.seen.first, last=held.seen.last, frames=held.seen.frames, network=held.network,
        )
        for ip, held in asset.addresses.items()
    )  # fmt: skip


def _attributes(asset: Asset) -> tuple[Attribute, ...]:
    rows = [attribute_of(name, asset.reported(name)) for name in sorted(asset.observations)]
    if "manufacturer" not in asset.observations:
        rows.append(_vendor_attribute(asset))
    return tuple(rows)


def _vendor_attribute(asset: Asset) -> Attribute:
    vendor, confidence = asset.vendor()
    if not vendor:
        reason = asset.mac_reason if not asset.mac else "not_seen_yet"
        return Attribute(name="manufacturer", state="unknown", value="", reason=reason)
    said = Observation(
        value=vendor, method="oui", confidence=confidence, source=asset.seen.source, first=asset.seen.first,
        last=asset.seen.last, count=1, frames=asset.seen.frames,
    )  # fmt: skip
    return Attribute(name="manufacturer", state="known", value=vendor, observations=(said,))


def _seen(first: int, last: int, frames: tuple[int, ...], source: str = "", count: int = 1, note: str = "") -> Seen:
    row = Seen(Place(first, source, frames[0] if frames else 0), note=note)
    row.last = last
    row.last_frame = frames[-1] if frames else 0
    row.count = count
    return row


def asset_of(record: AssetRecord) -> Asset:
    """Return the running asset of a stored record; parent, children and the policy are bound by the caller."""
    at = Place(record.first, record.source, record.frames[0] if record.frames else 0)
    asset = Asset(record.id, record.mac, record.mac_reason, record.vlan, at)
    asset.seen = _seen(record.first, record.last, record.frames, record.source)
    asset.vlans = dict.fromkeys(record.vlans)
    asset.protocol, asset.unit, asset.router = record.protocol, record.unit, record.router
    asset.links = dict.fromkeys(record.links)
    asset.cards = dict.fromkeys(record.cards)
    for address in record.addresses:
        held = Held(
            address.mac,
            Segment(address.vlan, address.network),
            address.confirmed,
            _seen(address.first, address.last, address.frames, record.source),
        )
        held.current = address.current
        asset.addresses[address.ip] = held
    for use in record.protocols:
        note = "encrypted" if use.encrypted else ""
        asset.protocols[use.protocol, use.side] = _seen(use.first, use.last, use.frames, record.source, note=note)
    for service in record.services:
        row = _seen(service.first, service.last, service.frames, record.source, note=service.protocol)
        asset.services[service.transport, service.port] = row
    for role in record.roles:
        asset.roles[role.role] = _seen(role.first, role.first, (role.frame,), record.source, note=role.reason)
    for partner in record.partners:
        row = _seen(partner.first, partner.last, (), record.source, partner.channels)
        asset.partners[partner.asset, partner.side, partner.protocol] = row
    for reported in record.units:
        protocol, _, unit = reported.partition("/")
        asset.units[protocol, unit] = at
    _restore_observations(asset, record)
    return asset


def _restore_observations(asset: Asset, record: AssetRecord) -> None:
    for attribute in record.attributes:
        for reported in attribute.observations:
            if reported.method == "oui":
                continue
            row = _seen(reported.first, reported.last, reported.frames, reported.source, reported.count)
            row.confidence, row.channel = reported.confidence, reported.channel
            asset.observations.setdefault(attribute.name, {})[reported.method, reported.unit, reported.value] = row
            key = (attribute.name, reported.method, reported.unit)
            before = asset.current.get(key)
            if (
                before is None
                or asset.observations[attribute.name][reported.method, reported.unit, before].last <= reported.last
            ):
                asset.current[key] = reported.value
