"""Promises about the pipeline: who is reported what, in which order, once, durably, and the same in every run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dissectors.context import AssetEvent, Context, Event, Verdict
from dissectors.facts import AnyFact, ChannelOpened, ChannelWindow, Exchange, Fact, Health, OperationFirst, ValueChange
from rules.detections.alert import Alert
from sensor.inventory import AssetRecord, Inventory
from sensor.pipeline.pipeline import Pipeline
from sensor.sinks.sink import FACT_TYPES, Sink
from sensor.store import Store
from tests.sensor.build import HMI, PLC, SECOND, START, alert, change, exchange, opened, operation, sighting, window

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
    pipeline = Pipeline(inventory, rules, rules, [output, *options.pop("others", ())])  # type: ignore[arg-type]
    pipeline.take(facts)
    return pipeline, rules, output


def test_a_context_shows_the_fact_with_both_assets_and_the_verdict() -> None:
    _, rules, _ = keep([CHANNEL, exchange(CHANNEL)])
    first, second = rules.contexts
    assert first.verdict is not None and first.verdict.rule == "channel at 0"
    assert second.verdict is not None and second.verdict.rule == "write_single_register"
    assert second.channel == CHANNEL
    assert second.client is not None and second.client.ip == HMI[1]
    assert second.server is not None and second.server.ip == PLC[1]


def test_without_a_policy_there_is_no_verdict() -> None:
    rules = Rules()
    Pipeline(Inventory(), None, rules).take([CHANNEL, operation(CHANNEL), exchange(CHANNEL)])
    assert [context.verdict for context in rules.contexts] == [None, None, None]


def test_assets_are_reported_before_the_fact_that_showed_them_and_before_their_alerts() -> None:
    _, rules, output = keep([CHANNEL], alarm=ChannelOpened)
    assert output.lines == [
        ("asset", (HMI[1], "new")),
        ("asset", (PLC[1], "new")),
        ("asset", (PLC[1], "service")),
        ("alert", "i-asset"),
        ("alert", "i-1"),
        ("fact", ("ChannelOpened", "channel at 0")),
    ]
    assert [line for line in rules.lines if line[0] != "tick"][-1] == ("see", "ChannelOpened")


def test_a_sink_and_the_rules_get_only_the_facts_they_want() -> None:
    _, rules, output = keep(
        [CHANNEL, change(CHANNEL), exchange(CHANNEL)],
        detected=frozenset({Exchange}),
        wants=frozenset({ValueChange}),
    )
    assert [type(context.fact) for context in rules.contexts] == [Exchange]
    assert [line for line in output.lines if line[0] == "fact"] == [("fact", ("ValueChange", "channel at 0"))]


def test_a_channel_that_goes_on_is_judged_again_and_a_silent_one_is_not() -> None:
    _, rules, _ = keep(
        [CHANNEL, window(CHANNEL, at=120), window(CHANNEL, at=180, packets=(0, 0)), change(CHANNEL, at=181)]
    )
    verdicts = [context.verdict.rule for context in rules.contexts if context.verdict is not None]
    assert verdicts == ["channel at 0", "channel at 60", "channel at 60", "channel at 60"]


def test_a_fact_of_a_channel_never_opened_is_shown_without_its_ends() -> None:
    _, rules, _ = keep([exchange(CHANNEL), window(CHANNEL, at=60)])
    assert [(context.channel, context.client, context.server, context.verdict) for context in rules.contexts] == [
        (None,) * 4
    ] * 2


def test_time_passes_at_most_once_a_second_of_packets() -> None:
    facts: list[AnyFact] = [
        sighting(PLC, at=0),
        sighting(PLC, at=1),
        sighting(HMI, at=1),
        sighting(PLC, at=9),
        sighting(PLC, at=4),
    ]
    pipeline, rules, _ = keep(facts)
    pipeline.tick(START + 9 * SECOND)
    pipeline.tick(START + 10 * SECOND + 5)
    assert [line[1] for line in rules.lines if line[0] == "tick"] == [1, 9, 10]


def test_the_end_reports_the_last_alerts_and_every_asset_and_ends_the_sinks() -> None:
    pipeline, _, output = keep([CHANNEL, sighting(PLC, at=7)])
    output.lines.clear()
    pipeline.finish()
    assert output.lines[0] == ("alert", "i-end") and output.lines[-1] == ("finish", None)
    assert sorted(line[1] for line in output.lines[1:-1]) == [(HMI[1], None), (PLC[1], None)]


def test_every_asset_is_reported_again_once_a_day() -> None:
    _, _, output = keep([sighting(PLC), sighting(PLC, at=86_399), sighting(PLC, at=86_400), sighting(PLC, at=86_401)])
    assert [line for line in output.lines if line[0] == "asset"] == [
        ("asset", (PLC[1], "new")),
        ("asset", (PLC[1], None)),
    ]


def test_a_bound_that_was_reached_is_reported_as_health() -> None:
    facts: list[AnyFact] = [sighting((f"00:1b:1b:00:00:{n:02x}", f"10.0.1.{n}"), at=n) for n in range(1, 9)]
    _, rules, _ = keep([*facts, sighting(PLC, at=100)], inventory=Inventory(max_assets=4))
    (health,) = [context.fact for context in rules.contexts if type(context.fact) is Health]
    assert isinstance(health, Health) and health.counters == {"assets_evicted": 4}


def test_what_take_returned_from_is_in_the_store(tmp_path: Path) -> None:
    facts: list[AnyFact] = [
        CHANNEL,
        operation(CHANNEL),
        exchange(CHANNEL),
        window(CHANNEL, at=60),
        sighting(PLC, at=130),
    ]
    with Store(tmp_path / "s.db") as store, Store(tmp_path / "s.db", read_only=True) as reader:
        pipeline, _, _ = keep(facts, others=[store.writer], alarm=Exchange)
        assert list(reader.facts()) == facts
        assert [row.verdict for row in reader.channels()] == [Verdict(kind="allow", rule="channel at 0")]
        assert [row.verdict for row in reader.operations()] == [Verdict(kind="deny", rule="write_single_register")]
        assert {row.incident for row in reader.alerts()} == {"i-1", "i-asset"}
        assert [event.kind for event in reader.asset_events()].count("new") == 2
        pipeline.finish()
        assert sorted(reader.assets(), key=lambda row: row.id) == sorted(
            pipeline.inventory.records(), key=lambda row: row.id
        )


def test_the_same_facts_in_other_portions_report_the_same() -> None:
    facts: list[AnyFact] = []
    for number in range(1, 40):
        channel = opened(unit=str(number % 4), at=number)
        facts += [sighting(PLC, at=number), channel, exchange(channel, at=number), window(channel, at=number + 60)]
    facts.sort(key=lambda fact: (fact.time, fact.frame, fact.sequence))
    reported = []
    for step in (1, 3, len(facts)):
        rules, output = Rules(alarm=ChannelWindow), Diary()
        pipeline = Pipeline(Inventory(), rules, rules, [output])
        for start in range(0, len(facts), step):
            pipeline.take(facts[start : start + step])
        pipeline.finish()
        reported.append((rules.lines, output.lines))
    assert reported[0] == reported[1] == reported[2]


def test_an_asset_that_became_part_of_another_is_found_under_its_old_id(tmp_path: Path) -> None:
    far = sighting(("", PLC[1]), method="ip")
    with Store(tmp_path / "s.db") as store:
        pipeline, _, _ = keep([far], others=[store.writer])
        (before,) = pipeline.inventory.records()
        pipeline.take([sighting(PLC, at=3)])
        pipeline.finish()
        (after,) = store.assets()
        assert after.id != before.id and after.mac == PLC[0]
        assert store.asset(before.id) == after
        assert [record.merged_into for record in store.assets(merged=True) if record.id == before.id] == [after.id]


def test_after_the_clock_was_set_back_time_passes_again() -> None:
    rules = Rules()
    pipeline = Pipeline(Inventory(), None, rules)
    for second in (5000, 5001, 5002):
        pipeline.tick(START + second * SECOND)
    pipeline.clock_set(START)
    for second in (0, 1):
        pipeline.tick(START + second * SECOND)
    assert [row for row in rules.lines if row[0] == "tick"] == [
        ("tick", 5001),
        ("tick", 5002),
        ("tick", 0),
        ("tick", 1),
    ]
