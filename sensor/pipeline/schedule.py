"""What packet time makes due: something each second, each minute and each day, counted from the first tick."""

from __future__ import annotations

from typing import Final

SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
DAY: Final = 86_400 * SECOND


class Schedule:
    """Tells what is due. ``now`` is the packet time (ns) reached, ``next`` the time of the next second."""

    def __init__(self) -> None:
        self.now = 0
        self.next = 0
        self._minute = 0
        self._day = 0

    def second(self, now: int) -> bool:
        """Let time pass to ``now``, a whole second; return whether one was due. The first one only starts the clock."""
        if now < self.next:
            return False
        first = self.next == 0
        self.now = max(self.now, now)
        self.next = now + SECOND
        if first:
            self._minute, self._day = now + MINUTE, now + DAY
        return not first

    def minute(self) -> bool:
        """Return whether a minute is over, and begin the next one."""
        over = self.next - SECOND >= self._minute
        if over:
            self._minute = self.next - SECOND + MINUTE
        return over

    def day(self) -> bool:
        """Return whether a day is over, and begin the next one."""
        over = self.next - SECOND >= self._day
        if over:
            self._day = self.next - SECOND + DAY
        return over

    def clock_set(self, now: int) -> None:
        """Go on from ``now`` (ns): the clock of the capture was set back, and time passes from there."""
        self.now = now
        self.next = now - now % SECOND
        self._minute, self._day = now + MINUTE, now + DAY
