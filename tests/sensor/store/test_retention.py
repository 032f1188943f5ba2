"""Promises about what a store forgets."""

from __future__ import annotations

from pathlib import Path

from dissectors.facts import AnyFact
from sensor.store import Retention, Store
from tests.sensor.build import PLC, SECOND, alert, give, sighting


def test_facts_beyond_age_and_size_go_oldest_first_and_are_counted(tmp_path: Path) -> None:
    day: list[AnyFact] = [sighting(PLC, at=at) for at in range(0, 86_400, 600)]
    with Store(tmp_path / "s.db", Retention(facts_seconds=3_600)) as store:
        give(store.writer, day)
        store.writer.commit()
        kept = list(store.facts())
        assert kept == [fact for fact in day if fact.time >= day[-1].time - 3_600 * SECOND]
        assert store.writer.evicted == {"fact_batches": len(day) - len(kept)}
    with Store(tmp_path / "t.db", Retention(facts_bytes=1_000)) as store:
        give(store.writer, day)
        store.writer.commit()
        kept = list(store.facts())
        assert kept and kept == day[-len(kept) :] and len(kept) < 20


def test_rows_beyond_their_bound_go_oldest_first_and_are_counted(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db", Retention(alerts=3)) as store:
        for number in range(10):
            store.writer.alert(alert(f"i-{number}", at=number))
        give(store.writer, [sighting(PLC)])
        store.writer.commit()
        assert [row.incident for row in store.alerts()] == ["i-9", "i-8", "i-7"]
        assert store.writer.evicted == {"alerts": 7}
