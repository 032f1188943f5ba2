"""What the pipeline reports the world: the two interfaces between the pipeline and everything that writes.

An ``Output`` makes documents (files, the spool, the terminal); a ``Recorder`` keeps what was seen (the store).
Both are called from one thread, in the total order of the facts, and never see a wall clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from dissectors.context import AssetEvent, AssetView, Verdict
from dissectors.facts import (
    AnyFact,
    ChannelOpened,
    ChannelWindow,
    Exchange,
    Fact,
    Health,
    OperationFirst,
    Sighting,
    TransitionFirst,
    ValueChange,
    Violation,
    Visibility,
)
from rules.detections.alert import Alert
from sensor.inventory.record import AssetRecord

FACT_TYPES: Final[frozenset[type[Fact]]] = frozenset(
    {
        Sighting,
        ChannelOpened,
        OperationFirst,
        TransitionFirst,
        Exchange,
        ValueChange,
        ChannelWindow,
        Violation,
        Visibility,
        Health,
    }
)
"""Every kind of fact."""


class Output(Protocol):
    """Turns facts, alerts and assets into documents."""

    @property
    def wants(self) -> frozenset[type[Fact]]:
        """The fact types ``fact`` is called with; read once, when the pipeline is made."""

    def fact(
        self,
        fact: AnyFact,
        channel: ChannelOpened | None,
        client: AssetView | None,
        server: AssetView | None,
        verdict: Verdict | None,
    ) -> None:
        """Take one wanted fact. ``channel`` is its newest opening, None for facts without a channel."""

    def alert(self, alert: Alert) -> None:
        """Take one revision of an incident."""

    def asset(self, asset: AssetRecord, event: AssetEvent | None) -> None:
        """Take an asset as it is now. ``event`` says why; None is the daily and the closing refresh."""

    def finish(self) -> None:
        """Write what is held back and close; nothing is called afterwards."""


class Recorder(Protocol):
    """Keeps facts, assets and alerts. What was taken before ``commit`` returns survives the end of the process."""

    def facts(self, facts: Sequence[AnyFact]) -> None:
        """Keep one batch as the worker sent it, before anything else is said about it."""

    def opened(self, channel: ChannelOpened, verdict: Verdict | None) -> None:
        """Keep a channel, or its new state, with the verdict of the policy."""

    def operation(self, fact: OperationFirst, verdict: Verdict | None) -> None:
        """Keep the first time a channel carries an operation."""

    def window(self, fact: ChannelWindow) -> None:
        """Add what a channel did in one window."""

    def alert(self, alert: Alert) -> None:
        """Keep one revision of an incident."""

    def asset(self, asset: AssetRecord, event: AssetEvent | None) -> None:
        """Keep the newest state of an asset, and the event that changed it."""

    def commit(self) -> None:
        """Make everything taken so far durable."""
