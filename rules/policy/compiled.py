"""The frozen, compiled form of one policy version: what the judge looks things up in. Times are nanoseconds UTC."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address

import msgspec

from rules.policy.document import Document
from rules.policy.extent import Span
from rules.policy.source import Path
from rules.policy.window import ALWAYS, Calendar, Moment

Net = IPv4Network | IPv6Network


class Selector(msgspec.Struct, frozen=True, kw_only=True):
    """Compiled ends of a rule. Exactly one field is filled; ``text`` is how the document says it.

    ``groups`` are multicast and broadcast addresses, MAC or IP.
    """

    any: bool = False
    assets: frozenset[str] = frozenset()
    zone: str = ""
    network: Net | None = None
    groups: frozenset[str] = frozenset()
    mac: str = ""
    text: str = ""

    def covers(self, asset: str, zone: str, ip: str, mac: str) -> bool:
        """Whether an end with this asset name, zone and addresses is meant."""
        if self.any:
            return True
        if self.assets:
            return asset in self.assets
        if self.zone:
            return zone == self.zone
        if self.groups:
            return mac in self.groups or ip in self.groups
        if self.mac:
            return mac == self.mac
        return self.network is not None and bool(ip) and ip_address(ip) in self.network


class Objects(msgspec.Struct, frozen=True):
    """Spans by kind. ``text`` names the point sets; ``wider`` returns the kind that stands for one and its relatives."""

    spans: Mapping[str, tuple[Span, ...]]
    text: str
    wider: Callable[[str], str] | None = None

    def of(self, kind: str) -> tuple[Span, ...]:
        """Return the spans allowed of one kind, those of the wider kind included."""
        exact = self.spans.get(kind, ())
        return exact if self.wider is None else exact + self.spans.get(self.wider(kind), ())


class ValueRange(msgspec.Struct, frozen=True):
    """Points ``first`` to ``last`` may hold ``minimum`` to ``maximum``; None is no limit."""

    first: int
    last: int
    minimum: float | None
    maximum: float | None


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One allow, deny or exception. None stands for ``any`` (``ports``, ``functions``, ``objects``, ``values``)."""

    id: str
    kind: str
    line: int
    conduit: str
    zone: str
    client: Selector
    server: Selector
    protocol: str
    ports: tuple[Span, ...] | None
    functions: frozenset[str] | None
    objects: Objects | None
    values: tuple[ValueRange, ...] | None
    encrypted: bool
    max_requests_per_s: float | None
    when: Calendar | None
    starts: int | None
    expires: int | None
    requires: tuple[str, ...]
    severity: str
    technique: str
    reason: str
    owner: str
    ticket: str

    def moment(self, at: int) -> Moment:
        """Report whether the rule counts at ``at``, and how long that stays so."""
        if self.starts is not None and self.expires is not None:
            if at < self.starts:
                return Moment(False, ALWAYS.since, self.starts)
            if at < self.expires:
                return Moment(True, self.starts, self.expires)
            return Moment(False, self.expires, ALWAYS.until)
        return ALWAYS if self.when is None else self.when.moment(at)

    @property
    def publishes(self) -> bool:
        """Whether the rule is about messages to many."""
        return bool(self.server.groups)


class Maintenance(msgspec.Struct, frozen=True, kw_only=True):
    """A maintenance window [starts, ends) of some zones. It never changes a verdict."""

    id: str
    zones: frozenset[str]
    starts: int
    ends: int
    ticket: str
    anomaly_severity: str
    freeze_learning: bool


class Conduit(msgspec.Struct, frozen=True):
    """Two zones, and the (segment, MAC) pairs of the device between them; no pairs where no device is named."""

    id: str
    zones: frozenset[str]
    routes: tuple[tuple[Net, str], ...]
    via: str


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """Identity of one asset. ``ip`` is "" for a device of layer 2, ``mac`` may be "any".

    ``units`` holds what is bound behind the address, by the key in the policy.
    """

    name: str
    ip: str
    mac: str
    zone: str
    units: Mapping[str, tuple[str, ...]]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """One policy version, ready to judge. ``rules`` holds allows, denies and exceptions, sorted by id.

    ``publishing`` are the rules by which conversations below IP and to groups are judged; without one they are not.
    """

    id: str
    version: int
    sha256: str
    name: str
    effective: int
    document: Document
    lines: Mapping[Path, int]
    bindings: Mapping[str, Binding]
    by_ip: Mapping[str, Binding]
    by_mac: Mapping[str, Binding]
    networks: tuple[tuple[Net, str], ...]
    safety_zones: frozenset[str]
    conduits: Mapping[frozenset[str], tuple[Conduit, ...]]
    devices: tuple[tuple[Net, str], ...]
    device_names: Mapping[str, str]
    rules: tuple[Rule, ...]
    index: Mapping[str, Mapping[str, tuple[Rule, ...]]]
    publishing: tuple[Rule, ...]
    maintenance: tuple[Maintenance, ...]

    def zone_of(self, ip: str) -> str:
        """Return the zone of an address: that of its asset, else of the narrowest zone network, else ""."""
        binding = self.by_ip.get(ip)
        if binding is not None:
            return binding.zone
        if not ip:
            return ""
        address = ip_address(ip)
        return next((zone for network, zone in self.networks if address in network), "")

    def rule(self, rule_id: str) -> Rule | None:
        """Return the rule or exception with this id."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)

    def maintenance_at(self, zone: str, at: int) -> Maintenance | None:
        """Return the open maintenance window of a zone at a packet time, the first by id when there are several."""
        return next((one for one in self.maintenance if zone in one.zones and one.starts <= at < one.ends), None)

    def line(self, *path: str | int) -> int:
        """Return the line of a part of the document, e.g. ``line("rules", 3, "to")``, or of what surrounds it."""
        place = tuple(path)
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)
