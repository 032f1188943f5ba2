"""What a rule sees beside a fact: the assets at both ends, what changed about them, and the verdict."""

from __future__ import annotations

import msgspec

from dissectors.facts import AnyFact, ChannelOpened
from rules.policy.verdict import Verdict


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
    ``settled`` tells that the initial population has been learned or given, so that "new" means something.
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


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """A fact with what is known around it. ``channel`` is None for facts without one."""

    fact: AnyFact
    channel: ChannelOpened | None = None
    client: AssetView | None = None
    server: AssetView | None = None
    verdict: Verdict | None = None
