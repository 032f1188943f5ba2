"""One line of "who talks to whom": the sums of a channel and its operations, those that do something first."""

from __future__ import annotations

from collections import Counter
from typing import Final

from dissectors.context import AssetView, Verdict
from dissectors.facts import ChannelOpened, ChannelWindow
from sensor.cli.terminal.table import Column
from sensor.cli.terminal.words import number, station
from sensor.documents.industrial import is_industrial

MAX_OPERATIONS: Final = 64
"""Operations counted by name per conversation; the others count as "other"."""
SHOWN_OPERATIONS: Final = 4
PASSIVE: Final = frozenset({"read", "session", "report", "diagnostic"})
"""Verbs that change nothing; they come last."""

COLUMNS: Final = (
    Column("client"),
    Column("server"),
    Column("protocol"),
    Column("unit", from_width=90),
    Column("state", from_width=130),
    Column("packets", from_width=60, right=True),
    Column("operations", from_width=80),
    Column("policy", from_width=100),
)


class Conversation:
    """A channel as the summary shows it."""

    __slots__ = (
        "client",
        "operations",
        "packets",
        "protocol",
        "server",
        "state",
        "tunnel",
        "unit",
        "verdict",
        "visibility",
    )

    def __init__(self) -> None:
        self.client = "-"
        self.server = "-"
        self.protocol = "unknown"
        self.tunnel = ""
        self.unit = ""
        self.state = ""
        self.verdict = ""
        self.visibility = "complete"
        self.packets = 0
        self.operations: Counter[tuple[bool, str]] = Counter()

    @property
    def is_industrial(self) -> bool:
        """Whether an OT protocol is spoken."""
        return is_industrial(self.protocol.partition(" ")[0])

    def report(
        self, channel: ChannelOpened, client: AssetView | None, server: AssetView | None, verdict: Verdict | None
    ) -> None:
        """Take who it is between, as known now."""
        self.client = client.name if client is not None and client.name else station(client, channel.client)
        self.server = server.name if server is not None and server.name else station(server, channel.server)
        port = f"/{channel.server.port}" if channel.server.port else ""
        self.protocol = channel.protocol or f"{channel.transport}{port}"
        self.tunnel = channel.tunnel
        if channel.framing:
            self.protocol += f" ({channel.framing})"
        self.unit, self.state = channel.unit, channel.state
        self.verdict = verdict.kind if verdict is not None else ""

    def add(self, fact: ChannelWindow) -> None:
        """Add what happened in one window."""
        self.packets += fact.packets_client + fact.packets_server
        for row in fact.operations:
            name = (row.verb in PASSIVE, row.label.partition(" ")[0])
            if name not in self.operations and len(self.operations) >= MAX_OPERATIONS:
                name = (True, "other")
            self.operations[name] += row.requests

    def cells(self) -> tuple[object, ...]:
        """Return the row of COLUMNS."""
        rows = sorted(self.operations.items(), key=lambda one: (one[0][0], -one[1], one[0][1]))
        words = [f"{name} x{number(count)}" for (_, name), count in rows[:SHOWN_OPERATIONS]]
        if len(rows) > SHOWN_OPERATIONS:
            words.append(f"and {len(rows) - SHOWN_OPERATIONS} more")
        protocol = f"{self.protocol} in {self.tunnel}" if self.tunnel else self.protocol
        return (
            self.client, self.server, protocol, self.unit or "-", self.state, number(self.packets),
            ", ".join(words) or "-", self.verdict or "-",
        )  # fmt: skip
