"""Channel documents: what a client did with a server in at most five minutes of packet time, counters since the last.

The windows of a channel (60 s) are added up until its slot of five minutes ends; the id is made of the channel and
the start of its first window. With more channels than are kept, the one that began first is given out early: its
document covers less, and what follows has one of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dissectors.context import AssetView, Verdict
from dissectors.facts import ChannelOpened, ChannelWindow
from rules.detections.tunnel import outer_ends
from sensor.documents.endpoint import ends, network, places, related
from sensor.documents.envelope import envelope, labels, observer, span
from sensor.documents.identifier import event_id
from sensor.documents.industrial import tags
from sensor.documents.moment import SECOND
from sensor.documents.origin import Origin
from sensor.documents.policy import policy
from sensor.documents.text import Document, keywords, pruned, text

SLOT_SECONDS: Final = 300
"""Packet time that one channel document covers at most; slots begin at whole multiples."""

MAX_RUNNING: Final = 8_000
"""Channels with a document under way."""

ADDED: Final = (
    "packets_client", "packets_server", "bytes_client", "bytes_server", "requests", "responses", "reports", "failures",
    "unanswered", "late", "unmatched", "attempts", "refused", "connections", "resets", "retransmissions", "gaps", "copies",
    "latency_count", "latency_sum", "value_changes",
)  # fmt: skip
"""Counters of a window that add up over windows."""

LATENCIES: Final = ADDED.index("latency_count")

REPORTED: Final = (*ADDED[4 : ADDED.index("latency_count")], "value_changes")
"""Counters that go into ``spanwatch.channel`` under the name of FIELDS, else their own."""

FIELDS: Final = {"unmatched": "unasked"}
"""The published field kept its first name: answers that nobody asked for."""


class Tally:
    """The windows of one channel in one slot, added up. ``early`` when it was given out before the slot was over."""

    __slots__ = (
        "channel", "classes", "client", "early", "end", "labels", "last_frame", "maximum", "minimum", "places", "server",
        "start", "sums", "verdict", "visibility", "window",
    )  # fmt: skip

    def __init__(
        self, channel: ChannelOpened, client: AssetView | None, server: AssetView | None, verdict: Verdict | None
    ) -> None:
        self.channel = channel
        self.client = client
        self.server = server
        self.verdict = verdict
        self.start = -1
        self.end = 0
        self.window = 0
        self.last_frame = 0
        self.early = False
        self.sums = [0] * len(ADDED)
        self.minimum = 0
        self.maximum = 0
        self.labels: dict[str, None] = {}
        self.classes: dict[str, int] = {}
        self.visibility = "complete"
        self.places: dict[str, None] = {}

    def add(self, fact: ChannelWindow) -> None:
        """Add one window."""
        self.start = fact.start if self.start < 0 else min(self.start, fact.start)
        self.end = max(self.end, fact.end)
        self.window = max(self.window, fact.end - fact.start)
        self.last_frame = max(self.last_frame, fact.last_frame)
        self.sums = [number + getattr(fact, name) for number, name in zip(self.sums, ADDED, strict=True)]
        if fact.latency_count:
            known = self.sums[LATENCIES] > fact.latency_count
            self.minimum = min(self.minimum, fact.latency_min) if known else fact.latency_min
            self.maximum = max(self.maximum, fact.latency_max)
        for row in fact.operations:
            self.labels[row.label] = None
            self.classes[row.verb] = self.classes.get(row.verb, 0) + row.requests
        self.places |= dict.fromkeys(fact.places)
        if fact.visibility != "complete":
            self.visibility = fact.visibility

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all happened."""
        return not any(self.sums)

    def named_sums(self) -> dict[str, int]:
        """Return the counters by name."""
        return dict(zip(ADDED, self.sums, strict=True))


class Tallies:
    """The running slots of all channels; ``limit`` bounds them."""

    def __init__(self, limit: int = MAX_RUNNING) -> None:
        self._limit = limit
        self._open: dict[str, Tally] = {}
        self._slot = -1

    def add(
        self,
        fact: ChannelWindow,
        channel: ChannelOpened,
        client: AssetView | None,
        server: AssetView | None,
        verdict: Verdict | None,
    ) -> Iterator[Tally]:
        """Add one window; yield the tallies whose slot is over, and the oldest when they are too many."""
        slot = fact.start // (SLOT_SECONDS * SECOND)
        if slot > self._slot:
            yield from self.close()
            self._slot = slot
        tally = self._open.get(fact.channel)
        if tally is None:
            if len(self._open) >= self._limit:
                oldest = self._open.pop(next(iter(self._open)))
                oldest.early = True
                if not oldest.is_empty:
                    yield oldest
            tally = self._open[fact.channel] = Tally(channel, client, server, verdict)
        tally.channel, tally.client, tally.server, tally.verdict = channel, client, server, verdict
        tally.add(fact)

    def close(self) -> Iterator[Tally]:
        """Yield every tally in which something happened, in the order they began, and forget them."""
        ended, self._open = self._open, {}
        yield from (tally for tally in ended.values() if not tally.is_empty)


def _numbers(tally: Tally, sums: dict[str, int]) -> Document:
    answered = sums["latency_count"]
    return {
        **{FIELDS.get(name, name): sums[name] for name in REPORTED},
        "unanswered": max(0, sums["unanswered"] - sums["late"]),
        "latency_mean_us": sums["latency_sum"] // answered if answered else None,
        "latency_min_us": tally.minimum if answered else None,
        "latency_max_us": tally.maximum if answered else None,
        "class": {verb: tally.classes[verb] for verb in sorted(tally.classes)},
        "operations": keywords(sorted(tally.labels)),
    }


def channel_document(origin: Origin, tally: Tally) -> Document:
    """Return the document of one channel and slot."""
    channel, client, server, sums = tally.channel, tally.client, tally.server, tally.named_sums()
    # The channel may go on in the same window: then two of its documents begin at the same time.
    cut = f":{tally.last_frame}" if tally.early else ""
    event: Document = {
        "kind": "event",
        "category": ["network"],
        "type": ["connection", "info"],
        "action": "channel-summary",
        "id": event_id(origin.sensor, origin.epoch, f"{channel.channel}:{tally.start}{cut}", "channel"),
        "sequence": tally.last_frame,
        **span(tally.start, tally.end),
    }
    document = {
        **envelope(origin, "channel", tally.end, event),
        **ends(channel.client, channel.server),
        "network": {
            **network(
                channel.client,
                channel.server,
                transport=channel.transport,
                protocol=channel.protocol,
                flow=channel.flow,
                vlan=channel.vlan,
                inner_vlan=channel.inner_vlan,
                zone=server.zone if server else "",
            ),
            "bytes": sums["bytes_client"] + sums["bytes_server"],
            "packets": sums["packets_client"] + sums["packets_server"],
        },
        "observer": observer(origin, channel.interface),
        "related": related((channel.client.ip, channel.server.ip, *outer_ends(channel.tunnel)), (client, server)),
        "tags": tags((channel.protocol,)),
        "labels": labels(origin),
        "spanwatch": {
            "channel": {
                "id": channel.channel,
                "unit": text(channel.unit),
                "network": text(channel.network),
                "also_seen": keywords(list(tally.places)),
                "tunnel": text(channel.tunnel),
                "state": channel.state,
                "decided_by": channel.decided_by,
                "recognised_by": channel.recognised_by,
                "framing": text(channel.framing),
                "visibility": tally.visibility,
                "window_s": tally.window // SECOND or 1,
                "one_sided": tally.visibility == "one_sided" or channel.visibility == "one_sided",
                **_numbers(tally, sums),
            },
            "policy": policy(tally.verdict),
            **places(client, server),
        },
    }
    for side, name in (("source", "client"), ("destination", "server")):
        document[side] |= {"bytes": sums[f"bytes_{name}"], "packets": sums[f"packets_{name}"]}
    return pruned(document)
