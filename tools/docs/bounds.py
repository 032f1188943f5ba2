"""What grows, what bounds it, what happens when it is full, and which counter says so. ``bounds_page`` reads the values.

A constant is named by its module. The page also lists every other ``MAX_*`` constant with the sentence that stands below it.
"""

from __future__ import annotations

from typing import Final

from tools.docs.wire_bounds import WIRE, Bound

BOUNDS: Final = (
    *WIRE,
    Bound("sensor.inventory.table.MAX_ASSETS", "assets", "idle longest", "Health `assets_evicted`"),
    Bound(
        "sensor.inventory.table.MAX_FORWARDING",
        "routers, MACs that may be one, merged assets",
        "oldest goes",
        "Health `forwarding_forgotten`",
    ),
    Bound(
        "sensor.inventory.contest.MAX_CARDS",
        "further network cards of hosts",
        "further ones stay assets of their own",
        "none: NET-022 is reported instead",
    ),
    Bound(
        "sensor.inventory.pending_move.MAX_PENDING",
        "moves of addresses that wait to be explained",
        "reported early; what was reported first may be reported again",
        "none: an early report instead",
    ),
    Bound(
        "sensor.inventory.inventory.MAX_CHANNELS",
        "channels of the inventory",
        "idle longest",
        "Health `channels_evicted`",
    ),
    Bound(
        "sensor.inventory.observe.MAX_VALUES",
        "values of an attribute of an asset",
        "oldest goes",
        "Health `observations_dropped`",
    ),
    Bound(
        "sensor.inventory.observe.MAX_ATTRIBUTES",
        "attributes of an asset",
        "further ones are not kept",
        "Health `observations_dropped`",
    ),
    Bound(
        "sensor.inventory.observe.MAX_ALL_VALUES",
        "values of attributes over all assets",
        "an attribute keeps four",
        "Health `observations_dropped`",
    ),
    Bound(
        "sensor.inventory.journal.MAX_EVENTS",
        "changes of one asset reported in a minute",
        "the asset is kept, the change not reported",
        "Health `asset_events_held_back`",
    ),
    Bound(
        "rules.detections.rate.MAX_DOCUMENTS",
        "documents of one alert in a minute",
        "held back and counted",
        "SEN-026",
    ),
    Bound("sensor.pipeline.quarantine.MAX_LINES", "facts in the quarantine", "counted, not kept", "SEN-023"),
    Bound("sensor.pipeline.quarantine.MAX_BYTES", "bytes of the quarantine", "counted, not kept", "SEN-023"),
    Bound("rules.policy.judge.CHANNELS_MAX", "judged channels", "idle longest, judged anew", '`counters["evicted"]`'),
    Bound(
        "rules.detections.windows.ALL_ENTRIES",
        "times or values under all keys of a counter",
        "keys idle longest go",
        "`Detections.evicted`",
    ),
    Bound("rules.detections.windows.KEYS", "keys an alert remembers", "idle longest", "`Detections.evicted`"),
    Bound(
        "rules.detections.incident.MAX_INCIDENTS",
        "open incidents",
        "the one idle longest is closed and reported",
        "`Detections.evicted`",
    ),
    Bound(
        "sensor.live.merge.MAX_HELD",
        "facts of a worker waiting for the others",
        "taken without waiting",
        "Health `merge_forced`, `merge_late`",
    ),
    Bound(
        "sensor.live.live_worker.BATCH_FACTS",
        "facts in one report of a worker",
        "the report is sent; the ring fills and the kernel drops",
        "Health `dropped`",
    ),
    Bound(
        "sensor.documents.channel.MAX_RUNNING",
        "channels with a document under way",
        "the oldest document is given out early",
        "none: nothing is lost",
    ),
    Bound(
        "sensor.inventory.asset.MAX_FURTHER",
        "partners, units, services and protocols beyond 8 of each asset, of all assets",
        "further ones are not kept",
        "Health `behaviour_dropped`",
    ),
    Bound(
        "sensor.capture.overlap.MAX_TOGETHER",
        "captures of one time that are read together",
        "read one after the other",
        "a note of the replay",
    ),
    Bound(
        "sensor.capture.reader.MAX_UNFINISHED_BYTES",
        "bytes of unfinished records of captures that are read together",
        "the capture is not read further",
        "a problem of the replay, exit code 3",
    ),
    Bound("sensor.live.report.MAX_REPORT", "bytes of one report", "the worker is started again", "SEN-020"),
    Bound(
        "sensor.sinks.ndjson_file.MAX_BYTES",
        "live file of documents",
        "the next file; 8 are kept",
        "none: the oldest file goes",
    ),
    Bound(
        "sensor.sinks.ndjson_file.MAX_WAITING",
        "lines waiting for a full disk",
        "oldest go",
        "Health `output_lines_dropped`",
    ),
    Bound(
        "sensor.live.retry.MAX_SECONDS",
        "seconds a store may refuse while watching",
        "what waits is given up",
        "Health `store_rows_dropped`",
    ),
    Bound(
        "sensor.live.retry.MAX_WAITING",
        "facts and documents waiting for the store",
        "what waits is given up",
        "Health `store_rows_dropped`",
    ),
    Bound(
        "sensor.store.spool.SPOOL_BYTES",
        "documents waiting to be shipped, bytes",
        "channels go first, alerts last",
        "Health `spool_dropped`",
    ),
    Bound(
        "sensor.elastic.backoff.MAX_DOCUMENTS",
        "documents of one bulk request",
        "the next request",
        "none: nothing is lost",
    ),
    Bound("sensor.elastic.backoff.MAX_BYTES", "bytes of one bulk request", "the next request", "none: nothing is lost"),
    Bound("sensor.elastic.dead_letter.MAX_BYTES", "dead-letter file", "not kept", "`dropped` of the tally"),
    Bound(
        "models.novelty.learner.MAX_CONVERSATIONS",
        "conversations learned",
        "further ones are not learned",
        "card `dropped`",
    ),
    Bound(
        "models.novelty.learner.MAX_OPERATIONS",
        "operations of a conversation",
        "further ones are not learned",
        "card `dropped`",
    ),
    Bound(
        "models.novelty.scorer.MAX_HELD",
        "dangerous operations that wait for their answer in the models",
        "all are reported at once",
        "none: they are reported without the answer",
    ),
    Bound(
        "models.novelty.scorer.MAX_LIVE",
        "channels followed by novelty",
        "oldest goes",
        "Health `novelty_channels_evicted`",
    ),
    Bound("models.timing.learner.MAX_BEATS", "rhythms learned", "further ones are not learned", "card `dropped`"),
    Bound("models.windows.learner.MAX_ROWS", "rows of a forest", "thinned evenly", "none"),
    Bound(
        "models.windows.slots.MAX_OPEN", "windows open in the models", "oldest goes", "Health `window_slots_evicted`"
    ),
    Bound(
        "models.windows.features.MAX_LABELS",
        "operations whose objects the models remember",
        "oldest goes",
        "Health `window_slots_evicted`",
    ),
    Bound(
        "models.windows.features.MAX_REACHES",
        "channels whose last reach is remembered",
        "begins anew",
        "none: nothing is lost",
    ),
    Bound(
        "models.windows.scorer.MAX_WAITING",
        "windows that wait to be scored",
        "scored at once",
        "none: nothing is lost",
    ),
    Bound("models.novelty.sweep.MAX_SWEEPS", "sweeps followed", "idle longest", "Health `novelty_sweeps_evicted`"),
    Bound(
        "models.timing.scorer.MAX_LIVE",
        "channels followed by rhythm",
        "idle longest",
        "Health `rhythm_channels_evicted`",
    ),
    Bound(
        "models.timing.scorer.MAX_PULSES",
        "operations of the channels followed by rhythm",
        "channels idle longest go",
        "Health `rhythm_channels_evicted`",
    ),
    Bound("models.fusion.MAX_CHANNELS", "channels of fusion", "oldest goes", "Health `fusion_channels_evicted`"),
    Bound(
        "models.persistence.DOCUMENTS_MAX",
        "bytes of the documents of a baseline",
        "not written, or refused",
        "exit code 2, SEN-014",
    ),
    Bound(
        "models.persistence.ARRAYS_MAX",
        "bytes of the forests of a baseline",
        "not written, or refused",
        "exit code 2, SEN-014",
    ),
    Bound(
        "sensor.pipeline.learned_stations.MAX_ANSWERS",
        "answers of the baseline remembered",
        "looked up anew",
        "none: nothing is lost",
    ),
    Bound(
        "sensor.reports.state.MAX_EVENTS", "changes in a report", "the newest are reported", "none: the store has all"
    ),
    Bound(
        "sensor.reports.diagram.MAX_BOXES", "boxes of the map", "the page says how many are not drawn", "on the page"
    ),
    Bound("rules.policy.source.SIZE_MAX", "size of a policy file", "refused", "exit code 2"),
    Bound(
        "sensor.capture.walker.MAX_PACKET", "longest packet believed", "the file is corrupt from there", "exit code 3"
    ),
)
"""In the order of the data: packet path, inventory, rules, live, output, models, reports, input."""
