"""The shipper is killed fifty times at random points while documents wait: none is lost, none is there twice."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from random import Random
from threading import Event, Semaphore
from typing import Final

import pytest

from sensor.elastic.tally import read_tally
from sensor.store import Store
from tests.live_elastic.shipping import assert_all_arrived_once, settings, spanwatch, spooled, waiting
from tests.repository import program
from tests.servers.elasticsearch import Elasticsearch
from tests.servers.proxy import Fault, Proxy

pytestmark = pytest.mark.servers

KILLS: Final = 50
DOCUMENTS: Final = 90_000
REQUESTS: Final = (2, 2, 2, 4)
"""Requests a shipper sends, two side by side, before it is killed; the one after them is held back, so that the documents last."""
LATEST: Final = 0.45
"""Seconds after the last of them has come in: before, while and after the server takes it, and after the answer."""
PATIENCE: Final = 60.0


def test_a_shipper_killed_fifty_times_loses_nothing_and_writes_nothing_twice(
    newest: Elasticsearch, tmp_path: Path
) -> None:
    path, expected = spooled(tmp_path, "killed", DOCUMENTS)
    dice, progress = Random(50), set[int]()
    slots, came, gone = Semaphore(0), Semaphore(0), Event()

    def seen(number: int) -> Fault:
        """Let as many requests through as there are slots; one more waits until its sender is gone."""
        while not slots.acquire(timeout=0.05):
            if gone.is_set():
                return Fault.CUT_BEFORE
        came.release()
        return Fault.NONE

    with Proxy(newest, seen) as proxy:
        chosen = settings(newest, tmp_path, url=proxy.url, site="killed")
        command = program("elastic", "ship", "--store", str(path), *chosen.arguments())
        for _ in range(KILLS):
            gone.clear()
            requests = dice.choice(REQUESTS)
            slots.release(requests)
            shipper = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                assert all(came.acquire(timeout=PATIENCE) for _ in range(requests))
                time.sleep(dice.uniform(0, LATEST))
                assert shipper.poll() is None
            finally:
                shipper.kill()
                shipper.wait()
                gone.set()
            progress.add(waiting(path))
    assert len(progress) > KILLS // 10
    assert 0 < waiting(path) < DOCUMENTS
    direct = settings(newest, tmp_path, site="killed")
    done = spanwatch("elastic", "ship", "--store", path, *direct.arguments(), "--until-empty")
    assert done.returncode == 0, done.stderr
    assert waiting(path) == 0
    with Store(path, read_only=True) as store:
        assert read_tally(store).duplicates > 0
    assert_all_arrived_once(newest, "killed", expected)
