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
