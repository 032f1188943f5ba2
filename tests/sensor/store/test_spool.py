"""Promises about documents that wait for shipping."""

from __future__ import annotations

from pathlib import Path

from sensor.store import Store


def test_the_spool_is_first_in_first_out_keeps_each_document_once_and_forgets_what_arrived(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store, Store(tmp_path / "s.db") as shipper:
        store.spool.add([("alert", f"d{number}", b"{}") for number in range(5)])
        store.spool.add([("alert", "d0", b"{}"), ("asset", "d0", b"{}")])
        waiting = shipper.spool.waiting(limit=3)
        assert [(row.stream, row.id) for row in waiting] == [("alert", "d0"), ("alert", "d1"), ("alert", "d2")]
        shipper.spool.shipped([row.place for row in waiting])
        assert [row.id for row in store.spool.waiting()] == ["d3", "d4", "d0"]
        assert store.spool.size() == (3, 6, 0)


def test_a_full_spool_drops_the_oldest_and_counts_them(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db", spool_bytes=1_000) as store:
        for number in range(30):
            store.spool.add([("alert", f"d{number}", b"x" * 100)])
        documents, size, dropped = store.spool.size()
        assert size <= 1_000 and documents + dropped == 30
        assert store.spool.waiting()[-1].id == "d29"


def test_a_batch_takes_what_matters_most_first_and_each_stream_in_its_order(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        for word in ("channel", "alert", "operation", "unheard", "asset", "alert"):
            store.spool.add([(f"logs-x.{word}-p", f"{word}{number}", b"x" * 10) for number in range(2)])
        ids = [row.id for row in store.spool.batch(100, 1_000)]
        assert ids == [
            "alert0", "alert1", "asset0", "asset1", "operation0", "operation1", "channel0", "channel1", "unheard0", "unheard1",
        ]  # fmt: skip
        assert [row.id for row in store.spool.batch(3, 1_000)] == ids[:3]
        assert [row.id for row in store.spool.batch(100, 35)] == ids[:3]
        assert [row.id for row in store.spool.batch(100, 1)] == ids[:1]
        assert [row.id for row in store.spool.batch(100, 1_000, {"logs-x.alert-p"})] == ids[2:]


def test_a_full_spool_drops_channels_before_operations_before_alerts(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db", spool_bytes=1_000) as store:
        for word in ("alert", "operation", "channel", "channel", "operation"):
            number = store.spool.size()[0]
            store.spool.add([(f"logs-x.{word}-p", f"{word}{number}", b"x" * 250)])
        left = [row.stream for row in store.spool.waiting()]
        assert left == ["logs-x.alert-p", "logs-x.operation-p", "logs-x.operation-p"]
        assert store.spool.state().dropped == 2


def test_removing_and_noting_happen_together(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        store.spool.add([("alert", "a", b"{}"), ("alert", "b", b"{}")])
        store.spool.settle([store.spool.waiting()[0].place], {"counter": "1"})
        assert ([row.id for row in store.spool.waiting()], store.meta("counter")) == (["b"], "1")


def test_the_age_is_that_of_the_document_that_waits_longest(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        assert store.spool.state().oldest_age_seconds == 0
        store.spool.add([("alert", "a", b"{}")])
        store._connection.execute("UPDATE spool SET added = added - 3600")
        store.spool.add([("alert", "b", b"{}")])
        assert 3_600 <= store.spool.state().oldest_age_seconds < 7_200
