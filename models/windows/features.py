"""The features of a window, in one table: no absolute time, no address, no name of a station.

Counts are a minute and go through log1p, so that doubling weighs the same everywhere; shares stay as they are. What the
facts cannot give is named in MISSING and stands in the model card.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from operator import add
from typing import Final

from dissectors.facts import ChannelWindow, Target
from models.group import CONTROL_PROGRAM, GROUP_OF_VERB, WRITE

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
IS_LOG: Final = tuple(kind == LOG for _, kind, _ in FEATURES)
MISSING: Final = (
    "95th percentile of answer times (the longest stands in)",
    "share of new operations (novelty judges them)",
    "different peers of a station",
)
NO_SUMS: Final = (0,) * 19
MAX_LABELS: Final = 12_000
"""Labels of operations whose objects are remembered; the oldest goes first."""
MAX_SPANS: Final = 4_096
"""Ranges of objects counted in the reach of one channel."""
MAX_REACHES: Final = 5_000
"""Channels whose last reach is remembered; computed again when forgotten, so nothing is lost."""

Raw = tuple[float, ...]
"""The features of a window before any logarithm."""


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

    __slots__ = (
        "_channel", "_labels", "_longest_gap", "_slowest", "_sums", "end", "first_frame", "last_frame", "seconds", "start"
    )  # fmt: skip

    def __init__(self, start: int) -> None:
        self.start = start
        self.end = start
        self.seconds = 0.0
        self.first_frame = 0
        self.last_frame = 0
        self._sums: Sequence[int] = NO_SUMS
        self._longest_gap = 0
        self._slowest = 0
        self._labels: set[str] = set()
        self._channel = ""

    def add(self, window: ChannelWindow, seconds: float) -> None:
        """Add one window that covered ``seconds``."""
        writes = control = gaps = gap_sum = deviation = 0
        longest = self._longest_gap
        labels = self._labels
        for count in window.operations:
            group = GROUP_OF_VERB.get(count.verb, CONTROL_PROGRAM)
            if group == WRITE:
                writes += count.requests
            elif group == CONTROL_PROGRAM:
                control += count.requests
            number = count.gap_count
            if number:
                total = count.gap_sum
                gaps += number
                gap_sum += total
                mean = total / number
                uneven = count.gap_squares / number - mean * mean
                if uneven > 0:
                    deviation += int(math.sqrt(uneven) * number)
                longest = max(longest, count.gap_max)
            labels.add(count.label)
        self._longest_gap = longest
        self._follow(window.channel, window.end, seconds, window.first_frame, window.last_frame)
        if window.latency_max > self._slowest:
            self._slowest = window.latency_max
        self._sum((
            window.requests, window.responses, window.reports, window.failures, window.unanswered + window.unmatched,
            writes, control, window.latency_count, window.latency_sum, window.bytes_client, window.bytes_server,
            window.resets, window.retransmissions, window.packets_client + window.packets_server, window.connections,
            window.value_changes, gaps, gap_sum, deviation,
        ))  # fmt: skip

    def join(self, other: Tally) -> None:
        """Add the sums of another, later tally of the same channel."""
        self._follow(other._channel, other.end, other.seconds, other.first_frame, other.last_frame)
        self._sum(other._sums)
        self._longest_gap = max(self._longest_gap, other._longest_gap)
        self._slowest = max(self._slowest, other._slowest)
        self._labels |= other._labels

    def _follow(self, channel: str, end: int, seconds: float, first_frame: int, last_frame: int) -> None:
        self._channel = channel
        self.end = end
        self.seconds += seconds
        self.first_frame = self.first_frame or first_frame
        self.last_frame = last_frame

    def _sum(self, added: Sequence[int]) -> None:
        # Most tallies hold one window: their sums are its counts, without twenty additions.
        self._sums = added if self._sums is NO_SUMS else tuple(map(add, self._sums, added))

    def raw(self, objects: Objects) -> Raw:
        """Return the features in the order of FEATURES, before any logarithm."""
        (requests, responses, reports, failures, odd, writes, control, answers, answer_sum, client, server, resets,
         again, packets, connections, changes, gaps, gap_sum, deviation) = self._sums  # fmt: skip
        minutes = max(self.seconds, 1.0) / 60
        touched, span, run = objects.reach(self._channel, self._labels)
        return (
            requests / minutes,
            responses / minutes,
            reports / minutes,
            min(2.0, responses / requests) if requests else 0.0,
            failures / requests if requests else 0.0,
            odd / minutes,
            float(len(self._labels)),
            writes / requests if requests else 0.0,
            control / minutes,
            float(touched),
            float(span),
            float(run),
            answer_sum / answers / 1000 if answers else 0.0,
            self._slowest / 1000,
            min(5.0, deviation / gap_sum) if gaps and gap_sum else 0.0,
            self._longest_gap / 1e6,
            client / minutes,
            server / minutes,
            client / (client + server) if client + server else 0.0,
            resets / minutes,
            again / packets if packets else 0.0,
            connections / minutes,
            changes / minutes,
        )

    def row(self, objects: Objects) -> list[float]:
        """Return the features in the order of FEATURES."""
        return row_of(self.raw(objects))


def row_of(raw: Raw) -> list[float]:
    """Return the columns that a forest looks at: logarithms of counts, shares as they are."""
    return [math.log1p(value) if is_log else value for value, is_log in zip(raw, IS_LOG, strict=True)]


def value_text(column: int, value: float) -> str:
    """Return a value of a column with its unit, e.g. "640 a minute"."""
    _, kind, unit = FEATURES[column]
    number = math.expm1(value) if kind == LOG else value
    if unit.startswith("of "):
        return f"{number:.1%} {unit}"
    text = f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
    return text + (f" {unit}" if unit else "")
