"""What is sent onto a wire at its own pace gives what a replay of the file gives, with one worker and with two."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from rules.policy import load
from sensor.pipeline.options import Options
from sensor.pipeline.replay import Replay
from tests.live.lab import (
    CAPTURES,
    NEEDS_ROOT,
    POLICY,
    PROGRAM,
    AlertKey,
    Wire,
    alerts_of,
    assets_of,
    at_time,
    packets_seen,
    run,
)

pytestmark = [pytest.mark.live, NEEDS_ROOT]

NAMES = (
    "dnp3/cold_restart",
    "dnp3/direct_operate",
    "modbus/connection_flood",
    "modbus/unauthorised_write",
    "modbus/write_burst",
    "plant/address_scan",
    "plant/port_scan",
    "s7/program_download",
    "s7/slot_scan",
)
"""Captures of at most half a minute: their alerts hang on rates, so they are sent at the pace they were recorded at."""
ONE_OF_MANY = {("plant/address_scan", 2)}
"""A scan of many silent addresses is one incident; which of them it names hangs on which worker finds its silence first."""
ONE_OF_MANY_CLIENTS = {("modbus/connection_flood", 2): ("NET-026", 3)}
"""A flood counts the windows of all clients of a server, reported at one moment: each behind the one that makes it a flood is a
hit more. Which window is reported first hangs on how far each worker has come. The alert, and the most hits it can have: its clients."""
LEARNED = {("modbus/unauthorised_write", 2), ("dnp3/direct_operate", 2)}
"""Runs with a baseline of the normal traffic, for what the models find."""
RUNS = [*((name, 2) for name in NAMES), *((name, 1) for name in NAMES[::3])]


class Outcome(NamedTuple):
    """One capture watched: frames sent and come back, packets seen and dropped, the store and that of a replay."""

    sent: int
    back: int
    seen: int
    dropped: int
    store: Path
    replayed: Path


SECONDS = 35
"""No capture here is longer."""


def wait_for_room() -> None:
    """Wait until the minute has room: a packet that comes a moment across the end of a window counts in another one."""
    gone = time.time() % 60
    if gone > 60 - SECONDS:
        time.sleep(60.5 - gone)


def trained(folder: Path) -> Path:
    """Learn the normal traffic of the plant."""
    run(
        sys.executable, "-c", PROGRAM, "model", "train", str(CAPTURES / "plant" / "normal_long.pcap"),
        "--policy", str(POLICY), "--period", "1m", "--output", str(folder / "baseline"),
    )  # fmt: skip
    return folder / "baseline"


def watched(folder: Path, name: str, workers: int, baseline: Path | None) -> Outcome:
    with Wire() as wire:
        learned = ("--baseline", str(baseline)) if baseline is not None else ()
        sensor = wire.sensor(folder, "--policy", str(POLICY), "--workers", str(workers), *learned)
        capture = CAPTURES / f"{name}.pcap"
        wait_for_room()
        sent, back, start = wire.send(capture)
        said = sensor.end()
    moved = at_time(capture, start, folder / "moved.pcap")
    replayed = folder / "replay.db"
    Replay(Options(captures=(str(moved),), policy=load(POLICY), baseline=baseline, store=replayed)).run()
    return Outcome(sent, back, *packets_seen(said), sensor.store, replayed)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, int], Outcome]]:
    """Watch everything at once, each capture on a wire of its own."""
    with ThreadPoolExecutor(len(RUNS)) as pool:
        folder = tmp_path_factory.mktemp("watched")
        baseline = trained(folder)
        jobs = {
            one: pool.submit(watched, folder / f"{one[0]}-{one[1]}", *one, baseline if one in LEARNED else None)
            for one in RUNS
        }
        yield {one: job.result() for one, job in jobs.items()}


@pytest.mark.parametrize(("name", "workers"), RUNS)
def test_watching_finds_the_alerts_that_a_replay_finds(name, workers, outcomes) -> None:
    outcome = outcomes[name, workers]
    if (name, workers) in ONE_OF_MANY:
        assert nameless(outcome.store) == nameless(outcome.replayed)
    elif (name, workers) in ONE_OF_MANY_CLIENTS:
        alert, clients = ONE_OF_MANY_CLIENTS[name, workers]
        live, live_counts = uncounted(alerts_of(outcome.store), alert)
        replayed, counts = uncounted(alerts_of(outcome.replayed), alert)
        assert (live, len(live_counts), len(counts)) == (replayed, 1, 1)
        assert 1 <= live_counts[0] <= clients
    else:
        assert alerts_of(outcome.store) == alerts_of(outcome.replayed)


def uncounted(rows: list[AlertKey], alert: str) -> tuple[list[AlertKey], list[int]]:
    """Return the alerts with those of one kind not counted, and their counts."""
    return (
        sorted((*row[:5], 0, row[6]) if row[0] == alert else row for row in rows),
        [row[5] for row in rows if row[0] == alert],
    )


def nameless(store: Path) -> list[tuple[object, ...]]:
    """Return the alerts without the server that one of many hits names."""
    return sorted((alert, client, severity, count) for alert, client, _, _, severity, count, _ in alerts_of(store))


@pytest.mark.parametrize(("name", "workers"), sorted(LEARNED))
def test_what_a_baseline_makes_of_it_is_among_them(name, workers, outcomes) -> None:
    found = {row[0] for row in alerts_of(outcomes[name, workers].store)}
    assert found & {"MB-001", "NET-010", "MDL-001", "MDL-002", "MDL-003"}


@pytest.mark.parametrize(("name", "workers"), RUNS)
def test_watching_knows_the_assets_that_a_replay_knows(name, workers, outcomes) -> None:
    outcome = outcomes[name, workers]
    assert assets_of(outcome.store) == assets_of(outcome.replayed)


@pytest.mark.parametrize(("name", "workers"), RUNS)
def test_every_frame_is_counted_and_none_is_sent(name, workers, outcomes) -> None:
    outcome = outcomes[name, workers]
    assert (outcome.seen + outcome.dropped, outcome.back) == (outcome.sent, 0)
