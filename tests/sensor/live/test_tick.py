from __future__ import annotations

from dissectors.facts import ChannelOpened, ChannelWindow, Exchange, Health
from sensor.worker import Worker
from tests.sensor.live.test_block import SECOND
from tests.sensor.live.wires import normal

START = 1_700_000_040 * SECOND
LINK = 1


def fed(frames: int = 400) -> Worker:
    worker = Worker()
    for number, frame in enumerate(normal()[:frames]):
        worker.wire.packet(frame, 0, len(frame), len(frame), START + number * 1_000_000, LINK)
    worker.wire.end_of_block()
    worker.drain()
    return worker


def test_the_time_alone_closes_windows() -> None:
    worker = fed()
    end = START // (60 * SECOND) * 60 * SECOND + 60 * SECOND
    worker.wire.tick(end - 1)
    assert not [fact for fact in worker.drain() if isinstance(fact, ChannelWindow)]
    worker.wire.tick(end)
    windows = [fact for fact in worker.drain() if isinstance(fact, ChannelWindow)]
    assert windows and all(window.end == end == window.time for window in windows)


def test_the_time_alone_reports_a_request_that_nobody_answers() -> None:
    worker = fed(0)
    write = [frame for frame in normal() if frame[36:38] == b"\x01\xf6" and frame[61:62] in {b"\x05", b"\x06", b"\x10"}]
    assert write, "the capture holds writes"
    frame = write[0]
    worker.wire.packet(frame, 0, len(frame), len(frame), START, LINK)
    for seconds in range(1, 40):
        worker.wire.tick(START + seconds * SECOND)
    facts = worker.drain()
    assert [fact.outcome for fact in facts if isinstance(fact, Exchange)] == ["unanswered"]
    assert [fact for fact in facts if isinstance(fact, ChannelOpened)]


def test_a_wire_that_never_spoke_reports_its_health() -> None:
    worker = Worker()
    for seconds in range(0, 130, 5):
        worker.wire.tick(START + seconds * SECOND)
    health = [fact for fact in worker.drain() if isinstance(fact, Health)]
    assert len(health) == 2
    assert all(fact.counters["packets"] == 0 for fact in health)


def test_a_tick_of_the_past_changes_nothing() -> None:
    worker, other = fed(), fed()
    before = worker.wire.clock.now
    worker.wire.tick(START - 5 * SECOND)
    assert worker.wire.clock.now == before
    assert worker.wire.clock.jumps == 0
    assert repr(worker.finish()) == repr(other.finish())


def test_ticks_between_packets_change_no_fact_but_when_it_is_reported() -> None:
    quiet, ticked = Worker(), Worker()
    for number, frame in enumerate(normal()):
        time = START + number * 200_000_000
        ticked.wire.tick(time - 120_000_000)
        for worker in (quiet, ticked):
            worker.wire.packet(frame, 0, len(frame), len(frame), time, LINK)
    known = [{repr(fact) for fact in worker.finish() if isinstance(fact, Exchange)} for worker in (quiet, ticked)]
    assert known[0] == known[1] and known[0]
