"""The table of assets and its indices (MAC and VLAN, MAC and IP, IP): bounded, with the policy's names bound in."""

from __future__ import annotations

from typing import Final

from sensor.inventory.asset import MAX_ROWS, Asset, Held, Place, Seen, asset_id
from sensor.inventory.journal import Journal
from sensor.inventory.known import KnownAssets
from sensor.inventory.merge import merge
from sensor.inventory.pending_move import PendingMoves

MAX_ASSETS: Final = 20_000
"""Assets kept; beyond it those that were idle longest and that no policy names go first."""
EVICT_SHARE: Final = 20
"""One in so many assets goes at once, so that a flood does not sort the table for each new asset."""


class AssetTable:
    """Holds assets. ``version`` grows when an address may lead to another asset than before."""

    def __init__(self, known: KnownAssets | None, journal: Journal, max_assets: int = MAX_ASSETS) -> None:
        self.known = known
        self.journal = journal
        self.pending_moves = PendingMoves(journal)
        self.max_assets = max_assets
        self.assets: dict[str, Asset] = {}
        self.version = 0
        self.counters: dict[str, int] = {"assets_evicted": 0, "addresses_dropped": 0, "assets_merged": 0}
        self._home: dict[tuple[str, int], Asset] = {}
        self._bound: dict[tuple[str, str], Asset] = {}
        self._holders: dict[str, dict[str, Asset]] = {}
        self._routers: dict[str, None] = {}
        self._unproven: dict[str, dict[str, None]] = {}
        self._located: dict[tuple[str, str, int], Asset] = {}

    def _make_home(self, mac: str, vlan: int, at: Place, announce_ip: str = "", quiet: bool = False) -> Asset:
        asset = Asset(asset_id("mac", mac, str(vlan)), mac, "", vlan, at)
        self.add(asset)
        self._home[mac, vlan] = asset
        if mac in self._routers:
            asset.router = True
            asset.roles["router"] = Seen(at, note="the same MAC forwards on another VLAN")
        if announce_ip:
            asset.addresses[announce_ip] = Held(mac, vlan, False, Seen(at))
        self._bind_policy(asset, announce_ip)
        if not quiet:
            self.journal.added(asset, announce_ip, at)
        asset.addresses.pop(announce_ip, None)
        return asset

    def add(self, asset: Asset) -> None:
        """Put a new asset into the table, making room when it is full."""
        if len(self.assets) >= self.max_assets:
            self._evict()
        self.assets[asset.id] = asset

    def _hold(self, asset: Asset, ip: str, mac: str, vlan: int, confirmed: bool, at: Place) -> None:
        held = asset.addresses.get(ip)
        if held is None:
            if len(asset.addresses) >= MAX_ROWS:
                self._evict_address(asset)
            held = asset.addresses[ip] = Held(mac, vlan, confirmed, Seen(at))
        held.seen.touch(at.time, at.frame)
        held.confirmed = held.confirmed or confirmed
        held.current = True
        if mac:
            self._bound[mac, ip] = asset
        self._holders.setdefault(ip, {})[asset.id] = asset
        self._changed(asset)
        self._bind_policy(asset, ip)

    def _evict_address(self, asset: Asset) -> None:
        ip = min(asset.addresses, key=lambda row: (asset.addresses[row].seen.last, row))
        held = asset.addresses.pop(ip)
        self._bound.pop((held.mac, ip), None)
        self._holders.get(ip, {}).pop(asset.id, None)
        self.counters["addresses_dropped"] += 1

    def _on_vlan(self, asset: Asset, ip: str, vlan: int, at: Place) -> None:
        if vlan in asset.vlans:
            return
        before = asset.vlan
        asset.vlans[vlan] = None
        if len(asset.vlans) > MAX_ROWS:
            del asset.vlans[next(iter(asset.vlans))]
        if vlan == 0:
            return
        asset.vlan = vlan
        self._home.setdefault((asset.mac, vlan), asset)
        self._changed(asset)
        if before and not asset.router:
            self.journal.report(
                "moved", asset, ip, at,
                attribute="vlan", old=str(before), new=str(vlan), before=asset.seen.last_frame,
            )  # fmt: skip

    def _merge(self, home: Asset, other: Asset, ip: str, at: Place) -> None:
        merge(home, other)
        self.assets.pop(other.id, None)
        self._holders[ip].pop(other.id, None)
        for address in other.addresses:
            self._holders.get(address, {}).pop(other.id, None)
            self._holders.setdefault(address, {})[home.id] = home
        self.counters["assets_merged"] += 1
        self._changed(home)
        self._bind_policy(home, ip)
        self.journal.touch(other)
        self.journal.report("changed", home, ip, at, attribute="mac", old="", new=home.mac, other=other)

    def _bind_policy(self, asset: Asset, ip: str) -> None:
        if self.known is None or asset.parent is not None:
            return
        shown = asset.ip or ip
        asset.known = self.known.find(shown, asset.mac)
        if asset.known is None:
            # A device keeps the name that the policy gives to its MAC while another one uses its address.
            rows = [self.known.find(address, asset.mac) for address in sorted(asset.addresses) if asset.mac]
            asset.known = next((row for row in rows if row is not None and row.mac), None)
        asset.zone = self.known.zone(shown) if shown else ("", "", False)
        asset.views.clear()

    def adopt(self, known: KnownAssets | None) -> None:
        """Take the names and zones of another policy for every asset from now on."""
        self.known = known
        self.journal.has_policy = known is not None
        for asset in self.assets.values():
            if asset.parent is None:
                asset.known = None
                self._bind_policy(asset, asset.ip)
            elif known is not None:
                asset.known = known.find(asset.parent.ip, asset.parent.mac, asset.protocol, asset.unit)
            self.journal.touch(asset)
        self._changed(*self.assets.values())

    def _changed(self, *assets: Asset) -> None:
        for asset in assets:
            asset.views.clear()
            for child in asset.children.values():
                child.views.clear()
        self._located.clear()
        self.version += 1

    def regrouped(self, asset: Asset) -> None:
        """Note that ``asset`` got devices behind it, so that what led to it may lead to one of them."""
        self._changed(asset)

    def _evict(self) -> None:
        """Evict the assets idle longest, those without a name in the policy first."""
        order = sorted(self.assets.values(), key=lambda row: (row.known is not None, row.seen.last, row.id))
        for asset in order[: max(1, self.max_assets // EVICT_SHARE)]:
            self._drop(asset)
        self._located.clear()
        self.version += 1

    def _drop(self, asset: Asset) -> None:
        self.assets.pop(asset.id, None)
        self.counters["assets_evicted"] += 1
        self.journal.values -= sum(len(rows) for rows in asset.observations.values())
        for ip, held in asset.addresses.items():
            self._bound.pop((held.mac, ip), None)
            holders = self._holders.get(ip)
            if holders is not None:
                holders.pop(asset.id, None)
                if not holders:
                    del self._holders[ip]
        for vlan in asset.vlans:
            if self._home.get((asset.mac, vlan)) is asset:
                del self._home[asset.mac, vlan]
        self._unproven.pop(asset.mac, None)
        if asset.parent is not None:
            asset.parent.children.pop((asset.protocol, asset.unit), None)

    def restore(self, asset: Asset) -> None:
        """Take over an asset of the store as it was left."""
        self.assets[asset.id] = asset
        for ip, held in asset.addresses.items():
            if held.mac:
                self._bound[held.mac, ip] = asset
            if held.current:
                self._holders.setdefault(ip, {})[asset.id] = asset
            if held.mac and not held.confirmed:
                self._unproven.setdefault(held.mac, {})[ip] = None
        if asset.mac and asset.parent is None:
            for vlan in asset.vlans:
                self._home.setdefault((asset.mac, vlan), asset)
        if asset.router:
            self._routers[asset.mac] = None
        self._bind_policy(asset, asset.ip)
