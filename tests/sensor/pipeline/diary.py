"""A pipeline whose rules and sink write down what they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dissectors.context import AssetEvent, Context, Event, Verdict
from dissectors.facts import AnyFact, ChannelOpened, Exchange, Fact, OperationFirst
from rules.detections.alert import Alert
from sensor.inventory import AssetRecord, Inventory
from sensor.pipeline.pipeline import Pipeline
from sensor.sinks.sink import FACT_TYPES, Sink
from tests.sensor.build import SECOND, START, alert, opened

CHANNEL = opened()


class Rules:
    """A judge and a detector that write down what they were reported."""

    def __init__(self, wants: frozenset[type[Fact]] = FACT_TYPES, alarm: type[Fact] | None = None) -> None:
        self.wants = wants
        self.lines: list[tuple[str, Any]] = []
        self.contexts: list[Context] = []
        self.alarm = alarm

    def see(self, event: Event) -> list[Alert]:
        if isinstance(event, AssetEvent):
            self.lines.append(("see_asset", (event.kind, event.asset.ip)))
            return [alert("i-asset")] if event.kind == "service" else []
        assert isinstance(event, Context)
        self.contexts.append(event)
        self.lines.append(("see", type(event.fact).__name__))
        return [alert()] if type(event.fact) is self.alarm else []

    def tick(self, now: int) -> list[Alert]:
        self.lines.append(("tick", (now - START) // SECOND))
        return []

    def finish(self, now: int) -> list[Alert]:
        self.lines.append(("finish", (now - START) // SECOND))
        return [alert("i-end")]

    def ended(self) -> list[Alert]:
        return []

    def judge_channel(self, channel: ChannelOpened, at: int | None = None) -> Verdict:
        return Verdict(kind="allow", rule=f"channel at {((at or channel.time) - START) // SECOND}")

    def judge_operation(self, channel: ChannelOpened, operation: OperationFirst | Exchange) -> Verdict:
        return Verdict(kind="deny", rule=operation.operation)


class Diary(Sink):
    """A sink that writes down what it was reported."""

    def __init__(self, wants: frozenset[type[Fact]] = FACT_TYPES) -> None:
        self.wants = wants
        self.lines: list[tuple[str, Any]] = []

    def take(self, context: Context) -> None:
        verdict = context.verdict
        self.lines.append(("fact", (type(context.fact).__name__, verdict.rule if verdict else None)))

    def alert(self, alert: Alert) -> None:
        self.lines.append(("alert", alert.incident))

    def asset(self, asset: AssetRecord, event: AssetEvent | None) -> None:
        self.lines.append(("asset", (asset.ip, event.kind if event else None)))

    def finish(self) -> None:
        self.lines.append(("finish", None))


def keep(facts: Sequence[AnyFact], **options: Any) -> tuple[Pipeline, Rules, Diary]:
    """Return a pipeline that took ``facts``, with the diaries of its rules and its sink."""
    rules = Rules(options.pop("detected", FACT_TYPES), options.pop("alarm", None))
    output = Diary(options.pop("wants", FACT_TYPES))
    inventory = options.pop("inventory", None) or Inventory()
    pipeline = Pipeline(inventory, rules, rules, [output, *options.pop("others", ())], options.pop("models", None))  # type: ignore[arg-type]
    pipeline.take(facts)
    return pipeline, rules, output
