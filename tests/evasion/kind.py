"""What one way to hide a write is: its packets, what must be seen and what must be said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.dissectors.harness import Packet, read
from tests.evasion.talker import Talker

DECOY, TWO, FRAGMENTS, CHECKSUM = "decoy", "two_readings", "two_readings_of_fragments", "bad_checksum"
NUMBERS = "two_numberings"
OVERLAP = "overlap_conflict"
AGAIN = read(8, 0, 2)


@dataclass(frozen=True)
class Kind:
    """One evasion."""

    name: str
    title: str
    said: tuple[str, ...]
    make: Callable[[], list[Packet]]
    module: str


MADE: list[Kind] = []
"""Those of the modules imported so far; ``kinds`` has all, in their order."""


def kind(title: str, *said: str) -> Callable[[Callable[[], Talker]], Callable[[], Talker]]:
    """Add an evasion to the list."""

    def add(make: Callable[[], Talker]) -> Callable[[], Talker]:
        MADE.append(Kind(make.__name__, title, said, lambda: make().packets, make.__module__))
        return make

    return add
