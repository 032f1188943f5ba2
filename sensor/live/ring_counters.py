"""What one ring has counted, in memory that outlives a worker process: so a restarted one knows what was lost between.

One page per ring, made by the parent, shared by inheritance, written by the one worker that has the ring. Every packet
the kernel counted is in exactly one place: still in the ring, dropped by the kernel, taken and reported, or taken and lost.
"""

from __future__ import annotations

import mmap
import struct
from typing import Final

FIELDS: Final = ("arrived", "dropped", "dropped_reported", "taken", "reported")
_WORD: Final = struct.Struct("=Q")


class _Slot:
    """One number of the page."""

    def __init__(self, name: str) -> None:
        self.at = FIELDS.index(name) * _WORD.size

    def __get__(self, ring_counters: RingCounters, kind: type[RingCounters]) -> int:
        return int(_WORD.unpack_from(ring_counters.page, self.at)[0])

    def __set__(self, ring_counters: RingCounters, value: int) -> None:
        _WORD.pack_into(ring_counters.page, self.at, value)


class RingCounters:
    """Totals of one ring since it was opened, over all processes that had it.

    ``arrived`` and ``dropped`` are the kernel's counts, ``taken`` the packets copied out of the ring, ``reported`` and
    ``dropped_reported`` what a report that was written has said.
    """

    arrived = _Slot("arrived")
    dropped = _Slot("dropped")
    dropped_reported = _Slot("dropped_reported")
    taken = _Slot("taken")
    reported = _Slot("reported")

    def __init__(self) -> None:
        self.page = mmap.mmap(-1, mmap.PAGESIZE)

    def unreported(self) -> int:
        """Return how many packets went with a process: taken out of the ring, and no report has said what was in them."""
        return self.taken - self.reported

    def close(self) -> None:
        """Let the page go."""
        self.page.close()
