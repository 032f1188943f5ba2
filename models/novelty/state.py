"""What novelty remembers: conversations with their operations, per period, and why each of them is normal or not.

An operation is known with its objects (the ``label`` of the facts). Values are never part of it.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec

from dissectors.facts import Target
from models.group import group_of
from models.identity import Conversation
from models.wording import day_text, targets_text

LEARNED: Final = "learned"
APPROVED: Final = "approved"
POLICY: Final = "policy"
UNAPPROVED: Final = "unapproved"
RARE: Final = "rare"
STANDINGS: Final = (LEARNED, APPROVED, POLICY, UNAPPROVED, RARE)
"""``learned``: seen in enough periods; ``approved``: by a person; ``policy``: by a rule of an approved policy. The others are no
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


def problem(novelty: Novelty) -> str:
    """Return a clause on what cannot be in a loaded state, "" when it is sound."""
    if len({learned.conversation for learned in novelty.conversations}) != len(novelty.conversations):
        return "names a conversation twice"
    for learned in novelty.conversations:
        count = len(learned.operations)
        if learned.standing not in STANDINGS or any(
            operation.standing not in STANDINGS for operation in learned.operations
        ):
            return "has a standing that does not exist"
        if len({operation.label for operation in learned.operations}) != count:
            return "names an operation twice"
        if any(one >= count or two >= count for one, two in learned.followed):
            return "has a transition to an operation that does not exist"
    return ""


def notes(novelty: Novelty) -> tuple[str, ...]:
    """Return what an operator should know at once."""
    if any(operation.member for learned in novelty.conversations for operation in learned.operations):
        return ()
    return ("no operation is a member: everything will be found novel",)


def card(novelty: Novelty) -> dict[str, Any]:
    """Return what the model card says: who talks how, and what nobody confirmed."""
    return {
        "channels": [_conversation(learned) for learned in novelty.conversations],
        "not_approved": [
            {"channel": learned.conversation.name, **_operation(operation)}
            for learned in novelty.conversations
            for operation in learned.operations
            if not operation.member
        ],
    }


def _conversation(learned: LearnedConversation) -> dict[str, Any]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for operation in learned.operations:
        if operation.member:
            groups.setdefault(group_of(operation.verb), []).append(_operation(operation))
    return {
        "channel": learned.conversation.name,
        "standing": learned.standing,
        "by": learned.by,
        "periods": len(learned.periods),
        "first": day_text(learned.first),
        "last": day_text(learned.last),
        "groups": {group: groups[group] for group in sorted(groups)},
        "transitions": len(learned.followed),
    }


def _operation(operation: LearnedOperation) -> dict[str, Any]:
    return {
        "operation": operation.operation,
        "verb": operation.verb,
        "objects": targets_text(operation.targets),
        "requests": operation.requests,
        "periods": len(operation.counts),
        "standing": operation.standing,
        "by": operation.by,
        "source": operation.source,
        "frame": operation.frame,
    }
