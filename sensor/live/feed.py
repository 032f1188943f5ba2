"""Takes the blocks of several rings in order of time and walks them into one sink.

The kernel hands a block over when it is full or its retire time is over, so what one interface saw early may come later
than what another saw after it. A block that has been ready for HOLD is safe: whatever was stamped before its last packet has
been handed over on every other interface too. Packets are fed up to the latest such stamp, merged packet by packet; blocks
wait in the ring, whose size bounds them. With one interface nothing waits. When half of a ring is filled, order gives way to
losing nothing: then everything up to the newest of its blocks is fed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from dissectors.wire.sink import PacketSink
from sensor.live.block import NEVER, BlockWalker, Merger
from sensor.live.ring import Ring

SLACK_MILLISECONDS: Final = 20


class Feed:
    """The rings of one worker on their way into its sink."""

    def __init__(self, rings: Sequence[Ring], sink: PacketSink) -> None:
        self.rings = list(rings)
        self.walkers = [BlockWalker(ring.device.link) for ring in rings]
        self._merger = Merger(self.walkers, [ring.name for ring in rings], sink)
        self.hold = (2 * max(ring.size.retire_milliseconds for ring in rings) + SLACK_MILLISECONDS) * 1_000_000
        self._unripe: list[deque[tuple[int, int]]] = [deque() for _ in rings]
        self._noticed = [0] * len(self.rings)
        self._safe = -1

    @property
    def latest(self) -> int:
        """The time of the last packet fed, -1 before."""
        return int(self._merger.latest)

    def let_pass(self, time: int) -> None:
        """The sink was told that it is ``time``: no packet is delivered with an earlier one, a late one gets this time."""
        self._merger.latest = max(int(self._merger.latest), time)

    @property
    def packets(self) -> int:
        """Packets fed so far."""
        return sum(int(walker.packets) for walker in self.walkers)

    def step(self, now: int, *, all_of_it: bool = False) -> bool:
        """Feed what is safe at ``now`` (a steady clock, nanoseconds); say whether any packet was fed.

        At most one block of each ring, so that the caller keeps its turn. ``all_of_it`` waits for nothing: at the end.
        """
        limit = NEVER if len(self.rings) == 1 or all_of_it else self._settle(now)
        before = self.packets
        had_turn = [False] * len(self.rings)
        while self._load(had_turn, noticed_only=limit != NEVER):
            if not self._merger.run(limit):
                break
        return self.packets > before

    def idle(self) -> bool:
        """Say whether nothing is held and no ring has a filled block."""
        return not self.held() and not any(ring.ready() for ring in self.rings)

    def held(self) -> bool:
        """Say whether packets are held back until the other interfaces have been heard."""
        return any(walker.left for walker in self.walkers)

    def _load(self, had_turn: list[bool], *, noticed_only: bool) -> bool:
        """Load the next block of each ring that has none; False when nothing can be fed in order in this step.

        A block that was filled since ``_settle`` waits for the next step: only what is noticed ripens.
        """
        for place, (ring, walker) in enumerate(zip(self.rings, self.walkers, strict=True)):
            if walker.left or not ring.ready() or (noticed_only and not self._noticed[place]):
                continue
            if had_turn[place]:
                return False
            had_turn[place] = True
            self._noticed[place] = max(0, self._noticed[place] - 1)
            walker.load(ring.take())
        return self.held()

    def _settle(self, now: int) -> int:
        """Note when each filled block was first seen, and return the time up to which all interfaces have been heard."""
        for place, (ring, unripe) in enumerate(zip(self.rings, self._unripe, strict=True)):
            while ring.ready(self._noticed[place]):
                unripe.append((now, ring.last_stamp(self._noticed[place])))
                self._noticed[place] += 1
            crowded = self._noticed[place] * 2 > ring.size.blocks
            while unripe and (crowded or now - unripe[0][0] >= self.hold):
                self._safe = max(self._safe, unripe.popleft()[1])
        return self._safe
