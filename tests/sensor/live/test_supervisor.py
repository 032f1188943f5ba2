"""The supervisor: what workers report reaches the pipeline, whatever happens to the workers, and it says what happened."""

from __future__ import annotations

import os
from collections.abc import Sequence

from dissectors.context import SensorEvent
from dissectors.facts import AnyFact, Health, Sighting
from sensor.live.interface_status import InterfaceStatus
from sensor.live.report import InterfaceCount, Report, write_report
from sensor.live.supervisor import Supervisor
from sensor.live.worker_pool import MAX_DELAY, SILENT_SECONDS, WorkerPool

SECOND = 1_000_000_000


class Fake:
    """A worker process that says what the test says."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.descriptor = -1
        self.writing = -1
        self.code: int | None = None
        self.starts = 0
        self.last_words: list[Report] = []

    def start(self) -> None:
        self.close()
        self.descriptor, self.writing = os.pipe()
        os.set_blocking(self.descriptor, False)
        self.code = None
        self.starts += 1

    def say(self, watermark: int, *facts: AnyFact, seen: int = 0, dropped: int = 0, state: str = "up") -> None:
        counts = (InterfaceCount("eth0", seen, seen * 60, dropped, state, "" if state == "up" else "eth0 is gone"),)
        write_report(self.writing, Report(self.number, watermark * SECOND, facts, counts))

    def die(self, code: int = -9) -> None:
        os.close(self.writing)
        self.writing = -1
        self.code = code

    def ended(self) -> int | None:
        return self.code

    def stop(self) -> None:
        for report in self.last_words:
            write_report(self.writing, report)
        self.die(0)

    def kill(self) -> None:
        if self.code is None:
            self.die()

    def close(self) -> None:
        for descriptor in (self.descriptor, self.writing):
            if descriptor >= 0:
                os.close(descriptor)
        self.descriptor = self.writing = -1


class Diary:
    """A pipeline that writes down what it gets."""

    def __init__(self) -> None:
        self.facts: list[AnyFact] = []
        self.ticks: list[int] = []
        self.events: list[SensorEvent] = []
        self.began = 0
        self.set_to: list[int] = []

    def clock_set(self, now: int) -> None:
        self.set_to.append(now // SECOND)

    def take(self, facts: Sequence[AnyFact]) -> None:
        self.facts += facts

    def tick(self, now: int) -> None:
        self.ticks.append(now // SECOND)

    def report(self, event: SensorEvent) -> None:
        self.events.append(event)

    def times(self) -> list[int]:
        return [fact.time // SECOND for fact in self.facts]


def fact(time: int, attribute: str = "model") -> Sighting:
    return Sighting(time * SECOND, "eth0", 1, 0, "10.0.0.1", "", 0, "modbus", "1", attribute, "x", "modbus", "strong")


def health(end: int, **counters: int) -> Health:
    return Health(end * SECOND, "eth0", 0, 0, (end - 60) * SECOND, end * SECOND, "eth0", counters)


def supervised(count: int, interfaces: tuple[str, ...] = ("eth0",)) -> tuple[Supervisor, list[Fake], Diary]:
    workers = [Fake(number) for number in range(count)]
    diary = Diary()

    def begin(first: int) -> Diary:
        diary.began = first
        return diary

    made = Supervisor(workers, InterfaceStatus(interfaces), begin)
    made.worker_pool.start()
    return made, workers, diary


def test_facts_of_all_workers_reach_the_pipeline_in_order() -> None:
    supervisor, (one, two), diary = supervised(2)
    one.say(10, fact(3), fact(8))
    two.say(9, fact(5))
    supervisor.turn(0)
    assert diary.times() == [3, 5, 8] and diary.began == 3 * SECOND
    assert diary.ticks[-1] == 9


def test_packet_time_passes_on_an_idle_wire() -> None:
    supervisor, (one,), diary = supervised(1)
    for second in (100, 101, 102):
        one.say(second)
        supervisor.turn(0)
    assert diary.ticks == [100, 101, 102]


def test_a_killed_worker_is_started_again_and_its_blind_time_is_reported() -> None:
    supervisor, (one, two), diary = supervised(2)
    one.say(10, fact(9))
    two.say(10)
    supervisor.turn(0)
    two.die()
    one.say(20, fact(19))
    supervisor.turn(0)
    supervisor.turn(0)
    assert two.starts == 2
    one.say(21)
    two.say(17, fact(16))
    supervisor.turn(0)
    assert sorted(diary.times()) == [9, 16, 19]
    event = next(event for event in diary.events if event.kind == "restarted")
    assert event.subject == "worker 1" and "signal 9" in event.observed and "7.0 s" in event.observed


def test_what_a_worker_wrote_before_it_was_killed_is_taken() -> None:
    supervisor, (one,), diary = supervised(1)
    one.say(10, fact(9))
    one.die()
    supervisor.turn(0)
    supervisor.turn(0)
    assert diary.times() == [9]


def test_a_worker_that_sends_nonsense_is_started_again() -> None:
    supervisor, (one,), _ = supervised(1)
    os.write(one.writing, b"\x05\x00\x00\x00hello")
    for _ in range(3):
        supervisor.turn(0)
    assert one.starts == 2


def test_stopping_takes_everything_that_is_still_reported() -> None:
    supervisor, (one, two), diary = supervised(2)
    one.say(10, fact(9))
    one.last_words = [Report(0, 30 * SECOND, (fact(29), health(60, packets=1)), (), True)]
    two.last_words = [Report(1, 30 * SECOND, (fact(12), health(60, packets=2)), (), True)]
    supervisor.turn(0)
    supervisor.stop()
    assert diary.times() == [9, 12, 29, 60]


def test_a_worker_that_hangs_is_ended_and_the_others_go_on() -> None:
    now = [0.0]
    one, two = Fake(0), Fake(1)
    ends: list[tuple[int, int]] = []
    worker_pool = WorkerPool([one, two], lambda _: None, lambda _: None, lambda *end: ends.append(end), lambda: now[0])
    worker_pool.start()
    now[0] = SILENT_SECONDS - 1
    one.say(1)
    worker_pool.poll(0)
    now[0] = SILENT_SECONDS + 1
    for _ in range(3):
        worker_pool.poll(0)
    assert ends == [(1, -9)]
    assert (one.starts, two.starts) == (1, 2)


def test_a_storm_of_restarts_slows_down() -> None:
    now = [0.0]
    one = Fake(0)
    worker_pool = WorkerPool([one], lambda _: None, lambda _: None, lambda *_: None, lambda: now[0])
    worker_pool.start()
    for _ in range(3_600):
        one.kill()
        worker_pool.poll(0)
        now[0] += 1
    assert 3_600 / MAX_DELAY <= one.starts <= 3_600 / MAX_DELAY + 10


def test_dropped_packets_are_in_the_health_of_their_interface() -> None:
    supervisor, (one, two), diary = supervised(2)
    one.say(61, health(60, packets=5, not_decoded=1), seen=7, dropped=2)
    two.say(61, health(60, packets=4), seen=4)
    supervisor.turn(0)
    (reported,) = diary.facts
    assert isinstance(reported, Health)
    assert (reported.interface, reported.source) == ("eth0", "eth0")
    assert [reported.counters[name] for name in ("packets", "bytes", "dropped", "not_decoded")] == [11, 660, 2, 1]


def test_totals_of_an_interface_outlive_a_worker_process() -> None:
    supervisor, (one,), diary = supervised(1)
    one.say(61, health(60, packets=5), seen=5)
    supervisor.turn(0)
    one.die()
    supervisor.turn(0)
    supervisor.turn(0)
    one.say(121, health(120, packets=3), seen=3, dropped=1)
    supervisor.turn(0)
    assert [fact.counters["packets"] for fact in diary.facts if isinstance(fact, Health)] == [5, 3]
    assert supervisor.interface_status.interfaces["eth0"].totals() == (8, 480, 1)


def test_several_interfaces_have_health_of_their_own_and_one_of_all() -> None:
    supervisor, (one,), diary = supervised(1, ("eth0", "eth1"))
    one.say(61, health(60, packets=5, not_decoded=2), seen=5)
    supervisor.turn(0)
    reported = {fact.interface: fact.counters for fact in diary.facts if isinstance(fact, Health)}
    assert reported["eth0"] == {"packets": 5, "bytes": 300, "dropped": 0}
    assert reported["eth1"] == {"packets": 0, "bytes": 0, "dropped": 0}
    assert reported[""] == {"not_decoded": 2, "messages": 5}


def test_an_interface_that_vanishes_is_reported_once() -> None:
    supervisor, (one, two), diary = supervised(2)
    for worker in (one, two):
        worker.say(10)
    supervisor.turn(0)
    for second in (11, 12):
        for worker in (one, two):
            worker.say(second, state="gone")
        supervisor.turn(0)
    assert [(event.kind, event.source) for event in diary.events] == [("no_traffic", "eth0")]


def test_the_first_window_is_reported_from_the_beginning_of_the_watching_on() -> None:
    supervisor, (one,), diary = supervised(1)
    one.say(640)
    supervisor.turn(0)
    one.say(721, health(660), health(720))
    supervisor.turn(0)
    assert [(fact.start // SECOND, fact.end // SECOND) for fact in diary.facts if isinstance(fact, Health)] == [
        (640, 660),
        (660, 720),
    ]


def test_a_clock_that_was_set_back_lets_time_pass_from_there_on() -> None:
    supervisor, (one, two), diary = supervised(2)
    for worker in (one, two):
        worker.say(5000, fact(4999))
    supervisor.turn(0)
    for second in (1000, 1001):
        for worker in (one, two):
            worker.say(second, fact(second))
        supervisor.turn(0)
    assert diary.set_to == [1000]
    assert diary.ticks[-2:] == [1000, 1001]
    assert diary.times().count(4999) == 2 and {1000, 1001} < set(diary.times())
    assert supervisor.merge.late == 0
