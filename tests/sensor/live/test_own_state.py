"""What the sensor says of itself: outputs, disk, policy, lag; once a minute, and counters that only say what was added."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from sensor.elastic.tally import Tally
from sensor.live.self_checks import BACKED_UP_SECONDS, BEHIND_SECONDS, SelfChecks
from sensor.live.self_metrics import SelfMetrics
from sensor.store import Spooled, Store

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND


@pytest.fixture
def store(tmp_path: Path):
    with Store(tmp_path / "s.db") as opened:
        opened.is_low = lambda: False  # type: ignore[method-assign]
        yield opened


def self_checks(store: Store | None, lag: float = 0.0) -> SelfChecks:
    return SelfChecks("sensor1", store, store is not None, None, lambda _: lag)


def kinds(made: SelfChecks, now: int = NOW) -> list[str]:
    return [event.kind for event in made.look(now)]


def test_a_sensor_that_is_well_says_nothing(store: Store) -> None:
    assert kinds(self_checks(store)) == []


@pytest.mark.parametrize(("lag", "reported"), [(BEHIND_SECONDS - 0.1, []), (BEHIND_SECONDS, ["behind"])])
def test_being_behind_the_wire_is_reported_from_the_limit_on(lag: float, reported: list[str]) -> None:
    assert kinds(self_checks(None, lag)) == reported


def test_what_lasts_is_reported_once_a_minute() -> None:
    made = self_checks(None, 99)
    looks = [len(made.look(NOW + second * SECOND)) for second in range(121)]
    assert [second for second, count in enumerate(looks) if count] == [0, 60, 120]


def test_a_disk_that_fills_up_is_reported(store: Store) -> None:
    store.is_low = lambda: True  # type: ignore[method-assign]
    assert kinds(self_checks(store)) == ["evidence_full"]


@pytest.mark.parametrize(
    ("tally", "reported"),
    [
        (Tally(paused=True, reason="HTTP 401: the key is not known"), ["credentials_refused"]),
        (Tally(paused=True, reason="HTTP 404: the template is missing"), []),
        (Tally(failure_store=2, dead_letter=1), ["documents_refused"]),
        (Tally(acked=100), []),
    ],
)
def test_what_the_cluster_refuses_is_reported(store: Store, tally: Tally, reported: list[str]) -> None:
    made = self_checks(store)
    store.note(*tally.row)
    assert kinds(made) == reported


@pytest.mark.parametrize(("age", "reported"), [(BACKED_UP_SECONDS - 1, []), (BACKED_UP_SECONDS, ["output_backs_up"])])
def test_documents_that_do_not_leave_are_reported(store: Store, age: int, reported: list[str]) -> None:
    state = Spooled(documents=3, byte_count=30, oldest_age_seconds=age, dropped=0)
    store.spool.state = lambda: state  # type: ignore[method-assign]
    assert kinds(self_checks(store)) == reported


def test_refusals_are_reported_when_they_grow_not_for_ever(store: Store) -> None:
    made = self_checks(store)
    store.note(*Tally(dead_letter=4).row)
    assert kinds(made) == ["documents_refused"]
    assert kinds(made, NOW + 60 * SECOND) == []


def test_counters_say_what_was_added_and_gauges_what_is(store: Store) -> None:
    running = {"worker_restarts": 2}
    store.note(*Tally(acked=10).row)
    own = SelfMetrics(lambda: running, store, shipping=True)
    running["worker_restarts"] = 3
    store.note(*msgspec.structs.replace(Tally(acked=15), paused=True).row)
    store.writer.evicted["windows"] = 7
    store.spool.add([("logs-spanwatch.alert-default", "a", b"{}")])
    reported = own()
    assert (reported["worker_restarts"], reported["output_acked"], reported["store_forgot_windows"]) == (1, 5, 7)
    assert (reported["spool_documents"], reported["spool_bytes"], reported["output_paused"]) == (1, 2, 1)
    assert own()["output_acked"] == 0
