"""Two bulk requests at a time: while the cluster works on one half of a batch, the other half is on its way.

The cluster works on one request to one stream with one thread, so two keep two of its cores busy; the answers still
belong to the documents one by one, and nothing leaves the spool before both halves were answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from sensor.elastic.backoff import MAX_DOCUMENTS
from sensor.elastic.bulk import Sender
from sensor.elastic.classify import Answer
from sensor.store import Waiting

PARALLEL: Final = 2
WORTH_IT: Final = 50
"""Documents from which a batch is halved."""
BATCH_DOCUMENTS: Final = PARALLEL * MAX_DOCUMENTS


class ParallelRequests:
    """A ``Sender`` that sends the halves of a batch side by side through another one, which threads may share."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._beside = ThreadPoolExecutor(max_workers=PARALLEL - 1, thread_name_prefix="bulk")

    def send(self, batch: Sequence[Waiting], created: str) -> list[Answer]:
        """Return one answer for each document, in order."""
        if len(batch) < WORTH_IT:
            return self._sender.send(batch, created)
        middle = len(batch) // 2
        second = self._beside.submit(self._sender.send, batch[middle:], created)
        first = self._sender.send(batch[:middle], created)
        return [*first, *second.result()]

    def close(self) -> None:
        """Let the other thread end."""
        self._beside.shutdown()
