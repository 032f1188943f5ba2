"""Promises about the pipeline: who is reported what, in which order, once, durably, and the same in every run."""

from __future__ import annotations

from pathlib import Path

from dissectors.context import Verdict
from dissectors.facts import AnyFact, ChannelWindow, Exchange
from sensor.inventory import Inventory
from sensor.pipeline.pipeline import Pipeline
from sensor.store import Store
from tests.sensor.build import HMI, PLC, SECOND, START, change, exchange, opened, operation, sighting, window
from tests.sensor.pipeline.diary import CHANNEL, Diary, Rules, keep


def test_a_channel_that_goes_on_is_judged_again_and_a_silent_one_is_not() -> None:
    _, rules, _ = keep(
        [CHANNEL, window(CHANNEL, at=120), window(CHANNEL, at=180, packets=(0, 0)), change(CHANNEL, at=181)]
    )
    verdicts = [context.verdict.rule for context in rules.contexts if context.verdict is not None]
    assert verdicts == ["channel at 0", "channel at 60", "channel at 60", "channel at 60"]


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
