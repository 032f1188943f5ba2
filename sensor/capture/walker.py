"""What the walkers of the two capture formats share: where one file stands, and what was found wrong with it.

A walker is fed blocks of a file in order, calls the sink once per packet, and never trusts a length it reads.
It says how many bytes it ``need``s for its next step, so that a record may lie across any number of reads.
Compiled with mypyc; runs interpreted with equal results.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

from mypy_extensions import i64

from dissectors.wire.sink import PacketSink

MAX_PACKET: Final = 1_048_576
"""Bytes of the longest packet believed: four times the snapshot length that capture tools use by default."""

LATEST: Final = 0xFFFFFFFF * 1_000_000_000 + 999_999_999
"""The last nanosecond a classic capture can express (year 2106). Stranger times of pcapng are put at this end."""

NEVER: Final = 0x7FFFFFFFFFFFFFFF


class Walker(ABC):
    """The state of walking one capture file.

    ``position`` counts the bytes walked, ``earliest`` and ``latest`` are packet times in nanoseconds (only
    meaningful with ``packets`` above zero). ``problem`` is the first thing found wrong, "" when nothing was;
    ``stopped`` says that nothing behind it can be read. Damage that leaves the next block findable does not stop.
    """

    def __init__(self, name: str) -> None:
        self.name: str = name
        self.need: i64 = 0
        self.position: i64 = 0
        self.packets: i64 = 0
        self.byte_count: i64 = 0
        self.earliest: i64 = NEVER
        self.latest: i64 = 0
        self.stopped: bool = False
        self.problem: str = ""
        self.problem_offset: i64 = 0
        self.problem_packets: i64 = 0
        self.damaged: i64 = 0

    @abstractmethod
    def walk(self, block: bytes, sink: PacketSink) -> i64:
        """Give every whole packet of ``block`` to the sink and return the bytes used.

        ``block`` begins at ``position``. The unused end must be handed in again, with at least ``need`` bytes
        in all, unless the walker has ``stopped``.
        """

    @abstractmethod
    def unfinished(self) -> str:
        """Say what the file was in the middle of when it ended."""

    def damage(self, offset: i64, what: str) -> None:
        """Note something wrong at ``offset`` of the current block that costs only itself."""
        self.damaged += 1
        if not self.problem:
            self.problem = what
            self.problem_offset = self.position + offset
            self.problem_packets = self.packets

    def stop(self, offset: i64, what: str) -> None:
        """Note something wrong at ``offset`` of the current block, behind which nothing can be trusted."""
        self.stopped = True
        self.damage(offset, what)
