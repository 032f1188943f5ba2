"""What a baseline knows of the stations, as the alert catalogue asks for it. Only members of the baseline count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dissectors.facts import ChannelOpened, Target
from models.identity import conversation_of
from models.novelty.state import LearnedConversation

NOBODY: Final[tuple[str, ...]] = ()
MAX_ANSWERS: Final = 5_000
"""Answers kept because the same channels ask again; then they are found anew, so nothing is lost."""


class LearnedStations:
    """Look-ups over the conversations of a baseline, made once."""

    def __init__(self, conversations: Iterable[LearnedConversation]) -> None:
        self._labels: dict[tuple[str, ...], frozenset[str]] = {}
        self._clients: dict[tuple[str, ...], set[str]] = {}
        self._units: dict[tuple[str, ...], set[str]] = {}
        self._doers: dict[tuple[str, ...], set[str]] = {}
        self._objects: dict[str, set[tuple[str, int]]] = {}
        self._answers: dict[tuple[str, frozenset[str]], tuple[str, ...]] = {}
        for learned in conversations:
            self._add(learned)

    def _add(self, learned: LearnedConversation) -> None:
        conversation, members = (
            learned.conversation,
            [operation for operation in learned.operations if operation.member],
        )
        if learned.member:
            self._clients.setdefault((conversation.server, conversation.protocol), set()).add(conversation.client)
            self._units.setdefault((conversation.server, conversation.protocol), set()).add(conversation.unit)
        key = (conversation.client, conversation.server, conversation.protocol, conversation.unit)
        self._labels[key] = frozenset(operation.label for operation in members)
        objects = self._objects.setdefault(conversation.server, set())
        for operation in members:
            self._doers.setdefault(
                (conversation.server, conversation.protocol, conversation.unit, operation.verb), set()
            ).add(conversation.client)
            objects.update((target.kind, target.first) for target in operation.targets)

    def does(self, channel: ChannelOpened, label: str) -> bool:
        """Whether the client does exactly this (operation and objects) at this server and unit."""
        conversation = conversation_of(channel)
        return label in self._labels.get(
            (conversation.client, conversation.server, conversation.protocol, conversation.unit), frozenset()
        )

    def doers(self, channel: ChannelOpened, verbs: frozenset[str]) -> tuple[str, ...]:
        """Return the addresses of the clients that do something of these classes at this server and unit."""
        asked = (channel.channel, verbs)
        answer = self._answers.get(asked)
        if answer is None:
            conversation = conversation_of(channel)
            found: set[str] = set()
            for verb in verbs:
                found |= self._doers.get((conversation.server, conversation.protocol, conversation.unit, verb), set())
            if len(self._answers) >= MAX_ANSWERS:
                self._answers.clear()
            answer = self._answers[asked] = tuple(sorted(found))
        return answer

    def clients(self, channel: ChannelOpened) -> tuple[str, ...]:
        """Return the addresses of the clients of this server over this protocol."""
        conversation = conversation_of(channel)
        return tuple(sorted(self._clients.get((conversation.server, conversation.protocol), NOBODY)))

    def units(self, channel: ChannelOpened) -> tuple[str, ...]:
        """Return the units (or pairs of addresses) that anybody addresses at this server over this protocol."""
        conversation = conversation_of(channel)
        return tuple(sorted(self._units.get((conversation.server, conversation.protocol), NOBODY)))

    def knows(self, channel: ChannelOpened, target: Target) -> bool:
        """Whether anybody uses this object at this server: the same one, or a block by its name ("DB20")."""
        objects = self._objects.get(conversation_of(channel).server, set())
        if (target.kind, target.first) in objects:
            return True
        return any(kind == f"{target.kind}{target.first}" for kind, _ in objects)
