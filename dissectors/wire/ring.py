"""Frames that came round a ring the other way: each is read once (IEC 62439-3 5.3). Compiled with mypyc.

A node of an HSR ring sends every frame both ways with one sequence number, and whoever listens in the ring sees it twice.
What was seen of a sender is forgotten after LIFETIME_NANOSECONDS (EntryForgetTime), and when its place is taken by a later number.
Bounds: MAX_SENDERS senders (then all are forgotten and counted), WINDOW numbers of each.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

MAX_SENDERS: Final = 512
"""As many nodes as the standard lets a ring have."""
WINDOW: Final = 256
LIFETIME_NANOSECONDS: Final = 400_000_000


@final
class RingSender:
    """The sequence numbers that a node used last, and when."""

    def __init__(self) -> None:
        self.numbers: list[i64] = [-1] * WINDOW
        self.times: list[i64] = [0] * WINDOW


@final
class Ring:
    """Tells the second copy of a frame from the first. ``copies`` counts them."""

    def __init__(self) -> None:
        self.senders: dict[i64, RingSender] = {}
        self.copies: i64 = 0
        self.evicted: i64 = 0

    def is_copy(self, mac: i64, number: i64, now: i64) -> bool:
        """Return whether this frame of a sender was seen a moment ago."""
        sender = self.senders.get(mac)
        if sender is None:
            if len(self.senders) >= MAX_SENDERS:
                self.senders.clear()
                self.evicted += 1
            sender = RingSender()
            self.senders[mac] = sender
        place: i64 = number % WINDOW
        age: i64 = now - sender.times[place]
        if sender.numbers[place] == number and -LIFETIME_NANOSECONDS < age < LIFETIME_NANOSECONDS:
            self.copies += 1
            return True
        sender.numbers[place] = number
        sender.times[place] = now
        return False
