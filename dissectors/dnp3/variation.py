"""The object library: every group and variation with its layout, size and the point table it belongs to.

IEEE 1815 annex A. A row is (group, variation, form, bytes, offset of the value); the forms are named below. Events
belong to the table of their static group, so that a point has one name. Octet-string groups have a variation per
length. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

NONE: Final = 0
"""Carries no value: a class, or any variation."""
BIT: Final = 1
"""Packed, one bit a point."""
PAIR: Final = 2
"""Packed, two bits a point."""
STATE: Final = 3
"""Bit 7 of the flags."""
DOUBLE_STATE: Final = 4
"""Bits 6 and 7 of the flags."""
UNSIGNED16: Final = 5
UNSIGNED32: Final = 6
SIGNED16: Final = 7
SIGNED32: Final = 8
FLOAT32: Final = 9
FLOAT64: Final = 10
TIME: Final = 11
"""48 bits of milliseconds since 1970 UTC."""
OCTETS: Final = 12
CONTROL: Final = 13
"""Control relay output block."""
VARIABLE: Final = 14
"""A size prefix gives its length."""
ATTRIBUTE: Final = 15
"""A device attribute reports its own type and length."""
UNSIGNED8: Final = 16


@final
class Variation:
    """One object layout.

    ``size`` is in bytes, -1 when the object reports it; ``static`` is the group that names its points, or -1.
    """

    def __init__(self, group: i64, variation: i64, form: i64, size: i64, offset: i64, static: i64) -> None:
        self.group: i64 = group
        self.variation: i64 = variation
        self.form: i64 = form
        self.size: i64 = size
        self.offset: i64 = offset
        self.static: i64 = static
        self.name: str = f"g{group}v{variation}"


STATIC_GROUPS: Final = {
    1: 1, 2: 1, 3: 3, 4: 3, 10: 10, 11: 10, 20: 20, 21: 21, 22: 20, 23: 21, 30: 30, 31: 31, 32: 30, 33: 31,
    34: 34, 40: 40, 42: 40, 110: 110, 111: 110,
}  # fmt: skip
"""Group of an object to the group that names its points."""

COUNTERS: Final = (
    (1, UNSIGNED32, 5, 1), (2, UNSIGNED16, 3, 1), (3, UNSIGNED32, 5, 1), (4, UNSIGNED16, 3, 1),
    (5, UNSIGNED32, 11, 1), (6, UNSIGNED16, 9, 1), (7, UNSIGNED32, 11, 1), (8, UNSIGNED16, 9, 1),
)  # fmt: skip
"""Variations of counter events: flags, value, and from 5 on the time."""
ANALOGS: Final = (
    (1, SIGNED32, 5, 1), (2, SIGNED16, 3, 1), (3, SIGNED32, 11, 1), (4, SIGNED16, 9, 1),
    (5, FLOAT32, 5, 1), (6, FLOAT64, 9, 1), (7, FLOAT32, 11, 1), (8, FLOAT64, 15, 1),
)  # fmt: skip
"""Variations of analog events: flags (or status), value, and for 3, 4, 7, 8 the time."""
FAMILIES: Final = ((22, COUNTERS), (23, COUNTERS), (32, ANALOGS), (33, ANALOGS), (42, ANALOGS), (43, ANALOGS))

LAYOUTS: Final = (
    (1, 1, BIT, 0, 0), (1, 2, STATE, 1, 0),
    (2, 1, STATE, 1, 0), (2, 2, STATE, 7, 0), (2, 3, STATE, 3, 0),
    (3, 1, PAIR, 0, 0), (3, 2, DOUBLE_STATE, 1, 0),
    (4, 1, DOUBLE_STATE, 1, 0), (4, 2, DOUBLE_STATE, 7, 0), (4, 3, DOUBLE_STATE, 3, 0),
    (10, 1, BIT, 0, 0), (10, 2, STATE, 1, 0),
    (11, 1, STATE, 1, 0), (11, 2, STATE, 7, 0),
    (12, 1, CONTROL, 11, 0), (12, 2, CONTROL, 11, 0), (12, 3, BIT, 0, 0),
    (13, 1, STATE, 1, 0), (13, 2, STATE, 7, 0),
    (20, 1, UNSIGNED32, 5, 1), (20, 2, UNSIGNED16, 3, 1), (20, 3, UNSIGNED32, 5, 1), (20, 4, UNSIGNED16, 3, 1),
    (20, 5, UNSIGNED32, 4, 0), (20, 6, UNSIGNED16, 2, 0), (20, 7, UNSIGNED32, 4, 0), (20, 8, UNSIGNED16, 2, 0),
    (21, 1, UNSIGNED32, 5, 1), (21, 2, UNSIGNED16, 3, 1), (21, 3, UNSIGNED32, 5, 1), (21, 4, UNSIGNED16, 3, 1),
    (21, 5, UNSIGNED32, 11, 1), (21, 6, UNSIGNED16, 9, 1), (21, 7, UNSIGNED32, 11, 1), (21, 8, UNSIGNED16, 9, 1),
    (21, 9, UNSIGNED32, 4, 0), (21, 10, UNSIGNED16, 2, 0), (21, 11, UNSIGNED32, 4, 0), (21, 12, UNSIGNED16, 2, 0),
    (30, 1, SIGNED32, 5, 1), (30, 2, SIGNED16, 3, 1), (30, 3, SIGNED32, 4, 0), (30, 4, SIGNED16, 2, 0),
    (30, 5, FLOAT32, 5, 1), (30, 6, FLOAT64, 9, 1),
    (31, 1, SIGNED32, 5, 1), (31, 2, SIGNED16, 3, 1), (31, 3, SIGNED32, 11, 1), (31, 4, SIGNED16, 9, 1),
    (31, 5, SIGNED32, 4, 0), (31, 6, SIGNED16, 2, 0), (31, 7, FLOAT32, 5, 1), (31, 8, FLOAT64, 9, 1),
    (34, 1, UNSIGNED16, 2, 0), (34, 2, UNSIGNED32, 4, 0), (34, 3, FLOAT32, 4, 0),
    (40, 1, SIGNED32, 5, 1), (40, 2, SIGNED16, 3, 1), (40, 3, FLOAT32, 5, 1), (40, 4, FLOAT64, 9, 1),
    (41, 1, SIGNED32, 5, 0), (41, 2, SIGNED16, 3, 0), (41, 3, FLOAT32, 5, 0), (41, 4, FLOAT64, 9, 0),
    (50, 1, TIME, 6, 0), (50, 2, TIME, 10, 0), (50, 3, TIME, 6, 0), (50, 4, TIME, 11, 0),
    (51, 1, TIME, 6, 0), (51, 2, TIME, 6, 0),
    (52, 1, UNSIGNED16, 2, 0), (52, 2, UNSIGNED16, 2, 0),
    (60, 1, NONE, 0, 0), (60, 2, NONE, 0, 0), (60, 3, NONE, 0, 0), (60, 4, NONE, 0, 0),
    (70, 1, VARIABLE, -1, 0), (70, 2, VARIABLE, -1, 0), (70, 3, VARIABLE, -1, 0), (70, 4, VARIABLE, -1, 0),
    (70, 5, VARIABLE, -1, 0), (70, 6, VARIABLE, -1, 0), (70, 7, VARIABLE, -1, 0), (70, 8, VARIABLE, -1, 0),
    (80, 1, BIT, 0, 0), (81, 1, OCTETS, 3, 0), (82, 1, VARIABLE, -1, 0), (83, 1, VARIABLE, -1, 0),
    (85, 1, VARIABLE, -1, 0), (86, 1, VARIABLE, -1, 0), (86, 2, UNSIGNED8, 1, 0), (86, 3, VARIABLE, -1, 0),
    (87, 1, VARIABLE, -1, 0), (88, 1, VARIABLE, -1, 0), (90, 1, VARIABLE, -1, 0), (91, 1, VARIABLE, -1, 0),
    (101, 1, OCTETS, 2, 0), (101, 2, OCTETS, 4, 0), (101, 3, OCTETS, 8, 0), (102, 1, UNSIGNED8, 1, 0),
    (120, 1, VARIABLE, -1, 0), (120, 2, VARIABLE, -1, 0), (120, 3, OCTETS, 6, 0), (120, 4, OCTETS, 2, 0),
    (120, 5, VARIABLE, -1, 0), (120, 6, VARIABLE, -1, 0), (120, 7, VARIABLE, -1, 0), (120, 8, VARIABLE, -1, 0),
    (120, 9, VARIABLE, -1, 0), (120, 10, VARIABLE, -1, 0), (120, 11, VARIABLE, -1, 0), (120, 12, VARIABLE, -1, 0),
    (120, 13, VARIABLE, -1, 0), (120, 14, VARIABLE, -1, 0), (120, 15, VARIABLE, -1, 0),
    (121, 1, UNSIGNED32, 7, 3), (122, 1, UNSIGNED32, 7, 3), (122, 2, UNSIGNED32, 13, 3),
)  # fmt: skip
OCTET_GROUPS: Final = (110, 111, 112, 113, 114, 115)
"""Octet strings, virtual terminal and extended octet strings: the variation is the length."""


def _table() -> dict[int, Variation]:
    """Return the rows by group * 256 + variation; variation 0 of a group is a row without a value."""
    table: dict[int, Variation] = {}
    layouts = list(LAYOUTS)
    for group, rows in FAMILIES:
        layouts.extend((group, variation, form, size, offset) for variation, form, size, offset in rows)
    for group, variation, form, size, offset in layouts:
        static = STATIC_GROUPS.get(group, -1)
        table.setdefault(group << 8, Variation(group, 0, NONE, 0, 0, static))
        table[group << 8 | variation] = Variation(group, variation, form, size, offset, static)
    for variation in range(256):
        table[variation] = Variation(0, variation, ATTRIBUTE, -1, 0, -1)
        for group in OCTET_GROUPS:
            static = STATIC_GROUPS.get(group, -1)
            table[group << 8 | variation] = Variation(group, variation, OCTETS, variation, 0, static)
    return table


VARIATIONS: Final[dict[int, Variation]] = _table()
