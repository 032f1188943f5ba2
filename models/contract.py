"""The contract that every model keeps: learn from facts; from what was learned, judge facts with reasons.

A learner sees the facts of clean traffic in their total order and gives a frozen state. A scorer is made from that
state, sees live facts in the same order, and answers with findings. Packet time is the only clock; high means odd.
``Model`` is what a model's folder declares and ``models.registry`` lists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec

from dissectors.context import Context
from dissectors.facts import ChannelOpened, ChannelWindow, Exchange, Fact, OperationFirst
from dissectors.finding import Finding
from models.npz import Array
from models.settings import Approval, Settings

LOSS: Final = 0.001
"""Holes per packet up to which a window is judged."""
BLIND: Final = frozenset({"one_sided", "encrypted"})
"""What stays so for a whole connection. A gap does not: the window that has it is blind, not those after it."""

Allowed = Callable[[ChannelOpened, OperationFirst | Exchange], str]
"""Says which rule of an approved policy allows an operation ("R-011, ticket CHG-1001"), "" when none does."""


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

    def learn(self, context: Context) -> None:
        """Take one fact with its channel, None for facts without one."""

    def state(self, approval: Approval | None = None, without: frozenset[int] = frozenset()) -> Any:
        """Return what was learned, a record of the model's ``state``. ``without`` are periods to leave out if it can."""


class Scorer(Protocol):
    """Judges with one model."""

    hints: list[Hint]
    """What was near; whoever reads them empties the list."""

    @property
    def wants(self) -> frozenset[type[Fact]]:
        """The fact types ``see`` is called with."""

    @property
    def counters(self) -> dict[str, int]:
        """What the bounds made the model forget or leave out."""

    def see(self, context: Context) -> Sequence[Finding]:
        """Judge one fact."""

    def tick(self, now: int) -> Sequence[Finding]:
        """Let packet time pass to ``now`` (ns), for what is missing."""

    def finish(self, now: int) -> Sequence[Finding]:
        """End everything at ``now``; time that did not pass is no absence."""


class Arrays(msgspec.Struct, frozen=True, kw_only=True):
    """What of a state lies in arrays: ``file`` is an .npz of the names and number types that ``types`` gives, in order.

    ``split`` parts a state into its document and arrays, ``join`` puts them together again; it raises ``ValueError`` with
    a clause on arrays that do not fit.
    """

    file: str
    types: Callable[[Any], Mapping[str, str]]
    split: Callable[[Any], tuple[Any, Mapping[str, Array]]]
    join: Callable[[Any, Mapping[str, Array]], Any]


def _no_notes(state: Any) -> tuple[str, ...]:
    return ()


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """One model. ``state`` is the type of what its learner gives, ``document`` the type of what is saved in ``file``.

    ``scorer`` is made of a state, a clause on how much learning stands behind it, and the name of the baseline.
    ``problem`` returns a clause on what cannot be in a document, "" when it is sound; ``card`` what the model card says of
    a state, by heading; ``notes`` what an operator should know of it at once.
    """

    name: str
    state: type[Any]
    file: str
    document: type[Any]
    learner: Callable[[Settings, Allowed | None], Learner]
    scorer: Callable[[Any, str, str], Scorer]
    problem: Callable[[Any], str]
    card: Callable[[Any], dict[str, Any]]
    notes: Callable[[Any], tuple[str, ...]] = _no_notes
    arrays: Arrays | None = None


def is_blind(window: ChannelWindow) -> bool:
    """Whether the window misses too much to say anything of its timing."""
    if window.visibility in BLIND:
        return True
    return window.gaps > 0 and window.gaps > LOSS * (window.packets_client + window.packets_server)
