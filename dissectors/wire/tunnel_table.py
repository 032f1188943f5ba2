"""The tunnels that were seen: their outer ends, and a number that keeps what they carry apart. Compiled with mypyc.

A tunnel is a pair of outer addresses with a kind and its network, session or key, in both directions, inside another tunnel or not.
What it carries has flows of its own: the same addresses outside it, or in another tunnel, are other conversations.

Bound: MAX_TUNNELS; those that come later share the last number and are counted.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.wire.address import ip4_text, ip6_text
from dissectors.wire.link import Link
from dissectors.wire.mirrors import Mirrors

MAX_TUNNELS: Final = 4_096
FURTHER: Final = "one of too many tunnels"


@final
class Tunnel:
    """One tunnel; x and y are its outer ends in canonical order. ``told`` says that it is known to carry industrial messages."""

    def __init__(self, number: i64, x_high: i64, x_low: i64, y_high: i64, y_low: i64, kind: str, session: i64) -> None:
        self.number: i64 = number
        self.x_high: i64 = x_high
        self.x_low: i64 = x_low
        self.y_high: i64 = y_high
        self.y_low: i64 = y_low
        self.kind: str = kind
        self.session: i64 = session
        self.parent: i64 = 0
        self.forth: str = ""
        self.back: str = ""
        self.mirrors_forth: bool = False
        self.mirrors_back: bool = False
        self.told: bool = False


@final
class TunnelTable:
    """All tunnels of one worker. ``crowded`` counts those that have no number of their own."""

    def __init__(self, link: Link, mirrors: Mirrors) -> None:
        self.link = link
        self.mirrors = mirrors
        self.tunnels: dict[str, Tunnel] = {}
        self.last: Tunnel | None = None
        self.crowded: i64 = 0

    def enter(
        self, kind: str, session: i64, x_high: i64, x_low: i64, y_high: i64, y_low: i64, six: bool
    ) -> Tunnel | None:
        """Let what follows be what a tunnel from x to y carries; return the tunnel, None for a mirror session."""
        link = self.link
        straight = x_high < y_high or (x_high == y_high and x_low <= y_low)
        if straight:
            tunnel = self._find(kind, session, x_high, x_low, y_high, y_low, six, True)
        else:
            tunnel = self._find(kind, session, y_high, y_low, x_high, x_low, six, False)
        link.vlan = 0
        link.inner_vlan = 0
        link.mac_to = -1
        link.mac_from = -1
        if tunnel.mirrors_forth if straight else tunnel.mirrors_back:
            return None
        link.tunnel = tunnel.number
        link.tunnel_text = tunnel.forth if straight else tunnel.back
        link.tunnel_reverse = tunnel.back if straight else tunnel.forth
        return tunnel

    def _find(
        self, kind: str, session: i64, x_high: i64, x_low: i64, y_high: i64, y_low: i64, six: bool, straight: bool
    ) -> Tunnel:
        last = self.last
        parent: i64 = self.link.tunnel
        if (
            last is not None
            and last.x_low == x_low
            and last.y_low == y_low
            and last.x_high == x_high
            and last.y_high == y_high
            and last.session == session
            and last.parent == parent
            and last.kind == kind
        ):
            return last
        key = f"{kind}|{session}|{x_high}|{x_low}|{y_high}|{y_low}|{parent}"
        tunnel = self.tunnels.get(key)
        if tunnel is None:
            tunnel = self._begin(kind, session, x_high, x_low, y_high, y_low, six, straight)
            if len(self.tunnels) < MAX_TUNNELS:
                self.tunnels[key] = tunnel
        self.last = tunnel
        return tunnel

    def _begin(
        self, kind: str, session: i64, x_high: i64, x_low: i64, y_high: i64, y_low: i64, six: bool, straight: bool
    ) -> Tunnel:
        """Make a tunnel; its first packet went from x to y when ``straight``, and so did that of the tunnel around it."""
        link = self.link
        number: i64 = i64(len(self.tunnels)) + 1
        tunnel = Tunnel(number, x_high, x_low, y_high, y_low, kind, session)
        tunnel.parent = link.tunnel
        if number > MAX_TUNNELS:
            self.crowded += 1
            tunnel.forth = FURTHER
            tunnel.back = FURTHER
            return tunnel
        x = ip6_text(x_high, x_low) if six else ip4_text(x_low)
        y = ip6_text(y_high, y_low) if six else ip4_text(y_low)
        name = f"{kind} {int(session)}" if session >= 0 else kind
        outer_forth = ""
        outer_back = ""
        if tunnel.parent != 0:
            outer_forth = (link.tunnel_text if straight else link.tunnel_reverse) + ", "
            outer_back = (link.tunnel_reverse if straight else link.tunnel_text) + ", "
        else:
            tunnel.mirrors_forth = self.mirrors.has(kind, session, x, y)
            tunnel.mirrors_back = self.mirrors.has(kind, session, y, x)
        tunnel.forth = f"{outer_forth}{name} {x} > {y}"
        tunnel.back = f"{outer_back}{name} {y} > {x}"
        return tunnel
