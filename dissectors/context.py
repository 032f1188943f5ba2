"""The events of the sensor: a fact with what is known around it, a change of the inventory, of the sensor, a finding.

These records cross rooms and stand below ``rules`` and ``models``. This module stays interpreted.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from dissectors.facts import AnyFact, ChannelOpened, Value
from dissectors.finding import Finding


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A judgement under one policy version.

    ``kind`` is one of VERDICTS, ``missing`` one of MISSING or "".
    ``mismatch`` says what an identity mismatch is about: "mac", or "unit" for a unit, link address or rack and slot.
    ``flags`` are remarks that change nothing: "content: not verified", "direction: inferred", "direction: reversed".
    ``expires`` (nanoseconds UTC) is the end of the exception that allowed the flow, or that ``closest`` names; else 0.
    """

    kind: str
    rule: str = ""
    missing: str = ""
    mismatch: str = ""
    closest: str = ""
    matches: tuple[str, ...] = ()
    conduit: str = ""
    client_zone: str = ""
    server_zone: str = ""
    client_asset: str = ""
    server_asset: str = ""
    expected: str = ""
    observed: str = ""
    reason: str = ""
    severity: str = ""
    safety: bool = False
    ticket: str = ""
    policy: str = ""
    version: int = 0
    sha256: str = ""
    flags: tuple[str, ...] = ()
    expires: int = 0

    @property
    def allows(self) -> bool:
        """Whether the flow may be: allowed by a rule or by a live exception."""
        return self.kind in {"allow", "exception"}


class AssetView(msgspec.Struct, frozen=True, kw_only=True):
    """One asset as the inventory knows it now. ``known`` means named by the policy."""

    id: str
    name: str
    ip: str = ""
    mac: str = ""
    vlan: int = 0
    zone: str = ""
    role: str = ""
    level: str = ""
    criticality: str = ""
    vendor: str = ""
    safety: bool = False
    known: bool = False
    first: int = 0


class AssetEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something about an asset is new or different.

    ``kind``: "new" (first sight), "changed" (attribute from ``old`` to ``new``), "moved" (its address went to
    another MAC, or it took another address), "conflict" (two sources disagree), "service" (first answer on a port).
    ``settled`` reports that the initial population has been learned or given, so that "new" means something.
    """

    kind: str
    asset: AssetView
    time: int
    source: str
    frames: tuple[int, ...]
    attribute: str = ""
    old: str = ""
    new: str = ""
    method: str = ""
    channel: str = ""
    other: AssetView | None = None
    settled: bool = True


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """A fact with what is known around it. ``channel`` is None for facts without one."""

    fact: AnyFact
    channel: ChannelOpened | None = None
    client: AssetView | None = None
    server: AssetView | None = None
    verdict: Verdict | None = None


class SensorEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to the sensor: a file refused, an output that backs up, a restart.

    No fact from the wire shows it. ``kind`` is one of SENSOR_EVENTS, ``source`` is the interface or capture, ``subject`` the thing concerned (a file, an
    output, an alert id, ...), ``observed`` one sentence with the values; ``severity`` overrides the shipped one when not "".
    """

    kind: str
    time: int
    source: str
    subject: str
    observed: str
    severity: str = ""
    detail: Mapping[str, Value] = {}


class FindingEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What a model found, with the newest fact of its channel; ``context`` is None when the channel is not known."""

    finding: Finding
    context: Context | None = None


Event = Context | AssetEvent | SensorEvent | FindingEvent
"""What detections judge."""
