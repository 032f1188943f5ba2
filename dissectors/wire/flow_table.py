"""The table of flows: found by a mixed key, checked and chained on collision. Compiled with mypyc.

Bounded by MAX_FLOWS: when it is full, the flows idle longest are handed back to be ended, one in FORGET_SHARE.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.wire.flow import Flow
from dissectors.wire.link import PLACE_SHIFT

MAX_FLOWS: Final = 50_000
FORGET_SHARE: Final = 10
MAX_CHAIN: Final = 64
"""Flows of one key; the oldest is dropped and counted. The same ends at other places have the same key."""
WITHOUT_PLACE: Final = (1 << PLACE_SHIFT) - 1
"""The bits of a tag that are a part of the key."""


@final
class FlowTable:
    """All flows of one worker."""

    def __init__(self) -> None:
        self.flows: dict[i64, Flow] = {}
        self.count: i64 = 0
        self.limit: i64 = MAX_FLOWS
        self.crowded: i64 = 0

    def find(self, key: i64, x_high: i64, x_low: i64, y_high: i64, y_low: i64, ports: i64, tag: i64) -> Flow | None:
        """Return the flow between these ends, None when it is new."""
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

    def add(self, flow: Flow, key: i64) -> None:
        """Keep a new flow."""
        flow.key = key
        flow.chained = self.flows.get(key)
        self.flows[key] = flow
        self.count += 1
        self._shorten(flow)

    def _shorten(self, first: Flow) -> None:
        """Drop the oldest of a chain that is longer than MAX_CHAIN: only somebody who aims at it makes such."""
        length: i64 = 1
        flow = first
        while flow.chained is not None:
            length += 1
            if length > MAX_CHAIN:
                flow.chained = None
                self.count -= 1
                self.crowded += 1
                return
            flow = flow.chained

    def remove(self, flow: Flow) -> None:
        """Forget a flow."""
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
        for first in self.flows.values():
            flow: Flow | None = first
            while flow is not None:
                result.append(flow)
                flow = flow.chained
        return result

    def idle_longest(self) -> list[Flow]:
        """Return the share of flows that has been idle longest."""
        order: list[tuple[int, int, Flow]] = []
        for number, flow in enumerate(self.all()):
            order.append((int(flow.last), number, flow))
        order.sort()
        return [flow for _, _, flow in order[: max(1, len(order) // FORGET_SHARE)]]


def mix(x_high: i64, x_low: i64, y_high: i64, y_low: i64, ports: i64, tag: i64) -> i64:
    """Return a 62-bit key of a flow's ends, without its place. Collisions are harmless: every find compares ends and place."""
    x: i64 = (x_low ^ (x_low >> 32) ^ x_high ^ (x_high >> 32)) & 0xFFFFFFFF
    y: i64 = (y_low ^ (y_low >> 32) ^ y_high ^ (y_high >> 32)) & 0xFFFFFFFF
    one: i64 = ((x * 0x2545F491) ^ (y * 0x3C6EF372) ^ ((ports & 0xFFFFFFFF) * 0x1B873593)) & 0x3FFFFFFFFFFFFFFF
    one ^= (ports >> 32) * 0x9E3779B
    two: i64 = ((one >> 29) ^ one ^ ((tag & WITHOUT_PLACE) << 3)) & 0xFFFFFFFF
    return (one ^ (two * 0x27D4EB2F)) & 0x3FFFFFFFFFFFFFFF
