"""The memory that each bound stands for: what one entry costs, and what all of them sum to in one process, whatever the traffic.

Estimates for the compiled build on CPython 3.11; bytes that a bound counts by themselves cost what they are. A replay
has all of it in one process; watching has a worker's part in each worker and the rest in the process of the pipeline.
"""

from __future__ import annotations

from typing import Final, NamedTuple

MEBIBYTE: Final = 1 << 20
TOTAL: Final = 512 * MEBIBYTE
"""What one process is meant to come to."""


class Budget(NamedTuple):
    """A share of the memory: the bound by its constant, and bytes of one entry."""

    name: str
    constant: str
    each: int


BUDGETS: Final = (
    Budget("flows", "dissectors.wire.flow_table.MAX_FLOWS", 4_500),
    Budget("streams", "dissectors.wire.streams.MAX_STREAM_BYTES", 2),
    Budget("streams", "dissectors.wire.seen.MAX_COPIED", 2),
    Budget("streams", "dissectors.wire.seen.MAX_GROWN", 120),
    Budget("streams", "dissectors.wire.reorder.MAX_ALL_STRANDS", 400),
    Budget("places", "dissectors.wire.places.MAX_PAIRS", 400),
    Budget("places", "dissectors.wire.places.MAX_FURTHER", 120),
    Budget("places", "dissectors.wire.tunnel_table.MAX_TUNNELS", 300),
    Budget("fragments", "dissectors.wire.fragments.MAX_DATAGRAMS", 65_535),
    Budget("protocol state", "dissectors.base.channel_table.MAX_PROTOCOL_BYTES", 1),
    Budget("protocol state", "dissectors.base.channel_table.MAX_ALL_POINTS", 130),
    Budget("protocol state", "dissectors.base.channel_table.MAX_ALL_IDENTITIES", 250),
    Budget("protocol state", "dissectors.base.channel_table.MAX_ALL_WAITING", 300),
    Budget("channels", "dissectors.base.channel_table.MAX_CHANNELS", 2_000),
    Budget("channels", "dissectors.base.channel_table.MAX_ATTACHED", 2_000),
    Budget("operations", "dissectors.base.channel_table.MAX_ALL_OPERATIONS", 900),
    Budget("operations", "dissectors.base.channel_table.MAX_ALL_TRANSITIONS", 150),
    Budget("addresses", "dissectors.wire.addresses.MAX_BINDINGS", 200),
    Budget("addresses", "dissectors.wire.neighbours.MAX_ASKED", 200),
    Budget("addresses", "dissectors.wire.neighbours.MAX_SENDERS", 700),
    Budget("addresses", "dissectors.wire.senders.MAX_SENDERS", 300),
    Budget("inventory", "sensor.inventory.table.MAX_ASSETS", 3_000),
    Budget("inventory", "sensor.inventory.observe.MAX_ALL_VALUES", 400),
    Budget("inventory", "sensor.inventory.table.MAX_FORWARDING", 500),
    Budget("inventory", "sensor.inventory.asset.MAX_FURTHER", 300),
    Budget("inventory", "sensor.inventory.contest.MAX_CARDS", 300),
    Budget("inventory", "sensor.inventory.pending_move.MAX_PENDING", 300),
    Budget("inventory", "sensor.inventory.inventory.MAX_CHANNELS", 700),
    Budget("rules", "rules.policy.judge.CHANNELS_MAX", 500),
    Budget("rules", "rules.detections.incident.MAX_INCIDENTS", 2_500),
    Budget("documents", "sensor.documents.channel.MAX_RUNNING", 1_000),
    Budget("facts on their way", "sensor.live.live_worker.BATCH_FACTS", 1_000),
    Budget("facts on their way", "dissectors.wire.naming.MAX_UNREAD", 1_000),
)
PROGRAM: Final = 60 * MEBIBYTE
"""Interpreter, modules and the registry of makers."""


def of(constant: str) -> str:
    """Return the budgets that a bound belongs to, "" for one that has no share of its own."""
    return ", ".join(dict.fromkeys(row.name for row in BUDGETS if row.constant == constant))


def sums(values: dict[str, int]) -> dict[str, int]:
    """Return the bytes of each budget, by the ``values`` of the constants."""
    found: dict[str, int] = {}
    for row in BUDGETS:
        found[row.name] = found.get(row.name, 0) + row.each * values[row.constant]
    return found
