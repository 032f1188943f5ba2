"""Gathers the 60 s windows of the facts into the longer windows a forest looks at. Shared by learning and scoring.

A window counts where it covers at least LEAST_COVER of its length: the ends of a capture cut windows short.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

import msgspec

from dissectors.facts import AnyFact, ChannelOpened, ChannelWindow, OperationFirst
from models.features import Objects, Tally
from models.identity import is_conversation
from models.rhythm_learner import is_blind

SECOND: Final = 1_000_000_000
LEAST_COVER: Final = 0.5
MAX_OPEN: Final = 50_000
PAUSE: Final = 120 * SECOND
"""After a pause of all facts nobody knows how much of the next window was seen; it is not judged."""


class Slot(msgspec.Struct, frozen=True):
    """One finished window of one channel."""

    channel: ChannelOpened
    seconds: int
    tally: Tally
    source: str
    objects: Objects

    def row(self) -> list[float]:
        """Return the features of the window."""
        return self.tally.row(self.objects)


class WindowSlots:
    """Open windows by channel and length."""

    def __init__(self, lengths: tuple[int, ...]) -> None:
        self._lengths = lengths
        self._objects = Objects()
        self._open: OrderedDict[tuple[str, int], Slot] = OrderedDict()
        self._began = 0
        self._now = 0
        self.suppressed = 0
        self._evicted = 0

    @property
    def evicted(self) -> int:
        """Windows and labels forgotten because a table was full."""
        return self._evicted + self._objects.evicted

    def add(self, fact: AnyFact, channel: ChannelOpened | None) -> list[Slot]:
        """Take one fact and return the windows that ended with it."""
        if not self._began or abs(fact.time - self._now) > PAUSE:
            self._began = fact.time
        self._now = max(self._now, fact.time) if fact.time - self._now > -PAUSE else fact.time
        if channel is None:
            return []
        if isinstance(fact, OperationFirst):
            self._objects.learn(fact.channel, fact.label, fact.targets)
            return []
        if not isinstance(fact, ChannelWindow) or not is_conversation(channel):
            return []
        if is_blind(fact):
            self.suppressed += 1
            return []
        done: list[Slot] = []
        latest = Tally(fact.start)
        latest.add(fact, max(0, fact.end - max(fact.start, self._began)) / SECOND)
        for seconds in self._lengths:
            start = fact.start // (seconds * SECOND) * (seconds * SECOND)
            key = (fact.channel, seconds)
            slot = self._open.get(key)
            if slot is None and start == fact.start and fact.end >= start + seconds * SECOND:
                if latest.seconds >= LEAST_COVER * seconds:
                    done.append(Slot(channel, seconds, latest, fact.source, self._objects))
                continue
            if slot is not None and slot.tally.start != start:
                done += self._finish(key)
                slot = None
            if slot is None:
                if len(self._open) >= MAX_OPEN:
                    self._open.popitem(last=False)
                    self._evicted += 1
                slot = self._open[key] = Slot(channel, seconds, Tally(start), fact.source, self._objects)
            slot.tally.join(latest)
            if fact.end >= start + seconds * SECOND:
                done += self._finish(key)
        return done

    def finish(self) -> list[Slot]:
        """Return what is still open, as far as it covers enough."""
        return [slot for key in list(self._open) for slot in self._finish(key)]

    def _finish(self, key: tuple[str, int]) -> list[Slot]:
        slot = self._open.pop(key)
        return [slot] if slot.tally.seconds >= LEAST_COVER * slot.seconds else []
