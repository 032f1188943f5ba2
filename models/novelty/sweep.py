"""Counts what is new on one channel for one reason, so that a sweep of any size grows one incident.

While hits come within MERGE of each other each of them is reported (the incident joins them); a sweep slower than that is reported
again only when its count has doubled. Bounded by MAX_SWEEPS channels and MAX_KINDS tables of objects each.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

from dissectors.facts import Target

MERGE: Final = 300 * 1_000_000_000
MAX_SWEEPS: Final = 2_000
MAX_KINDS: Final = 8
"""Tables of objects of one sweep; further ones are counted together."""


class Sweep:
    """What was new so far for one reason on one channel."""

    def __init__(self) -> None:
        self.count = 0
        self.first = 0
        self.last = 0
        self._reported = 0
        self._next_count = 1
        self._ranges: dict[str, tuple[int, int]] = {}
        self._more = 0

    def add(self, time: int, targets: tuple[Target, ...]) -> bool:
        """Count one hit at ``time`` (ns) and return whether it should be reported."""
        self.count += 1
        self.first = self.first or time
        self.last = time
        for target in targets:
            known = self._ranges.get(target.kind)
            if known is None and len(self._ranges) >= MAX_KINDS:
                self._more += 1
            elif known is None:
                self._ranges[target.kind] = (target.first, target.last)
            else:
                self._ranges[target.kind] = (min(known[0], target.first), max(known[1], target.last))
        joins = time - self._reported <= MERGE
        if joins or self.count >= self._next_count:
            self._reported = time
            if self.count >= self._next_count:
                self._next_count = self.count * 2
            return True
        return False

    def reach(self) -> str:
        """Return the objects touched so far, e.g. "holding_register 0-412"."""
        parts = []
        for kind, (first, last) in self._ranges.items():
            parts.append(kind if first < 0 else f"{kind} {first}" if first == last else f"{kind} {first}-{last}")
        return ", ".join(parts) + (f" and {self._more} more" if self._more else "")


class Sweeps:
    """All sweeps, idle longest forgotten first."""

    def __init__(self, limit: int = MAX_SWEEPS) -> None:
        self._limit = limit
        self._sweeps: OrderedDict[Hashable, Sweep] = OrderedDict()
        self.evicted = 0

    def of(self, key: Hashable) -> Sweep:
        """Return the sweep of ``key``, making it when it is new."""
        sweep = self._sweeps.get(key)
        if sweep is None:
            if len(self._sweeps) >= self._limit:
                self._sweeps.popitem(last=False)
                self.evicted += 1
            sweep = self._sweeps[key] = Sweep()
        else:
            self._sweeps.move_to_end(key)
        return sweep

    def __len__(self) -> int:
        return len(self._sweeps)
