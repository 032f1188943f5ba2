"""Every counter that a ``Health`` fact may carry, once: what it counts, the document field it adds to, the table it is of.

A counter with a ``table`` says that a bound was reached: something was forgotten because a table was full. A counter that is
not in this list is in no document and no alert. This module stays interpreted.
"""

from __future__ import annotations

from typing import Final

import msgspec


class Counter(msgspec.Struct, frozen=True):
    """One counter. ``field`` is below ``spanwatch.sensor``, "" for one that only the log and the alerts know.

    ``meaning`` continues the number to a sentence. ``gauge``: it says how things are, not what was added.
    """

    name: str
    field: str
    meaning: str
    table: str = ""
    gauge: bool = False


FORGOTTEN: Final = "capture.forgotten"


def _bound(name: str, table: str, meaning: str, field: str = FORGOTTEN) -> Counter:
    return Counter(name, field, meaning, table)


COUNTERS: Final = (
    Counter("packets", "capture.packets", "packets read"),
    Counter("bytes", "capture.bytes", "bytes read"),
    Counter("dropped", "capture.dropped", "packets were dropped before the sensor saw them"),
    Counter("not_decoded", "capture.dissect_errors", "frames were not read"),
    Counter("truncated", "capture.truncated", "frames were cut by the capture (snap length)"),
    Counter("clock_jumps", "capture.clock_jumps", "times the capture clock jumped"),
    Counter("overlap_conflicts", "capture.overlaps", "retransmissions with other content than before"),
    Counter("overlapping_fragments", "capture.overlaps", "IP fragments that overlapped others"),
    Counter("resynchronised", "", "times a stream held no message where one belonged"),
    Counter("duplicates", "capture.duplicates", "frames were copies of others"),
    Counter("joined_flows", "", "conversations seen at one more place"),
    Counter("separated_pairs", "", "pairs of addresses that are other devices at another place"),
    Counter("ring_copies", "", "frames that came round a ring a second time, read once"),
    Counter("wrong_checksums", "capture.wrong_checksums", "packets with a wrong checksum, which a target drops"),
    Counter(
        "senders_without_checksums",
        "capture.senders_without_checksums",
        "senders without checksums of their own (the network card makes them): their checksums are not judged",
    ),
    Counter(
        "dissector_failures",
        "",
        "messages a dissector failed on; the flow was read no further",
    ),
    Counter("flows", "capture.flows", "flows held", gauge=True),
    Counter("channels", "capture.channels", "channels held", gauge=True),
    _bound("evicted_flows", "flows", "flows ended to make room"),
    _bound("evicted_stream_messages", "stream_messages", "messages given up before their protocol was known"),
    _bound("evicted_channels", "channels", "channels of a worker forgotten"),
    _bound(
        "conversations_passed_over",
        "conversations",
        "conversations that nobody answered or dissects, counted unreported",
    ),
    _bound("segments_uncompared", "segments", "segments whose repeats were not compared"),
    _bound("evicted_operations", "operations", "operations counted without being reported"),
    _bound("evicted_requests", "requests", "requests not paired with their answers"),
    _bound("evicted_protocol_state", "protocol_state", "things a protocol remembered of a connection, forgotten"),
    _bound("targets_left_out", "targets", "further targets of messages, beyond those that are kept of one"),
    _bound("evicted_fragments", "fragments", "IP datagrams in fragments given up, or not read in every way"),
    _bound("evicted_neighbours", "neighbours", "records of ARP senders and of addresses asked for, forgotten"),
    _bound("evicted_pairs", "pairs", "pairs of addresses whose places were forgotten"),
    _bound("evicted_bindings", "bindings", "pairs of MAC and IP forgotten"),
    _bound("evicted_strands", "strands", "holes and further numbers of streams, not read"),
    _bound("evicted_tunnels", "tunnels", "tunnels not told apart"),
    _bound("evicted_ring_senders", "ring_senders", "nodes of rings whose last frames were forgotten"),
    _bound("assets_evicted", "assets", "assets forgotten"),
    _bound("channels_evicted", "channels", "channels of the inventory forgotten"),
    _bound("forwarding_forgotten", "addresses", "records of routers, and of MACs that may be one, forgotten"),
    _bound("addresses_dropped", "addresses", "addresses of assets forgotten"),
    _bound("observations_dropped", "observations", "statements of devices about themselves, not kept"),
    _bound("asset_events_held_back", "asset_events", "changes of assets not reported one by one"),
    _bound("behaviour_dropped", "behaviour", "traits of assets (protocols, services, partners), not kept"),
    _bound("novelty_channels_evicted", "novelty_channels", "channels forgotten by the model of novelty"),
    _bound("novelty_sweeps_evicted", "novelty_sweeps", "sweeps forgotten by the model of novelty, reported again"),
    _bound("rhythm_channels_evicted", "rhythm_channels", "channels forgotten by the model of rhythm"),
    _bound("window_slots_evicted", "windows", "windows and objects forgotten by the model of windows"),
    _bound("fusion_channels_evicted", "fusion_channels", "channels forgotten where the models are joined"),
    _bound("output_lines_dropped", "output_lines", "lines of documents lost to a full disk"),
    _bound("store_rows_dropped", "store_rows", "rows that the store refused for too long"),
    Counter("store_forgot_fact_batches", FORGOTTEN, "batches of facts beyond the retention of the store"),
    Counter("store_forgot_asset_events", FORGOTTEN, "asset events beyond the retention of the store"),
    Counter("store_forgot_alerts", FORGOTTEN, "alerts beyond the retention of the store"),
    Counter("store_forgot_channels", FORGOTTEN, "channels beyond the retention of the store"),
    Counter("store_forgot_operations", FORGOTTEN, "operations beyond the retention of the store"),
    Counter("store_forgot_windows", FORGOTTEN, "windows beyond the retention of the store"),
    Counter("store_forgot_assets", FORGOTTEN, "assets beyond the retention of the store"),
    Counter("worker_restarts", "", "worker processes started again"),
    Counter("merge_forced", "", "facts taken without waiting for the other workers"),
    Counter("merge_late", "", "facts that came behind what was taken already"),
    Counter("messages", "", "packets over all interfaces"),
    _bound("spool_dropped", "spool", "documents dropped from the full spool", "spool.dropped"),
    Counter("spool_documents", "spool.documents", "documents waiting to be shipped", gauge=True),
    Counter("spool_bytes", "spool.bytes", "their bytes", gauge=True),
    Counter("spool_oldest_seconds", "spool.oldest_age_s", "how long the oldest of them waits", gauge=True),
    Counter("output_acked", "output.acked", "documents the cluster took"),
    Counter("output_duplicates", "output.duplicates", "documents that were there already"),
    Counter("output_retried", "output.retried", "documents sent again"),
    Counter("output_failure_store", "output.failure_store", "documents in the failure store of the cluster"),
    Counter("output_dead_letter", "output.dead_letter", "documents the cluster refused for good"),
    Counter("output_paused", "output.paused", "whether shipping waits for somebody", gauge=True),
)
"""In the order of their parts: capture, tables of the worker, inventory, store, live, way out."""

BY_NAME: Final = {counter.name: counter for counter in COUNTERS}
BOUNDS: Final = {counter.name: counter.table for counter in COUNTERS if counter.table}
"""Counters of a bound that was reached, with the table that was full."""
