"""The embedded store: one SQLite file, no server."""

from __future__ import annotations

from sensor.store.error import StoreError
from sensor.store.retention import Retention
from sensor.store.row import Capture, ChannelRow, OperationRow, Spooled, Waiting
from sensor.store.store import Store

__all__ = ["Capture", "ChannelRow", "OperationRow", "Retention", "Spooled", "Store", "StoreError", "Waiting"]
