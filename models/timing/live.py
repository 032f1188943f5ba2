"""Where the rhythm of one channel of the traffic stands: when each operation was last seen, and what was reported about it."""

from __future__ import annotations

from typing import Final

from dissectors.facts import ChannelOpened, ChannelWindow
from models.group import is_guarded
from models.timing.measure import Limits
from models.timing.state import Beat, Rhythm

SECOND: Final = 1_000_000_000


class Pulse:
    """One operation with its limits. ``last`` is when it was seen (ns, -1 for never), ``fresh`` that this was its first
    time, ``turn`` the window in which it was met.
    """

    __slots__ = ("beat", "fresh", "last", "late", "limits", "reported", "turn")

    def __init__(self, beat: Beat, near: float) -> None:
        self.beat = beat
        self.limits = Limits(beat, near, is_guarded(beat.verb))
        self.late = self.limits.silence * 1000
        self.last = -1
        self.fresh = False
        self.reported = 0
        self.turn = 0


class Live:
    """One channel of the traffic with its learned rhythm."""

    __slots__ = ("answered", "end", "last_frame", "opened", "paced", "polls", "pulses", "rhythm", "turn")

    def __init__(self, opened: ChannelOpened, rhythm: Rhythm, near: float) -> None:
        self.opened = opened
        self.rhythm = rhythm
        self.pulses = {beat.label: Pulse(beat, near) for beat in rhythm.beats}
        self.polls = tuple(pulse for pulse in self.pulses.values() if pulse.beat.period > 0)
        self.end = 0
        self.last_frame = 0
        self.paced = 0
        self.answered = 0
        self.turn = 0

    def first_seen(self, label: str, time: int) -> None:
        """Note the first time of an operation (ns), from which its gaps are counted."""
        pulse = self.pulses.get(label)
        if pulse is not None:
            pulse.last = time
            pulse.fresh = True

    def advance(self, window: ChannelWindow, began: int) -> bool:
        """Move the time each poll was last seen along its gaps; return whether anything is worth scores.

        ``began`` is since when (ns) anything was seen at all.
        """
        end = window.end
        seconds = (end - max(window.start, began)) / SECOND
        turn = self.turn = self.turn + 1
        pulses = self.pulses
        odd = False
        for count in window.operations:
            pulse = pulses.get(count.label)
            requests = count.requests
            if pulse is None or not requests:
                continue
            odd = odd or pulse.limits.exceeded(count, seconds)
            if pulse.last < 0 or pulse.turn == turn or count.gap_count < requests - pulse.fresh:
                pulse.last = window.last or end
            else:
                pulse.last += count.gap_sum * 1000
            pulse.fresh = False
            pulse.turn = turn
        if odd:
            return True
        for pulse in self.polls:
            if pulse.last >= 0 and end - pulse.last >= pulse.late:
                return True
        return False

    def evict_reported(self) -> None:
        """Nothing is odd any more: the next silence is reported as a new one."""
        for pulse in self.polls:
            pulse.reported = 0

    def wait_until(self, end: int) -> None:
        """Let no poll that was ever seen be missed before ``end`` (ns): its window had holes."""
        for pulse in self.polls:
            if pulse.last >= 0:
                pulse.last = max(pulse.last, end)
