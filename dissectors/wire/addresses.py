"""Which MAC answers for which address: bindings of IP to MAC, and their moves. Compiled with mypyc."""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.wire.address import is_group_mac, mac_text
from dissectors.wire.link import Link

MAX_BINDINGS: Final = 24_576
MOVES_REPORTED: Final = 20
"""Moves of one address between MACs reported per window."""
FORWARDED: Final = "ip.forwarded"
"""The method of a binding by a frame whose bytes were seen before, from another MAC: a router's copy of it."""
MAX_NEW: Final = 16_384
"""New bindings per window; those that come on top of it are counted, and taken in the next window."""
UNBOUND: Final = ("", "0.0.0.0", "::")  # noqa: S104  (compared, never bound)
"""What stands in for an address where there is none yet: no device's."""


@final
class Addresses:
    """The bindings seen by one worker."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.bindings: dict[str, i64] = {}
        self.moves: dict[str, i64] = {}
        self.answers: dict[str, i64] = {}
        self.evicted: i64 = 0
        self.new: i64 = 0

    def bind(self, mac: i64, ip: str, link: Link, method: str, network: str = "") -> None:
        """Report that ``mac`` answers for ``ip`` at this place: the first time, and whenever another MAC did before."""
        if link.tunnel != 0:
            return  # whoever sent the tunnel wrote both addresses
        if mac < 0 or is_group_mac(mac) or ip in UNBOUND:
            return
        vlan = link.vlan
        key = f"{ip}|{vlan}|{method}|{link.interface}"
        known = self.bindings.get(key)
        if known is not None and known == mac:
            return
        if known is None:
            if self.new >= MAX_NEW:
                self.evicted += 1
                return
            self.new += 1
            if len(self.bindings) >= MAX_BINDINGS:
                self.bindings.clear()
                self.evicted += 1
        self.bindings[key] = mac
        if known is not None:
            moves = self.moves.get(key, 0) + 1
            self.moves[key] = moves
            if moves > MOVES_REPORTED:
                return
        self.recorder.sighting(
            ip=ip,
            mac=mac_text(mac),
            vlan=vlan,
            attribute="address",
            value=ip,
            method=method,
            confidence="medium" if method.startswith("ip") else "strong",
            network=network,
        )

    def answered(self, ip: str, mac: i64, to: i64, link: Link, network: str) -> None:
        """Report that ``ip`` sends from ``mac`` and is answered at another MAC, once for the three."""
        if mac < 0 or to < 0 or mac == to or is_group_mac(mac) or is_group_mac(to):
            return
        key = f"{ip}|{int(mac)}|{int(to)}|{link.vlan}|{link.interface}"
        if key in self.answers:
            return
        if len(self.answers) >= MAX_BINDINGS:
            self.answers.clear()
            self.evicted += 1
        self.answers[key] = mac
        self.recorder.sighting(
            ip=ip,
            mac=mac_text(mac),
            vlan=link.vlan,
            attribute="answered_at",
            value=mac_text(to),
            method="ip",
            confidence="medium",
            network=network,
        )

    def shared(self, ip: str, mac: i64, link: Link, shared: str, virtual: i64) -> None:
        """Report that whoever sends from ``mac`` advertises an address that routers share, once for each."""
        if link.tunnel != 0 or mac < 0:
            return
        key = f"{shared}|{int(mac)}|{int(virtual)}|{link.vlan}|{link.interface}"
        if key in self.answers:
            return
        if len(self.answers) >= MAX_BINDINGS:
            self.answers.clear()
            self.evicted += 1
        self.answers[key] = mac
        self.recorder.sighting(
            ip=ip,
            mac=mac_text(mac),
            vlan=link.vlan,
            attribute="shared_address",
            value=f"{shared} {mac_text(virtual)}",
            method="ip",
            confidence="medium",
        )

    def close_window(self) -> None:
        """Count moves and new bindings anew."""
        self.new = 0
        self.moves.clear()
