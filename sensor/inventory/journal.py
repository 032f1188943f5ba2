"""What happened to assets since the pipeline last asked, in order; decides when "new" means something.

``settled`` of "new": with a policy every asset it does not name is news at once and those it names never are;
without one the assets of the first ``settle_seconds`` of packet time are the population, not news.
``settled`` of "service" and of a changed role: the asset itself has been known for that long.
Moves, conflicts and changed values compare two sights and are news at any time.
"""

from __future__ import annotations

from typing import Final

from dissectors.context import AssetEvent
from sensor.inventory.asset import Asset, Place

SETTLE_SECONDS: Final = 86_400
"""Packet time in which a sensor without a policy learns who is there."""
SECOND: Final = 1_000_000_000
MAX_EVENTS: Final = 60
"""Events of one asset reported in a minute; of the rest only that the asset has something new."""


class Journal:
    """Collects asset events. ``started`` is the first packet time of a fresh store, None until a fact came."""

    def __init__(self, has_policy: bool, settle_seconds: int, started: int | None) -> None:
        self.has_policy = has_policy
        self.settle_time = settle_seconds * SECOND
        self.started = started
        self.events: list[AssetEvent] = []
        self.touched: dict[str, Asset] = {}
        self.values = 0
        """Values of attributes kept over all assets."""
        self.further = 0
        """Partners, units and alike that assets have beyond the first few, over all assets."""
        self.held_back = 0
        self._minute = 0
        self._reported: dict[str, int] = {}

    def touch(self, asset: Asset) -> None:
        """Note that ``asset`` has something new worth keeping, though nothing worth an event."""
        self.touched[asset.id] = asset

    def added(self, asset: Asset, ip: str, at: Place, split: bool = False) -> None:
        """Report of a new asset; one ``split`` from another is not news."""
        started = at.time if self.started is None else self.started
        news = asset.known is None and (self.has_policy or at.time - started >= self.settle_time)
        self.report("new", asset, ip, at, new=asset.name(ip), settled=news and not split)

    def settled(self, asset: Asset, at: Place) -> bool:
        """Whether ``asset`` has been watched long enough for its behaviour to be usual."""
        return at.time - asset.seen.first >= self.settle_time

    def report(
        self,
        kind: str,
        asset: Asset,
        ip: str,
        at: Place,
        *,
        attribute: str = "",
        old: str = "",
        new: str = "",
        method: str = "",
        channel: str = "",
        other: Asset | None = None,
        before: int = 0,
        settled: bool = True,
    ) -> None:
        """Add an event; ``before`` is the frame that proves the old state."""
        self.touched[asset.id] = asset
        if at.time - self._minute >= 60 * SECOND:
            self._minute = at.time
            self._reported.clear()
        reported = self._reported.get(asset.id, 0)
        self._reported[asset.id] = reported + 1
        if reported >= MAX_EVENTS:
            self.held_back += 1
            return
        self.events.append(
            AssetEvent(
                kind=kind,
                asset=asset.view(ip),
                time=at.time,
                source=at.source,
                frames=tuple(dict.fromkeys(frame for frame in (before, at.frame) if frame)),
                attribute=attribute,
                old=old,
                new=new,
                method=method,
                channel=channel,
                other=other.acting(ip) if other is not None else None,
                settled=settled,
            )
        )
