"""How shipping goes, from the store alone: what waits, what was counted, whether a shipper works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from sensor.documents.moment import moment
from sensor.elastic.dead_letter import dead_letter_path
from sensor.elastic.lock import is_shipped
from sensor.elastic.tally import Tally, read_tally
from sensor.store import Spooled, Store


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The state of shipping of one store."""

    store: Path
    spool: Spooled
    tally: Tally
    is_shipped: bool
    letters: Path


def read_status(store: Store) -> Status:
    """Return how shipping goes for ``store``. Raises ``StoreError``."""
    return Status(
        store=store.path,
        spool=store.spool.state(),
        tally=read_tally(store),
        is_shipped=is_shipped(store.path),
        letters=dead_letter_path(store.path),
    )


def as_object(status: Status) -> dict[str, Any]:
    """Return the status for programs; times are seconds since 1970, 0 for never."""
    return {
        "store": str(status.store),
        "shipper_running": status.is_shipped,
        "spool": {
            "documents": status.spool.documents,
            "bytes": status.spool.byte_count,
            "oldest_age_s": status.spool.oldest_age_seconds,
            "dropped": status.spool.dropped,
        },
        "output": msgspec.structs.asdict(status.tally),
    }


def as_text(status: Status) -> Iterator[str]:
    """Yield the status as lines for people."""
    spool, tally = status.spool, status.tally
    age = f", the oldest for {spool.oldest_age_seconds} s" if spool.documents else ""
    yield f"Store        {status.store}"
    yield f"Shipper      {'running' if status.is_shipped else 'not running'}"
    yield f"State        {_state(tally)}"
    yield f"Waiting      {spool.documents} documents, {spool.byte_count} bytes{age}"
    yield f"Arrived      {tally.acked} new, {tally.duplicates} were there already"
    if tally.last_success:
        yield f"Last sent    {moment(int(tally.last_success * 1_000_000_000))}"
    yield f"Sent again   {tally.retried}"
    lost = {
        "in the cluster's failure store": tally.failure_store,
        f"refused, in {status.letters}": tally.dead_letter,
        "refused and dropped, that file being full": tally.dropped,
        "health documents too old for the time series, dropped": tally.outdated,
        "dropped because the store was full": spool.dropped,
    }
    for text, count in lost.items():
        if count:
            yield f"Attention    {count} {text}"


def _state(tally: Tally) -> str:
    if not tally.paused and not tally.trouble:
        return "fine"
    since = moment(int(tally.since * 1_000_000_000))
    return f"{'paused' if tally.paused else 'trouble'} since {since}: {tally.reason}"
