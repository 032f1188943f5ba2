"""A store with waiting documents and a shipper over it, with a clock that only moves when reported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import msgspec

from sensor.elastic.backoff import Backoff
from sensor.elastic.bulk import BulkSender, Sender
from sensor.elastic.connect import connect
from sensor.elastic.dead_letter import DeadLetters, dead_letter_path
from sensor.elastic.settings import Settings, check
from sensor.elastic.shipper import Shipper, Step
from sensor.store import Store
from tests.sensor.elastic.cluster import Cluster

NOON = 1_800_000_000.0
KEY = "c3BhbndhdGNo:topsecretkeyvalue"


def document(word: str, name: str, **more: object) -> tuple[str, str, bytes]:
    """Return a document as the spool takes it."""
    kind = "metrics" if word == "sensor" else "logs"
    event = {"kind": "event"} if word == "sensor" else {"id": name, "kind": "event"}
    body = {"@timestamp": "2026-11-21T22:10:04.123Z", "event": event, **more}
    return f"{kind}-spanwatch.{word}-plant1", name, msgspec.json.encode(body)


def key_file(folder: Path, text: str = KEY) -> Path:
    path = folder / "sensor.key"
    path.write_text(text + "\n")
    path.chmod(0o600)
    return path


class Bench:
    """One shipper. ``lines`` holds what it reported; ``now`` moves by the waiting of each step."""

    def __init__(self, store: Store, sender: Sender) -> None:
        self.store = store
        self.now = NOON
        self.lines: list[str] = []
        self.letters = dead_letter_path(store.path)
        self.shipper = Shipper(
            store, sender, DeadLetters(self.letters), Backoff(Random(1)), self.lines.append, lambda: self.now
        )

    def step(self) -> Step:
        step = self.shipper.step()
        self.now += step.wait
        return step

    def until_idle(self, most: int = 200) -> list[Step]:
        steps = []
        for _ in range(most):
            steps.append(self.step())
            if steps[-1].idle:
                return steps
        raise AssertionError(f"not idle after {most} steps: {self.lines}")

    @property
    def waiting(self) -> list[str]:
        return [row.id for row in self.store.spool.waiting(100_000)]

    @property
    def refused(self) -> list[dict[str, object]]:
        if not self.letters.exists():
            return []
        return [msgspec.json.decode(line) for line in self.letters.read_bytes().splitlines()]


@contextmanager
def bench(folder: Path, cluster: Cluster, *documents: tuple[str, str, bytes], seconds: float = 5.0) -> Iterator[Bench]:
    """Give a shipper with ``documents`` waiting, over the real client and the scripted ``cluster``."""
    settings = Settings(urls=(cluster.url,), key_file=key_file(folder))
    credential = check(settings)
    with Store(folder / "s.db") as store, connect(settings, credential, seconds) as client:
        store.spool.add(documents)
        yield Bench(store, BulkSender(client, credential))
