"""Gathers the 60 s windows of the facts into the longer windows a forest looks at. Shared by learning and scoring.

A window counts where it covers at least MIN_COVER of its length: the ends of a capture cut windows short.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from dissectors.facts import AnyFact, ChannelOpened, ChannelWindow, OperationFirst
from models.contract import is_blind
from models.identity import is_conversation
from models.windows.features import Objects, Raw, Tally, row_of

SECOND: Final = 1_000_000_000
MIN_COVER: Final = 0.5
MAX_OPEN: Final = 4_000
"""Windows open at once, and channels known to talk; a channel asked about again costs a little, a window is lost."""
PAUSE: Final = 120 * SECOND
"""After a pause of all facts nobody knows how much of the next window was seen; it is not judged."""


class Slot:
    """One window of one channel. ``objects`` are those of all channels."""

    __slots__ = ("channel", "objects", "seconds", "source", "tally")

    def __init__(self, channel: ChannelOpened, seconds: int, tally: Tally, source: str, objects: Objects) -> None:
        self.channel = channel
        self.seconds = seconds
        self.tally = tally
        self.source = source
        self.objects = objects

    def raw(self) -> Raw:
        """Return the features of the window before any logarithm."""
        return self.tally.raw(self.objects)

    def row(self) -> list[float]:
        """Return the features of the window."""
        return row_of(self.raw())


class WindowSlots:
    """Open windows by channel and length."""

    def __init__(self, lengths: tuple[int, ...]) -> None:
        self._lengths = tuple((seconds, seconds * SECOND, MIN_COVER * seconds) for seconds in lengths)
        self._objects = Objects()
        self._open: OrderedDict[tuple[str, int], Slot] = OrderedDict()
        self._talking: dict[str, tuple[ChannelOpened, bool]] = {}
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
        self._pass(fact.time)
        if channel is None:
            return []
        if isinstance(fact, OperationFirst):
            self._objects.learn(fact.channel, fact.label, fact.targets)
            return []
        if not isinstance(fact, ChannelWindow) or not self._talks(channel):
            return []
        if is_blind(fact):
            self.suppressed += 1
            return []
        begin, end = fact.start, fact.end
        latest = Tally(begin)
        latest.add(fact, max(0, end - max(begin, self._began)) / SECOND)
        done: list[Slot] = []
        for seconds, length, minimum in self._lengths:
            start = begin - begin % length
            key = (fact.channel, seconds)
            slot = self._open.get(key)
            if slot is None and start == begin and end >= start + length:
                if latest.seconds >= minimum:
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
            if end >= start + length:
                done += self._finish(key)
        return done

    def _pass(self, now: int) -> None:
        gap = now - self._now
        if not self._began or abs(gap) > PAUSE:
            self._began = now
        if gap > 0 or gap <= -PAUSE:
            self._now = now

    def _talks(self, channel: ChannelOpened) -> bool:
        """Return whether two stations really conversation on ``channel``; asked once for each opening."""
        known = self._talking.get(channel.channel)
        if known is None or known[0] is not channel:
            if len(self._talking) >= MAX_OPEN:
                self._talking.clear()
            known = self._talking[channel.channel] = (channel, is_conversation(channel))
        return known[1]

    def finish(self) -> list[Slot]:
        """Return what is still open, as far as it covers enough."""
        return [slot for key in list(self._open) for slot in self._finish(key)]

    def _finish(self, key: tuple[str, int]) -> list[Slot]:
        slot = self._open.pop(key)
        return [slot] if slot.tally.seconds >= MIN_COVER * slot.seconds else []
