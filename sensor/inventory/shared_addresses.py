"""The addresses that routers share by their own advertisements (VRRP, HSRP): a change between these routers is lawful.

An advertisement is proof for those who sent it, and for the MAC that the protocol gives to the address. So a station whose
address somebody advertises is not silenced: its own MAC is none of theirs. Limits: MAX_SHARED addresses, MAX_ROUTERS MACs of each.
"""

from __future__ import annotations

from typing import Final

MAX_SHARED: Final = 1_024
MAX_ROUTERS: Final = 16
SEVERAL_MACS: Final = "00:07:b4:0"
"""First digits of the MACs of GLBP, at several of which one address is answered by design."""


class SharedAddresses:
    """Who advertised which address."""

    def __init__(self) -> None:
        self._routers: dict[str, dict[str, None]] = {}

    def advertised(self, mac: str, said: str) -> None:
        """Take that ``mac`` advertises an address; ``said`` is the address and the MAC that the protocol gives it."""
        ip, _, virtual = said.partition(" ")
        if ip not in self._routers and len(self._routers) >= MAX_SHARED:
            del self._routers[next(iter(self._routers))]
        macs = self._routers.setdefault(ip, {})
        for one in (mac.lower(), virtual.lower()):
            if one and len(macs) < MAX_ROUTERS:
                macs[one] = None

    def may_move(self, ip: str, one: str, other: str) -> bool:
        """Whether both MACs are of the routers that share ``ip``."""
        if one.startswith(SEVERAL_MACS) and other.startswith(SEVERAL_MACS):
            return True
        macs = self._routers.get(ip, {})
        return one in macs and other in macs
