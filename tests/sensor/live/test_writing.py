"""Writing while watching: assets are shown soon, and a store that fails for a while loses nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from sensor.inventory import AssetRecord, Inventory
from sensor.keeper import Keeper
from sensor.live.early_assets import EarlyAssets
from sensor.live.patience import MOST_FAILURES, PatientOutput, PatientRecorder
from sensor.outputs.store_output import StoreRecorder
from sensor.store import Store, StoreError
from tests.sensor.build import PLC, SECOND, START, alert, sighting
from tests.sensor.outputs.scenes import ORIGIN
from tests.sensor.test_keeper import Diary, Rules


def test_an_asset_is_shown_within_a_minute_and_then_left_alone() -> None:
    diary = Diary()
    keeper = Keeper(Inventory(), None, Rules(), [diary], EarlyAssets([diary], None))
    keeper.take([sighting(PLC)])
    for second in range(1, 200):
        keeper.tick(START + second * SECOND)
    shown = [line for line in diary.lines if line[0] == "asset" and line[1] == (PLC[1], None)]
    assert len(shown) == 1


def test_what_cannot_be_written_now_is_written_later(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with Store(path) as store:
        output = PatientOutput(store, ORIGIN)
        recorder = PatientRecorder(StoreRecorder(store, output), output)
        store._connection.execute("PRAGMA busy_timeout = 0")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        recorder.alert(alert("i-one"))
        output.alert(alert("i-one"))
        recorder.commit()
        assert recorder.failures == 1 and store.alerts() == []
        other.execute("ROLLBACK")
        recorder.commit()
        assert recorder.failures == 0
        assert [row.incident for row in store.alerts()] == ["i-one"] and store.spool.size()[0] == 1
        other.close()


def test_a_store_that_fails_for_too_long_ends_the_watching() -> None:
    class Broken:
        def __getattr__(self, name: str) -> object:
            return self

        def commit(self) -> None:
            raise StoreError("s.db: cannot be written (disk is full). Free space")

    recorder = PatientRecorder(Broken())  # type: ignore[arg-type]
    for _ in range(MOST_FAILURES):
        recorder.commit()
    with pytest.raises(StoreError, match="Free space"):
        recorder.commit()


def test_a_merged_asset_is_not_shown() -> None:
    diary = Diary()
    record = AssetRecord(id="a-1", name="x", merged_into="a-2")
    EarlyAssets([diary], None).asset(record, None)
    assert diary.lines == []
