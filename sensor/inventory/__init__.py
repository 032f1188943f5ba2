"""The asset inventory: who is on the wire, since when, and which frame proves it."""

from __future__ import annotations

from sensor.inventory.conversation import Conversation
from sensor.inventory.inventory import Inventory
from sensor.inventory.journal import SETTLE_SECONDS
from sensor.inventory.known import KnownAsset, KnownAssets, KnownTable
from sensor.inventory.record import AssetRecord

__all__ = ["SETTLE_SECONDS", "AssetRecord", "Conversation", "Inventory", "KnownAsset", "KnownAssets", "KnownTable"]
