"""Addresses that were seen with another MAC in an IP header only: reported when the MAC is no router after all.

A mirror of both sides of a router shows every routed frame twice, once with the router's MAC. So such a sight is
held for ``PENDING_SECONDS`` of packet time, or to the end of the capture; ARP and alike prove a claim at once.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from sensor.inventory.asset import Asset, Place
from sensor.inventory.journal import SECOND, Journal

PENDING_SECONDS: Final = 60
MAX_PENDING: Final = 4_096
"""Moves held; beyond it the oldest is reported early."""


class PendingMove(NamedTuple):
    """``claimant`` used the address ``ip`` of ``holder``, whose last own frame is ``before``."""

    holder: Asset
    claimant: Asset
    ip: str
    at: Place
    before: int


class PendingMoves:
    """Claims in order of time."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._held: list[PendingMove] = []

    def hold(self, pending: PendingMove) -> None:
        """Keep a claim until it is decided."""
        if len(self._held) >= MAX_PENDING:
            self._report(self._held.pop(0))
        self._held.append(pending)

    def drop(self, mac: str) -> None:
        """Forget what was claimed by or from ``mac``, which forwards for others."""
        self._held = [pending for pending in self._held if mac not in {pending.claimant.mac, pending.holder.mac}]

    def decide(self, now: int | None) -> None:
        """Report the claims older than ``PENDING_SECONDS`` at ``now``, all of them when it is None."""
        while self._held and (now is None or now - self._held[0].at.time >= PENDING_SECONDS * SECOND):
            self._report(self._held.pop(0))

    def _report(self, pending: PendingMove) -> None:
        self._journal.report(
            "moved",
            pending.holder,
            pending.ip,
            pending.at,
            attribute="mac",
            old=pending.holder.mac,
            new=pending.claimant.mac,
            other=pending.claimant,
            before=pending.before,
            method="ip",
        )
