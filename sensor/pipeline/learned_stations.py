"""What a baseline knows of the stations, as the alert catalogue asks for it. Only members of the baseline count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dissectors.facts import ChannelOpened, Target
from models.identity import talk_of
from models.novelty.state import Talker

NOBODY: Final[tuple[str, ...]] = ()
MAX_ANSWERS: Final = 50_000
"""Answers kept because the same channels ask again; then they are found anew, so nothing is lost."""


class LearnedStations:
    """Look-ups over the talkers of a baseline, made once."""

    def __init__(self, talkers: Iterable[Talker]) -> None:
        self._labels: dict[tuple[str, ...], frozenset[str]] = {}
        self._clients: dict[tuple[str, ...], set[str]] = {}
        self._units: dict[tuple[str, ...], set[str]] = {}
        self._doers: dict[tuple[str, ...], set[str]] = {}
        self._objects: dict[str, set[tuple[str, int]]] = {}
        self._answers: dict[tuple[str, frozenset[str]], tuple[str, ...]] = {}
        for talker in talkers:
            self._add(talker)

    def _add(self, talker: Talker) -> None:
        talk, members = talker.talk, [symbol for symbol in talker.symbols if symbol.member]
        if talker.member:
            self._clients.setdefault((talk.server, talk.protocol), set()).add(talk.client)
            self._units.setdefault((talk.server, talk.protocol), set()).add(talk.unit)
        key = (talk.client, talk.server, talk.protocol, talk.unit)
        self._labels[key] = frozenset(symbol.label for symbol in members)
        objects = self._objects.setdefault(talk.server, set())
        for symbol in members:
            self._doers.setdefault((talk.server, talk.protocol, talk.unit, symbol.verb), set()).add(talk.client)
            objects.update((target.kind, target.first) for target in symbol.targets)

    def does(self, channel: ChannelOpened, label: str) -> bool:
        """Whether the client does exactly this (operation and objects) at this server and unit."""
        talk = talk_of(channel)
        return label in self._labels.get((talk.client, talk.server, talk.protocol, talk.unit), frozenset())

    def doers(self, channel: ChannelOpened, verbs: frozenset[str]) -> tuple[str, ...]:
        """Return the addresses of the clients that do something of these classes at this server and unit."""
        asked = (channel.channel, verbs)
        answer = self._answers.get(asked)
        if answer is None:
            talk = talk_of(channel)
            found: set[str] = set()
            for verb in verbs:
                found |= self._doers.get((talk.server, talk.protocol, talk.unit, verb), set())
            if len(self._answers) >= MAX_ANSWERS:
                self._answers.clear()
            answer = self._answers[asked] = tuple(sorted(found))
        return answer

    def clients(self, channel: ChannelOpened) -> tuple[str, ...]:
        """Return the addresses of the clients of this server over this protocol."""
        talk = talk_of(channel)
        return tuple(sorted(self._clients.get((talk.server, talk.protocol), NOBODY)))

    def units(self, channel: ChannelOpened) -> tuple[str, ...]:
        """Return the units (DNP3: link pairs) that anybody speaks to at this server over this protocol."""
        talk = talk_of(channel)
        return tuple(sorted(self._units.get((talk.server, talk.protocol), NOBODY)))

    def knows(self, channel: ChannelOpened, target: Target) -> bool:
        """Whether anybody uses this object at this server: the same one, or a block by its name ("DB20")."""
        objects = self._objects.get(talk_of(channel).server, set())
        if (target.kind, target.first) in objects:
            return True
        return any(kind == f"{target.kind}{target.first}" for kind, _ in objects)
