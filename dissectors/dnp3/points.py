"""The last value of every point of a link pair, and what changed. Compiled with mypyc.

Bounded by MAX_POINTS, and by MAX_ALL_POINTS over all connections; values of further points are counted and not kept. A point whose value is seen for the first
time has not changed. Events and static values of one point are one point, named by its static group.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable
from dissectors.dnp3.header import Header
from dissectors.dnp3.value import packed_of, value_of
from dissectors.dnp3.variation import Variation
from dissectors.facts import Value

MAX_POINTS: Final = 10_000
QUIET_GROUPS: Final = frozenset({50, 51, 52, 80})
"""Groups that may stand between values and are no points."""


@final
class Change:
    """Points of one table that changed, in the order of the message."""

    def __init__(self, kind: str) -> None:
        self.kind: str = kind
        self.points: list[int] = []
        self.values: list[Value] = []
        self.previous: list[Value] = []


@final
class Points:
    """The points of one link pair."""

    def __init__(self, channel_table: ChannelTable) -> None:
        self.channel_table = channel_table
        self.known: dict[int, Value] = {}
        self.changes: list[Change] = []
        self.refused: i64 = 0
        self.version: i64 = 0
        self.header = Header()
        self.kinds: i64 = 0

    def take(self, data: bytes, start: i64, end: i64) -> bool:
        """Take the objects of a response; False when they are more than plain values, or cannot be read.

        ``changes`` then holds what changed before that place, ``kinds`` a mixed key of the object kinds.
        """
        header = self.header
        at: i64 = start
        kinds: i64 = 0
        while at < end:
            after: i64 = header.read(data, at, end, True)
            row = header.row
            if after < 0 or row is None:
                return False
            if header.sized or (row.static < 0 and header.group not in QUIET_GROUPS):
                return False
            kinds = (kinds * 0x1000193 + header.key + 1) & 0xFFFFFFFFFFFF
            if row.static >= 0 and header.count > 0 and (header.prefix or header.first >= 0):
                self._take_header(header, row, data)
            at = after
        self.kinds = kinds
        return True

    def release(self) -> None:
        """Forget all points: their connection is over, or its pairs begin anew."""
        self.channel_table.points -= i64(len(self.known))
        self.known.clear()

    def take_refused(self) -> i64:
        """Return how many points found no place since the last call."""
        refused = self.refused
        self.refused = 0
        return refused

    def _take_header(self, header: Header, row: Variation, data: bytes) -> None:
        """Take the values of one header."""
        at: i64 = header.items
        index: i64 = header.first
        base: i64 = row.static << 32
        number: i64 = 0
        value: Value
        table = self.channel_table
        if len(self.known) == 0 and table.points >= table.point_limit:
            self.refused += header.count
            return
        while number < header.count:
            if header.packed:
                value = packed_of(row, data, at, number)
            else:
                if header.prefix:
                    index = header.number_at(data, at)
                value = value_of(row, data, at + header.prefix)
                at += header.stride
            self._keep(row.static, base | index, index, value)
            index += 1
            number += 1

    def _keep(self, static: i64, key: i64, index: i64, value: Value) -> None:
        """Keep the value of a point; note the change when there was another one."""
        boxed = int(key)
        previous = self.known.get(boxed)
        if previous is None:
            table = self.channel_table
            if i64(len(self.known)) >= MAX_POINTS or table.points >= table.point_limit:
                self.refused += 1
                return
            table.points += 1
            self.known[boxed] = value
            self.version += 1
            return
        if previous == value:
            return
        self.known[boxed] = value
        self.version += 1
        kind = f"g{static}"
        changes = self.changes
        if not changes or changes[len(changes) - 1].kind != kind:
            changes.append(Change(kind))
        change = changes[len(changes) - 1]
        change.points.append(int(index))
        change.values.append(value)
        change.previous.append(previous)
