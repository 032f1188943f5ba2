"""The total order: nothing is given out too early, nothing waits for ever, memory has a bound."""

from __future__ import annotations

from dissectors.facts import Health, Sighting
from sensor.live.health_sum import HealthSum
from sensor.live.merge import Merge
from sensor.live.repeat import Repeats
from sensor.live.report import Report

SECOND = 1_000_000_000


def fact(time: int, worker: int = 0, mac: str = "00:00:00:00:00:01") -> Sighting:
    """Return a fact at ``time`` seconds."""
    return Sighting(time * SECOND, "eth0", worker, 0, "10.0.0.1", mac, 0, "", "", "address", "10.0.0.1", "ip", "medium")


def health(end: int, interface: str = "eth0", **counters: int) -> Health:
    return Health(end * SECOND, interface, 0, 0, (end - 60) * SECOND, end * SECOND, interface, counters)


def report(worker: int, watermark: int, *times: int, finished: bool = False) -> Report:
    facts = tuple(fact(time, worker) for time in times)
    return Report(worker=worker, watermark=watermark * SECOND, facts=facts, finished=finished)


def times(facts) -> list[int]:
    return [one.time // SECOND for one in facts]


def merge_of(workers: int, limit: int = 1000) -> Merge:
    merge = Merge(limit)
    for worker in range(workers):
        merge.began(worker)
    return merge


def test_a_fact_waits_until_no_worker_can_report_an_earlier_one() -> None:
    merge = merge_of(2)
    merge.take(report(0, 10, 5, 9))
    assert merge.ready() == []
    merge.take(report(1, 6, 4))
    assert times(merge.ready()) == [4, 5]
    merge.take(report(1, 20))
    assert times(merge.ready()) == [9]


def test_one_worker_waits_for_nobody() -> None:
    merge = merge_of(1)
    merge.take(report(0, 10, 5, 10))
    assert times(merge.ready()) == [5, 10]


def test_a_worker_that_ended_holds_nobody_up_and_what_it_reported_keeps_its_place() -> None:
    merge = merge_of(2)
    merge.take(report(0, 10, 5, 9))
    merge.take(report(1, 7, 6, 7))
    merge.ended(1)
    assert times(merge.ready()) == [5, 6, 7, 9]


def test_a_worker_that_never_speaks_holds_the_others_up_only_until_it_is_ended() -> None:
    merge = merge_of(2)
    merge.take(report(0, 10, 5))
    assert merge.ready() == [] and merge.watermark() == -1
    merge.ended(1)
    assert times(merge.ready()) == [5]


def test_the_own_order_of_a_worker_is_kept_where_packets_overtook_each_other() -> None:
    merge = merge_of(2)
    late = Report(worker=0, watermark=20 * SECOND, facts=(fact(10), Sighting(*_fields(fact(10), 10 * SECOND - 5))))
    merge.take(late)
    merge.take(report(1, 20, 9, 11))
    assert [one.time for one in merge.ready()] == [9 * SECOND, 10 * SECOND, 10 * SECOND - 5, 11 * SECOND]


def _fields(one: Sighting, time: int) -> tuple[object, ...]:
    return (time, *(getattr(one, name) for name in one.__struct_fields__[1:]))


def test_beyond_the_bound_the_oldest_go_on_and_are_counted() -> None:
    merge = merge_of(2, limit=10)
    merge.take(report(0, 100, *range(1, 16)))
    given = times(merge.ready())
    assert given == list(range(1, len(given) + 1)) and given
    assert merge.held == 15 - len(given) <= 10
    assert merge.forced == len(given)
    merge.take(report(1, 100, 2))
    assert times(merge.ready())[0] == 2
    assert merge.late == 1


def test_a_clock_that_was_set_back_holds_nothing_until_it_comes_again() -> None:
    merge = merge_of(2)
    merge.take(report(0, 5000, 4999))
    merge.take(report(1, 4990))
    assert merge.ready() == []
    merge.take(report(1, 1000))
    assert times(merge.ready()) == [4999]
    merge.take(report(0, 1000, 999))
    merge.take(report(1, 1001))
    assert times(merge.ready()) == [999]


def test_a_binding_reported_by_two_workers_is_reported_once_and_a_move_every_time() -> None:
    repeats = Repeats()
    here, there = fact(1), fact(2, mac="00:00:00:00:00:02")
    assert repeats.without([here, here, there, there, here]) == [here, there, here]
    assert repeats.dropped == 2


def test_what_a_protocol_reports_of_a_device_is_never_a_repeat() -> None:
    named = Sighting(
        SECOND, "eth0", 1, 0, "10.0.0.1", "", 0, "modbus", "1", "model", "M340", "modbus.43.14.2", "strong"
    )
    assert Repeats().without([named, named]) == [named, named]


def test_the_table_of_bindings_is_bounded() -> None:
    repeats = Repeats(bindings=1)
    other = Sighting(
        SECOND, "eth0", 1, 0, "10.0.0.2", "00:00:00:00:00:01", 0, "", "", "address", "10.0.0.2", "ip", "medium"
    )
    assert len(repeats.without([fact(1), other, fact(2)])) == 3
    assert repeats.evicted == 2


def test_the_health_of_a_window_is_the_sum_over_workers_in_its_place() -> None:
    added = HealthSum()
    rows = [health(60, packets=5, clock_jumps=1), fact(60), health(60, packets=7, dropped=1, clock_jumps=1)]
    assert added.pass_on(rows, 60 * SECOND) == [rows[1]]
    later = fact(61)
    assert added.pass_on([later], 61 * SECOND) == [health(60, packets=12, clock_jumps=1, dropped=1), later]


def test_a_silent_worker_does_not_make_the_wire_silent() -> None:
    added = HealthSum()
    given = added.pass_on([health(60, packets=0), health(60, packets=9)], 61 * SECOND)
    assert [one.counters["packets"] for one in given if isinstance(one, Health)] == [9]


def test_what_a_worker_reported_before_its_clock_was_set_comes_before_what_it_reported_after() -> None:
    merge = merge_of(2)
    merge.take(report(1, 5000))
    merge.take(Report(worker=0, watermark=1001 * SECOND, facts=(fact(4999), fact(1000))))
    merge.take(report(1, 1002, 999))
    given = [one.time // SECOND for one in merge.ready()]
    assert given.index(4999) < given.index(1000)
