"""What the inventory has to say reaches sinks and rules."""

from __future__ import annotations

from dissectors.facts import AnyFact, ChannelOpened, Fact, Health
from dissectors.finding import Finding
from dissectors.health import BOUNDS
from sensor.inventory import Inventory
from sensor.pipeline.asset_reporting import AssetReporting
from sensor.pipeline.pipeline import MAX_TOUCHED, Pipeline
from tests.sensor.build import HMI, PLC, sighting
from tests.sensor.pipeline.diary import CHANNEL, Diary, keep


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


class Forgetful:
    """Models that forget two sweeps a minute and count what is no bound."""

    wants: frozenset[type[Fact]] = frozenset()

    def __init__(self) -> None:
        self.minutes = 0

    @property
    def counters(self) -> dict[str, int]:
        self.minutes += 1
        return {"novelty_sweeps_evicted": 2 * self.minutes, "rhythm_windows_suppressed": 5}

    def tick(self, now: int) -> list[Finding]:
        return []


def test_what_the_models_forgot_is_reported_as_health_of_each_minute() -> None:
    _, rules, _ = keep([sighting(PLC, at=at) for at in (1, 61, 121)], models=Forgetful())
    healths = [context.fact for context in rules.contexts if isinstance(context.fact, Health)]
    assert [health.counters for health in healths] == [{"novelty_sweeps_evicted": 2}] * 2
    assert BOUNDS["novelty_sweeps_evicted"] == "novelty_sweeps"


def test_whoever_keeps_assets_is_given_those_seen_again_and_no_other() -> None:
    keeper = Diary()
    keeper.keeps_assets = True
    inventory = Inventory()
    reporting = AssetReporting(inventory, [keeper], None, lambda _: None)
    inventory.sighted(sighting(PLC))
    inventory.sighted(sighting(HMI))
    reporting.refresh()
    keeper.lines.clear()
    inventory.sighted(sighting(PLC, at=70))
    reporting.refresh()
    reporting.repeat()
    assert keeper.lines == [("asset", (PLC[1], None))]


def test_in_a_flood_assets_do_not_wait_for_the_end_of_the_minute() -> None:
    keeper = Diary()
    keeper.keeps_assets = True
    inventory = Inventory(max_assets=100)
    pipeline = Pipeline(inventory, sinks=[keeper])
    count = MAX_TOUCHED + 50
    pipeline.take(
        [sighting((f"02:00:00:00:{n >> 8:02x}:{n & 255:02x}", f"10.1.{n >> 8}.{n & 255}")) for n in range(count)]
    )
    assert inventory.touched == 0
    assert len({line[1][0] for line in keeper.lines if line[0] == "asset"}) == count
