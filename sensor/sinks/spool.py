"""Documents into the spool of a store, where the shipper finds them.

A sink before the store's writer: so documents are durable first, and after a crash one may be there twice, never not at all.
"""

from __future__ import annotations

import contextlib
import hashlib
from typing import Final

import msgspec

from sensor.documents.text import Document
from sensor.pipeline.options import Options
from sensor.sinks.document_sink import DocumentSink
from sensor.sinks.sink import SinkKind
from sensor.store import Store, StoreError

BATCH_DOCUMENTS: Final = 2_000
"""Documents held in memory before they are spooled between two commits."""


class SpoolSink(DocumentSink):
    """Writes the documents of one run to the spool of ``store``.

    A document waits under its stream and id; a health document, which has no id, under the digest of its content.
    ``commit`` raises ``sensor.store.StoreError`` when the store cannot be written.
    """

    def __init__(self, store: Store) -> None:
        self._spool = store.spool
        self._encoder = msgspec.json.Encoder()
        self._held: list[tuple[str, str, bytes]] = []

    def write(self, word: str, document: Document) -> None:
        """Take one document of the stream ``word``."""
        body = self._encoder.encode(document)
        identifier = document["event"].get("id") or hashlib.sha256(body).hexdigest()[:22]
        self._held.append((self._documents.origin.stream(word), identifier, body))
        if len(self._held) % BATCH_DOCUMENTS == 0:
            with contextlib.suppress(StoreError):  # the commit tries again, and decides
                self.commit()

    def commit(self) -> None:
        """Make everything gathered so far durable."""
        if self._held:
            self._spool.add(self._held)
            self._held = []

    def waiting(self) -> int:
        """Return how many documents wait."""
        return len(self._held)

    def give_up(self) -> int:
        """Forget the documents that wait; return how many there were."""
        count, self._held = len(self._held), []
        return count


def _make(options: Options, store: Store | None) -> SpoolSink | None:
    return SpoolSink(store) if store is not None else None


KIND: Final = SinkKind(name="spool", asked_by=("spool", "elastic"), make=_make)
