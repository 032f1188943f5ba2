"""What a capture is expected to give, as a file a person can review: assets, channels, operations, exchanges, alerts.

Made from facts, assets and alerts in their order; two runs give the same bytes. Lists are bounded by MAX_LINES each.
What this does not show stands in the lines of all facts, if they are asked for: see ``sensor.pipeline.fact_lines``.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import yaml

from dissectors.context import AssetEvent, Context, Verdict
from dissectors.facts import (
    ChannelOpened,
    ChannelWindow,
    Exchange,
    Health,
    OperationFirst,
    Value,
    Violation,
    Visibility,
)
from rules.detections.alert import Alert
from sensor.inventory.record import AssetRecord
from sensor.pipeline.fact_lines import line
from sensor.sinks.sink import FACT_TYPES, Sink

MAX_LINES: Final = 400
SHOWN_VALUES: Final = 8
SECOND: Final = 1_000_000_000


class Expectation(Sink):
    """Gathers the expected results of a run, and every fact as a line when ``lines`` is a list."""

    wants = FACT_TYPES

    def __init__(self, lines: list[str] | None = None) -> None:
        self.lines = lines
        self.start = -1
        self.counts: Counter[str] = Counter()
        self.names: dict[str, str] = {}
        self.channels: dict[str, dict[str, Any]] = {}
        self.exchanges: list[str] = []
        self.violations: list[str] = []
        self.visibility: list[str] = []
        self.alerts: dict[str, Alert] = {}
        self.assets: dict[str, AssetRecord] = {}
        self.packets = 0

    def take(self, context: Context) -> None:
        """Gather one fact."""
        fact = context.fact
        if self.start < 0:
            self.start = fact.time
        self.counts[type(fact).__name__] += 1
        if self.lines is not None:
            self.lines.append(line(fact))
        match fact:
            case ChannelOpened():
                self._opened(fact, context.verdict)
            case OperationFirst():
                self._row(fact.channel)["operations"].setdefault(fact.label, 0)
            case ChannelWindow():
                self._window(fact)
            case Exchange():
                self._line(self.exchanges, self._exchange(fact))
            case Violation():
                text = f"frame {fact.frame}: {self._name(fact.channel)}: {fact.protocol} {fact.name}: {fact.text}"
                self._line(self.violations, text)
            case Visibility():
                text = f"frame {fact.frame}: {self._name(fact.channel)}: {fact.state}: {fact.reason}"
                self._line(self.visibility, text)
            case Health():
                self.packets += fact.counters.get("packets", 0)
            case _:
                pass

    def alert(self, alert: Alert) -> None:
        """Keep the newest revision of an incident."""
        self.alerts[alert.incident] = alert

    def asset(self, asset: AssetRecord, event: AssetEvent | None) -> None:
        """Keep the newest state of an asset."""
        self.assets[asset.id] = asset

    def text(self) -> str:
        """Return the expectation as YAML."""
        document = {
            "packets": self.packets,
            "assets": [self._asset(asset) for asset in sorted(self.assets.values(), key=lambda row: (row.ip, row.id))],
            "channels": [self.channels[name] for name in sorted(self.channels, key=lambda name: self.names[name])],
            "exchanges": self.exchanges,
            "violations": self.violations,
            "visibility": self.visibility,
            "alerts": [
                self._alert(alert)
                for alert in sorted(self.alerts.values(), key=lambda one: (one.id, one.first, one.incident))
            ],
            "facts": dict(sorted(self.counts.items())),
        }
        return yaml.safe_dump(document, sort_keys=False, width=160, allow_unicode=False)

    def _row(self, channel: str) -> dict[str, Any]:
        return self.channels.setdefault(channel, {"channel": channel, "state": "", "operations": {}})

    def _name(self, channel: str) -> str:
        return self.names.get(channel, "no channel")

    def _opened(self, fact: ChannelOpened, verdict: Verdict | None) -> None:
        what = fact.protocol or f"{fact.transport}/{fact.server.port}"
        unit = f" {fact.unit}" if fact.unit else ""
        client, server = fact.client.ip or fact.client.mac, fact.server.ip or fact.server.mac
        vlan = f" vlan {fact.vlan}" if fact.vlan else ""
        port = f":{fact.server.port}" if fact.server.port else ""
        self.names[fact.channel] = f"{client} > {server}{port} {what}{unit}{vlan}"
        row = self._row(fact.channel)
        row["channel"] = self.names[fact.channel]
        row["state"] = f"{fact.state}, client by {fact.decided_by}"
        if verdict is not None:
            row["policy"] = f"{verdict.kind} {verdict.rule}".strip()

    def _window(self, fact: ChannelWindow) -> None:
        operations = self._row(fact.channel)["operations"]
        for count in fact.operations:
            operations[count.label] = operations.get(count.label, 0) + count.requests

    def _exchange(self, fact: Exchange) -> str:
        when = (fact.time - self.start) / SECOND
        error = f" {fact.error}" if fact.error else ""
        values = f" {_listed(fact.values)}" if fact.values else ""
        answers = f" -> {_listed(fact.answers)}" if fact.answers else ""
        times = f" x{1 + fact.repeats}" if fact.repeats else ""
        return f"{when:.3f} s: {self._name(fact.channel)}: {fact.label}{values}{answers} {fact.outcome}{error}{times}"

    def _line(self, lines: list[str], text: str) -> None:
        if len(lines) < MAX_LINES:
            lines.append(text)
        elif len(lines) == MAX_LINES:
            lines.append("and more")

    def _asset(self, asset: AssetRecord) -> dict[str, Any]:
        row: dict[str, Any] = {"name": asset.name, "ip": asset.ip, "mac": asset.mac, "role": asset.role}
        if asset.vendor:
            row["vendor"] = asset.vendor
        row["protocols"] = sorted({f"{use.protocol} {use.side}" for use in asset.protocols})
        known = {one.name: one.value for one in asset.attributes if one.state == "known" and one.value}
        if known:
            row["attributes"] = dict(sorted(known.items()))
        return {key: value for key, value in row.items() if value not in ("", [])}

    def _alert(self, alert: Alert) -> str:
        client = alert.client.name if alert.client is not None else "-"
        server = alert.server.name if alert.server is not None else "-"
        frames = f"frames {alert.frames[0]}-{alert.frames[-1]}" if alert.frames else "no frame"
        return f"{alert.id} {alert.severity} x{alert.count} {client} > {server}, {frames}: {alert.message}"


def _listed(values: tuple[Value, ...]) -> str:
    """Return the first values as a list, with how many more there are."""
    more = f" and {len(values) - SHOWN_VALUES} more" if len(values) > SHOWN_VALUES else ""
    return f"{list(values[:SHOWN_VALUES])}{more}"
