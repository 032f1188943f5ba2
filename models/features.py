"""The features of a window, in one table: no absolute time, no address, no name of a station.

Counts are a minute and go through log1p, so that doubling weighs the same everywhere; shares stay as they are. What the
facts cannot give is named in MISSING and stands in the model card.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from operator import add
from typing import Final

from dissectors.facts import ChannelWindow, Target
from models.group import group_of

LOG: Final = "log"
SHARE: Final = "share"

FEATURES: Final = (
    ("requests", LOG, "a minute"),
    ("responses", LOG, "a minute"),
    ("reports", LOG, "a minute"),
    ("responses per request", SHARE, ""),
    ("refused requests", SHARE, "of requests"),
    ("unanswered or unasked", LOG, "a minute"),
    ("different operations", LOG, ""),
    ("writes", SHARE, "of requests"),
    ("control and program requests", LOG, "a minute"),
    ("different objects", LOG, ""),
    ("span of objects", LOG, ""),
    ("longest run of objects", LOG, ""),
    ("mean answer time", LOG, "ms"),
    ("longest answer time", LOG, "ms"),
    ("unevenness of gaps", SHARE, ""),
    ("longest gap", LOG, "s"),
    ("bytes from the client", LOG, "a minute"),
    ("bytes from the server", LOG, "a minute"),
    ("client's share of bytes", SHARE, ""),
    ("connections reset", LOG, "a minute"),
    ("retransmissions", SHARE, "of packets"),
    ("new connections", LOG, "a minute"),
    ("value changes", LOG, "a minute"),
)
"""Name, kind and unit of each column."""
MISSING: Final = (
    "95th percentile of answer times (the longest stands in)",
    "share of new symbols (novelty judges them)",
    "different peers of a station",
)
MAX_LABELS: Final = 200_000
MAX_SPANS: Final = 4_096
MAX_REACHES: Final = 50_000
"""Channels whose last reach is remembered; computed again when forgotten, so nothing is lost."""


class Objects:
    """Which objects an operation touches, by channel and label; the oldest is forgotten first."""

    def __init__(self, limit: int = MAX_LABELS) -> None:
        self._limit = limit
        self._targets: OrderedDict[tuple[str, str], tuple[Target, ...]] = OrderedDict()
        self._reaches: dict[str, tuple[frozenset[str], tuple[int, int, int]]] = {}
        self.evicted = 0

    def learn(self, channel: str, label: str, targets: tuple[Target, ...]) -> None:
        """Remember the targets of a label."""
        if len(self._targets) >= self._limit:
            self._targets.popitem(last=False)
            self.evicted += 1
        self._targets[channel, label] = targets
        self._reaches.pop(channel, None)

    def reach(self, channel: str, labels: set[str]) -> tuple[int, int, int]:
        """Return how many objects ``labels`` touch, the widest span of one table, and the longest run without a hole."""
        known = self._reaches.get(channel)
        if known is not None and known[0] == labels:
            return known[1]
        spans: dict[str, set[tuple[int, int]]] = {}
        for label in labels:
            for target in self._targets.get((channel, label), ()):
                held = spans.setdefault(target.kind, set())
                if target.first >= 0 and len(held) < MAX_SPANS:
                    held.add((target.first, target.last))
        found = reach_of([sorted(held) for held in spans.values() if held])
        if len(self._reaches) >= MAX_REACHES:
            self._reaches.clear()
        self._reaches[channel] = (frozenset(labels), found)
        return found


def reach_of(tables: list[list[tuple[int, int]]]) -> tuple[int, int, int]:
    """Return objects, widest span and longest run of sorted ranges, each list one table."""
    objects = widest = longest = 0
    for spans in tables:
        first, last = spans[0]
        for begin, end in spans[1:]:
            if begin > last + 1:
                objects += last - first + 1
                longest = max(longest, last - first + 1)
                first, last = begin, end
            else:
                last = max(last, end)
        objects += last - first + 1
        longest = max(longest, last - first + 1)
        widest = max(widest, max(end for _, end in spans) - spans[0][0] + 1)
    return objects, widest, longest


class Tally:
    """The sums of one or more windows of a channel."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.end = start
        self.seconds = 0.0
        self.first_frame = 0
        self.last_frame = 0
        self._sums = [0] * 17
        self._gap = [0, 0, 0, 0]
        self._slowest = 0
        self._labels: set[str] = set()
        self._channel = ""

    def add(self, window: ChannelWindow, seconds: float) -> None:
        """Add one window that covered ``seconds``."""
        self._channel = window.channel
        self.end = window.end
        self.seconds += seconds
        self.first_frame = self.first_frame or window.first_frame
        self.last_frame = window.last_frame
        writes = control = 0
        gap = self._gap
        for count in window.operations:
            group = group_of(count.verb)
            if group == "write":
                writes += count.requests
            elif group == "control_program":
                control += count.requests
            if count.gap_count:
                gap[0] += count.gap_count
                gap[1] += count.gap_sum
                mean = count.gap_sum / count.gap_count
                gap[2] += int(math.sqrt(max(0.0, count.gap_squares / count.gap_count - mean * mean)) * count.gap_count)
                gap[3] = max(gap[3], count.gap_greatest)
            self._labels.add(count.label)
        self._slowest = max(self._slowest, window.latency_greatest)
        added = (
            window.requests, window.responses, window.reports, window.failures, window.unanswered + window.unasked,
            writes, control, window.latency_count, window.latency_sum, window.bytes_client, window.bytes_server,
            window.resets, window.retransmissions, window.packets_client + window.packets_server, window.connections,
            window.value_changes, 1,
        )  # fmt: skip
        self._sums = list(map(add, self._sums, added))

    def join(self, other: Tally) -> None:
        """Add the sums of another, later tally of the same channel."""
        self._channel = other._channel
        self.end = other.end
        self.seconds += other.seconds
        self.first_frame = self.first_frame or other.first_frame
        self.last_frame = other.last_frame
        self._sums = list(map(add, self._sums, other._sums))
        mine, gap = self._gap, other._gap
        self._gap = [mine[0] + gap[0], mine[1] + gap[1], mine[2] + gap[2], max(mine[3], gap[3])]
        self._slowest = max(self._slowest, other._slowest)
        self._labels |= other._labels

    def row(self, objects: Objects) -> list[float]:
        """Return the features in the order of FEATURES."""
        (requests, responses, reports, failures, odd, writes, control, answers, answer_sum, client, server, resets,
         again, packets, connections, changes, _) = self._sums  # fmt: skip
        minutes = max(self.seconds, 1.0) / 60
        gaps, gap_sum, deviation, greatest = self._gap
        touched, span, run = objects.reach(self._channel, self._labels)
        log = math.log1p
        return [
            log(requests / minutes),
            log(responses / minutes),
            log(reports / minutes),
            min(2.0, responses / requests) if requests else 0.0,
            failures / requests if requests else 0.0,
            log(odd / minutes),
            log(len(self._labels)),
            writes / requests if requests else 0.0,
            log(control / minutes),
            log(touched),
            log(span),
            log(run),
            log(answer_sum / answers / 1000) if answers else 0.0,
            log(self._slowest / 1000),
            min(5.0, deviation / gap_sum) if gaps and gap_sum else 0.0,
            log(greatest / 1e6),
            log(client / minutes),
            log(server / minutes),
            client / (client + server) if client + server else 0.0,
            log(resets / minutes),
            again / packets if packets else 0.0,
            log(connections / minutes),
            log(changes / minutes),
        ]


def value_text(column: int, value: float) -> str:
    """Return a value of a column with its unit, e.g. "640 a minute"."""
    _, kind, unit = FEATURES[column]
    number = math.expm1(value) if kind == LOG else value
    if unit.startswith("of "):
        return f"{number:.1%} {unit}"
    text = f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
    return text + (f" {unit}" if unit else "")
