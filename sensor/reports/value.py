"""One field of one asset with its state and where it comes from; never blank: an unknown value says why.

States are "known", "conflict", "unknown" and "not_applicable". Confidence is that of the best evidence: "strong",
"medium", "weak" (from the network) or "asserted" (from the policy).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from sensor.documents.moment import moment
from sensor.inventory.record import AssetRecord, Attribute
from sensor.reports.field import BEHIND_ROUTER, FIELDS, Field
from sensor.reports.state import PlantState

LIST: Final = " | "


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one field. ``frames`` prove it in ``capture`` (numbers over the whole run)."""

    key: str
    state: str
    value: str = ""
    reason: str = ""
    source: str = ""
    confidence: str = ""
    capture: str = ""
    frames: tuple[int, ...] = ()
    first: int = 0
    last: int = 0


Filler = Callable[[AssetRecord, PlantState], Value | None]


def _known(key: str, value: str, source: str, confidence: str, asset: AssetRecord | None = None) -> Value | None:
    if not value:
        return None
    if asset is None:
        return Value(key=key, state="known", value=value, source=source, confidence=confidence)
    return Value(
        key=key, state="known", value=value, source=source, confidence=confidence, capture=asset.source,
        frames=asset.frames, first=asset.first, last=asset.last,
    )  # fmt: skip


def _observed(key: str, attribute: Attribute | None) -> Value | None:
    """Return a field from what was observed; a conflict shows every value."""
    if attribute is None or attribute.state == "unknown" or not attribute.observations:
        return None
    rows = [row for row in attribute.observations if row.value == attribute.value] or list(attribute.observations)
    best = max(rows, key=lambda row: (row.confidence == "strong", row.confidence == "medium", row.last))
    shown = attribute.value
    if attribute.state == "conflict":
        shown = LIST.join(dict.fromkeys(row.value for row in attribute.observations))
    return Value(
        key=key, state=attribute.state, value=shown, source=best.method, confidence=best.confidence,
        capture=best.source, frames=best.frames, first=best.first, last=best.last,
    )  # fmt: skip


def _from(*names: str) -> Filler:
    def fill(asset: AssetRecord, state: PlantState) -> Value | None:
        return next((found for name in names if (found := _observed("", asset.attribute(name))) is not None), None)

    return fill


def _policy(get: Callable[[AssetRecord], str]) -> Filler:
    return lambda asset, _: _known("", get(asset), "policy", "asserted")


def _seen(get: Callable[[AssetRecord], str], source: str, confidence: str) -> Filler:
    return lambda asset, _: _known("", get(asset), source, confidence, asset)


def _protocols(asset: AssetRecord) -> str:
    sides: dict[str, list[str]] = {}
    for row in asset.protocols:
        sides.setdefault(row.protocol, []).append(row.side + (" (encrypted)" if row.encrypted else ""))
    return LIST.join(f"{name} {'+'.join(sorted(dict.fromkeys(sides[name])))}" for name in sorted(sides))


def _role(asset: AssetRecord, state: PlantState) -> Value | None:
    reason = next((row for row in asset.roles if row.role == asset.role), None)
    if reason is None:
        return _known("", asset.role, "policy", "asserted")
    return Value(
        key="", state="known", value=asset.role, source=f"behaviour: {reason.reason}", confidence="medium",
        capture=asset.source, frames=(reason.frame,), first=reason.first, last=asset.last,
    )  # fmt: skip


def _ip(asset: AssetRecord, state: PlantState) -> Value | None:
    rows = [row for row in asset.addresses if row.current and row.ip]
    if not rows:
        return _known("", asset.ip, "ip", "medium", asset)
    confirmed = any(row.confirmed for row in rows)
    best = next((row for row in rows if row.ip == asset.ip), rows[0])
    return Value(
        key="", state="known", value=LIST.join(dict.fromkeys([asset.ip, *(row.ip for row in rows)])).strip(LIST),
        source="arp" if confirmed else "ip", confidence="strong" if confirmed else "medium", capture=asset.source,
        frames=best.frames, first=best.first, last=best.last,
    )  # fmt: skip


def _manufacturer(asset: AssetRecord, state: PlantState) -> Value | None:
    found = _observed("", asset.attribute("manufacturer"))
    return found or _known("", asset.vendor, "oui", asset.vendor_confidence or "weak", asset)


def _hostname(asset: AssetRecord, state: PlantState) -> Value | None:
    found = _from("hostname", "name", "station_name")(asset, state)
    return found or (_known("", asset.name, "policy", "asserted") if asset.known else None)


def _services(asset: AssetRecord) -> str:
    return LIST.join(f"{row.transport}/{row.port} {row.protocol}".strip() for row in asset.services)


def _virtual(asset: AssetRecord) -> str:
    return "virtual" if "vmware" in asset.vendor.casefold() or "qemu" in asset.vendor.casefold() else ""


def _time_source(asset: AssetRecord, state: PlantState) -> Value | None:
    names = state.names
    used = [row for row in asset.partners if row.protocol in {"ntp", "ptp", "udp/123"} and row.side == "client"]
    return _known("", LIST.join(names.get(row.asset, row.asset) for row in used), "behaviour", "medium", asset)


def _partners(asset: AssetRecord, state: PlantState) -> Value | None:
    names = state.names
    rows = [f"{names.get(row.asset, row.asset)} ({row.protocol}, as {row.side})" for row in asset.partners]
    return _known("", LIST.join(dict.fromkeys(rows)), "behaviour", "medium", asset)


FILLERS: Final[dict[str, Filler]] = {
    "protocols": _seen(_protocols, "dissector", "strong"),
    "criticality": _policy(lambda asset: asset.criticality),
    "asset_number": lambda asset, _: _known("", asset.id, "derived", "asserted"),
    "role": _role,
    "hostname": _hostname,
    "ip_address": _ip,
    "mac_address": _seen(lambda asset: asset.mac, "ethernet", "strong"),
    "manufacturer": _manufacturer,
    "model": _from("model", "product_code"),
    "operating_system": _from("operating_system"),
    "location": _from("location"),
    "services": _seen(_services, "behaviour", "strong"),
    "owner": lambda asset, state: _known("", state.policy.owners.get(asset.name, ""), "policy", "asserted"),
    "firmware_version": _from("firmware_version"),
    "os_version": _from("os_version"),
    "virtual": _seen(_virtual, "oui", "weak"),
    "vlan": _seen(lambda asset: LIST.join(str(row) for row in asset.vlans or (asset.vlan,) if row), "802.1q", "strong"),
    "monitoring": lambda _, state: _known("", f"sensor {state.sensor}" if state.sensor else "", "derived", "asserted"),
    "communication": _seen(lambda asset: "wired (seen on the mirror port)" if asset.last else "", "capture", "medium"),
    "serial_number": _from("serial_number"),
    "time_source": _time_source,
    "policy_name": _policy(lambda asset: asset.name if asset.known else ""),
    "zone": _policy(lambda asset: asset.zone),
    "level": _policy(lambda asset: asset.level),
    "safety": _policy(lambda asset: ("yes" if asset.safety else "no") if asset.zone else ""),
    "identity": lambda asset, _: _known("", asset.identity, "derived", "asserted"),
    "first_seen": _seen(lambda asset: moment(asset.first) if asset.first else "", "capture", "strong"),
    "last_seen": _seen(lambda asset: moment(asset.last) if asset.last else "", "capture", "strong"),
    "part_number": _from("product_code"),
    "hardware_version": _from("hardware_version"),
    "mode": _from("mode"),
    "units": _seen(lambda asset: LIST.join(asset.units), "dissector", "strong"),
    "parent": lambda asset, state: _known("", state.names.get(asset.parent, asset.parent), "derived", "medium"),
    "network": _seen(lambda asset: asset.network, "derived", "medium"),
    "other_cards": _seen(lambda asset: LIST.join(asset.cards), "ethernet", "medium"),
    "partners": _partners,
    "possible_duplicates": lambda asset, _: _known("", LIST.join(asset.links), "derived", "weak"),
}
"""How each field is filled; one that is not here is never seen on the wire and waits for an import."""

OPTIONAL: Final = frozenset({"units", "parent", "possible_duplicates", "network", "other_cards"})
"""Fields that most assets do not have: not applicable instead of unknown."""


def _gap(field: Field, asset: AssetRecord) -> Value:
    if field.key in OPTIONAL:
        return Value(key=field.key, state="not_applicable")
    reason = field.gap
    if field.key in {"mac_address", "manufacturer"} and asset.mac_reason:
        reason = asset.mac_reason
    if asset.mac_reason == BEHIND_ROUTER and field.key == "vlan":
        reason = BEHIND_ROUTER
    return Value(key=field.key, state="unknown", reason=reason)


def values_of(asset: AssetRecord, state: PlantState, fields: Sequence[Field] = FIELDS) -> list[Value]:
    """Return every field of one asset, in order."""
    filled = []
    for field in fields:
        fill = FILLERS.get(field.key)
        found = fill(asset, state) if fill is not None else None
        filled.append(msgspec.structs.replace(found, key=field.key) if found is not None else _gap(field, asset))
    return filled
