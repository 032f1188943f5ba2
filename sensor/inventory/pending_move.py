"""Addresses that were seen with another MAC in a way that proves little: reported when nothing explains it in the meantime.

A mirror of both sides of a router shows every routed frame twice, once with the router's MAC. So such a sight is
held for ``PENDING_SECONDS`` of packet time, or to the end of the capture; ARP and alike prove a claim at once. One address
and two MACs are reported once.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from sensor.inventory.asset import Asset, Place
from sensor.inventory.journal import SECOND, Journal

PENDING_SECONDS: Final = 60
MAX_PENDING: Final = 4_096
"""Moves held; beyond it the oldest is reported early. As many are remembered as reported."""


class PendingMove(NamedTuple):
    """``claimant`` used the address ``ip`` of ``holder``, which had it first; it went from MAC ``old`` to ``new``.

    ``before`` is the last frame of the old one.
    """

    kind: str
    holder: Asset
    claimant: Asset
    ip: str
    at: Place
    before: int
    old: str
    new: str
    method: str
    is_local: bool = False
    """The holder has proven the address at this very place, so that who forwards for others explains nothing."""


class PendingMoves:
    """Claims in order of time."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._held: list[PendingMove] = []
        self._told: dict[tuple[str, ...], None] = {}

    def hold(self, pending: PendingMove) -> None:
        """Keep a claim until it is decided, unless the same two were told of before."""
        key = _key(pending)
        if key in self._told:
            self._confirm(pending)
            return
        if len(self._told) >= MAX_PENDING:
            del self._told[next(iter(self._told))]
        self._told[key] = None
        if len(self._held) >= MAX_PENDING:
            self.report(self._held.pop(0))
        self._held.append(pending)

    def drop(self, mac: str) -> None:
        """Forget what was claimed by or from ``mac``, which forwards for others; not what nobody forwards, the address of a station here."""
        for pending in self._held:
            if mac in {pending.old, pending.new} and not pending.is_local:
                self._told.pop(_key(pending), None)
        self._held = [row for row in self._held if row.is_local or mac not in {row.old, row.new}]

    def drop_card(self, mac: str) -> None:
        """Forget what was claimed by ``mac``, which is a further card of the host that has the address."""
        self._held = [row for row in self._held if mac not in {row.old, row.new}]

    def _confirm(self, pending: PendingMove) -> None:
        """Take it that a claim which waits is one of frames of their own, when it was one of copies before."""
        if pending.is_local:
            for place, row in enumerate(self._held):
                if not row.is_local and _key(row) == _key(pending):
                    self._held[place] = row._replace(is_local=True)

    def forget(self, asset: Asset, ip: str) -> None:
        """Forget the claims on an address that turned out to be another one's of the same name."""
        gone = [row for row in self._held if row.ip == ip and asset in (row.holder, row.claimant)]
        for row in gone:
            self._held.remove(row)
            self._told.pop(_key(row), None)

    def due(self, now: int | None) -> list[PendingMove]:
        """Return and forget the claims older than ``PENDING_SECONDS`` at ``now``, all of them when it is None."""
        due = []
        while self._held and (now is None or now - self._held[0].at.time >= PENDING_SECONDS * SECOND):
            due.append(self._held.pop(0))
        return due

    def report(self, pending: PendingMove) -> None:
        """Report a claim."""
        self._journal.report(
            pending.kind, pending.holder, pending.ip, pending.at,
            attribute="mac", old=pending.old, new=pending.new, other=pending.claimant, before=pending.before,
            method=pending.method,
        )  # fmt: skip


def _key(pending: PendingMove) -> tuple[str, ...]:
    return (pending.ip, *sorted((pending.old, pending.new)))
