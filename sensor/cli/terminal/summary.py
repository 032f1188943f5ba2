"""The summary after a replay: what was read, who is there, who talks to whom, what the policy says, what is wrong.

``Summary`` is a sink; it counts while facts pass and prints at the end. Conversations beyond
MAX_CONVERSATIONS are counted together; alerts and assets are bounded where they are made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from dissectors.base.singular import singular
from dissectors.context import AssetEvent, Context
from dissectors.facts import ChannelOpened, ChannelWindow, Health, OperationFirst, Visibility
from dissectors.health import BY_NAME as COUNTERS
from rules.detections.alert import SEVERITIES, Alert
from sensor.capture.record import Reading
from sensor.cli.terminal.alerts import COLUMNS as ALERT_COLUMNS
from sensor.cli.terminal.alerts import alert_row, severity_text
from sensor.cli.terminal.assets import COLUMNS as ASSET_COLUMNS
from sensor.cli.terminal.assets import asset_row
from sensor.cli.terminal.console import console
from sensor.cli.terminal.conversation import COLUMNS as CONVERSATION_COLUMNS
from sensor.cli.terminal.conversation import Conversation
from sensor.cli.terminal.escape import plain
from sensor.cli.terminal.table import Column, print_table
from sensor.cli.terminal.words import counted, duration, instant, number, size
from sensor.inventory.record import AssetRecord
from sensor.sinks.sink import Sink

MAX_CONVERSATIONS: Final = 100_000
SHOWN_ASSETS: Final = 40
SHOWN_CONVERSATIONS: Final = 20
SHOWN_ALERTS: Final = 40
SHOWN_UNREAD: Final = 6
NOT_READ: Final = "not_decoded"

ORDINARY: Final = frozenset({"packets", "bytes", "flows", "channels"})
"""Counters of a health fact that are no cause for a note."""


class Summary(Sink):
    """Gathers the overview of one run.

    ``alerts`` has the newest revision of each incident, ``assets`` every asset as it is at the end.
    """

    wants = frozenset({ChannelOpened, ChannelWindow, OperationFirst, Visibility, Health})

    def __init__(self) -> None:
        self.alerts: dict[str, Alert] = {}
        self.assets: dict[str, AssetRecord] = {}
        self.conversations: dict[str, Conversation] = {}
        self.unnamed = 0
        self.health: Counter[str] = Counter()
        self.unread: Counter[str] = Counter()
        self.protocols: Counter[str] = Counter()
        self.operations: Counter[str] = Counter()

    def take(self, context: Context) -> None:
        """Count one fact."""
        fact, channel = context.fact, context.channel
        if isinstance(fact, Health):
            self.health.update({name: count for name, count in fact.counters.items() if name not in ORDINARY})
            self.unread.update(fact.unread)
            return
        if channel is None:
            return
        row = self._conversation(channel.channel)
        if row is None:
            return
        if isinstance(fact, ChannelWindow):
            row.report(channel, context.client, context.server, context.verdict)
            row.add(fact)
        elif isinstance(fact, ChannelOpened):
            row.report(channel, context.client, context.server, context.verdict)
        elif isinstance(fact, OperationFirst):
            if context.verdict is not None:
                self.operations[context.verdict.kind] += 1
        elif isinstance(fact, Visibility):
            row.visibility = fact.state

    def _conversation(self, name: str) -> Conversation | None:
        row = self.conversations.get(name)
        if row is None:
            if len(self.conversations) >= MAX_CONVERSATIONS:
                self.unnamed += 1
                return None
            row = self.conversations[name] = Conversation()
        return row

    def alert(self, alert: Alert) -> None:
        """Keep the newest revision of an incident."""
        self.alerts[alert.incident] = alert

    def asset(self, asset: AssetRecord, event: AssetEvent | None) -> None:
        """Keep an asset as it is at the end."""
        if event is None:
            self.assets[asset.id] = asset

    def show(
        self, reading: Reading, output: Path | None = None, store: Path | None = None, on: Console | None = None
    ) -> None:
        """Print everything."""
        out = on or console()
        if reading.problems and not reading.files:
            out.print(Text("No capture could be read.", style="red"))
        else:
            self._show_captures(out, reading)
            self._show_assets(out)
            self._show_conversations(out)
            self._show_policy(out)
            self._show_alerts(out)
            self._show_notes(out, reading)
        for name, place in (("Documents in", output), ("Store", store)):
            if place is not None:
                out.print(Text(f"{name}: {plain(place)}"))

    def _show_captures(self, out: Console, reading: Reading) -> None:
        columns = (Column("capture"), Column("packets", right=True), Column("data", from_width=60, right=True),
                   Column("from (UTC)", from_width=80), Column("duration", from_width=60, right=True))  # fmt: skip
        rows = [
            (file.name, number(file.packets), size(file.byte_count), instant(file.first_time),
             duration(file.last_time - file.first_time))
            for file in reading.files[:SHOWN_ASSETS]
        ]  # fmt: skip
        print_table(
            out, f"{counted(len(reading.files), 'capture')}, {counted(reading.packets, 'packet')}", columns, rows
        )
        _more(out, len(reading.files) - SHOWN_ASSETS, "captures")
        packets: Counter[str] = Counter()
        for row in self.conversations.values():
            packets[row.protocol] += row.packets
        if packets:
            named = [
                f"{plain(name)} {number(count)}"
                for name, count in sorted(packets.items(), key=lambda one: (-one[1], one[0]))
            ]
            out.print(Text(f"Protocols (packets): {', '.join(named[:12])}{_rest(len(named) - 12)}"))

    def _show_assets(self, out: Console) -> None:
        rows = sorted(self.assets.values(), key=lambda asset: (not asset.role, asset.first, asset.id))
        print_table(out, counted(len(rows), "asset"), ASSET_COLUMNS, map(asset_row, rows[:SHOWN_ASSETS]))
        _more(out, len(rows) - SHOWN_ASSETS, "assets")

    def _show_conversations(self, out: Console) -> None:
        rows = sorted(self.conversations.items(), key=lambda one: (not one[1].is_industrial, -one[1].packets, one[0]))
        shown = [row.cells() for _, row in rows[:SHOWN_CONVERSATIONS]]
        print_table(out, counted(len(rows) + self.unnamed, "conversation"), CONVERSATION_COLUMNS, shown)
        _more(out, len(rows) + self.unnamed - SHOWN_CONVERSATIONS, "conversations")

    def _show_policy(self, out: Console) -> None:
        verdicts = Counter(row.verdict for row in self.conversations.values() if row.verdict)
        for name, counts in (("conversations", verdicts), ("kinds of operation", self.operations)):
            if counts:
                words = ", ".join(f"{kind} {number(counts[kind])}" for kind in sorted(counts))
                out.print(Text(f"Policy, {name}: {words}"))

    def _show_alerts(self, out: Console) -> None:
        rows = sorted(self.alerts.values(), key=lambda one: (-SEVERITIES.index(one.severity), one.first, one.incident))
        if not rows:
            out.print(Text("No alerts.", style="green"))
            return
        counts = Counter(alert.severity for alert in rows)
        line = Text("Alerts: ")
        for severity in reversed(SEVERITIES):
            if counts[severity]:
                line.append_text(severity_text(severity)).append(f" {counts[severity]}  ")
        out.print(line)
        print_table(out, counted(len(rows), "incident"), ALERT_COLUMNS, map(alert_row, rows[:SHOWN_ALERTS]))
        _more(out, len(rows) - SHOWN_ALERTS, "incidents")

    def _show_notes(self, out: Console, reading: Reading) -> None:
        for note in self.notes():
            out.print(Text(f"Note: {note}", style="yellow"))
        if reading.problems:
            out.print(Text(f"{counted(len(reading.problems), 'capture')} could not be read to the end.", style="red"))

    def notes(self) -> Sequence[str]:
        """Return what limits this overview, one sentence each."""
        notes = [
            singular(f"{number(self.health[name])} {_meaning(name)}") + (self._what() if name == NOT_READ else "")
            for name in sorted(self.health)
            if self.health[name]
        ]
        states = Counter(row.visibility for row in self.conversations.values() if row.visibility != "complete")
        notes += [f"{counted(states[state], 'conversation')}: {state.replace('_', '-')}" for state in sorted(states)]
        return notes

    def _what(self) -> str:
        """Return what was not read, most first."""
        rows = sorted(self.unread.items(), key=lambda one: (-one[1], one[0]))
        named = [f"{plain(name)} {number(count)}" for name, count in rows[:SHOWN_UNREAD]]
        return f": {', '.join(named)}{_rest(len(rows) - SHOWN_UNREAD)}" if named else ""


def _meaning(name: str) -> str:
    counter = COUNTERS.get(name)
    return counter.meaning if counter is not None else plain(name.replace("_", " "))


def _rest(count: int) -> str:
    return f" and {count} more" if count > 0 else ""


def _more(out: Console, count: int, what: str) -> None:
    if count > 0:
        out.print(Text(f"  and {number(count)} more {what}"))
