"""How many documents an alert may write: MAX_DOCUMENTS in a minute of packet time; what it holds back is counted.

A flood that raises one alert about each of a hundred thousand sources says no more than its first two hundred, and buries all
others. The minute is that of the newest time seen: a clock that goes back and forth begins no new one. Only after PATIENCE
documents in a row from before it is a clock that was set back believed.
"""

from __future__ import annotations

from typing import Final

from rules.detections.windows import SECOND

MAX_DOCUMENTS: Final = 200
MINUTE: Final = 60 * SECOND
PATIENCE: Final = 1_000


class Rate:
    """The documents of one alert. ``held`` counts those held back since it was last said."""

    __slots__ = ("_behind", "_start", "_written", "held")

    def __init__(self) -> None:
        self.held = 0
        self._start = 0
        self._written = 0
        self._behind = 0

    def allows(self, time: int) -> bool:
        """Whether one more document may be written at ``time`` (ns); one that may not is counted."""
        if time >= self._start + MINUTE:
            self._begin(time)
        elif time < self._start - MINUTE:
            self._behind += 1
            if self._behind > PATIENCE:
                self._begin(time)
        else:
            self._behind = 0
        if self._written >= MAX_DOCUMENTS:
            self.held += 1
            return False
        self._written += 1
        return True

    def _begin(self, time: int) -> None:
        self._start, self._written, self._behind = time, 0, 0

    def take_held(self) -> int:
        """Return how many documents were held back since the last call."""
        held, self.held = self.held, 0
        return held
