"""The object header: group, variation, qualifier, range, and where its objects lie.

IEEE 1815 clause 4.2.2.7. One reader serves the general parser and the counting of values. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.dnp3.value import unsigned16, unsigned32
from dissectors.dnp3.variation import ATTRIBUTE, BIT, NONE, PAIR, VARIABLE, VARIATIONS, Variation

TRUNCATED: Final = -1
BAD_QUALIFIER: Final = -2
UNKNOWN_OBJECT: Final = -3

ALL: Final = 6
VARIABLE_COUNT: Final = 11
CLAUSE_QUALIFIER: Final = "4.2.2.7.3"
CLAUSE_OBJECT: Final = "4.2.2.7.2"

RANGE_BYTES: Final = b"\x02\x04\x08\x02\x04\x08\x00\x01\x02\x04\xff\x01\xff\xff\xff\xff"
"""Octets of the range field per range code; 255 where the code is reserved."""
PREFIX_BYTES: Final = b"\x00\x01\x02\x04\x01\x02\x04\xff"
"""Octets before each object per prefix code: an index for 1-3, a size for 4-6."""
FIRST_SIZE_PREFIX: Final = 4


@final
class Header:
    """One object header under the needle; reused for the headers of a message."""

    def __init__(self) -> None:
        self.group: i64 = 0
        self.variation: i64 = 0
        self.qualifier: i64 = 0
        self.key: i64 = -1
        self.row: Variation | None = None
        self.first: i64 = -1
        self.last: i64 = -1
        self.count: i64 = 0
        self.prefix: i64 = 0
        self.sized: bool = False
        self.packed: bool = False
        self.data: bool = False
        self.items: i64 = 0
        self.stride: i64 = 0

    def read(self, data: bytes, at: i64, end: i64, carries: bool) -> i64:
        """Read the header at ``at`` and return the offset behind its objects, or a negative code for what is wrong.

        ``carries`` says whether objects hold values here. ``first`` is -1 where there is no index.
        """
        if at + 3 > end:
            return TRUNCATED
        self.group = i64(data[at])
        self.variation = i64(data[at + 1])
        self.qualifier = i64(data[at + 2])
        key: i64 = self.group << 8 | self.variation
        if key != self.key:
            self.key = key
            self.row = VARIATIONS.get(int(key))
        span: i64 = i64(RANGE_BYTES[self.qualifier & 0x0F])
        self.prefix = i64(PREFIX_BYTES[self.qualifier >> 4 & 7])
        if span == 255 or self.prefix == 255 or self.qualifier & 0x80:
            return BAD_QUALIFIER
        self.sized = self.qualifier >> 4 & 7 >= FIRST_SIZE_PREFIX
        if at + 3 + span > end:
            return TRUNCATED
        self.items = at + 3 + span
        if not self._range(data, at + 3):
            return BAD_QUALIFIER
        self.data = carries
        return self._objects(data, end)

    def _range(self, data: bytes, at: i64) -> bool:
        """Read the range field; False when its end comes before its begin."""
        code: i64 = self.qualifier & 0x0F
        self.first = -1
        self.last = -1
        if code == 0 or code == 3:
            self.first = i64(data[at])
            self.last = i64(data[at + 1])
        elif code == 1 or code == 4:
            self.first = unsigned16(data, at)
            self.last = unsigned16(data, at + 2)
        elif code == 2 or code == 5:
            self.first = unsigned32(data, at)
            self.last = unsigned32(data, at + 4)
        elif code == 7 or code == VARIABLE_COUNT:
            self.count = i64(data[at])
            return True
        elif code == 8:
            self.count = unsigned16(data, at)
            return True
        elif code == 9:
            self.count = unsigned32(data, at)
            return True
        else:
            self.count = 0
            return True
        self.count = self.last - self.first + 1
        return self.count > 0

    def _objects(self, data: bytes, end: i64) -> i64:
        """Return the offset behind the objects of this header."""
        row = self.row
        self.packed = False
        if self.sized:
            return self._sized(data, end)
        if not self.data:
            self.stride = self.prefix
            return self._fits(self.items + self.count * self.prefix, end)
        if self.count == 0:
            return self.items
        if row is None:
            return UNKNOWN_OBJECT
        if row.form == BIT or row.form == PAIR:
            if self.prefix:
                return BAD_QUALIFIER
            self.packed = True
            bits: i64 = self.count * row.form
            return self._fits(self.items + ((bits + 7) >> 3), end)
        if row.form == ATTRIBUTE:
            return self._attributes(data, end)
        if row.form == VARIABLE:
            return BAD_QUALIFIER
        if row.form == NONE:
            return UNKNOWN_OBJECT
        self.stride = self.prefix + row.size
        return self._fits(self.items + self.count * self.stride, end)

    def _fits(self, at: i64, end: i64) -> i64:
        return at if at <= end else TRUNCATED

    def _sized(self, data: bytes, end: i64) -> i64:
        """Walk objects that each begin with their size."""
        at: i64 = self.items
        left: i64 = self.count
        while left > 0:
            size: i64 = self.size_at(data, at, end)
            if size < 0:
                return TRUNCATED
            at += self.prefix + size
            if at > end:
                return TRUNCATED
            left -= 1
        return at

    def _attributes(self, data: bytes, end: i64) -> i64:
        """Walk device attributes: prefix, type, length, value."""
        at: i64 = self.items
        left: i64 = self.count
        while left > 0:
            if at + self.prefix + 2 > end:
                return TRUNCATED
            at += self.prefix + 2 + i64(data[at + self.prefix + 1])
            if at > end:
                return TRUNCATED
            left -= 1
        return at

    def size_at(self, data: bytes, at: i64, end: i64) -> i64:
        """Return the size that the prefix at ``at`` reports, -1 when it is not there."""
        if at + self.prefix > end:
            return -1
        return self.number_at(data, at)

    def number_at(self, data: bytes, at: i64) -> i64:
        """Return the prefix (index or size) at ``at``."""
        if self.prefix == 1:
            return i64(data[at])
        if self.prefix == 2:
            return unsigned16(data, at)
        if self.prefix == 4:
            return unsigned32(data, at)
        return -1
