"""Writing while watching: assets are shown soon, and a store that fails for a while loses nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from dissectors.context import Context
from rules.policy import load
from sensor.inventory import AssetRecord, Inventory
from sensor.live.early_assets import EarlyAssets
from sensor.live.retry import MAX_SECONDS, RetryingCommit, RetryingNotes
from sensor.live.watch import Watch
from sensor.pipeline.options import Options
from sensor.pipeline.pipeline import Pipeline
from sensor.sinks.spool import SpoolSink
from sensor.store import Store, StoreError
from tests.repository import ROOT
from tests.sensor.build import PLC, SECOND, START, alert, sighting
from tests.sensor.documents.contexts import ORIGIN
from tests.sensor.pipeline.test_pipeline import Diary, Rules

POLICY = ROOT / "pcaps" / "policy.yaml"


def test_an_asset_is_shown_within_a_minute_and_then_left_alone() -> None:
    diary = Diary()
    pipeline = Pipeline(Inventory(), None, Rules(), [diary, EarlyAssets([diary])])  # type: ignore[arg-type]
    pipeline.take([sighting(PLC)])
    for second in range(1, 200):
        pipeline.tick(START + second * SECOND)
    shown = [line for line in diary.lines if line[0] == "asset" and line[1] == (PLC[1], None)]
    assert len(shown) == 1


def test_what_cannot_be_written_now_is_written_later(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with Store(path) as store:
        output, recorder = spool(store), store.writer
        commit = RetryingCommit([output, recorder])
        store._connection.execute("PRAGMA busy_timeout = 0")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        recorder.alert(alert("i-one"))
        output.alert(alert("i-one"))
        commit()
        assert commit.failures == 1 and store.alerts() == []
        other.execute("ROLLBACK")
        commit()
        assert commit.failures == 0
        assert [row.incident for row in store.alerts()] == ["i-one"] and store.spool.size()[0] == 1
        other.close()


class Clock:
    """Seconds that pass when they are reported to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def spool(store: Store) -> SpoolSink:
    made = SpoolSink(store)
    made.begin(ORIGIN)
    return made


def fill(store: Store) -> None:
    """Let no page be added or changed: a full disk, as SQLite meets it."""
    store._connection.set_authorizer(lambda *_: sqlite3.SQLITE_DENY)


def empty(store: Store) -> None:
    store._connection.set_authorizer(None)


def test_what_waits_is_kept_for_five_minutes_however_often_it_is_tried(tmp_path: Path) -> None:
    clock = Clock()
    with Store(tmp_path / "s.db") as store:
        output, recorder = spool(store), store.writer
        commit = RetryingCommit([output, recorder], clock)
        fill(store)
        recorder.alert(alert("i-one"))
        recorder.take(Context(fact=sighting(PLC)))
        output.alert(alert("i-one"))
        for _ in range(10 * int(MAX_SECONDS)):
            commit()
        clock.now = MAX_SECONDS - 1
        commit()
        assert commit.lost == 0
        empty(store)
        commit()
        assert [row.incident for row in store.alerts()] == ["i-one"] and store.spool.size()[0] == 1


def test_a_store_that_fails_for_too_long_loses_what_waits_and_the_watching_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    with Store(tmp_path / "s.db") as store:
        output, recorder = spool(store), store.writer
        commit = RetryingCommit([output, recorder], clock)
        fill(store)
        recorder.alert(alert("i-one"))
        recorder.take(Context(fact=sighting(PLC)))
        output.alert(alert("i-one"))
        commit()
        clock.now = MAX_SECONDS
        commit()
        assert commit.lost == 3 and "3 rows that waited for it are lost" in caplog.text
        recorder.alert(alert("i-two"))
        recorder.take(Context(fact=sighting(PLC)))
        empty(store)
        commit()
        assert [row.incident for row in store.alerts()] == ["i-two"]


@pytest.mark.parametrize("recovers", [True, False], ids=["recovers", "stays full"])
def test_what_waits_at_the_end_is_tried_a_last_time_and_its_loss_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, recovers: bool
) -> None:
    with Store(tmp_path / "s.db") as store:
        recorder = store.writer
        commit = RetryingCommit([recorder], Clock())
        fill(store)
        recorder.alert(alert("i-one"))
        commit()
        if recovers:
            empty(store)
        commit.end()
        empty(store)
        assert (len(store.alerts()), commit.lost) == ((1, 0) if recovers else (0, 1))
        assert ("1 rows that waited for it are lost" in caplog.text) is not recovers


def test_more_than_memory_is_meant_to_hold_is_given_up_earlier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sensor.live.retry.MAX_WAITING", 2)
    with Store(tmp_path / "s.db") as store:
        recorder = store.writer
        commit = RetryingCommit([recorder], Clock())
        fill(store)
        for count in (1, 2):
            recorder.take(Context(fact=sighting(PLC)))
            commit()
            assert commit.lost == 0, count
        recorder.take(Context(fact=sighting(PLC)))
        commit()
        assert commit.lost == 3


def test_a_note_that_cannot_be_written_waits_and_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Store(tmp_path / "s.db") as store:
        notes = RetryingNotes(store)
        fill(store)
        notes.note("policy_sha256", "1")
        notes.note("policy_sha256", "2")
        assert len(caplog.records) == 1
        empty(store)
        notes.note("epoch", "now")
        assert (store.meta("policy_sha256"), store.meta("epoch")) == ("2", "now")


def test_a_full_disk_stops_neither_the_start_nor_a_new_policy(tmp_path: Path) -> None:
    watch = Watch(Options(interfaces=("x",), store=tmp_path / "s.db", policy=load(POLICY)), [])
    assert watch.store is not None
    watch.store.note = _no_room  # type: ignore[method-assign]
    watch._begin(START)
    _read_again(watch)
    del watch.store.note  # type: ignore[method-assign]
    watch.notes.retry()
    assert watch.policy is not None
    assert (watch.store.meta("policy_sha256"), watch.store.meta("sensor")) == (watch.policy.policy.sha256, "spanwatch")
    watch.store.close()


def test_a_policy_refused_while_watching_is_a_line_of_the_log_for_each_mistake(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_bytes(POLICY.read_bytes())
    watch = Watch(Options(interfaces=("x",), policy=load(file)), [])
    file.write_text("kind: x\nruls: []\n")
    _read_again(watch)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) > 2 and not [line for line in said if "\n" in line]
    assert said[-1].startswith("the policy is refused; sample-water-works version 1")
    assert {record.levelname for record in caplog.records} == {"ERROR"}


def _read_again(watch: Watch) -> None:
    """Let a watch without workers read its policy again and take what came of it."""
    watch.reload()
    assert watch.reading is not None
    while watch.reading.is_reading:
        watch._turn()


def _no_room(key: str, value: str) -> None:
    raise StoreError(f"s.db: cannot be written (disk is full): {key} {value}")


def test_a_merged_asset_is_not_shown() -> None:
    diary = Diary()
    record = AssetRecord(id="a-1", name="x", merged_into="a-2")
    EarlyAssets([diary]).asset(record, None)
    assert diary.lines == []
