"""The events of the sensor: a fact with what is known around it, a change of the inventory, of the sensor, a finding.

These records cross rooms and stand below ``rules`` and ``models``. This module stays interpreted.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from dissectors.facts import AnyFact, ChannelOpened, Value
from dissectors.finding import Finding


class VerdictKind(StrEnum):
    """The verdicts there are."""

    ALLOW = "allow"
    DENY = "deny"
    DEFAULT_DENY = "default-deny"
    EXCEPTION = "exception"
    IDENTITY_MISMATCH = "identity-mismatch"
    UNPARSED = "unparsed"


ALLOWING: Final = frozenset({VerdictKind.ALLOW, VerdictKind.EXCEPTION})


class Missing(StrEnum):
    """What a flow lacks to be allowed: a conduit, any rule for the pair, or a dimension of the closest allow rule."""

    NOTHING = ""
    CONDUIT = "conduit"
    RULE = "rule"
    PROTOCOL = "protocol"
    PORTS = "ports"
    FUNCTIONS = "functions"
    OBJECTS = "objects"
    VALUES = "values"
    WHEN = "when"


class Mismatch(StrEnum):
    """What an identity mismatch is about: the MAC, or the device behind the address (unit, link address, rack and slot)."""

    NOTHING = ""
    MAC = "mac"
    UNIT = "unit"


class Remark(StrEnum):
    """What a verdict adds and what changes nothing."""

    NOT_VERIFIED = "content: not verified"
    INFERRED = "direction: inferred"
    REVERSED = "direction: reversed"
    TUNNELLED = "client: not verified (tunnel)"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A judgement under one policy version.

    ``mismatch`` is filled for an identity mismatch alone. ``requires`` is what the rule that allows the flow demands
    besides (names of ``dissectors.spec.Requirement``). ``flags`` are remarks that change nothing. ``expires``
    (nanoseconds UTC) is the end of the exception that allowed the flow, or that ``closest`` names; else 0.
    """

    kind: VerdictKind
    rule: str = ""
    missing: Missing = Missing.NOTHING
    mismatch: Mismatch = Mismatch.NOTHING
    requires: tuple[str, ...] = ()
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
    flags: tuple[Remark, ...] = ()
    expires: int = 0

    @property
    def allows(self) -> bool:
        """Whether the flow may be: allowed by a rule or by a live exception."""
        return self.kind in ALLOWING


class AssetView(msgspec.Struct, frozen=True, kw_only=True):
    """One asset as the inventory knows it now. ``known`` means named by the policy; ``network`` as in ``ChannelOpened``.

    ``host`` is the id of the asset at whose address a device behind a gateway answers, "" where it is the device itself.
    """

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
    network: str = ""
    host: str = ""


class AssetEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something about an asset is new or different.

    ``kind``: "new" (first sight), "changed" (attribute from ``old`` to ``new``), "moved" (its address went to
    another MAC, or it took another address), "conflict" (two sources disagree), "service" (first answer on a port).
    ``settled`` says that the initial population has been learned or given, so that "new" means something.
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
