"""Assets for the other sinks soon after they were first seen.

Most sinks get an asset when something happens to it, and all of them once a day. A sensor without a policy finds nothing new in
its first day, so an operator would look at an empty screen. Here each asset is shown once when the pipeline refreshes it for
the first time, which is within a minute. Bound: ``MAX_REPORTED`` ids; one that was forgotten is shown once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dissectors.context import AssetEvent
from sensor.inventory.record import AssetRecord
from sensor.sinks.sink import Sink

MAX_REPORTED: Final = 65_536


class EarlyAssets(Sink):
    """Shows assets on to those of ``sinks`` that do not keep them anyway."""

    keeps_assets = True

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self._sinks = tuple(sink for sink in sinks if not sink.keeps_assets)
        self._reported: dict[str, None] = {}

    def asset(self, asset: AssetRecord, event: AssetEvent | None) -> None:
        """Show an asset to the others when they have not got it yet."""
        if asset.id in self._reported or asset.merged_into or (event is not None and not event.settled):
            return
        if len(self._reported) >= MAX_REPORTED:
            self._reported.clear()
        self._reported[asset.id] = None
        if event is None:
            for sink in self._sinks:
                sink.asset(asset, None)
