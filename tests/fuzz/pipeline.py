"""The pipeline with tiny bounds (inventory, policy, detections), given the facts of frames that nobody checked.

Invariant: no fact ends the pipeline. No bound is passed: assets, conversations, open incidents. Assets are told apart by
their ids, alerts have an entry in the catalogue and revisions that count on, and two runs give the same.
"""

from __future__ import annotations

from dissectors.context import AssetEvent, Context
from dissectors.facts import AnyFact
from rules.detections.alert import Alert
from rules.detections.catalogue import CATALOGUE
from rules.detections.engine import Detections
from rules.policy import Judge, load
from sensor.inventory import Inventory
from sensor.inventory.record import AssetRecord
from sensor.pipeline.pipeline import Pipeline
from sensor.pipeline.policy_assets import known_assets
from sensor.sinks.sink import Sink
from tests.fuzz.samples import stretches
from tests.fuzz.target import Target
from tests.fuzz.wire import LIMIT, facts_of
from tests.repository import ROOT

POLICY = load(ROOT / "pcaps" / "policy.yaml")
NAMES = {entry.id for entry in CATALOGUE}
MAX_ASSETS = MAX_CHANNELS = 6
MAX_INCIDENTS = 3


class Kept(Sink):
    """A sink that keeps what it is told."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.assets: dict[str, AssetRecord] = {}

    def take(self, context: Context) -> None:
        raise AssertionError("no kind of fact was asked for")

    def alert(self, alert: Alert) -> None:
        self.alerts.append(alert)

    def asset(self, asset: AssetRecord, event: AssetEvent | None) -> None:
        self.assets[asset.id] = asset


def run(facts: list[AnyFact], with_policy: bool) -> list[Alert]:
    """Return the alerts of the facts, taken one by one so that bounds can be looked at between them."""
    judge = Judge([POLICY], early=True) if with_policy else None
    known = known_assets(POLICY) if with_policy else None
    inventory = Inventory(known, max_assets=MAX_ASSETS, max_channels=MAX_CHANNELS)
    detections = Detections(
        {}, "sensor", "0", maintenance=judge.maintenance if judge is not None else None, obligations=judge
    )
    detections.incidents.limit = MAX_INCIDENTS
    kept = Kept()
    pipeline = Pipeline(inventory, judge, detections, [kept])
    for fact in facts:
        pipeline.take([fact])
        assert inventory.assets_held <= MAX_ASSETS
        assert inventory.channels_held <= MAX_CHANNELS
        assert len(detections.incidents) <= MAX_INCIDENTS
    pipeline.finish()
    revisions: dict[str, int] = {}
    for alert in kept.alerts:
        assert alert.id in NAMES
        assert alert.revision == revisions.get(alert.incident, 0) + 1
        revisions[alert.incident] = alert.revision
    assert all(record.id == name for name, record in kept.assets.items())
    return kept.alerts


def check(data: bytes) -> None:
    """Take the facts of the frames with and without a policy; the first twice."""
    facts, _ = facts_of(data)
    alerts = run(facts, with_policy=True)
    run(facts, with_policy=False)
    assert run(facts, with_policy=True) == alerts


TARGETS = (Target("pipeline", check, stretches),)
assert LIMIT > MAX_CHANNELS, "the worker would hold less than the inventory, whose bound would not be tried"
