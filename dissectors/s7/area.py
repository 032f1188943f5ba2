"""Memory areas and data types of S7 addresses: one row each. Compiled with mypyc."""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

BITS: Final = 1
BYTES: Final = 2
UNSIGNED: Final = 3
SIGNED: Final = 4
REALS: Final = 5

DATA_RECORD: Final = 0x01
COUNTER_AREA: Final = 0x1C
TIMER_AREA: Final = 0x1D
DATA_BLOCK: Final = 0x84
INSTANCE_BLOCK: Final = 0x85
NUMBERED: Final = frozenset({COUNTER_AREA, TIMER_AREA, 0x1E, 0x1F})
"""Areas addressed by number, not by byte and bit."""

AREAS: Final = {
    DATA_RECORD: "data_record",
    0x03: "system_info_200",
    0x05: "system_flags_200",
    0x06: "analog_input_200",
    0x07: "analog_output_200",
    COUNTER_AREA: "C",
    TIMER_AREA: "T",
    0x1E: "iec_counter_200",
    0x1F: "iec_timer_200",
    0x80: "P",
    0x81: "I",
    0x82: "Q",
    0x83: "M",
    DATA_BLOCK: "DB",
    INSTANCE_BLOCK: "DI",
    0x86: "L",
    0x87: "V",
}


@final
class Type:
    """A transport size of an address: bits of one element and how its values are read."""

    def __init__(self, name: str, bits: i64, form: i64) -> None:
        self.name: str = name
        self.bits: i64 = bits
        self.form: i64 = form


TYPES: Final = {
    0x01: Type("bit", 1, BITS),
    0x02: Type("byte", 8, BYTES),
    0x03: Type("char", 8, BYTES),
    0x04: Type("word", 16, UNSIGNED),
    0x05: Type("int", 16, SIGNED),
    0x06: Type("dword", 32, UNSIGNED),
    0x07: Type("dint", 32, SIGNED),
    0x08: Type("real", 32, REALS),
    0x09: Type("date", 16, UNSIGNED),
    0x0A: Type("time_of_day", 32, UNSIGNED),
    0x0B: Type("time", 32, SIGNED),
    0x0C: Type("s5time", 16, UNSIGNED),
    0x0F: Type("date_and_time", 64, UNSIGNED),
    0x1C: Type("counter", 16, UNSIGNED),
    0x1D: Type("timer", 16, UNSIGNED),
    0x1E: Type("iec_timer", 16, UNSIGNED),
    0x1F: Type("iec_counter", 16, UNSIGNED),
    0x20: Type("hs_counter", 16, UNSIGNED),
}
UNKNOWN_TYPE: Final = Type("", 8, BYTES)

DATA_NULL: Final = 0
DATA_BIT: Final = 3
DATA_BYTE: Final = 4
DATA_INTEGER: Final = 5
DATA_DOUBLE_INTEGER: Final = 6
DATA_REAL: Final = 7
DATA_BYTES: Final = 9
LENGTH_IN_BITS: Final = frozenset({DATA_BIT, DATA_BYTE, DATA_INTEGER})
"""Transport sizes of data whose length counts bits; the others count bytes."""

DATA_TYPES: Final = {
    DATA_BIT: TYPES[0x01],
    DATA_BYTE: TYPES[0x02],
    DATA_INTEGER: TYPES[0x05],
    DATA_DOUBLE_INTEGER: TYPES[0x07],
    DATA_REAL: TYPES[0x08],
    DATA_BYTES: TYPES[0x02],
}
"""How the values of an answer are read where the request is not known."""

NCK_AREAS: Final = "NBCATVMM"
NCK_SYNTAX: Final = {0x82: "nck", 0x83: "nck_m", 0x84: "nck_i"}

VARIABLE_AREAS: Final = {0: "M", 1: "I", 2: "Q", 3: "P", 5: "T", 6: "C", 7: "DB"}
"""Areas of a variable table by the high half of its type byte; the low half gives the width."""
VARIABLE_TYPES: Final = {1: TYPES[0x02], 2: TYPES[0x04], 3: TYPES[0x06], 4: TYPES[0x04]}
