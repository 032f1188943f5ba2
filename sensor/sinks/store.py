"""The store as a sink: its writer keeps every fact, asset, channel and alert."""

from __future__ import annotations

from typing import Final

from sensor.pipeline.options import Options
from sensor.sinks.sink import SinkKind
from sensor.store import Store
from sensor.store.writer import Writer


def _make(options: Options, store: Store | None) -> Writer | None:
    return store.writer if store is not None else None


KIND: Final = SinkKind(name="store", asked_by=("store",), make=_make)
