"""One line of "who talks to whom": the sums of a channel and its most frequent operations."""

from __future__ import annotations

from collections import Counter
from typing import Final

from dissectors.facts import ChannelOpened, ChannelWindow
from rules.policy.verdict import Verdict
from rules.scene import AssetView
from sensor.outputs.industrial import family
from sensor.terminal.table import Column
from sensor.terminal.words import number, station

MAX_LABELS: Final = 64
"""Operations counted by name per conversation; the others count as "other"."""
SHOWN_LABELS: Final = 4

COLUMNS: Final = (
    Column("client"),
    Column("server"),
    Column("protocol"),
    Column("unit", from_width=90),
    Column("state", from_width=100),
    Column("packets", from_width=60, right=True),
    Column("operations", from_width=80),
    Column("policy", from_width=120),
)


class Conversation:
    """A channel as the summary shows it."""

    __slots__ = ("client", "labels", "packets", "protocol", "server", "state", "unit", "verdict", "visibility")

    def __init__(self) -> None:
        self.client = "-"
        self.server = "-"
        self.protocol = "unknown"
        self.unit = ""
        self.state = ""
        self.verdict = ""
        self.visibility = "complete"
        self.packets = 0
        self.labels: Counter[str] = Counter()

    @property
    def is_industrial(self) -> bool:
        """Whether an OT protocol is spoken."""
        return bool(family(self.protocol))

    def tell(
        self, channel: ChannelOpened, client: AssetView | None, server: AssetView | None, verdict: Verdict | None
    ) -> None:
        """Take who it is between, as known now."""
        self.client, self.server = station(client, channel.client), station(server, channel.server)
        port = f"/{channel.server.port}" if channel.server.port else ""
        self.protocol = channel.protocol or f"{channel.transport}{port}"
        self.unit, self.state = channel.unit, channel.state
        self.verdict = verdict.kind if verdict is not None else ""

    def add(self, fact: ChannelWindow) -> None:
        """Add what happened in one window."""
        self.packets += fact.packets_client + fact.packets_server
        for row in fact.operations:
            label = row.label if row.label in self.labels or len(self.labels) < MAX_LABELS else "other"
            self.labels[label] += row.requests

    def cells(self) -> tuple[object, ...]:
        """Return the row of COLUMNS."""
        frequent = sorted(self.labels.items(), key=lambda one: (-one[1], one[0]))
        words = [f"{label} x{number(count)}" for label, count in frequent[:SHOWN_LABELS]]
        if len(frequent) > SHOWN_LABELS:
            words.append(f"and {len(frequent) - SHOWN_LABELS} more")
        return (
            self.client, self.server, self.protocol, self.unit or "-", self.state, number(self.packets),
            ", ".join(words) or "-", self.verdict or "-",
        )  # fmt: skip
