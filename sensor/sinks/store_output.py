"""Documents into the spool of a store, where the shipper finds them; facts, assets and alerts beside them.

Two objects, one for each interface of ``sensor.sinks.sink``: ``StoreOutput`` gathers documents, ``StoreRecorder`` is the
store's writer that first spools what was gathered. So what ``Keeper.take`` has returned from is durable, documents
included, at one transaction more per call.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec

from dissectors.context import AssetEvent, AssetView, Verdict
from dissectors.facts import AnyFact, ChannelOpened, ChannelWindow, Fact, OperationFirst
from rules.detections.alert import Alert
from sensor.documents.documents import Documents
from sensor.documents.origin import Origin
from sensor.documents.text import Document
from sensor.inventory.record import AssetRecord
from sensor.store import Store

BATCH_DOCUMENTS: Final = 2_000
"""Documents held in memory before they are spooled between two commits."""


class StoreOutput:
    """Writes the documents of one run to the spool of ``store``. A ``sensor.sinks.sink.Output``.

    A document waits under its stream and id; a health document, which has no id, under the digest of its content.
    Raises ``sensor.store.StoreError`` when the store cannot be written, and keeps what it could not write.
    """

    def __init__(self, store: Store, origin: Origin) -> None:
        self._spool = store.spool
        self._documents = Documents(origin, self._add)
        self._encoder = msgspec.json.Encoder()
        self._held: list[tuple[str, str, bytes]] = []

    def _add(self, word: str, document: Document) -> None:
        body = self._encoder.encode(document)
        identifier = document["event"].get("id") or hashlib.sha256(body).hexdigest()[:22]
        self._held.append((self._documents.origin.stream(word), identifier, body))
        if len(self._held) >= BATCH_DOCUMENTS:
            self.flush()

    def flush(self) -> None:
        """Make everything gathered so far durable."""
        if self._held:
            self._spool.add(self._held)
            self._held = []

    @property
    def wants(self) -> frozenset[type[Fact]]:
        """The fact types that documents are made of."""
        return self._documents.wants

    def fact(
        self,
        fact: AnyFact,
        channel: ChannelOpened | None,
        client: AssetView | None,
        server: AssetView | None,
        verdict: Verdict | None,
    ) -> None:
        """Take one fact."""
        self._documents.fact(fact, channel, client, server, verdict)

    def alert(self, alert: Alert) -> None:
        """Take one revision of an incident."""
        self._documents.alert(alert)

    def asset(self, asset: AssetRecord, event: AssetEvent | None) -> None:
        """Take an asset as it is now."""
        self._documents.asset(asset, event)

    def finish(self) -> None:
        """Spool what is held back."""
        self._documents.finish()
        self.flush()


class StoreRecorder:
    """The writer of a store, spooling first: a ``sensor.sinks.sink.Recorder`` for a pipeline that also has ``output``."""

    def __init__(self, store: Store, output: StoreOutput) -> None:
        self._writer = store.writer
        self._output = output

    def facts(self, facts: Sequence[AnyFact]) -> None:
        """Keep one batch of facts."""
        self._writer.facts(facts)

    def opened(self, channel: ChannelOpened, verdict: Verdict | None) -> None:
        """Keep a channel, or its new state."""
        self._writer.opened(channel, verdict)

    def operation(self, fact: OperationFirst, verdict: Verdict | None) -> None:
        """Keep the first time a channel carries an operation."""
        self._writer.operation(fact, verdict)

    def window(self, fact: ChannelWindow) -> None:
        """Keep what a channel did in one window."""
        self._writer.window(fact)

    def alert(self, alert: Alert) -> None:
        """Keep one revision of an incident."""
        self._writer.alert(alert)

    def asset(self, asset: AssetRecord, event: AssetEvent | None) -> None:
        """Keep the newest state of an asset."""
        self._writer.asset(asset, event)

    def commit(self) -> None:
        """Make everything durable, documents first: after a crash one may be there twice, never not at all."""
        self._output.flush()
        self._writer.commit()
