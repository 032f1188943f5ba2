from __future__ import annotations

import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from dissectors.facts import ChannelOpened, Exchange, OperationFirst, Violation
from sensor.capture.reader import read
from sensor.live.error import LiveError
from sensor.live.report import Report
from sensor.live.ring import RingSize
from sensor.live.worker_process import WorkerProcess, open_workers
from sensor.worker import Worker
from tests.repository import ROOT
from tests.sensor.live.wires import NORMAL, PATIENCE_SECONDS, Cable, collect, needs_root, normal, totals, udp, wait_for

pytestmark = needs_root
SMALL = RingSize(blocks=32)


class Started:
    """Worker processes for the length of a test."""

    def __init__(self, interfaces: list[str], workers: int = 1, size: RingSize = SMALL) -> None:
        self.processes = open_workers(interfaces, workers, size)
        for process in self.processes:
            process.start()

    def __enter__(self) -> list[WorkerProcess]:
        return self.processes

    def __exit__(self, *error: object) -> None:
        for process in self.processes:
            process.close()


def stop(processes: list[WorkerProcess]) -> list[Report]:
    for process in processes:
        process.stop()
    return collect(processes, until_closed=True)


def code_of(process: WorkerProcess) -> int | None:
    end = time.monotonic() + PATIENCE_SECONDS
    while process.ended() is None and time.monotonic() < end:
        time.sleep(0.01)
    return process.ended()


def story(facts: list) -> set[tuple]:
    """What was understood, without time, place and number."""
    reported: set[tuple] = set()
    for fact in facts:
        if isinstance(fact, ChannelOpened):
            reported.add(("channel", fact.channel, fact.protocol, fact.unit, fact.client, fact.server, fact.state))
        elif isinstance(fact, OperationFirst):
            reported.add(("operation", fact.channel, fact.label, fact.targets))
        elif isinstance(fact, Exchange):
            reported.add(("exchange", fact.channel, fact.label, fact.values, fact.answers, fact.outcome))
        elif isinstance(fact, Violation):
            reported.add(("violation", fact.channel, fact.name))
    return reported


def replayed() -> set[tuple]:
    worker = Worker()
    read([NORMAL], worker.wire)
    return story(worker.finish())


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_any_number_of_workers_understands_live_what_a_replay_understands(workers: int) -> None:
    frames = normal()
    with Cable() as cable, Started(["tap0"], workers) as processes:
        cable.send(frames)
        reports = stop(processes)
        assert [code_of(process) for process in processes] == [0] * workers
    assert story([fact for report in reports for fact in report.facts]) == replayed()
    counts = totals(reports)
    assert sum(count.seen for count in counts) == len(frames)
    assert sum(count.byte_count for count in counts) == sum(map(len, frames))
    assert sum(count.dropped for count in counts) == 0
    assert [report.worker for report in reports if report.finished] and all(
        [report.finished for report in reports if report.worker == number][-1] for number in range(workers)
    )


def test_two_workers_share_conversations_and_never_split_one() -> None:
    frames = []
    for host in range(2, 60):
        frames += [udp("10.0.0.1", f"10.0.1.{host}"), udp(f"10.0.1.{host}", "10.0.0.1")]
    with Cable() as cable, Started(["tap0"], 2) as processes:
        cable.send(frames)
        reports = stop(processes)
    pairs: list[set[frozenset[str]]] = [set(), set()]
    for report in reports:
        for fact in report.facts:
            if isinstance(fact, ChannelOpened):
                pairs[report.worker].add(frozenset((fact.client.ip, fact.server.ip)))
    assert pairs[0] and pairs[1]
    assert not pairs[0] & pairs[1]
    assert pairs[0] | pairs[1] == {frozenset(("10.0.0.1", f"10.0.1.{host}")) for host in range(2, 60)}
    assert sorted(count.seen for count in totals(reports)) == sorted(2 * len(part) for part in pairs)


def test_the_same_pair_is_the_same_workers_on_every_interface_and_after_it_came_back() -> None:
    frames = [udp("10.0.0.1", f"10.0.1.{host}") for host in range(2, 40)]
    with Cable(2) as cable, Started(["tap0", "tap1"], 2) as processes:
        cable.send(frames, 0)
        cable.send(frames, 1)
        before = seen_by(wait_for(processes, 2 * len(frames)))
        cable.pull(0)
        time.sleep(0.2)
        cable.plug(0)
        wait_for_note(processes, "made anew")
        cable.send(frames, 0)
        after = seen_by(stop(processes))
    assert before["tap0", 0] == before["tap1", 0] > 0
    assert before["tap0", 1] == before["tap1", 1] > 0
    assert after["tap0", 0] == 2 * before["tap0", 0]
    assert after["tap0", 1] == 2 * before["tap0", 1]


def seen_by(reports: list[Report]) -> dict[tuple[str, int], int]:
    """Packets by interface and worker."""
    return {(count.name, report.worker): count.seen for report in reports for count in report.interfaces}


def wait_for_note(processes: list[WorkerProcess], words: str) -> list[Report]:
    """Read until every worker has said ``words`` of an interface."""
    end = time.monotonic() + PATIENCE_SECONDS
    said: dict[int, Report] = {}
    while time.monotonic() < end and len(said) < len(processes):
        for report in collect(processes, 0.05):
            if any(words in count.note for count in report.interfaces):
                said.setdefault(report.worker, report)
    assert len(said) == len(processes), f"not every worker said {words!r}"
    return list(said.values())


def test_an_interface_that_is_switched_off_and_on_is_reported_and_watched_again() -> None:
    frames = [udp("10.0.0.1", "10.0.0.2", 1000 + number) for number in range(20)]
    with Cable() as cable, Started(["tap0"]) as processes:
        cable.send(frames)
        wait_for(processes, 20)
        cable.switch(0, "down")
        (down,) = wait_for_note(processes, "tap0 is down: ip link set dev tap0 up")
        assert down.interfaces[0].state == "down"
        cable.switch(0, "up")
        (up,) = wait_for_note(processes, "is up again")
        assert up.interfaces[0].state == "up"
        cable.send(frames)
        assert totals(stop(processes))[0].seen == 40


def test_watching_goes_on_with_the_other_interfaces_when_one_is_gone() -> None:
    frames = [udp("10.0.0.1", "10.0.0.2", 1000 + number) for number in range(20)]
    with Cable(2) as cable, Started(["tap0", "tap1"]) as processes:
        cable.pull(0)
        (gone,) = wait_for_note(processes, "tap0 is gone")
        assert [(count.name, count.state) for count in gone.interfaces] == [("tap0", "gone"), ("tap1", "up")]
        cable.send(frames, 1)
        reports = wait_for(processes, 20)
        assert {count.name: count.seen for count in totals(reports)} == {"tap0": 0, "tap1": 20}
        cable.plug(0)
        wait_for_note(processes, "made anew")
        cable.send(frames, 0)
        assert {count.name: count.seen for count in totals(stop(processes))} == {"tap0": 20, "tap1": 20}


def test_a_killed_worker_loses_only_what_it_had_in_its_hands_and_says_how_much() -> None:
    frames = [udp("10.0.0.1", "10.0.0.2", 1000 + number, b"x" * 300) for number in range(1500)]
    with Cable() as cable, Started(["tap0"]) as processes:
        (process,) = processes
        cable.send(frames[:500])
        first = wait_for(processes, 500)
        process.kill()
        assert code_of(process) == -9
        first += collect(processes, until_closed=True)
        cable.send(frames[500:1000])
        process.start()
        cable.send(frames[1000:])
        second = stop(processes)
        assert code_of(process) == 0
        ring_counters = process.rings[0].ring_counters
        assert ring_counters.arrived == ring_counters.taken == ring_counters.reported == 1500
    before, after = totals(first)[0], totals(second)[0]
    assert before.seen == 500
    assert after.seen + after.dropped == 1000
    assert after.dropped == 0
    assert "worker process began anew; 0 packets" in after.note


def test_packets_a_killed_worker_had_taken_and_not_reported_are_counted_as_lost() -> None:
    frames = [udp("10.0.0.1", "10.0.0.2", 1000 + number % 50_000, b"x" * 300) for number in range(2000)]
    with Cable() as cable, Started(["tap0"]) as processes:
        (process,) = processes
        os.kill(process.pid, 19)  # stopped: packets wait in the ring
        cable.send(frames)
        ring_counters = process.rings[0].ring_counters
        ring_counters.taken += 7  # as if it had died between taking and reporting
        process.kill()
        code_of(process)
        first = collect(processes, until_closed=True)
        process.start()
        second = stop(processes)
    seen = sum(count.seen for count in [*totals(first), *totals(second)])
    assert totals(second)[0].dropped == 7
    assert "7 packets went with the one before" in totals(second)[0].note
    assert seen == 2000


def test_a_slow_pipeline_makes_the_kernel_drop_and_count_and_nothing_grow() -> None:
    frames = [udp(f"10.{number // 200}.0.{number % 200 + 1}", "10.99.0.1", 1000, b"x" * 300) for number in range(6000)]
    with Cable() as cable, Started(["tap0"], 1, RingSize(block_bytes=1 << 16, blocks=4)) as processes:
        os.kill(processes[0].pid, 19)
        cable.send(frames, pause=0)
        os.kill(processes[0].pid, 18)
        (count,) = totals(stop(processes))
        assert count.dropped > 0
        assert count.seen > 0
        assert count.seen + count.dropped == len(frames)


def test_an_idle_wire_lets_the_time_pass() -> None:
    with Cable(), Started(["tap0"], 2) as processes:
        reports = collect(processes, 1.2)
        for number in range(2):
            marks = [report.watermark for report in reports if report.worker == number]
            assert marks == sorted(marks)
            assert marks[-1] > marks[1] > 0
            assert 0 < time.time_ns() - marks[-1] < 60 * 10**9


def test_no_later_fact_is_earlier_than_the_watermark() -> None:
    with Cable(2) as cable, Started(["tap0", "tap1"]) as processes:
        for start in range(0, 1500, 100):
            cable.send(normal()[start : start + 100], start // 100 % 2)
        reports = stop(processes)
    for before, after in pairwise(reports):
        assert after.watermark >= before.watermark
        assert all(fact.time >= before.watermark for fact in after.facts)
    assert sum(len(report.facts) for report in reports) > 100


def test_a_worker_ends_when_its_parent_does() -> None:
    script = (
        "import os, sys\n"
        "from sensor.live.worker_process import open_workers\n"
        "process, = open_workers(['tap0'], 1)\n"
        "process.start()\n"
        "print(process.pid, flush=True)\n"
        "os._exit(0)\n"
    )
    with Cable():
        pid = int(python(script).stdout)
        end = time.monotonic() + PATIENCE_SECONDS
        while alive(pid) and time.monotonic() < end:
            time.sleep(0.02)
        assert not alive(pid)


def descriptors() -> set[str]:
    return {entry.name for entry in Path("/proc/self/fd").iterdir()}


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def python(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )


def test_an_open_that_fails_leaves_nothing_open() -> None:
    with Cable():
        before = descriptors()
        with pytest.raises(LiveError, match="eth9"):
            open_workers(["tap0", "eth9"], 2, SMALL)
        assert descriptors() == before


@pytest.mark.parametrize(("names", "workers"), [([], 1), (["tap0", "tap0"], 1), (["tap0"], 0), (["tap0"], 65)])
def test_what_makes_no_sense_is_refused_before_anything_is_opened(names: list[str], workers: int) -> None:
    with pytest.raises(LiveError):
        open_workers(names, workers, SMALL)
