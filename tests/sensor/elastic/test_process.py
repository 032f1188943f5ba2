"""Promises about the shipper as a process of its own: started, stopped, drained, killed, and only one for a store."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sensor.elastic.lock import LockedError, StoreLock, is_shipped, lock_path
from sensor.elastic.settings import Settings
from sensor.elastic.start import ShipperProcess, start_shipper
from sensor.elastic.tally import read_tally
from sensor.store import Store
from tests.repository import program
from tests.sensor.elastic.cluster import Call, Cluster, Reply, cluster_of, stored
from tests.sensor.elastic.shipping import KEY, document, key_file

PATIENCE = 60.0


def spooled(path: Path, *names: str) -> Path:
    with Store(path) as store:
        store.spool.add([document("alert", name) for name in names])
    return path


def settings_of(cluster: Cluster, folder: Path) -> Settings:
    return Settings(urls=(cluster.url,), key_file=key_file(folder))


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(1_200):
        if condition():
            return
        threading.Event().wait(0.05)
    raise AssertionError("did not happen")


def left(path: Path) -> int:
    with Store(path, read_only=True) as store:
        return store.spool.size()[0]


def test_it_ships_what_waits_and_what_comes_later_and_drains(tmp_path: Path) -> None:
    path = spooled(tmp_path / "s.db", "a1")
    with cluster_of() as cluster, start_shipper(path, settings_of(cluster, tmp_path)) as shipper:
        wait_for(lambda: left(path) == 0)
        assert shipper.is_running and is_shipped(path)
        spooled(path, "a2", "a3")
        assert shipper.drain()
        assert [found["event"]["id"] for found in cluster.documents] == ["a1", "a2", "a3"]
        assert not shipper.is_running and not is_shipped(path)


def test_what_cannot_be_sent_is_kept_and_draining_says_so(tmp_path: Path) -> None:
    path = spooled(tmp_path / "s.db", "a1")
    with cluster_of() as cluster:
        settings = settings_of(cluster, tmp_path)
    with start_shipper(path, settings, patience=0.2) as shipper:
        assert not shipper.drain()
    assert left(path) == 1


def test_a_refused_key_ends_draining_at_once(tmp_path: Path) -> None:
    path = spooled(tmp_path / "s.db", "a1")
    with cluster_of(always=lambda call: Reply(status=401)) as cluster:
        with start_shipper(path, settings_of(cluster, tmp_path)) as shipper:
            assert not shipper.drain()
        assert 1 <= len(cluster.bulks) <= 3
    assert left(path) == 1


def test_stopping_lets_the_batch_in_flight_finish(tmp_path: Path) -> None:
    path = spooled(tmp_path / "s.db", "a1")
    arrived, go = threading.Event(), threading.Event()

    def slow(call: Call) -> Reply:
        arrived.set()
        go.wait(20)
        return stored(call)

    with cluster_of(always=slow) as cluster, start_shipper(path, settings_of(cluster, tmp_path)) as shipper:
        assert arrived.wait(20)
        os.kill(shipper.pid, signal.SIGTERM)
        go.set()
        shipper.stop()
        assert left(path) == 0
        with Store(path, read_only=True) as store:
            assert read_tally(store).acked == 1


def test_a_killed_shipper_leaves_no_lock_and_loses_nothing(tmp_path: Path) -> None:
    path = spooled(tmp_path / "s.db", "a1", "a2")
    arrived = threading.Event()

    def hang(call: Call) -> Reply:
        arrived.set()
        return Reply(seconds=20)

    with cluster_of(hang) as cluster:
        with start_shipper(path, settings_of(cluster, tmp_path)) as shipper:
            assert arrived.wait(20)
            os.kill(shipper.pid, signal.SIGKILL)
        assert left(path) == 2 and not is_shipped(path)
        with start_shipper(path, settings_of(cluster, tmp_path)) as again:
            assert again.drain()
        assert [found["event"]["id"] for found in cluster.documents] == ["a1", "a2"] * 2


def test_it_ends_when_the_sensor_that_started_it_is_gone(tmp_path: Path) -> None:
    path = spooled(tmp_path / "s.db", "a1")
    with cluster_of() as cluster:
        shipper = start_shipper(path, settings_of(cluster, tmp_path))
        wait_for(lambda: left(path) == 0)
        assert shipper._process.stdin is not None
        shipper._process.stdin.close()
        assert shipper._process.wait(30) == 0


def test_one_store_has_one_shipper(tmp_path: Path) -> None:
    path = spooled(tmp_path / "s.db")
    with StoreLock(path):
        with pytest.raises(LockedError, match=f"process {os.getpid()}"):
            StoreLock(path)
        assert is_shipped(path)
        with cluster_of() as cluster, start_shipper(path, settings_of(cluster, tmp_path)) as second:
            assert second._process.wait(30) == 2
    assert not is_shipped(path)
    with StoreLock(path):
        pass


def test_the_key_is_not_among_the_arguments_of_the_process(tmp_path: Path) -> None:
    path = spooled(tmp_path / "s.db")
    with cluster_of() as cluster, start_shipper(path, settings_of(cluster, tmp_path)) as shipper:
        wait_for(lambda: is_shipped(path))
        arguments = Path(f"/proc/{shipper.pid}/cmdline").read_text()
        environment = Path(f"/proc/{shipper.pid}/environ").read_text()
        assert "sensor.key" in arguments
        assert KEY.partition(":")[2] not in arguments + environment


def test_a_shipper_that_has_ended_can_be_stopped_and_drained_again(tmp_path: Path) -> None:
    path = spooled(tmp_path / "s.db")
    with cluster_of() as cluster:
        shipper: ShipperProcess = start_shipper(path, settings_of(cluster, tmp_path))
        assert shipper.drain()
        shipper.stop()
        assert shipper.drain()


def test_a_pipe_in_the_place_of_the_lock_holds_nobody_up(tmp_path: Path) -> None:
    path = spooled(tmp_path / "s.db")
    os.mkfifo(lock_path(path))
    look = threading.Thread(target=is_shipped, args=(path,), daemon=True)
    look.start()
    look.join(20)
    assert not look.is_alive()


def test_a_second_signal_ends_a_shipper_whose_request_hangs(tmp_path: Path) -> None:
    path = spooled(tmp_path / "s.db", "a1")
    arrived, over = threading.Event(), threading.Event()

    def hang(call: Call) -> Reply:
        arrived.set()
        over.wait(120)
        return stored(call)

    with cluster_of(always=hang) as cluster:
        arguments = ["--store", str(path), *settings_of(cluster, tmp_path).arguments()]
        process = subprocess.Popen(program("elastic", "ship", *arguments))
        try:
            assert arrived.wait(20)
            process.send_signal(signal.SIGTERM)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(1)
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 1
        finally:
            process.kill()
            over.set()
    assert left(path) == 1 and not is_shipped(path)


def test_draining_is_given_up_when_a_stuck_shipper_does_not_end_and_nothing_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = spooled(tmp_path / "s.db", "a1")
    monkeypatch.setattr("sensor.elastic.start.STUCK_SECONDS", 1.0)
    with cluster_of() as cluster, start_shipper(path, settings_of(cluster, tmp_path)) as shipper:
        wait_for(lambda: left(path) == 0)
        os.kill(shipper.pid, signal.SIGSTOP)
        monkeypatch.setattr(shipper, "stop", lambda: os.kill(shipper.pid, signal.SIGKILL))
        assert not shipper.drain(left=lambda: 1)
        monkeypatch.undo()
