"""Who an address belongs to: assets by MAC and IP.

The MAC on its VLAN is the identity of a device that is seen on its own segment, the IP that of one behind a
router. An IP header does not prove that sender MAC and IP belong together, ARP and alike do; so a MAC with
``ROUTER_ADDRESSES`` unproven IPs is a router, its MAC and maker are then taken from the assets behind it, and
the ids come out the same in whatever order things were seen. MAC and IP that disagree are never merged.
"""

from __future__ import annotations

from typing import Final

from sensor.inventory.address import (
    asset_ip,
    asset_mac,
    confirms,
    is_group_mac,
    is_link_local,
    is_loopback,
    is_redundancy_mac,
)
from sensor.inventory.asset import Asset, Place, Seen, asset_id
from sensor.inventory.journal import SECOND
from sensor.inventory.merge import move
from sensor.inventory.pending_move import PendingMove
from sensor.inventory.table import AssetTable

ROUTER_ADDRESSES: Final = 3
"""Unproven IPs of one MAC that make it a router."""
CONFLICT_SECONDS: Final = 60
"""Two MACs that use one IP within this time use it both; later it has moved."""
MAX_LOCATED: Final = 65_536
"""Addresses whose asset is remembered; all are looked up anew when they are more."""


class Identity(AssetTable):
    """Finds or makes the asset of (MAC, IP, VLAN)."""

    def locate(self, raw_mac: str, raw_ip: str, vlan: int, at: Place, method: str = "ip") -> Asset | None:
        """Return the asset that sent from this address, making it when new; None when no device can own it."""
        confirmed = confirms(method)
        key = (raw_mac, raw_ip, vlan)
        if not confirmed:
            found = self._located.get(key)
            if found is not None:
                return found
        if is_group_mac(raw_mac):
            return None
        mac, ip = asset_mac(raw_mac), asset_ip(raw_ip)
        if not mac:
            asset = self._by_ip(ip, at, "not_seen_yet") if ip else None
        elif not ip:
            asset = self._home_of(mac, vlan) or self._make_home(mac, vlan, at)
        elif confirmed or is_link_local(ip) or self._asserted(ip, mac):
            asset = self._own(mac, ip, vlan, at)
        else:
            asset = self._forwarded(mac, ip, vlan, at)
        if asset is not None:
            if len(self._located) >= MAX_LOCATED:
                self._located.clear()
            self._located[key] = asset
        return asset

    def find(self, raw_mac: str, raw_ip: str, vlan: int) -> Asset | None:
        """Return the asset at this address when there is one; makes none (for a peer that never answered)."""
        ip, mac = asset_ip(raw_ip), asset_mac(raw_mac)
        found = self._located.get((raw_mac, raw_ip, vlan)) or self._bound.get((mac, ip))
        if found is not None:
            return found
        if ip:
            holders = self._holders.get(ip)
            return next(reversed(holders.values())) if holders else None
        return self._home_of(mac, vlan)

    def is_router(self, mac: str) -> bool:
        """Whether ``mac`` forwards for others."""
        return mac in self._routers

    def _home_of(self, mac: str, vlan: int) -> Asset | None:
        home = self._home.get((mac, vlan))
        return home if home is not None or vlan == 0 else self._home.get((mac, 0))

    def _asserted(self, ip: str, mac: str) -> bool:
        row = self.known.find(ip, mac) if self.known is not None else None
        return row is not None and row.mac.lower() == mac

    def _own(self, mac: str, ip: str, vlan: int, at: Place) -> Asset:
        bound = self._bound.get((mac, ip))
        if bound is not None and bound.mac == mac:
            held = bound.addresses[ip]
            if held.confirmed and held.current:
                held.seen.touch(at.time, at.frame)
                self._on_vlan(bound, ip, vlan, at)
                return bound
        self._unproven.get(mac, {}).pop(ip, None)
        same = bound if bound is not None and bound.mac == mac else None
        home = self._home_of(mac, vlan) or same
        nameless = [row for row in self._holders.get(ip, {}).values() if not row.mac and row.parent is None]
        if home is None:
            home = self._make_home(mac, vlan, at, announce_ip=ip, quiet=bool(nameless))
        for other in nameless:
            self._merge(home, other, ip, at)
        earlier = next((row for row in list(self._holders.get(ip, {}).values()) if row is not home), None)
        if earlier is not None:
            self._contest(home, earlier, ip, at, confirmed=True)
        elif ip not in home.addresses:
            self._readdressed(home, ip, at)
        self._hold(home, ip, mac, vlan, True, at)
        self._on_vlan(home, ip, vlan, at)
        return home

    def _contest(self, claimant: Asset, holder: Asset, ip: str, at: Place, confirmed: bool) -> None:
        """The IP of ``holder`` is used by the MAC of ``claimant``: one event, and the newest holder is asked first."""
        held = holder.addresses[ip]
        self._holders[ip].pop(holder.id, None)
        held.current = False
        holder.predecessors.pop(ip, None)  # one step back is enough; a chain would keep forgotten assets alive
        claimant.predecessors[ip] = holder
        self._bind_policy(holder, ip)
        self._changed(holder, claimant)
        forwards = holder.router or claimant.router or len(self._unproven.get(holder.mac, ())) > 1
        if forwards or is_loopback(ip) or is_redundancy_mac(claimant.mac) or is_redundancy_mac(holder.mac):
            return
        if not confirmed:
            self.pending_moves.hold(PendingMove(holder, claimant, ip, at, held.seen.last_frame))
            return
        both = at.time - held.seen.last <= CONFLICT_SECONDS * SECOND
        self.journal.report(
            "conflict" if both else "moved",
            holder,
            ip,
            at,
            attribute="mac",
            old=holder.mac,
            new=claimant.mac,
            other=claimant,
            before=held.seen.last_frame,
        )

    def _readdressed(self, home: Asset, ip: str, at: Place) -> None:
        if home.router or is_link_local(ip):
            return
        family = ":" in ip
        before = [
            (held.seen.last, old, held)
            for old, held in home.addresses.items()
            if (":" in old) == family and held.current and not is_link_local(old)
        ]
        if before:
            _, old, held = max(before, key=lambda row: row[:2])
            self.journal.report("moved", home, ip, at, attribute="ip", old=old, new=ip, before=held.seen.last_frame)

    def _forwarded(self, mac: str, ip: str, vlan: int, at: Place) -> Asset:
        bound = self._bound.get((mac, ip))
        if bound is not None and bound.addresses[ip].current:
            bound.addresses[ip].seen.touch(at.time, at.frame)
            self._on_vlan(bound, ip, vlan, at)
            return bound
        if mac in self._routers:
            return self._by_ip(ip, at, "behind_router")
        unproven = self._unproven.setdefault(mac, {})
        unproven[ip] = None
        if len(unproven) >= ROUTER_ADDRESSES:
            self._declare_router(mac, at)
            return self._by_ip(ip, at, "behind_router")
        home = self._home_of(mac, vlan)
        holders = list(self._holders.get(ip, {}).values())
        local = [row for row in holders if row.mac and row is not home]
        if local:
            return self._claimed(mac, ip, vlan, home, local[0], at)
        if holders and holders[0] is not home:
            return holders[0]
        if home is not None and any((":" in old) == (":" in ip) and not is_link_local(old) for old in home.addresses):
            return self._by_ip(ip, at, "shared_mac")
        home = home or self._make_home(mac, vlan, at, announce_ip=ip)
        self._hold(home, ip, mac, vlan, False, at)
        return home

    def _claimed(self, mac: str, ip: str, vlan: int, home: Asset | None, holder: Asset, at: Place) -> Asset:
        """A frame of ``mac`` carries the IP of another MAC: on another VLAN it was routed, on this one it is news."""
        if vlan not in holder.vlans and 0 not in holder.vlans:
            return holder
        home = home or self._make_home(mac, vlan, at, announce_ip=ip)
        self._contest(home, holder, ip, at, confirmed=False)
        self._hold(home, ip, mac, vlan, False, at)
        return home

    def _by_ip(self, ip: str, at: Place, reason: str) -> Asset:
        holders = self._holders.get(ip)
        if holders:
            return next(reversed(holders.values()))
        asset = Asset(asset_id("ip", ip), "", reason, 0, at)
        self.add(asset)
        self._hold(asset, ip, "", 0, False, at)
        self._bind_policy(asset, ip)
        self.journal.added(asset, ip, at)
        return asset

    def _declare_router(self, mac: str, at: Place) -> None:
        self._routers[mac] = None
        self.pending_moves.drop(mac)
        behind = list(self._unproven.pop(mac))
        homes = [home for (owner, _), home in self._home.items() if owner == mac]
        for home in homes:
            self._send_behind(home, at)
            home.router = True
            home.roles.setdefault("router", Seen(at, note=f"forwards for {', '.join(behind)}"))
            self._changed(home)
            self.journal.report("changed", home, home.ip, at, attribute="role", new="router", method="behaviour")
        for ip in behind:
            for asset in self._holders.get(ip, {}).values():
                if not asset.mac:
                    asset.mac_reason = "behind_router"

    def _send_behind(self, home: Asset, at: Place) -> None:
        """Give the addresses that a router only forwarded, and what was learned of them, assets of their own."""
        own = any(held.confirmed for held in home.addresses.values())
        for ip, held in list(home.addresses.items()):
            if held.confirmed:
                continue
            del home.addresses[ip]
            self._bound.pop((home.mac, ip), None)
            self._holders.get(ip, {}).pop(home.id, None)
            if not held.current:
                continue
            asset, is_new = self._behind(home, ip, at)
            asset.seen.join(held.seen)
            if not own:
                move(home, asset)
                own = True
            self._bind_policy(asset, ip)
            if is_new:
                self.journal.added(asset, ip, at, split=True)
        self._bind_policy(home, home.ip)

    def _behind(self, router: Asset, ip: str, at: Place) -> tuple[Asset, bool]:
        """Return who really has an address that ``router`` only forwarded, and whether that asset is new."""
        earlier = router.predecessors.pop(ip, None)
        if earlier is not None and earlier.id in self.assets and ip in earlier.addresses:
            earlier.addresses[ip].current = True
            self._holders.setdefault(ip, {})[earlier.id] = earlier
            self._changed(earlier)
            return earlier, False
        holder = next(reversed(self._holders.get(ip, {}).values()), None)
        if holder is not None:
            return holder, False
        asset = Asset(asset_id("ip", ip), "", "behind_router", 0, at)
        self.add(asset)
        self._hold(asset, ip, "", 0, False, at)
        return asset, True
