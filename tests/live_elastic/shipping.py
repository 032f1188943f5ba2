"""Ships the spool of a store to a test server, in this process or as the command line does it."""

from __future__ import annotations

import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

from sensor.elastic.backoff import Backoff, Pace
from sensor.elastic.bulk import BulkSender
from sensor.elastic.connect import connect
from sensor.elastic.dead_letter import DeadLetters, dead_letter_path
from sensor.elastic.settings import Settings, check
from sensor.elastic.shipper import Shipper, Step
from sensor.elastic.tally import Tally
from sensor.store import Store
from tests.repository import program
from tests.servers.elasticsearch import Elasticsearch
from tools.bench.documents import fill

PATIENCE: Final = 240.0
"""Seconds until everything that waits must have arrived, whatever happened on the way."""
LONGEST_WAIT: Final = 0.2
"""Seconds a test waits where a sensor waits minutes."""
REQUEST_SECONDS: Final = 30.0
STALL_SECONDS: Final = 4.0
"""Seconds a request may take in tests where none is answered."""

Watch = Callable[[Step], None]


def settings(
    server: Elasticsearch, folder: Path, *, url: str = "", user: str = "", password: str = "", site: str = "plant1"
) -> Settings:
    """How a sensor that may only write reaches the server; the password lies in a file, as it must."""
    secret = folder / "password"
    secret.touch(0o600)
    secret.write_text(password or server.password, encoding="utf-8")
    return Settings(
        urls=(url or server.url,), ca=server.ca, user=user or server.user, password_file=secret, site=site, sensor="s1"
    )


def drain(
    path: Path,
    chosen: Settings,
    *,
    seconds: float = REQUEST_SECONDS,
    watch: Watch = lambda step: None,
    pace: Pace | None = None,
) -> tuple[Tally, list[str]]:
    """Ship until nothing waits; return what was counted and what was reported. ``watch`` sees every step."""
    credential = check(chosen)
    store, reported = Store(path), list[str]()
    client = connect(chosen, credential, seconds)
    letters = DeadLetters(dead_letter_path(path))
    shipper = Shipper(store, BulkSender(client, credential), letters, Backoff(Random(1)), reported.append, pace=pace)
    until = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < until:
            step = shipper.step()
            watch(step)
            if step.idle:
                return shipper.tally, reported
            time.sleep(max(0.0, min(step.wait, LONGEST_WAIT)))
            if step.state == "paused":
                shipper.retry_now()
    finally:
        client.close()
        store.close()
    raise AssertionError(f"documents still wait after {PATIENCE} s: {reported}")


def spooled(folder: Path, site: str, count: int) -> tuple[Path, list[str]]:
    """A store with documents of ``site`` waiting, and their ids."""
    path = folder / "plant.db"
    fill(path, count, "20260101T000000Z", site)
    store = Store(path)
    try:
        return path, [document.id for document in store.spool.waiting(count)]
    finally:
        store.close()


def assert_all_arrived_once(server: Elasticsearch, site: str, expected: list[str]) -> None:
    index = f"logs-spanwatch.operation-{site}"
    arrived = server.ids(index)
    assert twice(arrived) == []
    assert set(expected) - set(arrived) == set()
    assert len(arrived) == len(expected) == server.refresh_and_count(index)


def waiting(path: Path) -> int:
    """Documents in the spool."""
    store = Store(path, read_only=True)
    try:
        return store.spool.size()[0]
    finally:
        store.close()


def spanwatch(*arguments: object, seconds: float = PATIENCE) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, as a user without terminal does."""
    return subprocess.run(
        program(*map(str, arguments)), capture_output=True, text=True, timeout=seconds, check=False,
        env={**os.environ, "COLUMNS": "200"}, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def twice(names: list[str]) -> list[str]:
    """The ids that are there more than once."""
    return [name for name, count in Counter(names).items() if count > 1]
