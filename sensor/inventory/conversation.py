"""A channel with the assets at its ends, and what proves that there is a device at its server's end.

A gateway takes every unit it is asked for, so a connection to it proves nothing of the unit: an answer does, unless the gateway
gave it for want of one from the device (``dissectors.spec.Unit.absent``).
"""

from __future__ import annotations

from typing import Final

from dissectors.context import AssetView, Verdict
from dissectors.facts import ChannelOpened, ChannelWindow, Exchange
from dissectors.registry import BY_NAME
from sensor.inventory.asset import Asset, Seen

ANSWERED: Final = frozenset({"success", "failure", "late"})
"""Outcomes of a request to which an answer came."""


class Conversation:
    """A channel and the assets at both ends; ``server`` is the device behind a gateway where there is one.

    ``verdict`` is the newest judgement of the channel, kept here for whoever judges. ``has_answered``: the unit that it is
    with, if any, is known to be there.
    """

    __slots__ = ("client", "client_rows", "fact", "has_answered", "last", "server", "server_rows", "verdict", "version")

    def __init__(self, fact: ChannelOpened) -> None:
        self.fact = fact
        self.last = fact.time
        self.client: Asset | None = None
        self.server: Asset | None = None
        self.client_rows: tuple[Seen, ...] = ()
        self.server_rows: tuple[Seen, ...] = ()
        self.version = -1
        self.has_answered = not fact.unit
        self.verdict: Verdict | None = None

    def client_view(self) -> AssetView | None:
        """Return the client as it is now; the same object until something about it changes."""
        return None if self.client is None else self.client.view(self.fact.client.ip)

    def server_view(self) -> AssetView | None:
        """Return the server as it is now; the same object until something about it changes."""
        return None if self.server is None else self.server.view(self.fact.server.ip)

    def forget_ends(self) -> None:
        """Forget who is at both ends: they are looked up again."""
        self.client = self.server = None
        self.client_rows = self.server_rows = ()
        self.version = -1
        self.has_answered = not self.fact.unit

    def is_answer(self, fact: Exchange | ChannelWindow) -> bool:
        """Whether the unit of this channel is first heard of in ``fact``."""
        if self.has_answered or self.fact.tunnel:
            return False
        if isinstance(fact, ChannelWindow):
            return fact.responses - fact.failures + fact.reports > 0
        protocol = BY_NAME.get(self.fact.protocol)
        unit = protocol.unit if protocol is not None else None
        return unit is not None and fact.outcome in ANSWERED and fact.error not in unit.absent
