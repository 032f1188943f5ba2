"""What all sinks of documents share: what is taken becomes documents, in order, and each goes to ``write``."""

from __future__ import annotations

from abc import abstractmethod

from dissectors.context import AssetEvent, Context
from rules.detections.alert import Alert
from sensor.documents.documents import WANTED, Documents
from sensor.documents.origin import Origin
from sensor.documents.text import Document
from sensor.inventory.record import AssetRecord
from sensor.sinks.sink import Sink


class DocumentSink(Sink):
    """A sink of documents; ``begin`` names the run that they are of."""

    wants = WANTED
    _documents: Documents

    def begin(self, origin: Origin) -> None:
        """Write documents of this run."""
        self._documents = Documents(origin, self.write)

    @abstractmethod
    def write(self, word: str, document: Document) -> None:
        """Take one document of the stream ``word``."""

    def take(self, context: Context) -> None:
        """Take one fact."""
        self._documents.take(context)

    def alert(self, alert: Alert) -> None:
        """Take one revision of an incident."""
        self._documents.alert(alert)

    def asset(self, asset: AssetRecord, event: AssetEvent | None) -> None:
        """Take an asset as it is now."""
        self._documents.asset(asset, event)

    def finish(self) -> None:
        """Write what is held back."""
        self._documents.finish()
