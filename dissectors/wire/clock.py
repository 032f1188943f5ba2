"""The packet clock: seconds, sweeps and windows of packet time. Compiled with mypyc.

Once a second the busiest-second counters turn over, every SWEEP_SECONDS late answers and half-open connections are looked
at, every WINDOW_SECONDS the windows of channels close. A jump of the clock is counted and starts the windows anew; no tick
is made up for the time in between.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

SECOND: Final = 1_000_000_000
COPY_NANOSECONDS: Final = 100_000_000
"""A copy of a packet follows it within this time, as far as time tells copies from what is sent again."""
SWEEP_SECONDS: Final = 5
WINDOW_SECONDS: Final = 60
JUMP_SECONDS: Final = 1
"""A clock that goes back further than this has jumped."""
FREE_JUMPS: Final = 16
PATIENCE: Final = 64
"""Jumps that are believed at once, and packets after a further one before the next is believed, twice as many after each;
a window that closes in time, with a packet of the next one, forgives all. A clock that goes back and forth would close every
window with each packet; what comes meanwhile has the time of the packet before."""
MAX_PATIENCE: Final = 65_536
LEAP_SECONDS: Final = 86_400
"""A clock that goes ahead further than this has jumped as well."""


@final
class Clock:
    """``now`` is the time of the last packet or tick, ``first`` that of the first packet, -1 before it."""

    def __init__(self) -> None:
        self.now: i64 = -1
        self.second: i64 = 0
        self.next_second: i64 = -1
        self.window: i64 = 0
        """The number of the window."""
        self.window_start: i64 = 0
        self.window_end: i64 = 0
        self.next_sweep: i64 = 0
        self.first: i64 = -1
        self.jumps: i64 = 0
        self.file_end: i64 = -1
        """The last frame of the file before: the next one may be of any time."""
        self.patience: i64 = PATIENCE
        self.lately: i64 = 0
        """Jumps since a window closed in time."""
        self.believed: i64 = 0
        """The number of packets from which on a jump is believed."""

    def runs(self) -> bool:
        """Return whether a packet has started the clock."""
        return self.next_second >= 0

    def has_jumped(self, time: i64) -> bool:
        """Return whether ``time`` cannot be the next of the same clock."""
        return self.now - time > JUMP_SECONDS * SECOND or time - self.now > LEAP_SECONDS * SECOND

    def jump(self, frame: i64) -> bool:
        """Count a jump behind ``frame``; return whether it is believed. From one file to the next none is counted."""
        if frame == self.file_end:
            return True
        self.jumps += 1
        self.lately += 1
        if self.lately <= FREE_JUMPS:
            return True
        if frame < self.believed:
            return False
        self.believed = frame + self.patience
        self.patience = min(2 * self.patience, MAX_PATIENCE)
        return True

    def forgive(self, time: i64) -> None:
        """Believe jumps again when the window that closes does so in time: ``time`` lies in the next one."""
        if time < self.window_end + WINDOW_SECONDS * SECOND:
            self.lately = 0
            self.patience = PATIENCE

    def start_window(self, time: i64) -> None:
        """Let the window begin that ``time`` lies in; a sweep is due at once."""
        self.window_start = time // (WINDOW_SECONDS * SECOND) * (WINDOW_SECONDS * SECOND)
        self.window_end = self.window_start + WINDOW_SECONDS * SECOND
        self.next_sweep = 0
        self.next_second = 0

    def is_sweep_due(self, time: i64) -> bool:
        """Return whether a sweep is due at ``time``; the next one is due SWEEP_SECONDS later."""
        if time < self.next_sweep:
            return False
        self.next_sweep = (time // (SWEEP_SECONDS * SECOND) + 1) * (SWEEP_SECONDS * SECOND)
        return True

    def reach(self, time: i64) -> None:
        """Let the second begin that ``time`` lies in."""
        self.second = time // SECOND
        self.next_second = (self.second + 1) * SECOND
