"""The memory that each bound stands for: what one entry costs, and what all of them sum to in one process, whatever the traffic.

Estimates for the compiled build on CPython 3.11; bytes that a bound counts by themselves cost what they are. A replay
has nearly all of it in one process; watching has a worker's part in each worker and the rest in the process of the pipeline.
"""

from __future__ import annotations

from typing import Final, NamedTuple

MEBIBYTE: Final = 1 << 20
TOTAL: Final = 512 * MEBIBYTE
"""What one process is meant to come to."""
REPLAY: Final = "replay"
WORKER: Final = "worker of watch"
PIPELINE: Final = "pipeline of watch"
PROCESSES: Final = (REPLAY, WORKER, PIPELINE)
PACKETS: Final = frozenset({REPLAY, WORKER})
FACTS: Final = frozenset({REPLAY, PIPELINE})


class Budget(NamedTuple):
    """A share of the memory: the bound by its constant, bytes of one entry, and the processes that hold it."""

    name: str
    constant: str
    each: int
    held_by: frozenset[str]


BUDGETS: Final = (
    Budget("flows", "dissectors.wire.flow_table.MAX_FLOWS", 4_500, PACKETS),
    Budget("streams", "dissectors.wire.streams.MAX_STREAM_BYTES", 2, PACKETS),
    Budget("streams", "dissectors.wire.seen.MAX_COPIED", 2, PACKETS),
    Budget("streams", "dissectors.wire.seen.MAX_GROWN", 120, PACKETS),
    Budget("streams", "dissectors.wire.reorder.MAX_ALL_STRANDS", 400, PACKETS),
    Budget("places", "dissectors.wire.places.MAX_PAIRS", 400, PACKETS),
    Budget("places", "dissectors.wire.places.MAX_FURTHER", 120, PACKETS),
    Budget("places", "dissectors.wire.tunnel_table.MAX_TUNNELS", 300, PACKETS),
    Budget("fragments", "dissectors.wire.fragments.MAX_DATAGRAMS", 65_535, PACKETS),
    Budget("protocol state", "dissectors.base.channel_table.MAX_PROTOCOL_BYTES", 1, PACKETS),
    Budget("protocol state", "dissectors.base.channel_table.MAX_ALL_POINTS", 130, PACKETS),
    Budget("protocol state", "dissectors.base.channel_table.MAX_ALL_IDENTITIES", 250, PACKETS),
    Budget("protocol state", "dissectors.base.channel_table.MAX_ALL_WAITING", 300, PACKETS),
    Budget("channels", "dissectors.base.channel_table.MAX_CHANNELS", 2_000, PACKETS),
    Budget("channels", "dissectors.base.channel_table.MAX_ATTACHED", 2_000, PACKETS),
    Budget("operations", "dissectors.base.channel_table.MAX_ALL_OPERATIONS", 900, PACKETS),
    Budget("operations", "dissectors.base.channel_table.MAX_ALL_TRANSITIONS", 150, PACKETS),
    Budget("addresses", "dissectors.wire.addresses.MAX_BINDINGS", 200, PACKETS),
    Budget("addresses", "dissectors.wire.neighbours.MAX_ASKED", 200, PACKETS),
    Budget("addresses", "dissectors.wire.neighbours.MAX_SENDERS", 700, PACKETS),
    Budget("addresses", "dissectors.wire.senders.MAX_SENDERS", 300, PACKETS),
    Budget("inventory", "sensor.inventory.table.MAX_ASSETS", 3_500, FACTS),
    Budget("inventory", "sensor.inventory.observe.MAX_ALL_VALUES", 400, FACTS),
    Budget("inventory", "sensor.inventory.table.MAX_FORWARDING", 500, FACTS),
    Budget("inventory", "sensor.inventory.asset.MAX_FURTHER", 300, FACTS),
    Budget("inventory", "sensor.inventory.contest.MAX_CARDS", 300, FACTS),
    Budget("inventory", "sensor.inventory.pending_move.MAX_PENDING", 300, FACTS),
    Budget("inventory", "sensor.inventory.inventory.MAX_CHANNELS", 1_100, FACTS),
    Budget("rules", "rules.policy.judge.CHANNELS_MAX", 500, FACTS),
    Budget("rules", "rules.detections.incident.MAX_INCIDENTS", 2_500, FACTS),
    Budget("baseline", "models.persistence.DOCUMENTS_MAX", 4, FACTS),
    Budget("baseline", "models.persistence.ARRAYS_MAX", 1, FACTS),
    Budget("models", "models.novelty.scorer.MAX_LIVE", 200, FACTS),
    Budget("models", "models.novelty.scorer.MAX_HELD", 1_000, FACTS),
    Budget("models", "models.novelty.sweep.MAX_SWEEPS", 2_000, FACTS),
    Budget("models", "models.timing.scorer.MAX_LIVE", 400, FACTS),
    Budget("models", "models.timing.scorer.MAX_PULSES", 300, FACTS),
    Budget("models", "models.windows.slots.MAX_OPEN", 1_200, FACTS),
    Budget("models", "models.windows.features.MAX_LABELS", 500, FACTS),
    Budget("models", "models.windows.features.MAX_REACHES", 500, FACTS),
    Budget("models", "models.windows.scorer.MAX_WAITING", 2_000, FACTS),
    Budget("models", "models.fusion.MAX_CHANNELS", 1_900, FACTS),
    Budget("models", "sensor.pipeline.learned_stations.MAX_ANSWERS", 300, FACTS),
    Budget("documents", "sensor.documents.channel.MAX_RUNNING", 1_000, FACTS),
    Budget("facts on their way", "sensor.live.live_worker.BATCH_FACTS", 1_000, frozenset(PROCESSES)),
    Budget("facts on their way", "dissectors.wire.naming.MAX_UNREAD", 1_000, PACKETS),
    Budget("facts on their way", "sensor.live.merge.MAX_HELD", 1_000, frozenset({PIPELINE})),
    Budget("captures read together", "sensor.capture.overlap.MAX_TOGETHER", 512 << 10, frozenset({REPLAY})),
    Budget("captures read together", "sensor.capture.reader.MAX_UNFINISHED_BYTES", 2, frozenset({REPLAY})),
)
PROGRAM: Final = {REPLAY: 75 * MEBIBYTE, WORKER: 60 * MEBIBYTE, PIPELINE: 75 * MEBIBYTE}
"""Interpreter, modules and the registry of makers; numpy where a baseline is judged by."""


def of(constant: str) -> str:
    """Return the budgets that a bound belongs to, "" for one that has no share of its own."""
    return ", ".join(dict.fromkeys(row.name for row in BUDGETS if row.constant == constant))


def sums(values: dict[str, int], process: str) -> dict[str, int]:
    """Return the bytes of each budget in a process, by the ``values`` of the constants; 0 for what another one holds."""
    found: dict[str, int] = {}
    for row in BUDGETS:
        held = row.each * values[row.constant] if process in row.held_by else 0
        found[row.name] = found.get(row.name, 0) + held
    return found
