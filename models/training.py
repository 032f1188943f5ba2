"""Training: facts of clean traffic in, a baseline out. Packet time is the only clock; nothing is learned twice."""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import version
from typing import Final, TypeVar

import msgspec
import numpy as np

from dissectors.facts import (
    AnyFact,
    ChannelOpened,
    ChannelWindow,
    Exchange,
    Fact,
    OperationFirst,
    TransitionFirst,
    encode,
)
from models.baseline import Baseline, Origin
from models.known import MEMBERS
from models.novelty_learner import Allowed, NoveltyLearner
from models.persistence import finalise
from models.rhythm_learner import RhythmLearner
from models.settings import Approval, Settings
from models.window_learner import WindowLearner

SECOND: Final = 1_000_000_000
MAX_SOURCES: Final = 64
"""Captures named in the origin of a baseline."""

Record = TypeVar("Record", Settings, Approval)


class Training:
    """Learns all models at once from facts in their total order.

    ``settings`` out of bounds raise ``ValueError``. ``allowed`` names the signed policy rule behind an operation, "" when there is none; what it names counts as confirmed.
    """

    wants: frozenset[type[Fact]] = frozenset({ChannelOpened, OperationFirst, TransitionFirst, Exchange, ChannelWindow})

    def __init__(self, settings: Settings | None = None, allowed: Allowed | None = None) -> None:
        self.settings = checked(settings or Settings())
        self._novelty = NoveltyLearner(self.settings, allowed)
        self._rhythm = RhythmLearner(self.settings)
        self._window = WindowLearner(self.settings)
        self._digest = hashlib.sha256()
        self._facts = 0
        self._first = 0
        self._last = 0
        self._periods: set[int] = set()
        self._sources: dict[str, None] = {}

    def learn(self, fact: AnyFact, channel: ChannelOpened | None) -> None:
        """Take one fact; ``channel`` is its newest opening, None for facts without one. Others than ``wants`` are ignored."""
        kind = type(fact)
        if kind not in self.wants:
            return
        self._digest.update(encode(fact))
        self._facts += 1
        self._first = self._first or fact.time
        self._last = max(self._last, fact.time)
        if len(self._sources) < MAX_SOURCES:
            self._sources[fact.source] = None
        if kind is ChannelWindow:
            self._periods.add(fact.start // (self.settings.period_seconds * SECOND))  # type: ignore[union-attr]
        self._novelty.learn(fact, channel)
        if kind in self._rhythm.wants:
            self._rhythm.learn(fact, channel)
            self._window.learn(fact, channel)

    def finish(
        self, approval: Approval | None = None, parent: str = "", without: frozenset[int] = frozenset()
    ) -> Baseline:
        """Return the baseline. ``without`` are periods (number = ns // period) whose operations are left out of novelty.

        Raises ``ValueError`` when nothing was learned, or when the approval names nobody or no ticket.
        """
        if approval is not None:
            approval = checked(approval)
        if not self._facts:
            raise ValueError("nothing to learn from: the input holds no conversation; give a capture of normal traffic")
        novelty = self._novelty.state(approval, without)
        rhythms = self._rhythm.state()
        windows, forests = self._window.state()
        members = sum(
            operation.standing in MEMBERS for learned in novelty.conversations for operation in learned.operations
        )
        origin = Origin(
            first=self._first,
            last=self._last,
            facts=self._facts,
            periods=len(self._periods - without),
            sources=tuple(self._sources),
            data_sha256=self._digest.hexdigest(),
            settings_sha256=hashlib.sha256(msgspec.json.encode(self.settings)).hexdigest(),
            approval=approval,
            parent=parent,
            packages=packages(),
            notes=self._notes(members, without),
        )
        return finalise(self.settings, origin, novelty, rhythms, windows, forests)

    def _notes(self, members: int, without: frozenset[int]) -> tuple[str, ...]:
        settings = self.settings
        notes = []
        periods = len(self._periods - without)
        if periods < settings.min_periods:
            notes.append(
                f"the training spans {periods} periods of {settings.period_seconds} s, {settings.min_periods} are needed: "
                "only what a person or the policy confirmed is normal"
            )
        if not members:
            notes.append("no operation is a member: everything will be found novel")
        if without:
            notes.append(f"periods left out: {', '.join(str(number) for number in sorted(without))}")
        return tuple(notes)


def checked(record: Record) -> Record:
    """Return ``record`` if its values lie in their bounds. Raises ``ValueError`` naming the one that does not."""
    return msgspec.convert(msgspec.to_builtins(record), type(record))


def packages() -> dict[str, str]:
    """Return the versions that training depends on."""
    return {
        "msgspec": version("msgspec"),
        "numpy": np.__version__,
        "python": platform.python_version(),
        "scikit-learn": version("scikit-learn"),
    }
