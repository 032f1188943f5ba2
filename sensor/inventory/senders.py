"""From which MAC an address was sending at a moment: a channel is named by its addresses, and its first frame names the MACs.

A frame of another MAC in the same conversation, or a second connection of another card in an address's name, is so judged and told
with the MAC that it came from. Only frames that say something new count (``FORWARDED`` copies do not), and only an address whose
channel began with its own MAC is compared: which router forwards for those behind it may change. Limits: MAX_SENDERS addresses, the
last MAX_MOVES changes of each; the wire reports so many changes of an address in a window (``wire.addresses``).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from dissectors.facts import Sighting

MAX_SENDERS: Final = 32_768
MAX_MOVES: Final = 64

Spot = tuple[str, int, str]
"""An address at a VLAN and interface."""


class Sent(NamedTuple):
    """From a frame on an address sends from a MAC."""

    time: int
    frame: int
    mac: str


class Senders:
    """The MACs of addresses in order of time; ``moved`` are the addresses that had several."""

    def __init__(self) -> None:
        self._newest: dict[Spot, Sent] = {}
        self.moved: dict[Spot, list[Sent]] = {}

    def take(self, fact: Sighting) -> None:
        """Take from which MAC an address sends now."""
        spot = (fact.ip, fact.vlan, fact.interface)
        sent = Sent(fact.time, fact.frame, fact.mac)
        before = self._newest.get(spot)
        if before is None:
            if len(self._newest) >= MAX_SENDERS:
                oldest = next(iter(self._newest))
                del self._newest[oldest]
                self.moved.pop(oldest, None)
        elif before.mac == sent.mac:
            return
        else:
            rows = self.moved.setdefault(spot, [before])
            rows.append(sent)
            if len(rows) > MAX_MOVES:
                del rows[0]
        self._newest[spot] = sent

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
