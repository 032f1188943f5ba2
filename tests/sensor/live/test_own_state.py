"""What the sensor says of itself: outputs, disk, policy, lag; once a minute, and counters that only say what was added."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from sensor.elastic.tally import Tally
from sensor.live.conditions import BACKED_UP_SECONDS, BEHIND_SECONDS, Conditions
from sensor.live.own_counters import OwnCounters
from sensor.store import Spooled, Store

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND


@pytest.fixture
def store(tmp_path: Path):
    with Store(tmp_path / "s.db") as opened:
        opened.is_low = lambda: False  # type: ignore[method-assign]
        yield opened


def conditions(store: Store | None, lag: float = 0.0) -> Conditions:
    return Conditions("sensor1", store, store is not None, None, lambda _: lag)


def kinds(made: Conditions, now: int = NOW) -> list[str]:
    return [event.kind for event in made.look(now)]


def test_a_sensor_that_is_well_says_nothing(store: Store) -> None:
    assert kinds(conditions(store)) == []


@pytest.mark.parametrize(("lag", "told"), [(BEHIND_SECONDS - 0.1, []), (BEHIND_SECONDS, ["behind"])])
def test_being_behind_the_wire_is_told_from_the_limit_on(lag: float, told: list[str]) -> None:
    assert kinds(conditions(None, lag)) == told


def test_what_lasts_is_told_once_a_minute() -> None:
    made = conditions(None, 99)
    looks = [len(made.look(NOW + second * SECOND)) for second in range(121)]
    assert [second for second, count in enumerate(looks) if count] == [0, 60, 120]


def test_a_disk_that_fills_up_is_told(store: Store) -> None:
    store.is_low = lambda: True  # type: ignore[method-assign]
    assert kinds(conditions(store)) == ["evidence_full"]


@pytest.mark.parametrize(
    ("tally", "told"),
    [
        (Tally(paused=True, reason="HTTP 401: the key is not known"), ["credentials_refused"]),
        (Tally(paused=True, reason="HTTP 404: the template is missing"), []),
        (Tally(failure_store=2, dead_letter=1), ["documents_refused"]),
        (Tally(acked=100), []),
    ],
)
def test_what_the_cluster_refuses_is_told(store: Store, tally: Tally, told: list[str]) -> None:
    made = conditions(store)
    store.note(*tally.row)
    assert kinds(made) == told


@pytest.mark.parametrize(("age", "told"), [(BACKED_UP_SECONDS - 1, []), (BACKED_UP_SECONDS, ["output_backs_up"])])
def test_documents_that_do_not_leave_are_told(store: Store, age: int, told: list[str]) -> None:
    state = Spooled(documents=3, octets=30, oldest_age_seconds=age, dropped=0)
    store.spool.state = lambda: state  # type: ignore[method-assign]
    assert kinds(conditions(store)) == told


def test_refusals_are_told_when_they_grow_not_for_ever(store: Store) -> None:
    made = conditions(store)
    store.note(*Tally(dead_letter=4).row)
    assert kinds(made) == ["documents_refused"]
    assert kinds(made, NOW + 60 * SECOND) == []


def test_counters_say_what_was_added_and_gauges_what_is(store: Store) -> None:
    running = {"worker_restarts": 2}
    store.note(*Tally(acked=10).row)
    own = OwnCounters(lambda: running, store, shipping=True)
    running["worker_restarts"] = 3
    store.note(*msgspec.structs.replace(Tally(acked=15), paused=True).row)
    store.writer.forgotten["windows"] = 7
    store.spool.add([("logs-spanwatch.alert-default", "a", b"{}")])
    told = own()
    assert (told["worker_restarts"], told["output_acked"], told["store_forgot_windows"]) == (1, 5, 7)
    assert (told["spool_documents"], told["spool_octets"], told["output_paused"]) == (1, 2, 1)
    assert own()["output_acked"] == 0
