"""The worker: capture bytes to facts. A pure function of its packets; no I/O, no clock. Compiled with mypyc."""

from __future__ import annotations

from typing import final

from dissectors.base.recorder import Recorder
from dissectors.facts import AnyFact
from dissectors.registry import DOORS
from dissectors.wire.doors import Doors
from dissectors.wire.mirrors import Mirrors
from dissectors.wire.wire import Wire


@final
class Worker:
    """One worker. Give ``wire`` to a capture reader as its sink and drain the facts after each block."""

    def __init__(
        self, doors: Doors = DOORS, networks: dict[str, str] | None = None, mirrors: Mirrors | None = None
    ) -> None:
        self.recorder = Recorder()
        self.wire = Wire(doors, self.recorder, networks, mirrors)

    def drain(self) -> list[AnyFact]:
        """Return the facts since the last call, in packet-time order."""
        return self.recorder.drain()

    def finish(self) -> list[AnyFact]:
        """End the capture and return the last facts."""
        self.wire.finish()
        return self.recorder.drain()
