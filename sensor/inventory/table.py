"""The table of assets and its indices (MAC, MAC and IP, IP; per network): bounded, with the policy's names bound in.

``link`` and ``unlink`` alone write the indices of addresses, so that what an index leads to is an asset of the table that has
the address. Nothing is evicted while a fact is being taken: ``trim`` makes room when it has been.
"""

from __future__ import annotations

from typing import Final

from sensor.inventory.asset import MAX_ROWS, Asset, Held, Place, Seen, Segment, asset_id
from sensor.inventory.journal import Journal
from sensor.inventory.known import KnownAssets
from sensor.inventory.merge import all_further_of, further_of, merge, values_of
from sensor.inventory.pending_move import PendingMoves
from sensor.inventory.redundancy import NO_REDUNDANCY, Redundancy
from sensor.inventory.shared_addresses import SharedAddresses

MAX_ASSETS: Final = 12_000
"""Assets kept; beyond it those that were idle longest and that no policy names go first."""
EVICT_SHARE: Final = 20
"""One in so many assets goes at once, so that a flood does not sort the table for each new asset."""
MAX_FORWARDING: Final = 8_192
"""MACs that forward for others, those that may, and ids of merged assets, each; the one learned first goes first."""


class AssetTable:
    """Holds assets. ``version`` grows when an address may lead to another asset than before."""

    def __init__(
        self,
        known: KnownAssets | None,
        journal: Journal,
        max_assets: int = MAX_ASSETS,
        redundancy: Redundancy = NO_REDUNDANCY,
    ) -> None:
        self.known = known
        self.journal = journal
        self.pending_moves = PendingMoves(journal)
        self.max_assets = max_assets
        self.assets: dict[str, Asset] = {}
        self.redundancy = redundancy
        self.cards: dict[str, str] = dict(redundancy.cards)
        """Further network cards of a host, each with the MAC that the host is known by."""
        self.version = 0
        self.counters: dict[str, int] = {
            "assets_evicted": 0, "addresses_dropped": 0, "assets_merged": 0, "forwarding_forgotten": 0,
        }  # fmt: skip
        self._home: dict[str, dict[str, Asset]] = {}
        self._bound: dict[tuple[str, str, str], Asset] = {}
        self._placed: dict[tuple[str, str], str] = {}
        self._holders: dict[tuple[str, str], dict[str, Asset]] = {}
        self._routers: dict[str, None] = {}
        self._unproven: dict[str, dict[tuple[str, str], None]] = {}
        self._located: dict[tuple[str, str, int, str], Asset] = {}
        self._merged: dict[str, None] = {}
        self._copied: dict[tuple[str, str], None] = {}
        """MACs that sent again from their address what a router had sent before: only its copy was seen first."""
        self.shared = SharedAddresses()

    # Assets.

    def home_of(self, mac: str, network: str) -> Asset | None:
        """Return the asset whose own MAC this is. One MAC is one device, unless it is met in two networks that have a name."""
        homes = self._home.get(mac)
        if not homes:
            return None
        return homes.get(network) or (homes.get("") if network else next(iter(homes.values())))

    def _make_home(self, mac: str, segment: Segment, at: Place, announce_ip: str = "", quiet: bool = False) -> Asset:
        homes = self._home.setdefault(mac, {})
        asset = Asset(asset_id("mac", mac, segment.network if homes else "0"), mac, "", segment.vlan, at)
        self.add(asset)
        homes[segment.network] = asset
        if mac in self._routers:
            asset.router = True
            asset.roles["router"] = Seen(at, note="the same MAC forwards for others")
        if announce_ip:
            asset.addresses[announce_ip] = Held(mac, segment, False, Seen(at))
        self._bind_policy(asset, announce_ip)
        if not quiet:
            self.journal.added(asset, announce_ip, at)
        asset.addresses.pop(announce_ip, None)
        return asset

    def _make_nameless(self, ip: str, segment: Segment, reason: str, at: Place, split: bool = False) -> Asset:
        """Make the asset of an address whose device is not seen."""
        asset = Asset(asset_id("ip", ip, *((segment.network,) if segment.network else ())), "", reason, 0, at)
        self.add(asset)
        self._hold(asset, ip, "", segment._replace(vlan=0), False, at)
        self._bind_policy(asset, ip)
        if asset.id not in self._merged:
            self.journal.added(asset, ip, at, split)
        return asset

    def add(self, asset: Asset) -> None:
        """Put a new asset into the table."""
        former = self.assets.get(asset.id)
        if former is not None:
            self._drop(former)
        self.assets[asset.id] = asset

    # Addresses.

    def link(self, asset: Asset, ip: str, held: Held) -> None:
        """Let ``asset`` have an address; the one it used longest ago makes room."""
        self.unlink(asset, ip)
        while len(asset.addresses) >= MAX_ROWS:
            self.unlink(asset, min(asset.addresses, key=lambda row: (asset.addresses[row].seen.last, row)))
            self.counters["addresses_dropped"] += 1
        asset.addresses[ip] = held
        if held.mac:
            self._bound[held.network, held.mac, ip] = asset
            if held.network:
                self._placed[held.mac, ip] = held.network
        if held.current:
            self._holders.setdefault((held.network, ip), {})[asset.id] = asset

    def unlink(self, asset: Asset, ip: str) -> Held | None:
        """Take an address away from ``asset``; return what was known of it."""
        held = asset.addresses.pop(ip, None)
        if held is None:
            return None
        key = (held.network, held.mac, ip)
        if self._bound.get(key) is asset:
            del self._bound[key]
            self._placed.pop((held.mac, ip), None)
        self._let_go(asset, ip, held)
        return held

    def _let_go(self, asset: Asset, ip: str, held: Held) -> None:
        """Let ``asset`` no longer be one that uses the address now."""
        holders = self._holders.get((held.network, ip))
        if holders is not None and holders.get(asset.id) is asset:
            del holders[asset.id]
            if not holders:
                del self._holders[held.network, ip]

    def _give_back(self, asset: Asset, ip: str) -> None:
        """Let ``asset`` use an address again that it had."""
        held = asset.addresses[ip]
        held.current = True
        self._holders.setdefault((held.network, ip), {})[asset.id] = asset
        self._changed(asset)

    def holders(self, network: str, ip: str) -> list[Asset]:
        """Return the assets that use an address now, the newest last."""
        return list(self._holders.get((network, ip), {}).values())

    def _hold(self, asset: Asset, ip: str, mac: str, segment: Segment, confirmed: bool, at: Place) -> None:
        held = self.unlink(asset, ip)
        if held is None:
            held = Held(mac, segment, confirmed, Seen(at))
        held.mac, held.network = mac, segment.network
        held.interface = held.interface or segment.interface
        held.seen.touch(at.time, at.frame)
        held.confirmed = held.confirmed or confirmed
        held.current = True
        self.link(asset, ip, held)
        self._changed(asset)
        self._bind_policy(asset, ip)

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
        self._changed(asset)
        held = asset.addresses.get(ip)
        if held is None or held.vlan == vlan:
            return
        former, held.vlan = held.vlan, vlan
        if before and former and not asset.router:
            self.journal.report(
                "moved", asset, ip, at,
                attribute="vlan", old=str(former), new=str(vlan), before=asset.seen.last_frame,
            )  # fmt: skip

    def _absorb(self, home: Asset, other: Asset) -> None:
        """Let ``home`` take over everything of ``other``, which is the same device."""
        held_by_other = {ip: self.unlink(other, ip) for ip in list(other.addresses)}
        before, further = values_of(home) + values_of(other), all_further_of(home) + all_further_of(other)
        for child, into in merge(home, other):
            self.assets.pop(child.id, None)
            self.journal.touch(child)
            self._changed(into)
        self.journal.values -= before - values_of(home)
        self.journal.further -= further - all_further_of(home)
        self._forget_home(other)
        self.assets.pop(other.id, None)
        for ip, held in held_by_other.items():
            if held is not None and ip not in home.addresses:
                held.mac = home.mac
                self.link(home, ip, held)
        self.counters["assets_merged"] += 1
        self._merged[other.id] = None
        self._changed(home)
        self.journal.touch(other)

    def _merge(self, home: Asset, other: Asset, ip: str, at: Place) -> None:
        self._absorb(home, other)
        self._bind_policy(home, ip)
        self.journal.report("changed", home, ip, at, attribute="mac", old="", new=home.mac, other=other)

    # Names.

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

    # Bounds.

    def trim(self) -> bool:
        """Keep to the bounds: the assets idle longest go, those without a name in the policy first. Return whether any went."""
        for rows in (self._routers, self._unproven, self._merged):
            while len(rows) > MAX_FORWARDING:
                del rows[next(iter(rows))]
                self.counters["forwarding_forgotten"] += 1
        surplus = len(self.assets) - self.max_assets
        if surplus <= 0:
            return False
        order = sorted(self.assets.values(), key=lambda row: (row.known is not None, row.seen.last, row.id))
        for asset in order[: max(surplus, self.max_assets // EVICT_SHARE)]:
            if self.assets.get(asset.id) is asset:
                self._drop(asset)
        self._located.clear()
        self.version += 1
        return True

    def _drop(self, asset: Asset) -> None:
        """Forget an asset and the devices behind it."""
        for child in list(asset.children.values()):
            self._drop(child)
        self.assets.pop(asset.id, None)
        self.counters["assets_evicted"] += 1
        self.journal.values -= sum(map(len, asset.observations.values()))
        self.journal.further -= further_of(asset)
        asset.predecessors.clear()  # a chain of them would keep forgotten assets alive
        for ip in list(asset.addresses):
            held = self.unlink(asset, ip)
            if held is not None:
                asset.addresses[ip] = held
        self._forget_home(asset)
        for card in asset.cards:
            if card not in self.redundancy.cards:
                self.cards.pop(card, None)
        if asset.parent is not None:
            asset.parent.children.pop((asset.protocol, asset.unit), None)

    def _forget_home(self, asset: Asset) -> None:
        homes = self._home.get(asset.mac, {})
        for network in [network for network, home in homes.items() if home is asset]:
            del homes[network]
        if not homes:
            self._home.pop(asset.mac, None)
            self._unproven.pop(asset.mac, None)

    def restore(self, asset: Asset) -> None:
        """Take over an asset of the store as it was left."""
        self.assets[asset.id] = asset
        self.journal.values += sum(map(len, asset.observations.values()))
        self.journal.further += further_of(asset)
        for ip, held in list(asset.addresses.items()):
            self.link(asset, ip, held)
            if held.mac and not held.confirmed:
                self._unproven.setdefault(held.mac, {})[held.network, ip] = None
        if asset.mac and asset.parent is None:
            homes = self._home.setdefault(asset.mac, {})
            for network in dict.fromkeys([held.network for held in asset.addresses.values()] or [""]):
                homes.setdefault(network, asset)
        for card in asset.cards:
            self.cards[card] = asset.mac
        if asset.router:
            self._routers[asset.mac] = None
        self._bind_policy(asset, asset.ip)
