"""A baseline's conversations, arranged so that one look-up says whether an operation is a member."""

from __future__ import annotations

from bisect import bisect_right

from msgspec.structs import replace

from dissectors.facts import Target
from models.group import HOUSEKEEPING, group_of
from models.identity import Conversation
from models.novelty.state import LearnedConversation, LearnedOperation, Novelty
from models.wording import count_text

EVERYTHING = 2**62


class Known:
    """One conversation: its members by label, group, operation and object."""

    def __init__(self, learned: LearnedConversation) -> None:
        kept = tuple(_without_counts(operation) for operation in learned.operations)
        self.learned = learned = replace(learned, operations=kept)
        self.by_label = {operation.label: operation for operation in kept}
        members = [operation for operation in learned.operations if operation.member]
        self.labels = frozenset(operation.label for operation in members)
        self.groups = frozenset(group_of(operation.verb) for operation in members if operation.verb != HOUSEKEEPING)
        self.operations = frozenset(
            (group_of(operation.verb), operation.operation, operation.code) for operation in members
        )
        self.requests = sum(operation.requests for operation in members)
        self.never_first = {
            operation.label: operation for operation in members if operation.requests and not operation.openings
        }
        self.followed = frozenset(
            (learned.operations[a].label, learned.operations[b].label) for a, b in learned.followed
        )
        ranges: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for operation in members:
            for target in operation.targets:
                ranges.setdefault((group_of(operation.verb), target.kind), []).append(_span(target))
        self.ranges = {key: _merge(spans) for key, spans in ranges.items()}

    def outside(self, group: str, targets: tuple[Target, ...]) -> list[Target]:
        """Return the targets that reach beyond the objects learned for ``group``."""
        return [target for target in targets if not self._covers(group, target)]

    def _covers(self, group: str, target: Target) -> bool:
        spans = self.ranges.get((group, target.kind))
        if spans is None:
            return False
        first, last = _span(target)
        at = bisect_right(spans, (first, EVERYTHING)) - 1
        return at >= 0 and spans[at][0] <= first and last <= spans[at][1]

    def usual(self) -> str:
        """Return what is done in this conversation, e.g. "read_coils, read_holding_registers (412,331 requests)"."""
        names = sorted({operation.operation for operation in self.by_label.values() if operation.label in self.labels})
        shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
        return f"{shown or 'nothing'} ({count_text(self.requests, 'request')})"

    def objects(self, group: str) -> str:
        """Return the objects learned for ``group``, e.g. "coil 0-7, holding_register 100-101"."""
        parts = []
        for (of, kind), spans in sorted(self.ranges.items()):
            if of == group:
                parts += [kind if last == EVERYTHING else _text(kind, first, last) for first, last in spans[:4]]
        return ", ".join(parts[:6]) + (f" and {len(parts) - 6} more" if len(parts) > 6 else "") or "no objects"


class NoveltyIndex:
    """All conversations of a baseline."""

    def __init__(self, novelty: Novelty) -> None:
        self._known = {learned.conversation: Known(learned) for learned in novelty.conversations}
        self._pairs = {learned.conversation.pair for learned in novelty.conversations if learned.member}

    def find(self, conversation: Conversation) -> Known | None:
        """Return the conversation, None when it was never seen in learning."""
        return self._known.get(conversation)

    def knows_pair(self, conversation: Conversation) -> bool:
        """Whether these two were learned to talk over this protocol, whatever the unit."""
        return conversation.pair in self._pairs


def _without_counts(operation: LearnedOperation) -> LearnedOperation:
    """Return a member without its requests by period, which take most of the memory; of others a sentence counts the periods."""
    return replace(operation, counts=()) if operation.member else operation


def _span(target: Target) -> tuple[int, int]:
    return (0, EVERYTHING) if target.first < 0 else (target.first, max(target.first, target.last))


def _merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _text(kind: str, first: int, last: int) -> str:
    return f"{kind} {first}" if first == last else f"{kind} {first}-{last}"
