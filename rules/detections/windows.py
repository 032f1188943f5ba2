"""Sliding counters in packet time: how often, how many different, and what was last seen under a key.

All tables are bounded; the key idle longest goes first and ``evicted`` counts it. A threshold "n in t" holds when the
count over the last t, both ends included, reaches n. Times are nanoseconds, spans seconds.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable, Iterable, Mapping
from itertools import islice
from typing import Final, Generic, TypeVar

KEYS: Final = 4_000
"""Keys a table holds."""
ENTRIES: Final = 4_096
"""Times, or different values, kept under one key."""
ALL_ENTRIES: Final = 50_000
"""Times, or different values, that one counter keeps under all its keys; beyond it keys go, the one idle longest first."""
SECOND: Final = 1_000_000_000

Held = TypeVar("Held")
Seen = Mapping[Hashable, int]
"""Different values with the time each was last seen, oldest first."""


def first_of(seen: Iterable[object], count: int) -> list[object]:
    """Return the first so many values, for showing."""
    return list(islice(seen, count))


class Table(Generic[Held]):
    """A bounded table that forgets the key idle longest."""

    def __init__(self, keys: int = KEYS) -> None:
        self.keys = keys
        self.evicted = 0
        self._held: OrderedDict[Hashable, Held] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: Hashable) -> Held | None:
        """Return what is held under ``key`` without touching its age."""
        return self._held.get(key)

    def put(self, key: Hashable, held: Held) -> Held | None:
        """Hold it under ``key``, as the youngest; return what made way for it."""
        self._held[key] = held
        self._held.move_to_end(key)
        return self.evict() if len(self._held) > self.keys else None

    def evict(self) -> Held:
        """Forget and return what is held under the key idle longest."""
        self.evicted += 1
        return self._held.popitem(last=False)[1]

    def take(self, key: Hashable) -> Held | None:
        """Return and forget what is held under ``key``."""
        return self._held.pop(key, None)

    def oldest(self) -> tuple[Hashable, Held] | None:
        """Return the key idle longest with what it holds."""
        for item in self._held.items():
            return item
        return None


class _Times:
    """The (time, weight) of one key, oldest first, with the sum of the weights."""

    __slots__ = ("entries", "total")

    def __init__(self) -> None:
        self.entries: deque[tuple[int, int]] = deque()
        self.total = 0

    def add(self, time: int, weight: int, horizon: int) -> int:
        """Take one entry, drop what is before ``horizon`` or beyond ENTRIES, and return the sum."""
        entries = self.entries
        entries.append((time, weight))
        self.total += weight
        while entries[0][0] < horizon or len(entries) > ENTRIES:
            self.total -= entries.popleft()[1]
        return self.total

    def __len__(self) -> int:
        return len(self.entries)


class Count:
    """How much happened under a key within a sliding span; one key is always counted with the same span."""

    def __init__(self, keys: int = KEYS) -> None:
        self.table: Table[_Times] = Table(keys)
        self.entries = 0

    def add(self, key: Hashable, time: int, seconds: float, weight: int = 1) -> int:
        """Count ``weight`` at ``time`` and return the sum over the last ``seconds``."""
        times = self.table.get(key)
        if times is None:
            times = _Times()
        before = len(times)
        total = times.add(time, weight, time - int(seconds * SECOND))
        self.entries += len(times) - before - len(self.table.put(key, times) or ())
        while self.entries > ALL_ENTRIES:
            self.entries -= len(self.table.evict())
        return total

    def within(self, key: Hashable, since: int, until: int) -> int:
        """Return the sum over [since, until] of what is still held under ``key``."""
        times = self.table.get(key)
        total = 0
        for time, weight in reversed(times.entries if times is not None else ()):
            if time < since:
                break
            if time <= until:
                total += weight
        return total


class Distinct:
    """How many different values were seen under a key within a sliding span."""

    def __init__(self, keys: int = KEYS) -> None:
        self.table: Table[OrderedDict[Hashable, int]] = Table(keys)
        self.entries = 0

    def add(self, key: Hashable, value: Hashable, time: int, seconds: float) -> Seen:
        """See ``value`` at ``time`` and return the different values of the last ``seconds``, oldest first."""
        seen = self.table.get(key)
        if seen is None:
            seen = OrderedDict()
        before = len(seen)
        seen[value] = time
        seen.move_to_end(value)
        if len(seen) > ENTRIES:
            seen.popitem(last=False)
        horizon = time - int(seconds * SECOND)
        while seen[next(iter(seen))] < horizon:
            seen.popitem(last=False)
        self.entries += len(seen) - before - len(self.table.put(key, seen) or ())
        while self.entries > ALL_ENTRIES:
            self.entries -= len(self.table.evict())
        return seen
