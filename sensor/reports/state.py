"""Everything a report is made of, read from a store once: reports are functions of this and of nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

import msgspec

from dissectors.context import AssetEvent
from rules.detections.alert import Alert
from rules.policy import Policy
from sensor.build import VERSION
from sensor.inventory.record import AssetRecord
from sensor.store import Capture, ChannelRow, Store

MAX_EVENTS: Final = 20_000
"""Changes in a report, the newest; a longer history stays in the store."""
MAX_ALERTS: Final = 10_000


class PolicyFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a report says of the policy it was made with; ``owners`` maps assets to who answers for their zone."""

    id: str = ""
    version: int = 0
    sha256: str = ""
    title: str = ""
    assets: tuple[str, ...] = ()
    owners: Mapping[str, str] = {}


class PlantState(msgspec.Struct, frozen=True, kw_only=True):
    """The plant as one store knows it. ``first`` and ``last`` are the period seen, nanoseconds since 1970 UTC."""

    sensor: str = ""
    sensor_version: str = VERSION
    policy: PolicyFacts = PolicyFacts()
    first: int = 0
    last: int = 0
    captures: tuple[Capture, ...] = ()
    assets: tuple[AssetRecord, ...] = ()
    events: tuple[AssetEvent, ...] = ()
    channels: tuple[ChannelRow, ...] = ()
    alerts: tuple[Alert, ...] = ()
    judged_by: tuple[tuple[str, int], ...] = ()
    """The policies and versions that the verdicts are of: the run judged, a report repeats it."""
    denied: Mapping[str, int] = {}
    """How many kinds of its operations the policy does not allow, by channel; a conversation may be allowed and still do these."""
    names: Mapping[str, str] = {}
    """What each asset is called, by its id."""

    @property
    def note(self) -> str:
        """Return a sentence when the policy of the report is not that of its verdicts, "" when it is or none was given."""
        given = (self.policy.id, self.policy.version)
        if not self.policy.id or not self.judged_by or self.judged_by == (given,):
            return ""
        judged = " and ".join(f"{name} version {version}" for name, version in self.judged_by)
        return (
            f"the verdicts are of {judged}, not of the policy given, {given[0]} version {given[1]}: owners and what should be there are "
            "of the latter. Replay the captures with it for its verdicts"
        )


def _policy_facts(policy: Policy | None, sha256: str, judged_by: tuple[tuple[str, int], ...]) -> PolicyFacts:
    if policy is None:
        name, version = judged_by[0] if len(judged_by) == 1 else ("", 0)
        return PolicyFacts(id=name, version=version, sha256=sha256)
    document = policy.document
    owners = {name: zone.accountable or "" for zone in document.zones for name in zone.assets}
    return PolicyFacts(
        id=document.metadata.id,
        version=document.metadata.version,
        sha256=policy.sha256,
        title=document.metadata.title or "",
        assets=tuple(sorted({*document.assets, *document.security_devices})),
        owners=owners,
    )


def read_state(store: Store, policy: Policy | None = None) -> PlantState:
    """Read a store. ``policy`` adds owners and the assets that should be there; raises ``StoreError``."""
    assets = tuple(store.assets())
    channels = tuple(store.channels())
    times = [row.first for row in channels] + [asset.first for asset in assets if asset.first]
    ends = [row.last for row in channels] + [asset.last for asset in assets]
    judged = {(row.verdict.policy, row.verdict.version) for row in channels if row.verdict and row.verdict.policy}
    judged_by = tuple(sorted(judged))
    return PlantState(
        sensor=store.meta("sensor"),
        policy=_policy_facts(policy, store.meta("policy_sha256"), judged_by),
        first=min(times, default=0),
        last=max(ends, default=0),
        captures=tuple(store.captures()),
        assets=assets,
        events=tuple(store.asset_events()[-MAX_EVENTS:]),
        channels=channels,
        alerts=tuple(store.alerts(limit=MAX_ALERTS)),
        judged_by=judged_by,
        denied=Counter(
            row.fact.channel for row in store.operations() if row.verdict is not None and not row.verdict.allows
        ),
        names={asset.id: asset.name or asset.ip or asset.mac or asset.id for asset in assets},
    )
