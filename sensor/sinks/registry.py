"""The list of sinks. A new one is a file of this folder and a line here; a test finds the one forgotten."""

from __future__ import annotations

from typing import Final

from sensor.pipeline.options import Options
from sensor.sinks import ndjson, ndjson_live, spool, store
from sensor.sinks.sink import Sink, SinkKind
from sensor.store import Store

SINKS: Final[tuple[SinkKind, ...]] = (ndjson.KIND, ndjson_live.KIND, spool.KIND, store.KIND)
"""Every kind, in the order in which sinks are called: the spool before the store, so that documents are durable first."""


def sinks_for(options: Options, opened: Store | None) -> list[Sink]:
    """Return the sinks that the options ask for; ``opened`` is the store of the options."""
    made = [
        kind.make(options, opened)
        for kind in SINKS
        if kind.live in (None, options.live) and any(getattr(options, name) for name in kind.asked_by)
    ]
    return [sink for sink in made if sink is not None]
