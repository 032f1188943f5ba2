"""Which tunnels are mirror sessions: what they carry is the traffic of the plant itself. Compiled with mypyc.

A mirror session is one that the operator names, or one that ends at an address of the sensor. TZSP, HP ERM and ERSPAN are made for
mirroring and nothing else: as long as the operator names no session, all of them are mirror sessions. Any other tunnel is a
conversation of its own, and what it carries is whatever its sender wrote.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

KINDS: Final = ("erspan", "etherip", "geneve", "gre", "hp-erm", "ip-in-ip", "mpls-in-ip", "mpls-in-udp", "nvgre", "6in4",
                "teredo", "tzsp", "vxlan", "vxlan-gpe")  # fmt: skip
"""Every kind of tunnel that is read."""
MIRRORING: Final = ("erspan", "hp-erm", "tzsp")
"""Kinds that exist for mirroring only."""


@final
class MirrorSession:
    """A session that the operator names; "" and -1 stand for any."""

    def __init__(self, kind: str, sender: str = "", receiver: str = "", number: int = -1) -> None:
        self.kind = kind
        self.sender = sender
        self.receiver = receiver
        self.number: i64 = number


@final
class Mirrors:
    """The mirror sessions of one sensor; ``own`` are its addresses."""

    def __init__(self, sessions: list[MirrorSession] | None = None, own: list[str] | None = None) -> None:
        self.sessions: list[MirrorSession] = sessions or []
        self.own: list[str] = own or []

    def has(self, kind: str, number: i64, sender: str, receiver: str) -> bool:
        """Return whether a tunnel from ``sender`` to ``receiver`` is a mirror session."""
        if receiver in self.own:
            return True
        for session in self.sessions:
            if (
                session.kind == kind
                and session.sender in ("", sender)
                and session.receiver in ("", receiver)
                and (session.number < 0 or session.number == number)
            ):
                return True
        return len(self.sessions) == 0 and kind in MIRRORING
