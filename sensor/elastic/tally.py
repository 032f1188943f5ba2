"""What the shipper counted, kept in the store so that the sensor and the command line can show it.

Numbers only grow and belong to the store, not to one run of the shipper.
"""

from __future__ import annotations

from typing import Final

import msgspec

from sensor.store import Store

KEY: Final = "elastic_tally"


class Tally(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Counters of documents. Times are seconds of the wall clock since 1970, 0 for never.

    ``rejected`` documents are in the cluster's failure store; ``dropped`` ones found the dead letter file full;
    ``outdated`` ones are health documents older than a time series takes. ``paused`` with ``reason`` says that nothing
    is sent until something is repaired; ``trouble`` that the cluster is not reached or busy.
    """

    acked: int = 0
    duplicates: int = 0
    retried: int = 0
    failure_store: int = 0
    dead_letter: int = 0
    dropped: int = 0
    outdated: int = 0
    paused: bool = False
    trouble: bool = False
    reason: str = ""
    since: float = 0.0
    last_success: float = 0.0

    @property
    def row(self) -> tuple[str, str]:
        """Key and value in the table ``meta`` of a store."""
        return KEY, msgspec.json.encode(self).decode()


_decode = msgspec.json.Decoder(Tally).decode


def read_tally(store: Store) -> Tally:
    """Return what was counted for ``store``; all zero when nothing was shipped yet or the entry is not readable."""
    kept = store.meta(KEY)
    if not kept:
        return Tally()
    try:
        return _decode(kept)
    except msgspec.MsgspecError:
        return Tally()
