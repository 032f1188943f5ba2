"""Promises about the counters that the sensor and the command line show."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensor.elastic.tally import KEY, Tally, read_tally
from sensor.store import Store
from tests.sensor.elastic.cluster import Reply, cluster_of
from tests.sensor.elastic.shipping import bench, document

ONE = document("alert", "a1")


def test_counters_go_on_where_the_last_shipper_ended(tmp_path: Path) -> None:
    with cluster_of() as cluster:
        for name in ("a1", "a2"):
            with bench(tmp_path, cluster, document("alert", name)) as run:
                run.until_idle()
    with Store(tmp_path / "s.db", read_only=True) as store:
        assert read_tally(store).acked == 2


def test_a_new_shipper_does_not_believe_the_trouble_of_the_last_one(tmp_path: Path) -> None:
    with cluster_of(Reply(status=401)) as cluster:
        with bench(tmp_path, cluster, ONE) as run:
            run.step()
            assert read_tally(run.store).paused
            run.store.spool.shipped([run.store.spool.waiting()[0].place])
        with bench(tmp_path, cluster) as run:
            assert not read_tally(run.store).paused


def test_counters_come_back_as_they_were_kept(tmp_path: Path) -> None:
    kept = Tally(acked=3, duplicates=1, retried=9, paused=True, reason="why", since=1.5, last_success=2.5)
    with Store(tmp_path / "s.db") as store:
        assert read_tally(store) == Tally()
        store.note(*kept.row)
        assert read_tally(store) == kept


@pytest.mark.parametrize("text", ["", "{", "[]", '{"acked":"x"}', "\x00"])
def test_a_damaged_entry_counts_from_zero(tmp_path: Path, text: str) -> None:
    with Store(tmp_path / "s.db") as store:
        store.note(KEY, text)
        assert read_tally(store) == Tally()
