"""What the inventory knows of one asset, as data: frozen, serialisable, each value with its evidence.

Times are nanoseconds since 1970 UTC from packets; ``frames`` are the first and the last frame that prove a value.
Texts that devices say about themselves are capped and cleaned on entry (``address.clean``) and still untrusted.
"""

from __future__ import annotations

import msgspec


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """One value of one attribute from one method. ``unit`` is "protocol/unit" when a unit said it."""

    value: str
    method: str
    confidence: str
    source: str
    first: int
    last: int
    count: int
    frames: tuple[int, ...]
    channel: str = ""
    unit: str = ""


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute with everything that was said about it; nothing is overwritten.

    ``state`` is "known", "conflict" or "unknown"; ``value`` is the newest value of the source that takes
    precedence ("" when unknown); ``reason`` says why it is unknown ("behind_router", "not_seen_yet", ...).
    """

    name: str
    state: str
    value: str
    observations: tuple[Observation, ...] = ()
    reason: str = ""


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """An IP the asset has or had. ``confirmed`` when the MAC itself claimed it (ARP and alike)."""

    ip: str
    mac: str
    vlan: int
    confirmed: bool
    first: int
    last: int
    frames: tuple[int, ...]
    current: bool = True
    network: str = ""


class ProtocolUse(msgspec.Struct, frozen=True, kw_only=True):
    """A protocol the asset speaks on one ``side`` ("client" or "server")."""

    protocol: str
    side: str
    first: int
    last: int
    frames: tuple[int, ...]
    encrypted: bool = False


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """A port that answered."""

    transport: str
    port: int
    protocol: str
    first: int
    last: int
    frames: tuple[int, ...]


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """What the asset is, with the reason: one sentence and the frame of the deciding channel."""

    role: str
    reason: str
    first: int
    frame: int


class Partner(msgspec.Struct, frozen=True, kw_only=True):
    """Another asset it talks with. ``side`` is its own side."""

    asset: str
    side: str
    protocol: str
    first: int
    last: int
    channels: int


class AssetRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One asset. ``mac`` is "" with ``mac_reason`` "behind_router", "shared_mac" or "not_seen_yet".

    ``parent``, ``protocol`` and ``unit`` are set for a device behind a gateway; ``units`` are those it answered for,
    as "protocol/unit". ``links`` are assets that may be
    the same device, for a person to decide; ``merged_into`` is set when both turned out to be one. ``cards`` are the MACs
    of further network cards; ``network`` is the plan of addresses that ``ip`` is of, "" for the usual one.
    """

    id: str
    name: str
    ip: str = ""
    mac: str = ""
    mac_reason: str = ""
    vlan: int = 0
    vlans: tuple[int, ...] = ()
    parent: str = ""
    protocol: str = ""
    unit: str = ""
    known: bool = False
    identity: str = "new"
    zone: str = ""
    role: str = ""
    level: str = ""
    criticality: str = ""
    safety: bool = False
    vendor: str = ""
    vendor_confidence: str = ""
    router: bool = False
    first: int = 0
    last: int = 0
    source: str = ""
    frames: tuple[int, ...] = ()
    addresses: tuple[Address, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    protocols: tuple[ProtocolUse, ...] = ()
    services: tuple[Service, ...] = ()
    roles: tuple[Role, ...] = ()
    partners: tuple[Partner, ...] = ()
    units: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    merged_into: str = ""
    cards: tuple[str, ...] = ()
    network: str = ""

    def attribute(self, name: str) -> Attribute | None:
        """Return the attribute called ``name``, None when nothing was ever said about it."""
        return next((attribute for attribute in self.attributes if attribute.name == name), None)
