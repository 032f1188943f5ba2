"""The transport function: parts of an application fragment, put together per link pair and direction.

IEEE 1815 clause 8. A fragment may have MAX_FRAGMENT bytes; longer ones are given up and counted. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable

MAX_FRAGMENT: Final = 16_384
MAX_PARTS: Final = 256

MORE: Final = 0
DONE: Final = 1
DROPPED: Final = 2
WRONG: Final = 3


@final
class Assembly:
    """The parts of one direction of one link pair."""

    def __init__(self, channel_table: ChannelTable) -> None:
        self.channel_table = channel_table
        self.parts: list[bytes] = []
        self.byte_count: i64 = 0
        self.sequence: i64 = -1
        self.joined: bytes = b""
        self.started: i64 = 0
        self.given_up: i64 = 0
        self.text: str = ""

    def add(self, first: bool, last: bool, sequence: i64, part: bytes) -> i64:
        """Take one part; DONE when ``joined`` holds the fragment, DROPPED when no fragment is open, WRONG with
        ``text`` when the sequence breaks.
        """
        if first:
            broken = bool(self.parts)
            expected: i64 = self.sequence
            self.start(sequence, part)
            if broken:
                self.given_up += 1
                self.text = f"a fragment begins while the part {expected} of another is due"
                return WRONG
            return MORE
        if not self.parts:
            return DROPPED
        if sequence == (self.sequence - 1) & 0x3F and part == self.parts[len(self.parts) - 1]:
            return MORE
        if sequence != self.sequence:
            self.text = f"part {sequence} came where {self.sequence} was due"
            self.clear()
            self.given_up += 1
            return WRONG
        size = i64(len(part))
        table = self.channel_table
        full = table.parts + size > table.part_limit
        if self.byte_count + size > MAX_FRAGMENT or i64(len(self.parts)) >= MAX_PARTS or full:
            self.clear()
            self.given_up += 1
            if full:
                table.evicted_protocol_state += 1
            return DROPPED
        self.parts.append(part)
        self.byte_count += size
        table.parts += size
        self.sequence = (sequence + 1) & 0x3F
        if not last:
            return MORE
        self.joined = b"".join(self.parts)
        self.clear()
        return DONE

    def start(self, sequence: i64, part: bytes) -> None:
        """Begin a fragment with its first part."""
        self.channel_table.parts += i64(len(part)) - self.byte_count
        self.parts = [part]
        self.byte_count = i64(len(part))
        self.sequence = (sequence + 1) & 0x3F

    def clear(self) -> None:
        """Forget the parts."""
        self.channel_table.parts -= self.byte_count
        self.parts = []
        self.byte_count = 0
        self.sequence = -1
