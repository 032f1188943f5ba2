"""Training: facts of clean traffic in, a baseline out. Packet time is the only clock; nothing is learned twice."""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import version
from typing import Any, Final, TypeVar

import msgspec
import numpy as np

from dissectors.context import Context
from dissectors.facts import ChannelWindow, Fact, encode
from models.baseline import Baseline, Origin
from models.contract import Allowed
from models.persistence import finalise
from models.registry import MODELS
from models.settings import Approval, Settings

SECOND: Final = 1_000_000_000
MAX_SOURCES: Final = 64
"""Captures named in the origin of a baseline."""

Record = TypeVar("Record", Settings, Approval)


class Training:
    """Learns all models at once from facts in their total order.

    ``settings`` out of bounds raise ``ValueError``. ``allowed`` names the rule of an approved policy behind an operation, "" when there is none; what it names counts as confirmed.
    """

    wants: frozenset[type[Fact]]

    def __init__(self, settings: Settings | None = None, allowed: Allowed | None = None) -> None:
        self.settings = checked(settings or Settings())
        self._learners = {model.name: model.learner(self.settings, allowed) for model in MODELS}
        self.wants = frozenset().union(*(learner.wants for learner in self._learners.values()))
        self._routes = {
            kind: tuple(learner.learn for learner in self._learners.values() if kind in learner.wants)
            for kind in self.wants
        }
        self._digest = hashlib.sha256()
        self._facts = 0
        self._first = 0
        self._last = 0
        self._periods: set[int] = set()
        self._sources: dict[str, None] = {}

    def learn(self, context: Context) -> None:
        """Take one fact. Others than ``wants`` are ignored."""
        fact = context.fact
        routes = self._routes.get(type(fact))
        if routes is None:
            return
        self._digest.update(encode(fact))
        self._facts += 1
        self._first = self._first or fact.time
        self._last = max(self._last, fact.time)
        if len(self._sources) < MAX_SOURCES:
            self._sources[fact.source] = None
        if isinstance(fact, ChannelWindow):
            self._periods.add(fact.start // (self.settings.period_seconds * SECOND))
        for learn in routes:
            learn(context)

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
        states = {name: learner.state(approval, without) for name, learner in self._learners.items()}
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
            notes=self._notes(states, without),
        )
        return finalise(self.settings, origin, states)

    def _notes(self, states: dict[str, Any], without: frozenset[int]) -> tuple[str, ...]:
        settings = self.settings
        notes: list[str] = []
        periods = len(self._periods - without)
        if periods < settings.min_periods:
            notes.append(
                f"the training spans {periods} periods of {settings.period_seconds} s, {settings.min_periods} are needed: "
                "only what a person or the policy confirmed is normal"
            )
        for model in MODELS:
            notes += model.notes(states[model.name])
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
