"""What novelty remembers: conversations with their operations, per period, and why each of them is normal or not.

An operation is known with its objects (the ``label`` of the facts). Values are never part of it.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from dissectors.facts import Target
from models.identity import Conversation

LEARNED: Final = "learned"
APPROVED: Final = "approved"
POLICY: Final = "policy"
UNAPPROVED: Final = "unapproved"
RARE: Final = "rare"
STANDINGS: Final = (LEARNED, APPROVED, POLICY, UNAPPROVED, RARE)
"""``learned``: seen in enough periods; ``approved``: by a person; ``policy``: by a signed rule. The others are no
members: ``unapproved`` is dangerous and nobody confirmed it, ``rare`` was seen in too few periods."""
MEMBERS: Final = frozenset({LEARNED, APPROVED, POLICY})

Natural = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
Text = Annotated[str, msgspec.Meta(max_length=2_000)]
Index = Annotated[int, msgspec.Meta(ge=0, le=100_000)]


class LearnedOperation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One operation with its objects. ``counts`` are (period number, requests); ``openings`` how often it came first
    on a connection; ``by`` who or which rule confirmed it.
    """

    label: Text
    verb: Text
    operation: Text
    code: Text
    targets: tuple[Target, ...]
    standing: Text
    by: Text = ""
    requests: Natural = 0
    openings: Natural = 0
    counts: tuple[tuple[Natural, Natural], ...] = ()
    first: Natural
    last: Natural
    source: Text
    frame: Natural

    @property
    def member(self) -> bool:
        """Whether the operation is normal."""
        return self.standing in MEMBERS


class LearnedConversation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One channel of the baseline. ``followed`` are pairs of positions in ``operations``: the second came after the first."""

    conversation: Conversation
    standing: Text
    by: Text = ""
    periods: tuple[Natural, ...] = ()
    first: Natural
    last: Natural
    source: Text
    frame: Natural
    operations: tuple[LearnedOperation, ...] = ()
    followed: tuple[tuple[Index, Index], ...] = ()

    @property
    def member(self) -> bool:
        """Whether the conversation is normal."""
        return self.standing in MEMBERS


class Novelty(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The state of the novelty model; ``dropped`` counts what its bounds kept out while learning."""

    conversations: tuple[LearnedConversation, ...]
    dropped: dict[str, Natural] = {}
