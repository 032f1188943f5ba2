"""From which MAC an address was sending at a moment: a channel is named by its addresses, and its first frame names the MACs.

A frame of another MAC in the same conversation, or a second connection of another card in an address's name, is so judged and told
with the MAC that it came from. Only frames that say something new count (``FORWARDED`` copies do not), and only an address whose
channel began with its own MAC is compared: which router forwards for those behind it may change. Limits: MAX_SENDERS addresses, the
last MAX_MOVES changes of each and MAX_ALL_MOVES of all; the wire reports so many changes of an address in a window (``wire.addresses``).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from dissectors.facts import ChannelOpened, Endpoint, Sighting
from sensor.inventory.identity import Identity

MAX_SENDERS: Final = 16_384
MAX_MOVES: Final = 64
MAX_ALL_MOVES: Final = 8_192
"""Changes of all addresses together; those of the address that changed first go."""

Spot = tuple[str, int, str]
"""An address at a VLAN and interface."""


class Sent(NamedTuple):
    """From a frame on an address sends from a MAC."""

    time: int
    frame: int
    mac: str


class Senders:
    """The MACs of addresses in order of time; ``moved`` are the addresses that had several."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._newest: dict[Spot, Sent] = {}
        self.moved: dict[Spot, list[Sent]] = {}
        self._moves = 0

    def take(self, fact: Sighting) -> None:
        """Take from which MAC an address sends now."""
        spot = (fact.ip, fact.vlan, fact.interface)
        sent = Sent(fact.time, fact.frame, fact.mac)
        before = self._newest.get(spot)
        if before is None:
            if len(self._newest) >= MAX_SENDERS:
                oldest = next(iter(self._newest))
                del self._newest[oldest]
                self._forget(oldest)
        elif before.mac == sent.mac:
            return
        else:
            rows = self.moved.setdefault(spot, [])
            added = [sent] if rows else [before, sent]
            rows += added
            self._moves += len(added)
            if len(rows) > MAX_MOVES:
                del rows[0]
                self._moves -= 1
            while self._moves > MAX_ALL_MOVES:
                self._forget(next(iter(self.moved)))
        self._newest[spot] = sent

    def _forget(self, spot: Spot) -> None:
        self._moves -= len(self.moved.pop(spot, ()))

    def at(self, spot: Spot, time: int, frame: int) -> str:
        """Return the MAC that an address sent from at a frame, "" when it always sent from one."""
        mac = ""
        for row in self.moved.get(spot, ()):
            if (row.time, row.frame) > (time, frame):
                break
            mac = row.mac
        return mac

    def within(self, spot: Spot, start: int, end: int) -> list[str]:
        """Return the MACs that an address began to send from in a span of time."""
        return [row.mac for row in self.moved.get(spot, ()) if start <= row.time < end]

    def as_sent(self, fact: ChannelOpened, asked: tuple[int, int], told: tuple[int, int]) -> ChannelOpened:
        """Return a channel with the MACs that its ends sent from: the client at ``asked``, the server at ``told`` (time, frame)."""
        if not self.moved or fact.tunnel:
            return fact
        client, server = self._sent(fact, fact.client, *asked), self._sent(fact, fact.server, *told)
        if client is fact.client and server is fact.server:
            return fact
        return msgspec.structs.replace(fact, client=client, server=server)

    def as_sent_within(self, fact: ChannelOpened, start: int, end: int) -> ChannelOpened:
        """Return a channel with a MAC that the client sent from in a window and that is not its own, when there was one."""
        spot = (fact.client.ip, fact.vlan, fact.interface)
        if fact.tunnel or spot not in self.moved:
            return fact
        for mac in self.within(spot, start, end):
            client = self._identity.foreign(fact.client, mac, fact.network)
            if client is not fact.client:
                return msgspec.structs.replace(fact, client=client)
        return fact

    def _sent(self, fact: ChannelOpened, end: Endpoint, time: int, frame: int) -> Endpoint:
        mac = self.at((end.ip, fact.vlan, fact.interface), time, frame)
        return self._identity.foreign(end, mac, fact.network) if mac else end
