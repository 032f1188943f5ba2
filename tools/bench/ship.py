"""Measures the shipper against a real cluster: documents per second from a full spool until it is empty.

The shipper runs as it does beside a sensor, in a process of its own. Its start is left out: time counts from the first
document that leaves the spool, so the first batch is not counted either. What is written is in ``SITE``'s stream.
"""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path
from typing import Final

import msgspec

from sensor.elastic.settings import Settings
from sensor.elastic.start import start_shipper
from sensor.elastic.tally import Tally, read_tally
from sensor.store import Store
from tools.bench.documents import SITE, fill

LOOK_SECONDS: Final = 0.02
"""Between two looks at what still waits."""


class Shipped(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured. ``seconds`` and ``documents`` are those of the steady part, ``processor`` the shipper's own.

    ``waiting`` documents did not arrive, for the ``reason`` given.
    """

    documents: int
    seconds: float
    byte_count: int
    processor: float
    waiting: int
    duplicates: int
    refused: int
    reason: str = ""

    @property
    def rate(self) -> float:
        """Documents per second."""
        return self.documents / self.seconds if self.seconds > 0 else 0.0


def measure_shipping(settings: Settings, documents: int, epoch: str, folder: Path | None = None) -> Shipped:
    """Spool ``documents`` in ``folder`` (a temporary one by default), ship them, and return the figures.

    ``epoch`` goes into their ids: with one that was used before, the cluster has them all already.
    """
    with tempfile.TemporaryDirectory(prefix="spanwatch-bench-", dir=folder) as place:
        path = Path(place) / "bench.db"
        fill(path, documents, epoch, SITE)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with Store(path, read_only=True) as store:
            octets = store.spool.size()[1]
            with start_shipper(path, settings) as shipper:
                first = _moving(store, documents)
                started = time.perf_counter()
                shipper.drain()
                seconds = time.perf_counter() - started
            tally, waiting = read_tally(store), store.spool.size()[0]
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Shipped(
        documents=max(0, first - waiting),
        seconds=seconds,
        byte_count=octets,
        processor=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        waiting=waiting,
        duplicates=tally.duplicates,
        refused=tally.dead_letter + tally.dropped + tally.failure_store,
        reason=tally.reason,
    )


def _moving(store: Store, documents: int) -> int:
    """Wait until something has left the spool or the shipper says why not; return how many documents still wait."""
    while True:
        left, tally = store.spool.size()[0], read_tally(store)
        if left < documents or _is_stuck(tally):
            return left
        time.sleep(LOOK_SECONDS)


def _is_stuck(tally: Tally) -> bool:
    return tally.paused or tally.trouble
