"""One address, two MACs: what that means. Two stations, a station that moved, a router, or two cards of one host.

* A MAC that forwards for others (a router, a virtual address that routers share) contests nothing.
* When router 2 takes over from router 1, the addresses behind them go from one MAC to the other: two of them, or one while both
  routers have proven addresses of their own.
* A host with several cards sends from all of them and is answered at one: conversations whose answers go to the MAC that ARP
  names, while the questions come from another that has no address of its own, show it.
* ARP and alike against ARP is news at once. An IP header alone, another VLAN or interface, waits (``pending_move``).

Of two that claim an address, the subject of every report is the one that had it first, and the other is named beside it.
Limit: cards that each answer ARP cannot be told from two stations; the configuration lists them (``redundancy``).
"""

from __future__ import annotations

from typing import Final

from sensor.inventory.address import asset_ip, asset_mac, is_loopback, is_redundancy_mac
from sensor.inventory.asset import Asset, Held, Place, Seen, Segment
from sensor.inventory.journal import SECOND
from sensor.inventory.merge import all_further_of, move, values_of
from sensor.inventory.pending_move import PendingMove
from sensor.inventory.table import AssetTable

CONFLICT_SECONDS: Final = 60
"""Two MACs that use one IP within this time use it both; later it has moved."""
FORWARDED: Final = "ip.forwarded"
"""The method of a sight of bytes that another MAC sent before."""
MAX_CARDS: Final = 4_096
"""Further network cards that are known; those beyond it stay assets of their own."""
TEAM: Final = "team"
"""The method of a report on a further card of one host."""


def is_elsewhere(held: Held, segment: Segment) -> bool:
    """Whether an address was proven on another VLAN or interface than ``segment``."""
    other = segment.interface and held.interface and segment.interface != held.interface
    return segment.vlan != held.vlan or bool(other)


class Contest(AssetTable):
    """Decides between claims on an address."""

    def _is_here(self, asset: Asset | None, ip: str) -> bool:
        return asset is not None and self.assets.get(asset.id) is asset and ip in asset.addresses

    def _contest(
        self, claimant: Asset, holder: Asset, ip: str, segment: Segment, at: Place, confirmed: bool, method: str = ""
    ) -> None:
        """The IP of ``holder`` is used by the MAC of ``claimant``: one event, and the newest holder is asked first."""
        held = holder.addresses[ip]
        taken_back = holder.predecessors.get(ip) is claimant and ip in claimant.addresses
        proven = claimant.addresses[ip].confirmed if taken_back else confirmed
        self._let_go(holder, ip, held)
        held.current = False
        holder.predecessors.pop(ip, None)  # one step back is enough; a chain would keep forgotten assets alive
        if not taken_back:
            claimant.predecessors[ip] = holder
        self._bind_policy(holder, ip)
        self._changed(holder, claimant)
        macs = (claimant.mac, holder.mac)
        elsewhere = is_elsewhere(held, segment)
        local = held.confirmed and not elsewhere and method != FORWARDED
        local = local and (
            confirmed or not is_redundancy_mac(holder.mac)
        )  # routers also send from the address they share
        routed = holder.router or claimant.router or any(is_redundancy_mac(mac) for mac in macs)
        if (routed or len(self._unproven.get(holder.mac, ())) > 1) and not local:
            return
        if is_loopback(ip) or self.redundancy.may_share(ip, *macs) or self.shared.may_move(ip, *macs):
            return
        owner, other = (claimant, holder) if taken_back else (holder, claimant)
        if confirmed and not held.confirmed and taken_back and proven:
            return  # ARP says again what it said before; that another card used the address waits to be reported
        both = at.time - held.seen.last <= CONFLICT_SECONDS * SECOND
        kind = "conflict" if both and confirmed and held.confirmed else "moved"
        pending = PendingMove(
            kind, owner, other, ip, at, held.seen.last_frame, holder.mac, claimant.mac, "" if confirmed else "ip", local
        )
        if confirmed and held.confirmed and not elsewhere and not routed:
            self.pending_moves.report(pending)
        else:
            self.pending_moves.hold(pending)

    def decide(self, now: int | None) -> None:
        """Report the claims that have waited long enough at ``now``, all of them when it is None, but for lawful ones."""
        for pending in self.pending_moves.due(now):
            if self.shared.may_move(pending.ip, pending.old, pending.new):
                continue
            if pending.is_local:
                if not self._is_only_copied(pending):
                    self.pending_moves.report(pending)
                continue
            mine, theirs = self._unproven.get(pending.new, {}), self._unproven.get(pending.old, {})
            shared = mine.keys() & theirs.keys()
            if len(shared) < 2 and not (shared and self._is_station(pending.new) and self._is_station(pending.old)):
                self.pending_moves.report(pending)

    def _is_station(self, mac: str) -> bool:
        """Whether a MAC has an address of its own, so that others it was seen with are of those behind it."""
        homes = self._home.get(mac, {}).values()
        return any(held.confirmed and ":" not in ip for home in homes for ip, held in home.addresses.items())

    # A station whose address comes from a router's MAC.

    def watch(self, raw_mac: str, raw_ip: str, method: str, segment: Segment, at: Place) -> None:
        """Hold against a router, or a MAC that routers share, that it sends from the address of a station of this place.

        What it only forwards was sent by the station before, or by the router first and then by the station: frames of their own say more.
        """
        mac, ip = self.cards.get(asset_mac(raw_mac), asset_mac(raw_mac)), asset_ip(raw_ip)
        network = segment.network or self._placed.get((mac, ip), "")
        for holder in self.holders(network, ip):
            held = holder.addresses[ip]
            if not held.confirmed or is_elsewhere(held, segment) or is_redundancy_mac(holder.mac):
                continue
            if holder.mac == mac and method == FORWARDED:
                if len(self._copied) >= MAX_CARDS:
                    del self._copied[next(iter(self._copied))]
                self._copied[mac, ip] = None
            elif holder.mac != mac and method != FORWARDED and (mac in self._routers or is_redundancy_mac(mac)):
                if self.redundancy.may_share(ip, mac, holder.mac):
                    continue
                claimant = self.home_of(mac, network) or self._make_home(mac, segment, at, quiet=True)
                self.pending_moves.hold(
                    PendingMove("moved", holder, claimant, ip, at, held.seen.last_frame, holder.mac, mac, "ip", True)
                )

    def _is_only_copied(self, pending: PendingMove) -> bool:
        """Whether the station was seen to send the same bytes behind the router: a mirror of both sides, out of order."""
        return pending.method == "ip" and (pending.holder.mac, pending.ip) in self._copied

    # Cards of one host, and routers that share an address.

    def answered_at(self, raw_mac: str, raw_ip: str, to: str, segment: Segment, at: Place) -> None:
        """Take that ``ip`` sends from one MAC and is answered at another, ``to``."""
        mac, ip, answered = asset_mac(raw_mac), asset_ip(raw_ip), asset_mac(to)
        if not mac or not ip or not answered or self.cards.get(mac, mac) == self.cards.get(answered, answered):
            return
        network = segment.network
        own, asked = self._bound.get((network, mac, ip)), self._bound.get((network, answered, ip))
        if own is not None and own.addresses[ip].confirmed:
            return
        if is_redundancy_mac(answered):
            if asked is None and mac not in self._routers:
                self._unproven.setdefault(mac, {})[network, ip] = None
                self.declare_router(mac, at)
        elif asked is not None and asked.addresses[ip].confirmed and self._is_card_of(mac, asked, network, ip):
            self._join_card(asked, mac, ip, network, at)

    def _is_card_of(self, mac: str, host: Asset, network: str, ip: str) -> bool:
        """Whether a MAC has no address of its own but that of ``host``, and neither forwards."""
        if mac in self._routers or host.router or is_redundancy_mac(host.mac) or len(self.cards) >= MAX_CARDS:
            return False
        homes = self._home.get(mac, {})
        addresses = {(held.network, one) for home in homes.values() for one, held in home.addresses.items()}
        others = {(held.network, one) for one, held in host.addresses.items() if held.current and ":" not in one}
        return (addresses | self._unproven.get(mac, {}).keys()) <= {(network, ip)} and others <= {(network, ip)}

    def _join_card(self, host: Asset, mac: str, ip: str, network: str, at: Place) -> None:
        """Make a MAC a further card of ``host``."""
        frame = host.addresses[ip].seen.last_frame
        self.cards[mac] = host.mac
        host.cards[mac] = None
        self._unproven.pop(mac, None)
        self.pending_moves.drop_card(mac)
        for home in list(self._home.get(mac, {}).values()):
            self._absorb(home=host, other=home)
        self._hold(host, ip, host.mac, Segment(host.addresses[ip].vlan, network), True, at)
        self.journal.report("moved", host, ip, at, attribute="mac", old=host.mac, new=mac, method=TEAM, before=frame)

    def declare_router(self, mac: str, at: Place) -> None:
        """Take ``mac`` for one that forwards, and its MAC from those it forwards for."""
        self._routers[mac] = None
        self.pending_moves.drop(mac)
        behind = list(self._unproven.pop(mac, {}))
        for home in list(self._home.get(mac, {}).values()):
            self._send_behind(home, at)
            home.router = True
            words = ", ".join(ip for _, ip in behind)
            home.roles.setdefault("router", Seen(at, note=f"forwards for {words}"))
            self._changed(home)
            self.journal.report("changed", home, home.ip, at, attribute="role", new="router", method="behaviour")
        for network, ip in behind:
            for asset in self.holders(network, ip):
                if not asset.mac:
                    asset.mac_reason = "behind_router"

    def _send_behind(self, home: Asset, at: Place) -> None:
        """Give the addresses that a router only forwarded, and what was learned of them, assets of their own."""
        own = any(held.confirmed for held in home.addresses.values())
        for ip, held in list(home.addresses.items()):
            if held.confirmed:
                continue
            self.unlink(home, ip)
            if not held.current:
                continue
            asset = self._behind(home, ip, held.network, at)
            asset.seen.join(held.seen)
            if not own:
                before = values_of(home) + values_of(asset)
                further = all_further_of(home) + all_further_of(asset)
                for child, _ in move(home, asset):
                    self.assets.pop(child.id, None)
                    self.journal.touch(child)
                self.journal.values -= before - values_of(asset)
                self.journal.further -= further - all_further_of(asset)
                own = True
            self._bind_policy(asset, ip)
        self._bind_policy(home, home.ip)

    def _behind(self, router: Asset, ip: str, network: str, at: Place) -> Asset:
        """Return who really has an address that ``router`` only forwarded."""
        earlier = router.predecessors.pop(ip, None)
        if earlier is not None and self._is_here(earlier, ip) and earlier.addresses[ip].network == network:
            self._give_back(earlier, ip)
            return earlier
        holders = self.holders(network, ip)
        if holders:
            return holders[-1]
        return self._make_nameless(ip, Segment(0, network), "behind_router", at, split=True)
