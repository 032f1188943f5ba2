"""Everything the pipeline reports, turned into documents: the part that all sinks of documents share.

The first time that it is given names the run unless the origin has an epoch already; ids hang on it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from dissectors.context import AssetEvent, Context
from dissectors.facts import ChannelOpened, ChannelWindow, Exchange, Fact, Health, Sighting, Visibility
from rules.detections.alert import Alert
from sensor.documents.alert import alert_document
from sensor.documents.asset import asset_document
from sensor.documents.channel import Tallies, channel_document
from sensor.documents.moment import epoch_text
from sensor.documents.operation import operation_document
from sensor.documents.origin import Origin
from sensor.documents.sensor import Counts, sensor_document
from sensor.documents.text import Document
from sensor.inventory.record import AssetRecord

Sink = Callable[[str, Document], None]
"""Takes the word of a stream and a document."""

WANTED: Final[frozenset[type[Fact]]] = frozenset({Sighting, ChannelOpened, Exchange, ChannelWindow, Visibility, Health})
"""The facts that documents are made of; sightings and openings only date the run."""

MAX_STATES: Final = 20_000
"""Assets whose last refresh is remembered; one that was forgotten is written again, with the same id."""


class Documents:
    """Makes the documents of one run, in order, and gives each to ``sink``."""

    def __init__(self, origin: Origin, sink: Sink) -> None:
        self.origin = origin
        self._sink = sink
        self._started = -1
        self._tallies = Tallies()
        self._counts = Counts()
        self._states: dict[str, int] = {}

    @property
    def wants(self) -> frozenset[type[Fact]]:
        """The fact types that documents are made of."""
        return WANTED

    def _date(self, time: int) -> None:
        if self._started < 0:
            self._started = time
            if not self.origin.epoch:
                self.origin = msgspec.structs.replace(self.origin, epoch=epoch_text(time))

    def take(self, context: Context) -> None:
        """Take one fact."""
        fact, channel = context.fact, context.channel
        client, server, verdict = context.client, context.server, context.verdict
        self._date(fact.time)
        if isinstance(fact, Health):
            for interface, series in self._counts.add(fact):
                self._sink("sensor", sensor_document(self.origin, interface, series, self._counts.started))
        elif channel is None:
            return
        elif isinstance(fact, Exchange):
            self._sink("operation", operation_document(self.origin, fact, channel, client, server, verdict))
        elif isinstance(fact, ChannelWindow):
            self._counts.gap(channel.interface, fact)
            for tally in self._tallies.add(fact, channel, client, server, verdict):
                self._sink("channel", channel_document(self.origin, tally))
        elif isinstance(fact, Visibility):
            self._counts.seen(channel.interface, fact)

    def alert(self, alert: Alert) -> None:
        """Take one revision of an incident."""
        self._date(alert.time)
        self._sink("alert", alert_document(self.origin, alert))

    def asset(self, asset: AssetRecord, event: AssetEvent | None) -> None:
        """Take an asset as it is now; see ``sensor.documents.asset`` for what makes a document."""
        if event is not None:
            self._date(event.time)
            if event.settled:
                self._sink("asset", asset_document(self.origin, asset, event, event.time))
            return
        # An asset that was not seen since its last refresh has nothing new to say.
        if self._states.get(asset.id) != asset.last:
            self._states.pop(asset.id, None)
            self._states[asset.id] = asset.last
            if len(self._states) > MAX_STATES:
                del self._states[next(iter(self._states))]
            self._sink("asset", asset_document(self.origin, asset, None, asset.last or max(self._started, 0)))

    def finish(self) -> None:
        """Give out what is held back."""
        for tally in self._tallies.close():
            self._sink("channel", channel_document(self.origin, tally))
        for interface, series in self._counts.close():
            self._sink("sensor", sensor_document(self.origin, interface, series, self._counts.started))
