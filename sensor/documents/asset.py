"""Asset documents: a device as the inventory knows it, because something happened to it or as a refresh.

When they are written: one per event that means something (``settled``), and the current state of every asset once a
day and at the end. First sights of the learning period make none of their own, so that a replay gives one document per
asset and one per change. A refresh is known by when the asset was last seen: unchanged, it is the same document.
ECS marks ``entity.*`` and most of ``device.*`` as beta; they are used in this file only.
"""

from __future__ import annotations

from typing import Final

from dissectors.context import AssetEvent
from sensor.documents.endpoint import ip, mac
from sensor.documents.envelope import envelope, labels, observer
from sensor.documents.identifier import event_id
from sensor.documents.industrial import tags
from sensor.documents.moment import moment
from sensor.documents.origin import MODULE, Origin
from sensor.documents.text import MAX_VALUES, Document, kebab, keywords, pruned, text
from sensor.inventory.record import AssetRecord, Attribute

CONFIDENCE: Final = {"strong": 0.95, "medium": 0.7, "weak": 0.4}
"""The three words of an observation as a number for charts."""

INFORMING: Final = frozenset({"new", "service"})
"""Events that add to what is known; all others change it."""

IDENTIFYING: Final = ("model", "product_code", "serial_number", "firmware_version", "manufacturer", "name")
"""Attributes that say how an asset was identified, the most reporting first."""

OWN_NAMES: Final = ("station_name", "name", "hostname")
"""Attributes in which a device says what it is called; anybody can say so, no name of these is a key."""


def _value(asset: AssetRecord, name: str) -> str:
    attribute = asset.attribute(name)
    return text(attribute.value) if attribute is not None else ""


def _shown(asset: AssetRecord) -> str:
    return text(asset.name or asset.ip or asset.mac or asset.id)


def _message(asset: AssetRecord, event: AssetEvent | None) -> str:
    name = _shown(asset)
    if event is None:
        return f"State of {name}"
    if event.kind == "new":
        return f"New asset {name}"
    if event.kind == "service":
        return f"{name} offers a new service: {event.new}"
    what = event.attribute.replace("_", " ") or "address"
    if event.kind == "conflict":
        return f"Sources disagree on {what} of {name}: {event.old} or {event.new}"
    verb = "moved" if event.kind == "moved" else "changed"
    return f"{what.capitalize()} of {name} {verb} from {event.old or 'unknown'} to {event.new or 'unknown'}"


def _addresses(asset: AssetRecord) -> tuple[list[str], list[str]]:
    rows = [row for row in asset.addresses if row.current]
    ips = [found for found in (ip(asset.ip), *(ip(row.ip) for row in rows)) if found]
    macs = [mac(one) for one in (asset.mac, *asset.cards) if one][:MAX_VALUES]
    return list(dict.fromkeys(ips))[:MAX_VALUES], macs


def _identification(asset: AssetRecord) -> Document:
    for name in IDENTIFYING:
        attribute: Attribute | None = asset.attribute(name)
        if attribute is not None and attribute.observations:
            best = next((row for row in attribute.observations if row.value == attribute.value), None)
            if best is not None:
                return {"method": text(best.method), "confidence": CONFIDENCE.get(best.confidence)}
    return {}


def _changed(event: AssetEvent | None) -> Document:
    if event is None:
        return {}
    return {
        "changed": [event.attribute] if event.attribute else [],
        "changed_from": text(event.old),
        "changed_to": text(event.new),
        "changed_by": text(event.method),
    }


def _known(asset: AssetRecord, event: AssetEvent | None) -> Document:
    """Return ``spanwatch.asset``."""
    conflicts = [attribute.name for attribute in asset.attributes if attribute.state == "conflict"]
    frames = event.frames if event is not None else asset.frames
    return {
        "purdue_level": text(asset.level),
        "zone": text(asset.zone),
        "role": text(asset.role),
        "role_reason": text(next((row.reason for row in asset.roles if row.role == asset.role), "")),
        "vendor": text(asset.vendor),
        "firmware_version": _value(asset, "firmware_version"),
        "hardware_version": _value(asset, "hardware_version"),
        "site_area": _value(asset, "location"),
        "own_names": keywords(dict.fromkeys(found for name in OWN_NAMES if (found := _value(asset, name)))),
        "description": _value(asset, "description"),
        "protocols": keywords(sorted({row.protocol for row in asset.protocols})),
        "services": keywords(sorted({f"{row.transport}/{row.port}" for row in asset.services})),
        "units": keywords(asset.units),
        "criticality": text(asset.criticality),
        "safety": asset.safety,
        "known": asset.known,
        "identity": asset.identity,
        "mac_reason": asset.mac_reason,
        "network": text(asset.network),
        "cards": keywords([mac(card) for card in asset.cards]),
        "router": asset.router,
        "parent": asset.parent,
        "links": keywords(asset.links),
        "partners": keywords(dict.fromkeys(row.asset for row in asset.partners)),
        "merged_into": asset.merged_into,
        "conflicts": keywords(conflicts),
        "first_seen": moment(asset.first) if asset.first else "",
        "last_seen": moment(asset.last) if asset.last else "",
        "identification": _identification(asset),
        "evidence": {
            "capture": text(event.source if event is not None else asset.source),
            "frames": list(frames[:MAX_VALUES]),
        },
        **_changed(event),
    }


def sequence_of(asset: AssetRecord, event: AssetEvent | None) -> str:
    """Return what makes this document of the asset one of its own: the change, or when it was last seen."""
    if event is None:
        return f"{asset.id}:{asset.last}:state"
    return f"{asset.id}:{event.time}:{event.kind}:{event.attribute}:{event.old}:{event.new}"


def asset_document(origin: Origin, asset: AssetRecord, event: AssetEvent | None, time: int) -> Document:
    """Return the document of an asset; ``time`` is when it happened or when the asset was last seen (ns)."""
    kind = event.kind if event is not None else "refresh"
    informs = event is None or event.kind in INFORMING
    head: Document = {
        "kind": "asset",
        "category": ["host"],
        "type": ["info"] if informs else ["change"],
        "action": kebab("asset", kind),
        "id": event_id(origin.sensor, origin.epoch, sequence_of(asset, event), "asset"),
        "sequence": max(event.frames if event is not None else asset.frames, default=0),
    }
    ips, macs = _addresses(asset)
    name, role, vendor = _shown(asset), text(asset.role), _value(asset, "manufacturer") or text(asset.vendor)
    model, seen = _value(asset, "model"), moment(asset.last) if asset.last else ""
    return pruned(
        {
            **envelope(origin, "asset", time, head, _message(asset, event)),
            "entity": {
                "id": asset.id,
                "name": name,
                "type": ["host"],
                "sub_type": role,
                "source": MODULE,
                "last_seen_timestamp": seen,
                "lifecycle": {"last_activity": seen},
                "attributes": {"managed": asset.known},
            },
            "host": {"id": asset.id, "name": name, "ip": ips, "mac": macs, "type": role},
            "device": {
                "id": asset.id,
                "manufacturer": vendor,
                "model": {"name": model, "identifier": _value(asset, "product_code")},
                "serial_number": _value(asset, "serial_number"),
                "type": role,
                "vendor": {"name": vendor},
                "product": {"name": model},
            },
            "observer": observer(origin),
            "network": {"vlan": {"id": str(asset.vlan) if asset.vlan else ""}},
            "related": {"ip": ips, "hosts": list(dict.fromkeys((name, asset.id)))},
            "tags": tags(row.protocol for row in asset.protocols),
            "labels": labels(origin),
            "spanwatch": {"asset": _known(asset, event)},
        }
    )
