"""Promises about the quarantine: no fact ends the sensor, no part's mistake costs the others a fact, and it is said."""

from __future__ import annotations

import stat
from pathlib import Path

import msgspec
import pytest

from dissectors.context import Context, Verdict
from dissectors.facts import ChannelOpened, ChannelWindow, Exchange, Fact, OperationFirst
from rules.detections.alert import Alert
from rules.detections.catalogue import CATALOGUE
from rules.detections.engine import Detections
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import health
from sensor.inventory import Inventory
from sensor.pipeline.pipeline import Pipeline
from sensor.pipeline.quarantine import MAX_LINES, Quarantine
from sensor.sinks.ndjson import OutputError
from sensor.sinks.sink import FACT_TYPES, Sink
from tests.sensor.build import SECOND, START, opened, window

CHANNEL = opened()
SECRET = "a password in a packet"


class Bad(Sink):
    """A sink whose documents cannot be made of windows."""

    wants = FACT_TYPES

    def take(self, context: Context) -> None:
        if isinstance(context.fact, ChannelWindow):
            raise KeyError(SECRET)


class Keeps(Sink):
    wants = FACT_TYPES

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.alerts: list[Alert] = []

    def take(self, context: Context) -> None:
        self.facts.append(context.fact)

    def alert(self, alert: Alert) -> None:
        self.alerts.append(alert)


class BadInventory(Inventory):
    """An inventory that cannot take a window."""

    def window(self, *_: object) -> None:
        raise RecursionError


class BadJudge:
    def judge_channel(self, channel: ChannelOpened, at: int | None = None) -> Verdict | None:
        raise ZeroDivisionError

    def judge_operation(self, channel: ChannelOpened, operation: OperationFirst | Exchange) -> Verdict | None:
        raise ZeroDivisionError


def _fails(context: Context, state: object) -> Hit | None:
    raise IndexError(SECRET)


BAD_RULE = Entry(
    id="TST-001",
    name="A rule that fails",
    severity="low",
    looks=(Match(ChannelWindow),),
    predicate=_fails,  # type: ignore[arg-type]
    scope="source",
    explanation=health("", "", ""),
    false_positives="",
    normal="",
    category="sensor-health",
)
FACTS = [CHANNEL, *(window(CHANNEL, at=60 * minute) for minute in range(1, 4))]


def run(
    tmp_path: Path, sinks: list[Sink], inventory: Inventory | None = None, judge: BadJudge | None = None
) -> Quarantine:
    quarantine = Quarantine(tmp_path / "quarantine.ndjson")
    detections = Detections({}, "s", "e", catalogue=(BAD_RULE, *CATALOGUE), failed=quarantine.keep)
    pipeline = Pipeline(inventory or Inventory(), judge, detections, sinks, quarantine=quarantine)
    pipeline.take(FACTS)
    pipeline.finish()
    return quarantine


def lines(quarantine: Quarantine) -> list[dict[str, object]]:
    assert quarantine.path is not None
    return [msgspec.json.decode(line) for line in quarantine.path.read_bytes().splitlines()]


def test_what_one_part_cannot_take_all_others_get(tmp_path: Path) -> None:
    keeps = Keeps()
    quarantine = run(tmp_path, [Bad(), keeps], BadInventory(), BadJudge())
    assert [fact for fact in keeps.facts if fact in FACTS] == FACTS
    assert {line["part"] for line in lines(quarantine)} == {"inventory", "policy", "alert TST-001", "sink Bad"}


def test_it_is_one_incident_that_counts_what_failed(tmp_path: Path) -> None:
    keeps = Keeps()
    quarantine = run(tmp_path, [Bad(), keeps])
    failed = [alert for alert in keeps.alerts if alert.id == "SEN-023"]
    assert len({alert.incident for alert in failed}) == 1
    assert max(alert.count for alert in failed) == quarantine.count == 6


def test_the_file_says_what_failed_where_and_never_what_the_exception_says(tmp_path: Path) -> None:
    quarantine = run(tmp_path, [Bad()])
    found = [line for line in lines(quarantine) if line["part"] == "sink Bad"]
    assert [line["error"] for line in found] == ["KeyError"] * 3
    assert "test_quarantine.py:" in str(found[0]["place"])
    assert found[0]["kind"] == "ChannelWindow"
    assert found[0]["fact"]["time"] == START + 60 * SECOND  # type: ignore[index]
    assert quarantine.path is not None
    assert SECRET.encode() not in quarantine.path.read_bytes()
    assert not stat.S_IMODE(quarantine.path.stat().st_mode) & 0o007


def test_the_file_is_bounded_and_the_count_goes_on(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path / "quarantine.ndjson")
    for _ in range(MAX_LINES + 5):
        quarantine.keep("part", CHANNEL, ValueError())
    assert quarantine.count == MAX_LINES + 5
    assert len(lines(quarantine)) == quarantine.kept == MAX_LINES


def test_a_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    (tmp_path / "quarantine.ndjson").symlink_to(target)
    quarantine = Quarantine(tmp_path / "quarantine.ndjson")
    quarantine.keep("part", CHANNEL, ValueError())
    assert (quarantine.count, quarantine.kept, target.exists()) == (1, 0, False)


def test_a_disk_that_is_full_is_no_fault_of_a_fact(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path / "quarantine.ndjson")
    with pytest.raises(OutputError):
        quarantine.keep("sink NdjsonSink", CHANNEL, OutputError("full"))
    assert quarantine.count == 0


def test_who_has_no_quarantine_sees_the_exception() -> None:
    with pytest.raises(KeyError):
        Pipeline(Inventory(), sinks=[Bad()]).take(FACTS)
