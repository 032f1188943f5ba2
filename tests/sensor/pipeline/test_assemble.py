"""Promises about the wiring: what was given decides who is told, and what is wrong is found before a packet is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rules.policy import load
from sensor.pipeline.assemble import Run
from sensor.pipeline.options import Options
from sensor.sinks.ndjson import OutputError
from sensor.sinks.registry import SINKS
from sensor.sinks.sink import Sink
from sensor.store import Store
from tests.repository import ROOT
from tests.sensor.build import PLC, START, opened, sighting
from tests.sensor.pipeline.test_pipeline import Diary

POLICY = ROOT / "pcaps" / "policy.yaml"
TARGET = object()
"""Stands for a cluster: the sinks only ask whether there is one."""


def kinds(run: Run) -> list[str]:
    found = [type(sink).__name__ for sink in run.sinks]
    run.close()
    return found


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"output": True}, ["NdjsonSink"]),
        ({"output": True, "interfaces": ("eth1",)}, ["LiveNdjsonSink"]),
        ({"store": True}, ["Writer"]),
        ({"store": True, "spool": True}, ["SpoolSink", "Writer"]),
        ({"store": True, "elastic": TARGET}, ["SpoolSink", "Writer"]),
        ({"spool": True}, []),
        ({"store": True, "output": True, "spool": True}, ["NdjsonSink", "SpoolSink", "Writer"]),
    ],
)
def test_the_options_say_which_sinks_there_are_and_the_spool_comes_before_the_store(
    tmp_path: Path, given: dict[str, object], expected: list[str]
) -> None:
    places = {name: tmp_path / name for name in ("store", "output") if given.get(name)}
    assert kinds(Run(Options(**{**given, **places}))) == expected  # type: ignore[arg-type]


def test_every_sink_has_a_name_of_its_own() -> None:
    assert len({kind.name for kind in SINKS}) == len(SINKS)


def test_what_cannot_be_written_is_refused_before_a_packet_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="--output"):
        Run(Options(output=tmp_path / "file" / "out"))


def test_a_run_that_failed_leaves_no_file_behind(tmp_path: Path) -> None:
    run = Run(Options(output=tmp_path / "out"))
    run.begin(START).take([opened()])
    run.close()
    assert list((tmp_path / "out").iterdir()) == []


def test_an_alert_that_is_switched_off_is_reported_at_the_beginning() -> None:
    told: list[str] = []

    class Alerts(Sink):
        def alert(self, alert: object) -> None:
            told.append(alert.id)  # type: ignore[attr-defined]

    Run(Options(settings={"MB-004": {"enabled": False}}), [Alerts()]).begin(START)
    assert told == ["SEN-018"]


def test_the_store_knows_what_the_run_was(tmp_path: Path) -> None:
    policy = load(POLICY)
    run = Run(Options(store=tmp_path / "s.db", sensor="s1", policy=policy))
    run.begin(START).finish()
    run.close()
    with Store(tmp_path / "s.db", read_only=True) as store:
        assert (store.meta("sensor"), store.meta("policy_sha256")) == ("s1", policy.sha256)
        assert store.meta("epoch")


def test_all_sinks_of_a_run_write_under_the_same_epoch(tmp_path: Path) -> None:
    run = Run(Options(store=tmp_path / "s.db", output=tmp_path / "out", spool=True))
    pipeline = run.begin(START)
    pipeline.take([opened(), sighting(PLC, at=61)])
    pipeline.finish()
    run.close()
    written = sorted(line for path in (tmp_path / "out").iterdir() for line in path.read_bytes().splitlines())
    with Store(tmp_path / "s.db", read_only=True) as store:
        assert sorted(row.body for row in store.spool.waiting()) == written
    assert json.loads(written[0])["observer"]["name"] == "spanwatch"


def test_learning_raises_no_alert() -> None:
    class Lessons:
        wants = frozenset({type(opened())})
        seen = 0

        def see(self, context: object) -> list[object]:
            self.seen += 1
            return []

        def tick(self, now: int) -> list[object]:
            return []

        finish = tick

    lessons, diary = Lessons(), Diary()
    run = Run(Options(), [diary])
    run.learn(lessons).take([opened(), sighting(PLC)])  # type: ignore[arg-type]
    assert lessons.seen == 1 and diary.lines == [] and run.detections is None
