"""What goes wrong in a plant happens here for real: killed workers, bad policies, cut cables, ends in the middle."""

from __future__ import annotations

import json
import os
import pwd
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sensor.store import Store
from tests.live.lab import CAPTURES, NEEDS_ROOT, POLICY, PROGRAM, ROOT, Wire, alerts_of, asset_records, packets_seen
from tools.bench.policy import policy_text

pytestmark = [pytest.mark.live, NEEDS_ROOT]

WRITE = CAPTURES / "modbus" / "unauthorised_write.pcap"
WRITERS = ("10.20.1.50", "10.20.1.21")
"""Client and server of the write that the policy does not allow; it comes in the middle of the capture."""
ATTACK = "NET-003"
SPEED = 4.0


@contextmanager
def sending(wire: Wire, capture: Path, speed: float = SPEED, onto: int = 0) -> Iterator[list[tuple[int, int, int]]]:
    """Send a capture while the block runs; what was sent is in the list afterwards."""
    results: list[tuple[int, int, int]] = []
    thread = threading.Thread(target=lambda: results.append(wire.send(capture, speed, onto)))
    thread.start()
    try:
        yield results
    finally:
        thread.join()


def found(store: Path, alert: str) -> list[tuple[str, str]]:
    """Return client and server of every incident of one alert."""
    return [(row[1], row[2]) for row in alerts_of(store) if row[0] == alert]


def observed(store: Path, alert: str) -> list[str]:
    """Return what every incident of one alert says was observed."""
    with Store(store, read_only=True) as opened:
        return [row.observed for row in opened.alerts() if row.id == alert]


def test_a_killed_worker_costs_its_blind_time_and_no_later_alert(tmp_path: Path) -> None:
    with Wire() as wire:
        sensor = wire.sensor(tmp_path, "--policy", str(POLICY), "--workers", "2")
        with sending(wire, WRITE) as results:
            threading.Event().wait(1.0)
            victims = sensor.workers()
            assert len(victims) == 2
            for victim in victims:
                os.kill(victim, signal.SIGKILL)
            sensor.wait_for("is started again")
        said = sensor.end()
        assert WRITERS in found(sensor.store, ATTACK)
        reported = observed(sensor.store, "SEN-020")
        assert len(reported) == 2 and all(
            re.search(r"signal 9.*\d s of traffic it was blind", text) for text in reported
        )
        seen, dropped = packets_seen(said)
        assert seen + dropped == results[0][0]


def test_a_bad_policy_changes_nothing_and_a_good_one_is_judged_by_at_once(tmp_path: Path) -> None:
    text = POLICY.read_text(encoding="utf-8")
    policy = tmp_path / "policy.yaml"
    policy.write_text(text, encoding="utf-8")
    with Wire() as wire:
        sensor = wire.sensor(tmp_path, "--policy", str(policy))
        wire.send(WRITE, 20)
        policy.write_text(text.replace("zones:", "zoness:", 1), encoding="utf-8")
        sensor.nudge(signal.SIGHUP)
        said = sensor.wait_for("the policy is refused")
        assert f"{policy}:" in said and "version 1 (" in said.partition("the policy is refused")[2]
        polls = "conduit: c-sup-chem, from: {group: masters}"
        better = text.replace("version: 1", "version: 2", 1).replace(
            polls, polls.replace("group: masters", "asset: hmi-1")
        )
        policy.write_text(better, encoding="utf-8")
        sensor.nudge(signal.SIGHUP)
        sensor.wait_for("version 2 (")
        assert ("10.20.1.10", "10.20.1.21") not in found(sensor.store, ATTACK)
        wire.send(WRITE, 20)
        sensor.end()
        assert ("10.20.1.10", "10.20.1.21") in found(sensor.store, ATTACK)
        assert len(observed(sensor.store, "SEN-014")) == 1


def test_an_end_in_the_middle_loses_nothing_that_was_taken(tmp_path: Path) -> None:
    with Wire() as wire:
        sensor = wire.sensor(tmp_path, "--policy", str(POLICY), "--workers", "2")
        sent, _, _ = wire.send(WRITE, 0)
        said = sensor.end(signal.SIGINT)
        seen, dropped = packets_seen(said)
        assert seen + dropped == sent
        assert "Traceback" not in said
        assert WRITERS in found(sensor.store, ATTACK)
        with Store(sensor.store, read_only=True) as store:
            packets = sum(row.packets for row in store.channels())
        assert packets == seen
        documents = [json.loads(line) for line in (sensor.output / "alerts.ndjson").read_text().splitlines()]
        assert {row["rule"]["id"] for row in documents} or documents


def test_a_restart_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    with Wire() as wire:
        first = wire.sensor(tmp_path, "--policy", str(POLICY))
        wire.send(WRITE, 20)
        first.end()
        before = alerts_of(first.store)
        names = {asset.id: asset.name for asset in asset_records(first.store)}
        again = wire.sensor(tmp_path, "--policy", str(POLICY))
        wire.send(WRITE, 20)
        again.end()
        reported = observed(again.store, "SEN-020")
        assert len(reported) == 1 and re.search(r"began again; it saw nothing for \d+\.\d s", reported[0])
        assert {asset.id: asset.name for asset in asset_records(again.store)} == names
        assert len(found(again.store, "AST-001")) == sum(row[0] == "AST-001" for row in before)
        assert len(found(again.store, ATTACK)) == 2 * sum(row[0] == ATTACK for row in before)


def test_without_a_policy_assets_are_shown_soon_and_a_restart_finds_nobody_new(tmp_path: Path) -> None:
    with Wire() as wire:
        for _ in range(2):
            sensor = wire.sensor(tmp_path)
            wire.send(WRITE, 20)
            sensor.end()
        assert found(sensor.store, "AST-001") == []
        assert len((sensor.output / "assets.ndjson").read_text().splitlines()) >= 7


def test_a_cut_cable_is_reported_and_the_other_interface_is_watched_on(tmp_path: Path) -> None:
    with Wire(cables=2) as wire:
        options = ("--policy", str(POLICY), "--workers", "2")
        sensor = wire.sensor(tmp_path, *options, taps=("tap0", "tap1", "tap9"))
        assert "no interface 'tap9'" in sensor.said() and "goes on without it" in sensor.said()
        wire.send(WRITE, 20, onto=1)
        wire.cut(1)
        sent, back, _ = wire.send(WRITE, SPEED)
        said = sensor.end()
        assert back == 0 and packets_seen(said)[0] == sent
        assert "tap1" in said and ", gone" in said
        assert any("tap1" in text for text in observed(sensor.store, "SEN-001"))
        assert WRITERS in found(sensor.store, ATTACK)


def test_a_cluster_that_is_not_there_stops_nothing_and_documents_wait(tmp_path: Path) -> None:
    with Wire() as wire:
        sensor = wire.sensor(tmp_path, "--policy", str(POLICY), "--elastic", "http://127.0.0.1:9")
        sent, _, _ = wire.send(WRITE, 20)
        said = sensor.end()
        assert packets_seen(said)[0] == sent and WRITERS in found(sensor.store, ATTACK)
        with Store(sensor.store, read_only=True) as store:
            waiting = [row.stream for row in store.spool.waiting(10_000)]
        assert {"logs-spanwatch.alert-default", "metrics-spanwatch.sensor-default"} < set(waiting)
        lines = sum(len(path.read_text().splitlines()) for path in sensor.output.glob("*.ndjson"))
        assert len(waiting) == lines


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("-i", "tap7"), "there is no interface 'tap7'"),
        (("-i", "tap0", "--policy", "none.yaml"), "Check --policy"),
        (("-i", "tap0", "--store", "/proc/none.db"), "Check the folder and its permissions"),
        (("-i", "tap0", "--output", "/proc/none"), "--output"),
        (("-i", "tap0", "--user", "nobody-of-that-name"), "there is no user"),
        (("-i", "tap0", "--elastic", "http://localhost:9200"), "--elastic needs --store"),
    ],
)
def test_what_cannot_work_is_refused_with_one_sentence(options: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    with Wire() as wire:
        done = subprocess.run(
            ["ip", "netns", "exec", wire.name, sys.executable, "-c", PROGRAM, "watch", "--duration", "0", *options],
            capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert sentence in done.stderr and "Traceback" not in done.stderr


CAPABILITIES = re.compile(r"Cap(?:Inh|Prm|Eff|Bnd|Amb):\t(\w+)")


def test_no_process_keeps_a_capability(tmp_path: Path) -> None:
    with Wire() as wire:
        sensor = wire.sensor(tmp_path, "--workers", "2")
        for process in (sensor.process.pid, *sensor.workers()):
            status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
            assert {int(value, 16) for value in CAPABILITIES.findall(status)} == {0}
            assert "NoNewPrivs:\t1" in status
        sent, _, _ = wire.send(WRITE, 20)
        assert packets_seen(sensor.end())[0] == sent


def runs_as_nobody() -> bool:
    """Say whether everybody may run this interpreter."""
    try:
        return (
            subprocess.run([sys.executable, "-c", "import sqlite3"], user="nobody", capture_output=True).returncode == 0
        )
    except OSError:
        return False


@pytest.mark.skipif(not runs_as_nobody(), reason="this interpreter lies where only root can read it")
def test_as_another_user_it_watches_and_writes() -> None:
    nobody = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory() as name, Wire() as wire:
        folder = Path(name)
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        sensor = wire.sensor(folder, "--user", "nobody")
        sent, _, _ = wire.send(WRITE, 20)
        assert packets_seen(sensor.end())[0] == sent
        assert sensor.store.stat().st_uid == nobody.pw_uid


def test_a_policy_of_thousands_of_lines_costs_no_packet(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(policy_text(3_000), encoding="utf-8")
    with Wire() as wire:
        sensor = wire.sensor(tmp_path, "--policy", str(policy))
        sent: list[int] = []
        sender = threading.Thread(target=lambda: sent.append(wire.send(WRITE, 20)[0]))
        sender.start()
        for number in range(2, 6):
            policy.write_text(policy_text(3_000).replace("version: 1", f"version: {number}", 1), encoding="utf-8")
            sensor.nudge(signal.SIGHUP)
            sensor.wait_for(f"version {number} (")
        sender.join()
        assert packets_seen(sensor.end()) == (sent[0], 0)
