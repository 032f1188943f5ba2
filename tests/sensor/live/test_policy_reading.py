"""A policy is read aside: the loop never waits for the file, takes the result whole, and hears of every failure once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rules.policy import Policy, load
from sensor.live import policy_reading
from sensor.live.policy_in_use import PolicyRefused
from sensor.live.policy_reading import PolicyReading, ReadPolicy
from sensor.live.watch import Watch
from sensor.pipeline.options import Options

POLICY = Path(__file__).parents[3] / "pcaps" / "policy.yaml"


class Gate:
    """Stands where a policy is read: it is read when the gate is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.begun = threading.Event()
        self.readers: list[str] = []

    def read(self, path: Path) -> Policy:
        self.readers.append(threading.current_thread().name)
        self.begun.set()
        assert self.opened.wait(30)
        return load(path)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    made = Gate()
    monkeypatch.setattr(policy_reading, "read_policy", made.read)
    yield made
    made.opened.set()


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_bytes(POLICY.read_bytes())
    return path


def taken(reading: PolicyReading) -> ReadPolicy | PolicyRefused | None:
    """Return what came of a reading, or None when it ended without anything to take."""
    while reading.is_reading:
        result = reading.take()
        if result is not None:
            return result
    return None


def test_watching_goes_on_while_a_policy_is_read(gate: Gate, policy: Path) -> None:
    watch = Watch(Options(interfaces=("x",), policy=load(policy)), [])
    assert watch.policy is not None and watch.reading is not None
    policy.write_text(policy.read_text().replace("version: 1", "version: 2", 1))
    watch.reload()
    assert gate.begun.wait(30)
    for _ in range(3):
        watch._turn()
        assert watch.policy.policy.version == 1, "judged by a policy that is not read yet"
    gate.opened.set()
    while watch.reading.is_reading:
        watch._turn()
    assert watch.policy.policy.version == 2
    assert threading.current_thread().name not in gate.readers


def test_a_policy_asked_for_while_one_is_read_is_read_once_more_as_it_is_then(gate: Gate, policy: Path) -> None:
    reading = PolicyReading(policy)
    reading.ask()
    assert gate.begun.wait(30)
    reading.ask()
    reading.ask()
    gate.opened.set()
    policy.write_text(policy.read_text().replace("version: 1", "version: 3", 1))
    result = taken(reading)
    assert isinstance(result, ReadPolicy) and result.policy.version == 3
    assert len(gate.readers) == 2
    assert reading.take() is None, "a result is taken once"


def test_the_result_has_its_judge_and_its_assets(policy: Path) -> None:
    reading = PolicyReading(policy)
    assert reading.take() is None
    reading.ask()
    result = taken(reading)
    assert isinstance(result, ReadPolicy)
    assert result.assets.find("10.20.1.21", "00:80:f4:01:02:21") is not None
    assert result.judge is not None


def test_a_file_that_cannot_be_used_is_said_once(policy: Path) -> None:
    policy.write_text(policy.read_text().replace("zones:", "zoness:", 1))
    reading = PolicyReading(policy)
    reading.ask()
    result = taken(reading)
    assert isinstance(result, PolicyRefused) and str(result).startswith(f"{policy}:")
    assert reading.take() is None


def test_a_failure_of_the_reader_itself_is_said_too(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path) -> Policy:
        raise MemoryError

    monkeypatch.setattr(policy_reading, "read_policy", fail)
    reading = PolicyReading(policy)
    reading.ask()
    result = taken(reading)
    assert isinstance(result, PolicyRefused) and "MemoryError" in str(result)
