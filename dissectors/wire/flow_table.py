"""The table of flows: found by a mixed key, checked and chained on collision. Compiled with mypyc.

Bounded by MAX_FLOWS: when it is full, one in FORGET_SHARE is handed back to be ended, idle longest first, and those that nobody
has answered before any other: a flood of sources that never come again must not end the conversations of the plant. Keys are mixed
with a secret of this process, so that nobody outside can aim at one chain; nothing depends on their order.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.wire.flow import OPEN, Flow
from dissectors.wire.link import PLACE_SHIFT

MAX_FLOWS: Final = 16_000
FORGET_SHARE: Final = 10
SILENT_SHARE: Final = 4
"""One in so many is handed back when enough of them were never answered: in a flood the table is looked through less often."""
MOMENT_NANOSECONDS: Final = 1_000_000_000
MAX_CHAIN: Final = 64
"""Flows of one key; the oldest is handed back to be ended and counted. The same ends at other places have the same key."""
SIX: Final = 1 << 8
"""In the tag of a flow: its addresses are of IPv6."""
TUNNEL_SHIFT: Final = 32
"""In the ports of a flow: what a tunnel carries is never of one flow with the same ends outside it."""
WITHOUT_PLACE: Final = (1 << PLACE_SHIFT) - 1
"""The bits of a tag that are a part of the key."""
NEAR: Final = 4_096
"""Flows found lately, one for each rest of a key: looking there first saves making a number for the table's key."""
MERSENNE: Final = 0x7FFFFFFF
"""The prime of ``fold``."""


@final
class FlowTable:
    """All flows of one worker."""

    def __init__(self) -> None:
        self.flows: dict[i64, Flow] = {}
        self.near: list[Flow | None] = [None] * NEAR
        self.count: i64 = 0
        self.limit: i64 = MAX_FLOWS
        self.crowded: i64 = 0
        self.added: i64 = 0
        self.secret: i64 = hash("flows") & 0x3FFFFFFFFFFFFFFF

    def find(self, key: i64, x_high: i64, x_low: i64, y_high: i64, y_low: i64, ports: i64, tag: i64) -> Flow | None:
        """Return the flow between these ends, None when it is new."""
        place: i64 = key & (NEAR - 1)
        flow = self.near[place]
        if (
            flow is not None
            and flow.x_low == x_low
            and flow.y_low == y_low
            and flow.ports == ports
            and flow.tag == tag
            and flow.x_high == x_high
            and flow.y_high == y_high
        ):
            return flow
        flow = self.flows.get(key)
        while flow is not None:
            if (
                flow.x_low == x_low
                and flow.y_low == y_low
                and flow.ports == ports
                and flow.tag == tag
                and flow.x_high == x_high
                and flow.y_high == y_high
            ):
                self.near[place] = flow
                return flow
            flow = flow.chained
        return None

    def between(
        self, first: Flow | None, x_high: i64, x_low: i64, y_high: i64, y_low: i64, ports: i64, tag: i64
    ) -> Flow | None:
        """Return the next flow of a chain between these ends over the protocol of the tag, wherever it was seen."""
        flow = first
        while flow is not None:
            if (
                flow.x_low == x_low
                and flow.y_low == y_low
                and flow.ports == ports
                and ((flow.tag ^ tag) & WITHOUT_PLACE) == 0
                and flow.x_high == x_high
                and flow.y_high == y_high
            ):
                return flow
            flow = flow.chained
        return None

    def add(self, flow: Flow, key: i64) -> Flow | None:
        """Keep a new flow; return the oldest of its chain, to be ended, when that is too long: somebody aims at it, or ends
        are seen at very many places.
        """
        self.added += 1
        flow.number = self.added
        flow.key = key
        flow.chained = self.flows.get(key)
        self.flows[key] = flow
        self.count += 1
        if flow.chained is None:
            return None
        length: i64 = 1
        last = flow
        while last.chained is not None:
            length += 1
            last = last.chained
        if length <= MAX_CHAIN:
            return None
        self.crowded += 1
        return last

    def remove(self, flow: Flow) -> None:
        """Forget a flow."""
        place: i64 = flow.key & (NEAR - 1)
        if self.near[place] is flow:
            self.near[place] = None
        first = self.flows.get(flow.key)
        if first is flow:
            if flow.chained is None:
                del self.flows[flow.key]
            else:
                self.flows[flow.key] = flow.chained
            self.count -= 1
            return
        while first is not None:
            if first.chained is flow:
                first.chained = flow.chained
                self.count -= 1
                return
            first = first.chained

    def all(self) -> list[Flow]:
        """Return every flow, oldest first."""
        result: list[Flow] = []
        chained = False
        for first in self.flows.values():
            flow: Flow | None = first
            while flow is not None:
                result.append(flow)
                flow = flow.chained
                if flow is not None:
                    chained = True
        if chained:
            # Which keys are equal is the secret's doing and may not show.
            numbered: list[tuple[int, Flow]] = [(int(flow.number), flow) for flow in result]
            numbered.sort()
            result = [flow for _, flow in numbered]
        return result

    def idle_longest(self, now: i64) -> list[Flow]:
        """Return the share of flows to be ended: those without an answer first, then those idle longest.

        One that waits for its answer since a moment only is no flood's, unless most are like it.
        """
        flows = self.all()
        count = max(1, len(flows) // FORGET_SHARE)
        silent = [flow for flow in flows if flow.state != OPEN]
        many = len(flows) // SILENT_SHARE
        if len(silent) >= 2 * many:
            return _oldest(silent, max(1, many))
        chosen = _oldest([flow for flow in silent if now - flow.last > MOMENT_NANOSECONDS], count)
        if len(chosen) < count:
            rest = [flow for flow in flows if flow.state == OPEN or now - flow.last <= MOMENT_NANOSECONDS]
            chosen.extend(_oldest(rest, count - len(chosen)))
        return chosen


def _oldest(flows: list[Flow], count: int) -> list[Flow]:
    """Return the ``count`` flows idle longest, in their order in the table."""
    if len(flows) <= count:
        return flows
    times: list[int] = [int(flow.last) for flow in flows]
    times.sort()
    edge: i64 = times[count]
    chosen: list[Flow] = [flow for flow in flows if flow.last < edge]
    for flow in flows:
        if len(chosen) >= count:
            break
        if flow.last == edge:
            chosen.append(flow)
    return chosen


def mix(x_high: i64, x_low: i64, y_high: i64, y_low: i64, ports: i64, tag: i64, secret: i64) -> i64:
    """Return a 62-bit key of a flow's ends, without its place. Collisions are harmless: every find compares ends and place."""
    x: i64 = x_low
    y: i64 = y_low
    if x_high != 0 or y_high != 0:
        x = fold(x_high, x_low, secret)
        y = fold(y_high, y_low, secret)
    x = (x ^ (x >> 32) ^ secret) & 0xFFFFFFFF
    y = (y ^ (y >> 32) ^ (secret >> 30)) & 0xFFFFFFFF
    one: i64 = ((x * 0x2545F491) ^ (y * 0x3C6EF372) ^ ((ports & 0xFFFFFFFF) * 0x1B873593)) & 0x3FFFFFFFFFFFFFFF
    one ^= (ports >> TUNNEL_SHIFT) * 0x9E3779B
    two: i64 = ((one >> 29) ^ one ^ ((tag & WITHOUT_PLACE) << 3)) & 0xFFFFFFFF
    return (one ^ (two * 0x27D4EB2F)) & 0x3FFFFFFFFFFFFFFF


def fold(high: i64, low: i64, secret: i64) -> i64:
    """Return 31 bits of an address of 128: a polynomial of its parts at a secret place, so that none can be aimed at another."""
    base: i64 = (secret & MERSENNE) | 1
    result: i64 = low & 0x3FFFFFFF
    result = (result * base + ((low >> 30) & 0x3FFFFFFF)) % MERSENNE
    result = (result * base + ((low >> 60) & 15) + 16 * (high & 0x3FFFFFF)) % MERSENNE
    result = (result * base + ((high >> 26) & 0x3FFFFFFF)) % MERSENNE
    return (result * base + ((high >> 56) & 255)) % MERSENNE
