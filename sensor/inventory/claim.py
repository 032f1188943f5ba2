"""Addresses that were seen with another MAC in an IP header only: told when the MAC is no router after all.

A mirror of both sides of a router shows every routed frame twice, once with the router's MAC. So such a sight is
held for ``CLAIM_SECONDS`` of packet time, or to the end of the capture; ARP and alike prove a claim at once.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from sensor.inventory.asset import Asset, Place
from sensor.inventory.journal import SECOND, Journal

CLAIM_SECONDS: Final = 60
MAX_CLAIMS: Final = 4_096
"""Claims held; beyond it the oldest is told early."""


class Claim(NamedTuple):
    """``claimant`` used the address ``ip`` of ``holder``, whose last own frame is ``before``."""

    holder: Asset
    claimant: Asset
    ip: str
    at: Place
    before: int


class Claims:
    """Claims in order of time."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._held: list[Claim] = []

    def hold(self, claim: Claim) -> None:
        """Keep a claim until it is decided."""
        if len(self._held) >= MAX_CLAIMS:
            self._tell(self._held.pop(0))
        self._held.append(claim)

    def drop(self, mac: str) -> None:
        """Forget what was claimed by or from ``mac``, which forwards for others."""
        self._held = [claim for claim in self._held if mac not in {claim.claimant.mac, claim.holder.mac}]

    def decide(self, now: int | None) -> None:
        """Tell the claims older than ``CLAIM_SECONDS`` at ``now``, all of them when it is None."""
        while self._held and (now is None or now - self._held[0].at.time >= CLAIM_SECONDS * SECOND):
            self._tell(self._held.pop(0))

    def _tell(self, claim: Claim) -> None:
        self._journal.tell(
            "moved",
            claim.holder,
            claim.ip,
            claim.at,
            attribute="mac",
            old=claim.holder.mac,
            new=claim.claimant.mac,
            other=claim.claimant,
            before=claim.before,
            method="ip",
        )
