"""One asset while the sensor runs: mutable, bounded, and turned into a frozen view or record on demand."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Final, NamedTuple

import msgspec

from dissectors.context import AssetView
from sensor.inventory.attribute import attribute_of
from sensor.inventory.known import KnownAsset
from sensor.inventory.record import Observation
from sensor.inventory.vendor import vendor_of

MAX_ROWS: Final = 256
"""Protocols, services, partners and addresses kept per asset, each."""
FEW_ROWS: Final = 8
"""So many of each it may have whatever the others have; what it has beyond them counts for ``MAX_FURTHER`` of all assets."""
MAX_FURTHER: Final = 16_000
"""Protocols, services, partners and units beyond the FEW_ROWS of each asset, of all assets."""

ROLE_ORDER: Final = ("router", "gateway", "controller", "master", "server", "client")


class Place:
    """Where in the evidence something was seen: packet time, capture and frame."""

    __slots__ = ("frame", "source", "time")

    def __init__(self, time: int, source: str, frame: int) -> None:
        self.time = time
        self.source = source
        self.frame = frame


class Segment(NamedTuple):
    """Where on the network: VLAN, the network whose plan of addresses is in use there ("" for the usual one), interface."""

    vlan: int = 0
    network: str = ""
    interface: str = ""


class Seen:
    """First and last sight of something, with the proving frames and how often."""

    __slots__ = ("channel", "confidence", "count", "first", "first_frame", "last", "last_frame", "note", "source")

    def __init__(self, at: Place, confidence: str = "", channel: str = "", note: str = "") -> None:
        self.first = self.last = at.time
        self.first_frame = self.last_frame = at.frame
        self.source = at.source
        self.count = 1
        self.confidence = confidence
        self.channel = channel
        self.note = note

    def touch(self, time: int, frame: int) -> None:
        """Note that it was seen again."""
        if time >= self.last:
            self.last = time
            if frame:
                self.last_frame = frame

    def join(self, other: Seen) -> None:
        """Take over what the same thing was seen as under another identity."""
        self.count += other.count
        if other.first < self.first:
            self.first, self.first_frame, self.source = other.first, other.first_frame, other.source
        self.touch(other.last, other.last_frame)

    @property
    def frames(self) -> tuple[int, ...]:
        """The first and the last proving frame."""
        first, last = self.first_frame, self.last_frame
        if first and last and first != last:
            return first, last
        return (first or last,) if first or last else ()


class Held:
    """An IP of an asset: ``confirmed`` when its MAC claimed it, ``current`` until another MAC took it."""

    __slots__ = ("confirmed", "current", "interface", "mac", "network", "seen", "vlan")

    def __init__(self, mac: str, segment: Segment, confirmed: bool, seen: Seen) -> None:
        self.mac = mac
        self.vlan, self.network, self.interface = segment
        self.confirmed = confirmed
        self.current = True
        self.seen = seen


def asset_id(*parts: str) -> str:
    """Return the content-derived id of what ``parts`` identify, the same in every run."""
    return "a-" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]


class Asset:
    """A device, a device behind a gateway, or an address whose device is not seen."""

    __slots__ = (
        "addresses", "cards", "children", "current", "id", "known", "links", "mac", "mac_reason", "merged_into",
        "observations", "parent", "partners", "predecessors", "protocol", "protocols", "roles", "router", "seen",
        "services", "unit", "units", "views", "vlan", "vlans", "zone",
    )  # fmt: skip

    def __init__(self, identifier: str, mac: str, mac_reason: str, vlan: int, at: Place) -> None:
        self.id = identifier
        self.mac = mac
        self.mac_reason = mac_reason
        self.vlan = vlan
        self.vlans: dict[int, None] = {vlan: None}
        self.cards: dict[str, None] = {}
        """MACs of further network cards that send for the same host."""
        self.parent: Asset | None = None
        self.protocol = ""
        self.unit = ""
        self.known: KnownAsset | None = None
        self.zone: tuple[str, str, bool] = ("", "", False)
        self.router = False
        self.merged_into = ""
        self.seen = Seen(at)
        self.addresses: dict[str, Held] = {}
        self.observations: dict[str, dict[tuple[str, str, str], Seen]] = {}
        self.current: dict[tuple[str, str, str], str] = {}
        self.protocols: dict[tuple[str, str], Seen] = {}
        self.services: dict[tuple[str, int], Seen] = {}
        self.roles: dict[str, Seen] = {}
        self.partners: dict[tuple[str, str, str], Seen] = {}
        self.predecessors: dict[str, Asset] = {}
        self.links: dict[str, None] = {}
        self.units: dict[tuple[str, str], Place] = {}
        self.children: dict[tuple[str, str], Asset] = {}
        self.views: dict[str, AssetView] = {}

    @property
    def ip(self) -> str:
        """The address it is called by: the first current one, IPv4 and confirmed before others."""
        if self.parent is not None:
            return self.parent.ip
        return self._first_address()

    def _first_address(self, taken: Collection[str] = ()) -> str:
        rows = [
            (not held.current, ip in taken, ":" in ip, not held.confirmed, held.seen.first, ip)
            for ip, held in self.addresses.items()
        ]
        return min(rows)[-1] if rows else ""

    @property
    def network(self) -> str:
        """The network that its address is of, "" for the usual one."""
        if self.parent is not None:
            return self.parent.network
        held = self.addresses.get(self.ip)
        return held.network if held is not None else ""

    @property
    def role(self) -> str:
        """The role the policy gives, else the strongest one observed."""
        if self.known is not None and self.known.role:
            return self.known.role
        return next((role for role in ROLE_ORDER if role in self.roles), "")

    def name(self, ip: str) -> str:
        """Return the policy's name, else the address: names that devices claim are not trusted for this."""
        if self.parent is not None and (self.known is None or self.known is self.parent.known):
            return f"{self.parent.name(ip)}/{self.protocol} {self.unit}"
        if self.known is not None:
            return self.known.name
        return ip or self.mac or self.id

    def placed(self) -> tuple[str, str, bool]:
        """Return zone, level and safety: what the policy says of it by name, else of its address or of the gateway before it."""
        above = self.parent.placed() if self.parent is not None else self.zone
        known = self.known
        return above if known is None else (known.zone or above[0], known.level or above[1], known.safety)

    def vendor(self) -> tuple[str, str]:
        """Return the maker and how sure that is: what the device said, else the block of its own MAC."""
        said = self.observations.get("manufacturer")
        if said:
            best = attribute_of("manufacturer", self.reported("manufacturer"))
            sure = [row.confidence for row in best.observations if row.value == best.value]
            return best.value, sure[-1]
        name = vendor_of(self.mac)
        return name, "weak" if name else ""

    def reported(self, attribute: str) -> list[Observation]:
        """Return everything that was said about one attribute, in order of first sight."""
        rows = self.observations.get(attribute, {})
        return [
            Observation(
                value=value, method=method, confidence=seen.confidence, source=seen.source, first=seen.first,
                last=seen.last, count=seen.count, frames=seen.frames, channel=seen.channel, unit=unit,
            )
            for (method, unit, value), seen in rows.items()
        ]  # fmt: skip

    def acting(self, disputed: str = "") -> AssetView:
        """Return the asset as the one that uses the address of another: by an address of its own, else by its MAC."""
        taken = {disputed, *self.predecessors} if disputed else self.predecessors
        view = self.view(self._first_address(taken))
        if view.ip not in taken:
            return view
        return msgspec.structs.replace(view, ip="", name=view.name if view.known else self.mac or self.id)

    def view(self, ip: str = "") -> AssetView:
        """Return the asset as rules see it, under the address ``ip`` it was met at; the same while unchanged."""
        cached = self.views.get(ip)
        if cached is not None:
            return cached
        known = self.known
        # An address that was taken from another device names that one, not whoever uses it now.
        shown = self._first_address(self.predecessors) if ip in self.predecessors else ip or self.ip
        top = self.parent or self
        zone, level, safety = self.placed()
        view = AssetView(
            id=self.id,
            name=self.name(shown),
            ip=shown,
            mac=top.mac,
            vlan=top.vlan,
            network=self.network,
            zone=zone,
            role=self.role,
            level=level,
            criticality=known.criticality if known else "",
            vendor=self.vendor()[0],
            safety=safety,
            known=known is not None,
            first=self.seen.first,
            host=self.parent.id if self.parent is not None else "",
        )
        if len(self.views) >= MAX_ROWS:
            self.views.clear()
        self.views[ip] = view
        return view
