"""Where facts are written down: the packet clock, the frame under the needle, and the facts so far.

Packet time is the only clock. ``now`` is the time of the current packet (or of the tick that closes a window),
``frame`` its running number. Compiled with mypyc.
"""

from __future__ import annotations

from typing import final

from mypy_extensions import i64

from dissectors.facts import AnyFact


@final
class Recorder:
    """Collects the facts of one worker in order."""

    def __init__(self) -> None:
        self.now: i64 = 0
        self.frame: i64 = 0
        self.source: str = ""
        self.interface: str = ""
        self.facts: list[AnyFact] = []
        self.block: bytes = b""
        self.base: i64 = 0
        self._numbered_time: i64 = -1
        self._sequence: i64 = 0

    def number(self) -> i64:
        """Return the sequence number of the next fact of this time; a segment held back may report of an earlier frame."""
        if self._numbered_time != self.now:
            self._numbered_time = self.now
            self._sequence = 0
        else:
            self._sequence += 1
        return self._sequence

    def place(self, data: bytes, start: i64) -> i64:
        """Return the offset in the current frame of ``data[start]``, or -1 where data spans frames."""
        if data is self.block:
            return start - self.base
        return -1

    def drain(self) -> list[AnyFact]:
        """Return the facts recorded since the last call."""
        facts = self.facts
        self.facts = []
        return facts
