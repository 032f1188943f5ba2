"""The contract that every model keeps: learn from facts; from what was learned, score facts with reasons.

A learner sees the facts of clean traffic in their total order and gives a frozen record. A scorer is made from that
record, sees live facts in the same order, and answers with findings. Packet time is the only clock; high means odd.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from dissectors.facts import AnyFact, ChannelOpened, Fact
from dissectors.finding import Finding


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """What one model alone would not say: fusion speaks when two models hint at one channel within its time.

    ``share`` is the score as a share of what the model needs to speak by itself, ``why`` one clause for an analyst.
    """

    model: str
    channel: str
    time: int
    source: str
    why: str
    share: float
    p_value: float | None = None
    frames: tuple[int, ...] = ()


class Learner(Protocol):
    """Learns one model."""

    @property
    def wants(self) -> frozenset[type[Fact]]:
        """The fact types ``learn`` is called with."""

    def learn(self, fact: AnyFact, channel: ChannelOpened | None) -> None:
        """Take one fact; ``channel`` is its newest opening, None for facts without one."""


class Scorer(Protocol):
    """Scores with one model."""

    hints: list[Hint]
    """What was near; whoever reads them empties the list."""

    @property
    def wants(self) -> frozenset[type[Fact]]:
        """The fact types ``score`` is called with."""

    @property
    def counters(self) -> dict[str, int]:
        """What the bounds made the model forget or leave out."""

    def score(self, fact: AnyFact, channel: ChannelOpened | None) -> Sequence[Finding]:
        """Judge one fact."""

    def tick(self, now: int) -> Sequence[Finding]:
        """Let packet time pass to ``now`` (ns), for what is missing."""

    def finish(self, now: int) -> Sequence[Finding]:
        """End everything at ``now``; time that did not pass is no absence."""
