"""Places: where on the network a frame was seen, and which plan of addresses is in use there. Compiled with mypyc.

A place is an interface with the VLAN tags of the frame. It is a part of the key of a flow, so two plants with one plan of
addresses are two sets of conversations. Mirrors blur that: the two directions of a conversation may come with and without a tag
or on two legs of a tap, and a mirror of both sides of a router shows every frame twice. So when a packet finds no flow where it
was seen, flows between the same ends at other places are looked at, and joined when

* both are in one network by configuration (in two, never);
* the MAC addresses are those of the known flow, the same or in reverse: the same two devices;
* its direction was never seen at the other place; in TCP it must also acknowledge exactly what was sent there;
* it is a copy: the same bytes, and a router has changed the TTL between.

What is not joined is another plant. ``Pairs`` keeps the same judgement for the next connections of two addresses: the network of
each place, "" for the first.

Limits: a router that also rewrites sequence numbers or addresses hides that its two sides are one. Addresses that belong to
one link (IPv6 link-local, groups, 0.0.0.0) say nothing of a plan and are left alone.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.wire.link import INNER_SHIFT, INTERFACE_SHIFT, PLACE_SHIFT, Link

MAX_PAIRS: Final = 20_000
"""Pairs of addresses whose places are known; then the memory starts anew and is counted."""
MAX_PAIR_PLACES: Final = 32
"""Places of one pair of addresses; further ones are not remembered."""
MAX_FURTHER: Final = 20_000
"""Places behind the first, of all pairs; further ones are not remembered."""
MAX_INTERFACES: Final = 4_095
"""Interfaces that are told apart; further ones count as one."""
VLAN_BITS: Final = 0xFFF


@final
class Seen:
    """One pair of addresses at one place: the MAC addresses of each direction, -1 while it was not seen, and the network."""

    def __init__(self, place: i64, network: str) -> None:
        self.place: i64 = place
        self.network: str = network
        self.home: i64 = place
        """The place whose conversations those of this one have turned out to be."""
        self.forth: bool = False
        self.forth_from: i64 = -1
        self.forth_to: i64 = -1
        self.back: bool = False
        self.back_from: i64 = -1
        self.back_to: i64 = -1

    def note(self, forth: bool, mac_from: i64, mac_to: i64) -> None:
        """Remember the MAC addresses of a direction."""
        if forth:
            self.forth = True
            self.forth_from = mac_from
            self.forth_to = mac_to
        else:
            self.back = True
            self.back_from = mac_from
            self.back_to = mac_to

    def is_one_with(self, forth: bool, mac_from: i64, mac_to: i64) -> bool:
        """Return whether a packet at another place is of the same network as this one, as far as its addresses tell."""
        if self.forth and are_these(forth, mac_from, mac_to, self.forth_from, self.forth_to):
            return True
        if self.back and are_these(not forth, mac_from, mac_to, self.back_from, self.back_to):
            return True
        return not (self.forth if forth else self.back)


def are_these(same_way: bool, mac_from: i64, mac_to: i64, known_from: i64, known_to: i64) -> bool:
    """Return whether two frames go between the same two cards, the same way or in reverse."""
    if same_way:
        return mac_from == known_from and mac_to == known_to
    return mac_from == known_to and mac_to == known_from


@final
class Pair:
    """Two IP addresses and the places where they were seen."""

    def __init__(self, x_high: i64, x_low: i64, y_high: i64, y_low: i64) -> None:
        self.x_high: i64 = x_high
        self.x_low: i64 = x_low
        self.y_high: i64 = y_high
        self.y_low: i64 = y_low
        self.places: list[Seen] = []

    def at(self, place: i64) -> Seen | None:
        """Return what is known of a place."""
        for seen in self.places:
            if seen.place == place:
                return seen
        return None


@final
class Places:
    """Names places, and says which network a pair of addresses is of. ``separated`` counts pairs found in one more plant."""

    def __init__(self, link: Link, networks: dict[str, str] | None = None) -> None:
        self.link = link
        self.networks: dict[str, str] = networks or {}
        """Names of networks from the configuration by ``interface|vlan``, either of them "" for any."""
        self.numbers: dict[str, i64] = {"": 0}
        self.interfaces: list[str] = [""]
        self.named: dict[i64, str] = {}
        self.pairs: dict[i64, Pair] = {}
        self.further: i64 = 0
        """Places behind the first that pairs remember."""
        self.separated: i64 = 0
        self.evicted: i64 = 0

    def turn_to(self, interface: str) -> None:
        """Take the following frames as seen on an interface."""
        number = self.numbers.get(interface)
        if number is None:
            number = min(i64(len(self.interfaces)), MAX_INTERFACES)
            if number == i64(len(self.interfaces)):
                self.numbers[interface] = number
                self.interfaces.append(interface)
        self.link.interface = number << INTERFACE_SHIFT

    def name(self, tag: i64) -> str:
        """Return the network that the configuration gives to the place of a flow's tag, "" when it gives none."""
        if len(self.networks) == 0:
            return ""
        place: i64 = tag >> PLACE_SHIFT
        found = self.named.get(place)
        if found is None:
            interface = self.interfaces[tag >> INTERFACE_SHIFT]
            vlan = str((tag >> PLACE_SHIFT) & VLAN_BITS)
            found = ""
            for key in (f"{interface}|{vlan}", f"{interface}|", f"|{vlan}"):
                if key in self.networks:
                    found = self.networks[key]
                    break
            self.named[place] = found
        return found

    def network(self, pair: Pair | None, tag: i64, forth: bool) -> str:
        """Return the network of a new flow at the place of its tag, and remember it for the pair of its addresses."""
        network = self.name(tag)
        if pair is None:
            return network
        link = self.link
        place: i64 = tag >> PLACE_SHIFT
        seen = pair.at(place)
        if seen is not None:
            return seen.network
        if not network and pair.places:
            for other in pair.places:
                if not self.name(other.place << PLACE_SHIFT) and other.is_one_with(forth, link.mac_from, link.mac_to):
                    network = other.network
                    break
            else:
                network = self.text(tag, pair.places[0].place << PLACE_SHIFT)
                self.separated += 1
        self.join(pair, tag, network, tag)
        return network

    def join(self, pair: Pair | None, tag: i64, network: str, home: i64) -> None:
        """Let the place of a tag be one with that of ``home``, for one pair of addresses."""
        if pair is None:
            return
        place: i64 = tag >> PLACE_SHIFT
        seen = pair.at(place)
        if seen is None:
            if pair.places:
                if len(pair.places) >= MAX_PAIR_PLACES or self.further >= MAX_FURTHER:
                    return
                self.further += 1
            seen = Seen(place, network)
            pair.places.append(seen)
        seen.home = home >> PLACE_SHIFT

    def home(self, pair: Pair | None, tag: i64) -> i64:
        """Return the VLANs that a new flow at the place of a tag is reported with: those where its conversation was first seen."""
        seen = pair.at(tag >> PLACE_SHIFT) if pair is not None else None
        return tag if seen is None else seen.home << PLACE_SHIFT

    def note(self, pair: Pair | None, tag: i64, forth: bool) -> None:
        """Remember that a direction was seen at the place of a tag, between the MAC addresses of this frame."""
        seen = pair.at(tag >> PLACE_SHIFT) if pair is not None else None
        if seen is not None and not (seen.forth if forth else seen.back):
            seen.note(forth, self.link.mac_from, self.link.mac_to)

    def pair(self, key: i64, x_high: i64, x_low: i64, y_high: i64, y_low: i64) -> Pair:
        """Return what is known of two addresses; of two pairs with one key the later one is kept."""
        pair = self.pairs.get(key)
        if (
            pair is not None
            and pair.x_low == x_low
            and pair.y_low == y_low
            and pair.x_high == x_high
            and pair.y_high == y_high
        ):
            return pair
        if len(self.pairs) >= MAX_PAIRS:
            self.pairs.clear()
            self.further = 0
            self.evicted += 1
        pair = Pair(x_high, x_low, y_high, y_low)
        self.pairs[key] = pair
        return pair

    def text(self, tag: i64, beside: i64) -> str:
        """Return a place in words, as far as it differs from the one ``beside`` it: "vlan 20", "untagged", "interface eth1"."""
        words: list[str] = []
        if tag >> INTERFACE_SHIFT != beside >> INTERFACE_SHIFT:
            words.append(f"interface {self.interfaces[tag >> INTERFACE_SHIFT]}")
        tags: i64 = (1 << INTERFACE_SHIFT) - (1 << PLACE_SHIFT)
        if (tag & tags) != (beside & tags):
            vlan: i64 = (tag >> PLACE_SHIFT) & VLAN_BITS
            inner: i64 = (tag >> INNER_SHIFT) & VLAN_BITS
            words.append("untagged" if vlan == 0 else f"vlan {int(vlan)}" + (f"/{int(inner)}" if inner else ""))
        return " ".join(words)
