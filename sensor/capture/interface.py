"""One interface of a pcapng section: its link type, its clock and its name.

pcapng (draft-ietf-opsawg-pcapng) sections 4.2 and 3.5: options if_name (2), if_description (3), if_tsresol (9) and
if_tsoffset (14). Compiled with mypyc; runs interpreted with equal results.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from sensor.capture.walker import LATEST

IF_NAME: Final = 2
IF_DESCRIPTION: Final = 3
IF_TSRESOL: Final = 9
IF_TSOFFSET: Final = 14

NAME_BYTES: Final = 128
"""Longest part of an interface name that is kept."""


class Interface:
    """What an interface description block says.

    ``unit`` is the length of a clock tick in nanoseconds, or 0 when a tick is no whole number of them or the
    clock is shifted: then times are worked out exactly instead of multiplied.
    """

    def __init__(self, number: i64, link: i64, snaplen: i64) -> None:
        self.number: i64 = number
        self.link: i64 = link
        self.snaplen: i64 = snaplen
        self.named: bool = False
        self.name: str = f"#{number}"
        self.per_second: int = 1_000_000
        self.offset_seconds: int = 0
        self.unit: i64 = 1000
        self.unit_high: i64 = (LATEST // 1000) >> 32

    def option(self, code: i64, value: bytes, big: bool) -> None:
        """Take one option; those of a length that their meaning does not have are left out."""
        if code == IF_NAME or (code == IF_DESCRIPTION and not self.named):
            text = value[:NAME_BYTES].split(b"\0")[0].decode("utf-8", "replace")
            if text:
                self.name = text
                self.named = code == IF_NAME
        elif code == IF_TSRESOL and len(value) == 1:
            resolution = value[0]
            power = resolution & 0x7F
            self.per_second = 1 << power if resolution & 0x80 else 10**power
            self.set_unit()
        elif code == IF_TSOFFSET and len(value) == 8:
            self.offset_seconds = int.from_bytes(value, "big" if big else "little", signed=True)
            self.set_unit()

    def set_unit(self) -> None:
        """Find out whether a tick can simply be multiplied."""
        self.unit = 0
        if self.offset_seconds == 0 and self.per_second <= 1_000_000_000 and 1_000_000_000 % self.per_second == 0:
            self.unit = 1_000_000_000 // self.per_second
            self.unit_high = (LATEST // self.unit) >> 32

    def time(self, high: i64, low: i64) -> i64:
        """Turn the two halves of a timestamp into nanoseconds since 1970, kept within what pcap can express."""
        if self.unit != 0 and high < self.unit_high:
            return ((high << 32) | low) * self.unit
        return self.exact(high, low)

    def exact(self, high: int, low: int) -> i64:
        """Work the time out with integers of any size."""
        ticks = (high << 32) | low
        return min(max(ticks * 1_000_000_000 // self.per_second + self.offset_seconds * 1_000_000_000, 0), LATEST)
