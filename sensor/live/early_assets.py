"""Assets for the outputs soon after they were first seen: a recorder that shows them on.

Outputs get an asset when something happens to it, and all of them once a day. A sensor without a policy finds nothing new in
its first day, so an operator would look at an empty screen. Here each asset is shown once when the pipeline refreshes it for
the first time, which is within a minute. Bound: ``MAX_REPORTED`` ids; one that was forgotten is shown once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dissectors.context import AssetEvent, Verdict
from dissectors.facts import AnyFact, ChannelOpened, ChannelWindow, OperationFirst
from rules.detections.alert import Alert
from sensor.inventory.record import AssetRecord
from sensor.sinks.sink import Output, Recorder

MAX_REPORTED: Final = 65_536


class EarlyAssets:
    """A ``sensor.sinks.sink.Recorder`` in front of another, or of none."""

    def __init__(self, outputs: Sequence[Output], recorder: Recorder | None) -> None:
        self._outputs = tuple(outputs)
        self._recorder = recorder
        self._reported: dict[str, None] = {}

    def facts(self, facts: Sequence[AnyFact]) -> None:
        """Keep one batch of facts."""
        if self._recorder is not None:
            self._recorder.facts(facts)

    def opened(self, channel: ChannelOpened, verdict: Verdict | None) -> None:
        """Keep a channel, or its new state."""
        if self._recorder is not None:
            self._recorder.opened(channel, verdict)

    def operation(self, fact: OperationFirst, verdict: Verdict | None) -> None:
        """Keep the first time a channel carries an operation."""
        if self._recorder is not None:
            self._recorder.operation(fact, verdict)

    def window(self, fact: ChannelWindow) -> None:
        """Keep what a channel did in one window."""
        if self._recorder is not None:
            self._recorder.window(fact)

    def alert(self, alert: Alert) -> None:
        """Keep one revision of an incident."""
        if self._recorder is not None:
            self._recorder.alert(alert)

    def asset(self, asset: AssetRecord, event: AssetEvent | None) -> None:
        """Keep an asset, and show it to the outputs when they have not got it yet."""
        if self._recorder is not None:
            self._recorder.asset(asset, event)
        if asset.id in self._reported or asset.merged_into or (event is not None and not event.settled):
            return
        if len(self._reported) >= MAX_REPORTED:
            self._reported.clear()
        self._reported[asset.id] = None
        if event is None:
            for output in self._outputs:
                output.asset(asset, None)

    def commit(self) -> None:
        """Make everything taken so far durable."""
        if self._recorder is not None:
            self._recorder.commit()
