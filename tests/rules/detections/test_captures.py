"""The captures that the catalogue names: each fires its alert and the normal day of the plant stays silent."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from rules.detections.alert import SEVERITIES, Alert
from rules.detections.catalogue import CATALOGUE
from rules.detections.entry import Entry
from rules.policy import load
from sensor.pipeline.options import Options
from sensor.pipeline.replay import Replay
from sensor.sinks.sink import Sink
from tests.captures.baseline import learned

PCAPS = Path(__file__).parents[3] / "pcaps"
NAMED = [entry for entry in CATALOGUE if entry.capture_fires.endswith(".pcap")]


class Told(Sink):
    """A sink that keeps the alerts."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    def alert(self, alert: Alert) -> None:
        """Keep the alert."""
        self.alerts.append(alert)


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return learned(tmp_path_factory.mktemp("learned") / "baseline")


@cache
def alerts_of(capture: str, baseline: Path | None = None) -> tuple[Alert, ...]:
    """Replay one capture of the plant under its policy."""
    reported = Told()
    options = Options(
        captures=(str(PCAPS / "captures" / capture),), policy=load(PCAPS / "policy.yaml"), baseline=baseline
    )
    Replay(options, [reported]).run()
    return tuple(reported.alerts)


@pytest.mark.parametrize("entry", NAMED, ids=lambda entry: entry.id)
def test_the_named_capture_fires_and_the_normal_one_does_not(entry: Entry, baseline: Path) -> None:
    known = baseline if entry.needs == "B" else None
    assert entry.id in {alert.id for alert in alerts_of(entry.capture_fires, known)}
    if entry.capture_silent.endswith(".pcap"):
        assert entry.id not in {alert.id for alert in alerts_of(entry.capture_silent, known)}


def test_the_normal_day_raises_nothing_at_medium_or_above_about_the_stations_of_the_policy() -> None:
    loud = [
        (alert.id, alert.reason)
        for alert in alerts_of("plant/normal.pcap")
        if SEVERITIES.index(alert.severity) >= SEVERITIES.index("medium")
        and not (alert.id == "AST-001" and alert.server is not None and not alert.server.known)
    ]
    assert loud == []
