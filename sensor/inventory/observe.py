"""Taking in what a device was seen to say about itself: kept beside what was said before, compared, never replaced.

Two assets with one serial number or station name are a conflict when both MACs are seen, else a link for a person
to decide: an identity that anybody can claim never merges assets by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dissectors.attributes import ATTRIBUTES
from dissectors.facts import Sighting
from sensor.inventory.address import clean, other_end
from sensor.inventory.asset import Asset, Place, Seen
from sensor.inventory.attribute import MANY_VALUED, SWAPPED, agree, disagreeing, is_identifying, plain
from sensor.inventory.journal import Journal
from sensor.inventory.redundancy import NO_REDUNDANCY, Redundancy

MAX_VALUES: Final = 64
"""Values kept per asset and attribute; the one seen longest ago goes first."""
MAX_ALL_VALUES: Final = 30_000
"""Values over all assets; beyond it an attribute keeps FEW_VALUES."""
FEW_VALUES: Final = 4
MAX_ATTRIBUTES: Final = 128
"""Attributes kept per asset."""
MAX_IDENTITIES: Final = 20_000
"""Serial numbers and station names remembered for comparison."""

ABOUT_OTHERS: Final = frozenset(row.name for row in ATTRIBUTES if row.elsewhere)


class Observer:
    """Adds sightings to assets and reports to the journal what changed or contradicts."""

    def __init__(self, journal: Journal, redundancy: Redundancy = NO_REDUNDANCY) -> None:
        self.journal = journal
        self.redundancy = redundancy
        self.counters: dict[str, int] = {"observations_dropped": 0}
        self._identities: dict[tuple[str, str], Asset] = {}

    def observe(self, whole: Asset, fact: Sighting, at: Place) -> None:
        """Take one sighting of ``whole``, or of the device behind it that ``fact.unit`` names."""
        if fact.attribute in ABOUT_OTHERS:
            return
        end = other_end(fact.unit)
        asset = whole.children.get((fact.protocol, end), whole) if end else whole
        unit = f"{fact.protocol}/{end}" if end else ""
        value = clean(fact.value)
        source = (fact.attribute, fact.method, unit)
        before = asset.current.get(source)
        seen = self._keep(asset, fact, (fact.method, unit, value), at)
        if seen is None:
            return
        asset.current[source] = value
        if before is not None and before != value and fact.attribute not in MANY_VALUED:
            old = asset.observations[fact.attribute].get((fact.method, unit, before))
            self.journal.report(
                "changed", asset, fact.ip, at, attribute=fact.attribute, old=before, new=value,
                method=fact.method, channel=fact.channel, before=old.last_frame if old else 0,
            )  # fmt: skip
        elif seen.count == 1:
            self._compare(asset, fact, unit, value, at)
        self.journal.touch(asset)

    def _keep(self, asset: Asset, fact: Sighting, key: tuple[str, str, str], at: Place) -> Seen | None:
        rows = asset.observations.get(fact.attribute)
        if rows is None:
            if len(asset.observations) >= MAX_ATTRIBUTES:
                self.counters["observations_dropped"] += 1
                return None
            rows = asset.observations[fact.attribute] = {}
        seen = rows.get(key)
        if seen is not None:
            seen.count += 1
            seen.touch(at.time, at.frame)
            return seen
        limit = MAX_VALUES if self.journal.values < MAX_ALL_VALUES else FEW_VALUES
        while len(rows) >= limit:
            oldest = min(rows, key=lambda row: (rows[row].last, row))
            del rows[oldest]
            method, unit, value = oldest
            if asset.current.get((fact.attribute, method, unit)) == value:
                del asset.current[fact.attribute, method, unit]
            self.journal.values -= 1
            self.counters["observations_dropped"] += 1
        self.journal.values += 1
        seen = rows[key] = Seen(at, fact.confidence, fact.channel)
        asset.views.clear()
        return seen

    def _compare(self, asset: Asset, fact: Sighting, unit: str, value: str, at: Place) -> None:
        """Compare a value that is new for its source with the predecessor's, other sources' and other devices'."""
        earlier = asset.predecessors.get(fact.ip)
        if earlier is not None and fact.attribute in SWAPPED:
            old = earlier.current.get((fact.attribute, fact.method, unit))
            if old is not None and old != value:
                self.journal.report(
                    "changed", asset, fact.ip, at, attribute=fact.attribute, old=old, new=value, method=fact.method,
                    channel=fact.channel, other=earlier,
                )  # fmt: skip
        clash = disagreeing(fact.attribute, asset.reported(fact.attribute))
        if clash is not None and value in {clash[0].value, clash[1].value}:
            other = clash[0] if clash[1].value == value else clash[1]
            if not agree(other.value, value):
                self.journal.report(
                    "conflict", asset, fact.ip, at, attribute=fact.attribute, old=other.value, new=value,
                    method=fact.method, channel=fact.channel, before=other.frames[-1] if other.frames else 0,
                )  # fmt: skip
        if is_identifying(fact.attribute, value):
            self._identify(asset, fact, value, at)

    def _identify(self, asset: Asset, fact: Sighting, value: str, at: Place) -> None:
        key = (fact.attribute, plain(value))
        holder = self._identities.get(key)
        if holder is None or holder.merged_into or holder is asset:
            if holder is None and len(self._identities) >= MAX_IDENTITIES:
                del self._identities[next(iter(self._identities))]
            self._identities[key] = asset
            return
        mine, theirs = (asset.parent or asset), (holder.parent or holder)
        if mine is theirs or self.redundancy.are_pair(mine.mac, theirs.mac):
            return
        if mine.mac and theirs.mac and mine.mac != theirs.mac:
            self.journal.report(
                "conflict", asset, fact.ip, at, attribute=fact.attribute, old=value, new=value, method=fact.method,
                channel=fact.channel, other=holder, before=holder.seen.last_frame,
            )  # fmt: skip
            return
        asset.links[holder.id] = None
        holder.links[asset.id] = None
        self.journal.touch(holder)

    def forget(self, assets: Mapping[str, Asset]) -> None:
        """Forget the identities of those that are not among ``assets`` any more."""
        held = self._identities.items()
        self._identities = {key: holder for key, holder in held if assets.get(holder.id) is holder}

    def restore(self, asset: Asset) -> None:
        """Remember the identities of an asset of the store."""
        for (attribute, _, _), value in asset.current.items():
            if is_identifying(attribute, value) and len(self._identities) < MAX_IDENTITIES:
                self._identities.setdefault((attribute, plain(value)), asset)
