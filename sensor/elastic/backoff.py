"""How long to wait after a failure, and how much to send after it.

Waiting doubles from 1 s to 5 min, with jitter so that the sensors of a plant do not come back in step. A batch that was
too much is halved and grows again slowly.
"""

from __future__ import annotations

from random import Random
from typing import Final

FIRST_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 300.0
MAX_DOCUMENTS: Final = 1_000
MAX_BYTES: Final = 5_000_000
"""Uncompressed bytes of one request."""
MIN_BYTES: Final = 65_536
"""A limit learnt from refusals does not go below this; a larger document goes alone."""
GROWTH: Final = 25
"""Documents by which the next batch may be larger after one that went well."""


class Backoff:
    """Waiting times. ``random`` gives the jitter; a seeded one makes it repeatable."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._next = FIRST_SECONDS

    def wait(self) -> float:
        """Return the seconds to wait after this failure: between half of the step and the step."""
        step, self._next = self._next, min(self._next * 2, LONGEST_SECONDS)
        return step * self._random.uniform(0.5, 1.0)

    def reset(self) -> None:
        """Begin anew after a success."""
        self._next = FIRST_SECONDS


class Pace:
    """How large a batch may be."""

    def __init__(self, documents: int = MAX_DOCUMENTS, byte_count: int = MAX_BYTES) -> None:
        self._most = documents
        self.documents = documents
        self.byte_count = byte_count

    def slower(self, sent: int) -> None:
        """The cluster could not take ``sent`` documents at once."""
        self.documents = max(1, min(self.documents, sent) // 2)

    def smaller(self, byte_count: int) -> None:
        """A request of ``byte_count`` bytes was refused as too large; the limit in front of the cluster will stay."""
        self.byte_count = max(MIN_BYTES, min(self.byte_count, byte_count // 2))

    def probe(self) -> None:
        """Send a single document next: it asks whether what was wrong still is."""
        self.documents = 1

    def faster(self) -> None:
        """A batch went well."""
        self.documents = min(self._most, self.documents + GROWTH)
