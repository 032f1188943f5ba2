"""The transport function: parts of an application fragment, put together per link pair and direction.

IEEE 1815 clause 8. A fragment may have MAX_FRAGMENT bytes; longer ones are given up and counted. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable

MAX_FRAGMENT: Final = 16_384
MAX_PARTS: Final = 256
LONG_FRAGMENT: Final = 4_096
"""No fragment of a working station is that long: most agree on 2048 bytes. One that goes on is reported while it does."""
ASSEMBLY_SECONDS: Final = 10

MORE: Final = 0
DONE: Final = 1
DROPPED: Final = 2
WRONG: Final = 3
TOO_LONG: Final = 4


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
        self.is_long: bool = False

    def add(self, first: bool, last: bool, sequence: i64, part: bytes) -> i64:
        """Take one part; DONE when ``joined`` holds the fragment, DROPPED when no fragment is open, WRONG with
        ``text`` when the sequence breaks, TOO_LONG when the fragment passes a length that none has, and when it
        passes the bound and is given up.
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
            self.give_up()
            return WRONG
        size = i64(len(part))
        if self.byte_count + size > MAX_FRAGMENT or i64(len(self.parts)) >= MAX_PARTS:
            self.text = (
                f"a fragment goes on beyond {int(self.byte_count)} bytes in {len(self.parts)} parts without an end"
            )
            self.give_up()
            return TOO_LONG
        table = self.channel_table
        if table.parts + size > table.part_limit:
            self.give_up()
            table.evicted_protocol_state += 1
            return DROPPED
        self.parts.append(part)
        self.byte_count += size
        table.parts += size
        self.sequence = (sequence + 1) & 0x3F
        if not last:
            if self.byte_count <= LONG_FRAGMENT or self.is_long:
                return MORE
            self.is_long = True
            self.text = f"a fragment goes on beyond {LONG_FRAGMENT} bytes without an end"
            return TOO_LONG
        self.joined = b"".join(self.parts)
        self.clear()
        return DONE

    def start(self, sequence: i64, part: bytes) -> None:
        """Begin a fragment with its first part."""
        self.channel_table.parts += i64(len(part)) - self.byte_count
        self.parts = [part]
        self.byte_count = i64(len(part))
        self.sequence = (sequence + 1) & 0x3F
        self.is_long = False

    def has_waited(self, now: i64) -> bool:
        """Return whether the next part has been due for too long."""
        return self.byte_count != 0 and self.started < now - ASSEMBLY_SECONDS * 1_000_000_000

    def give_up(self) -> None:
        """Forget the parts of a fragment that does not end."""
        self.clear()
        self.given_up += 1

    def clear(self) -> None:
        """Forget the parts."""
        self.channel_table.parts -= self.byte_count
        self.parts = []
        self.byte_count = 0
        self.sequence = -1
