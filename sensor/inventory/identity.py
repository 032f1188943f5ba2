"""Who an address belongs to: assets by MAC and IP.

The MAC is the identity of a device that is seen on its own segment, whatever the VLAN; the IP in its network that of one behind
a router. An IP header does not prove that sender MAC and IP belong together, ARP and alike do; so a MAC with
``ROUTER_ADDRESSES`` unproven IPs is a router, its MAC and maker are then taken from the assets behind it, and
the ids come out the same in whatever order things were seen. MAC and IP that disagree are never merged.
A MAC that frames are sent to says nothing of who has the IP: only senders are looked at here.
"""

from __future__ import annotations

from typing import Final

import msgspec

from dissectors.facts import Endpoint
from sensor.inventory.address import (
    asset_ip,
    asset_mac,
    confirms,
    is_group_mac,
    is_link_local,
    is_made_of,
    is_redundancy_mac,
    same_prefix,
)
from sensor.inventory.asset import Asset, Place, Segment
from sensor.inventory.contest import Contest

ROUTER_ADDRESSES: Final = 3
"""Unproven IPs of one MAC that make it a router."""
NOT_SEEN: Final = "not_seen_yet"
"""Why the MAC of an asset is not known that was spoken to, and has sent nothing."""
MAX_LOCATED: Final = 65_536
"""Addresses whose asset is remembered; all are looked up anew when they are more."""


class Identity(Contest):
    """Finds or makes the asset of (MAC, IP) at a place."""

    def locate(self, raw_mac: str, raw_ip: str, segment: Segment, at: Place, method: str = "ip") -> Asset | None:
        """Return the asset that sent from this address, making it when new; None when no device can own it."""
        confirmed = confirms(method)
        key = (raw_mac, raw_ip, segment.vlan, segment.network)
        if not confirmed:
            found = self._located.get(key)
            if found is not None:
                return found
        if is_group_mac(raw_mac):
            return None
        mac, ip = self._card(asset_mac(raw_mac)), asset_ip(raw_ip)
        segment = segment._replace(network=self._network(mac, ip, segment, confirmed))
        if not mac:
            asset = self._by_ip(ip, segment, at, NOT_SEEN) if ip else None
        elif not ip:
            asset = self.home_of(mac, segment.network) or self._make_home(mac, segment, at)
        elif confirmed or is_link_local(ip) or self._is_own_ip6(ip, mac) or self._asserted(ip, mac):
            asset = self._own(mac, ip, segment, at)
        else:
            asset = self._forwarded(mac, ip, segment, at, method)
        if asset is not None:
            if len(self._located) >= MAX_LOCATED:
                self._located.clear()
            self._located[key] = asset
        return asset

    def find(self, raw_mac: str, raw_ip: str, segment: Segment) -> Asset | None:
        """Return the asset at this address when there is one; makes none (for a peer that never answered)."""
        ip, mac = asset_ip(raw_ip), self._card(asset_mac(raw_mac))
        found = self._located.get((raw_mac, raw_ip, segment.vlan, segment.network))
        if found is not None:
            return found
        found = self._bound.get((segment.network, mac, ip))
        if found is not None:
            return found
        network = segment.network or self._placed.get((mac, ip), "")
        found = self._bound.get((network, mac, ip))
        if found is not None:
            return found
        if ip:
            holders = self.holders(network, ip)
            return holders[-1] if holders else None
        return self.home_of(mac, network)

    def foreign(self, end: Endpoint, mac: str, network: str) -> Endpoint:
        """Return an end with the MAC of the frame where the one it began with is its own and this one is not."""
        own, other = self._card(end.mac), self._card(asset_mac(mac))
        if not end.ip or own == other or self.shared.may_move(end.ip, own, other):
            return end
        if self.redundancy.may_share(end.ip, own, other):
            return end
        holder = self._bound.get((network, own, end.ip))
        is_own = holder is not None and holder.addresses[end.ip].confirmed
        return msgspec.structs.replace(end, mac=other) if is_own or self._asserted(end.ip, own) else end

    def is_router(self, mac: str) -> bool:
        """Whether ``mac`` forwards for others."""
        return mac in self._routers

    def _card(self, mac: str) -> str:
        """Return the MAC that the host of a network card is known by."""
        return self.cards.get(mac, mac)

    def _network(self, mac: str, ip: str, segment: Segment, confirmed: bool) -> str:
        """Return the network of an address that is seen at a place.

        Frames of ARP and alike do not leave their VLAN: where two VLANs say different things of one address, it is two
        addresses. What a conversation is found to belong to later counts more.
        """
        if not mac or not ip or is_link_local(ip):
            return segment.network
        placed = self._placed.get((mac, ip), "")
        if segment.network:
            if segment.network != placed:
                self._relocate(mac, ip, placed, segment.network)
            return segment.network
        if placed or not confirmed or segment.vlan == 0 or ("", mac, ip) in self._bound:
            return placed
        for holder in self.holders("", ip):
            held = holder.addresses[ip]
            if holder.mac and held.confirmed and held.vlan and segment.vlan not in {0, *holder.vlans}:
                return f"vlan {segment.vlan}"
        return ""

    def _relocate(self, mac: str, ip: str, former: str, network: str) -> None:
        """Take an address into the network that it turned out to be of; who had it in the other one has it again."""
        asset = self._bound.get((former, mac, ip))
        if asset is None:
            return
        self.pending_moves.forget(asset, ip)
        held = self.unlink(asset, ip)
        earlier = asset.predecessors.pop(ip, None)
        if held is not None:
            held.network = network
            self.link(asset, ip, held)
        if self._is_here(earlier, ip) and earlier is not None:
            self.pending_moves.forget(earlier, ip)
            self._give_back(earlier, ip)
        self._changed(asset)

    def _is_own_ip6(self, ip: str, mac: str) -> bool:
        """Whether an IPv6 address is made of its MAC, or of one link with such an address of the same card."""
        if ":" not in ip or mac in self._routers:
            return False
        homes = self._home.get(mac, {}).values()
        return is_made_of(ip, mac) or any(
            is_made_of(other, mac) and same_prefix(other, ip) for home in homes for other in home.addresses
        )

    def _asserted(self, ip: str, mac: str) -> bool:
        row = self.known.find(ip, mac) if self.known is not None else None
        return row is not None and row.ip == ip and row.mac.lower() == mac

    def _own(self, mac: str, ip: str, segment: Segment, at: Place) -> Asset:
        bound = self._bound.get((segment.network, mac, ip))
        if bound is not None:
            held = bound.addresses[ip]
            if held.confirmed and held.current:
                held.seen.touch(at.time, at.frame)
                self._on_vlan(bound, ip, segment.vlan, at)
                return bound
        self._unproven.get(mac, {}).pop((segment.network, ip), None)
        home = bound or self.home_of(mac, segment.network)
        nameless = [row for row in self.holders(segment.network, ip) if not row.mac and row.parent is None]
        if home is None:
            taken = any(row.mac for row in self.holders(segment.network, ip))
            home = self._make_home(mac, segment, at, announce_ip="" if taken else ip, quiet=bool(nameless))
        for other in nameless:
            self._merge(home, other, ip, at)
        earlier = next((row for row in self.holders(segment.network, ip) if row is not home), None)
        if earlier is not None:
            self._contest(home, earlier, ip, segment, at, confirmed=True)
        elif ip not in home.addresses:
            self._readdressed(home, ip, segment, at)
        self._hold(home, ip, mac, segment, True, at)
        self._on_vlan(home, ip, segment.vlan, at)
        return home

    def _readdressed(self, home: Asset, ip: str, segment: Segment, at: Place) -> None:
        """Report that a device has taken another address on one segment: a card has one for each VLAN, of IPv6 several."""
        if home.router or is_link_local(ip) or ":" in ip:
            return
        before = [
            (held.seen.last, old, held)
            for old, held in home.addresses.items()
            if ":" not in old
            and held.current
            and held.confirmed
            and not is_link_local(old)
            and (held.vlan == segment.vlan or 0 in {held.vlan, segment.vlan})
            and held.network == segment.network
        ]
        if before:
            _, old, held = max(before, key=lambda row: row[:2])
            self.journal.report("moved", home, ip, at, attribute="ip", old=old, new=ip, before=held.seen.last_frame)

    def _forwarded(self, mac: str, ip: str, segment: Segment, at: Place, method: str) -> Asset:
        bound = self._bound.get((segment.network, mac, ip))
        if bound is not None and bound.addresses[ip].current:
            bound.addresses[ip].seen.touch(at.time, at.frame)
            self._on_vlan(bound, ip, segment.vlan, at)
            return bound
        if mac in self._routers or is_redundancy_mac(mac):
            return self._by_ip(ip, segment, at, "behind_router")
        unproven = self._unproven.setdefault(mac, {})
        unproven[segment.network, ip] = None
        if len(unproven) >= ROUTER_ADDRESSES:
            self.declare_router(mac, at)
            return self._by_ip(ip, segment, at, "behind_router")
        home = self.home_of(mac, segment.network)
        holders = self.holders(segment.network, ip)
        local = [row for row in holders if row.mac and row is not home]
        if local:
            return self._claimed(mac, ip, segment, home, local[0], at, method)
        other = home is not None and any(
            (":" in old) == (":" in ip) and not is_link_local(old) for old in home.addresses
        )
        awaited = holders[0] if holders and holders[0].mac_reason == NOT_SEEN and not other else None
        if holders and holders[0] is not home and awaited is None:
            return holders[0]
        if other:
            return self._by_ip(ip, segment, at, "shared_mac")
        home = home or self._make_home(mac, segment, at, announce_ip=ip, quiet=awaited is not None)
        if awaited is not None and awaited is not home:
            self._absorb(home, awaited)
        self._hold(home, ip, mac, segment, False, at)
        return home

    def _claimed(
        self, mac: str, ip: str, segment: Segment, home: Asset | None, holder: Asset, at: Place, method: str
    ) -> Asset:
        """A frame of ``mac`` carries the IP of another MAC: on another VLAN it was routed, on this one it is news."""
        if segment.vlan not in holder.vlans and 0 not in holder.vlans:
            return holder
        home = home or self._make_home(mac, segment, at)
        self._contest(home, holder, ip, segment, at, confirmed=False, method=method)
        self._hold(home, ip, mac, segment, False, at)
        return home

    def _by_ip(self, ip: str, segment: Segment, at: Place, reason: str) -> Asset:
        holders = self.holders(segment.network, ip)
        if holders:
            return holders[-1]
        return self._make_nameless(ip, segment, reason, at)
