"""A baseline learned from the long normal day: silent on another one, and it finds what no rule can."""

from __future__ import annotations

import struct
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from rules.detections.alert import Alert
from rules.policy import load
from sensor.pipeline.expect import Expectation
from sensor.pipeline.options import Options
from sensor.pipeline.replay import Replay
from tests.captures.baseline import PCAPS, POLICY, learned

MANIFEST: list[dict[str, Any]] = yaml.safe_load((PCAPS / "MANIFEST").read_text(encoding="utf-8"))["captures"]
ATTACKS = [row for row in MANIFEST if row["truth"]]
FILES = ("alerts", "operations", "channels", "assets", "sensor")
ORDINARY = {"DNP-030"}
"""The outstation's restart flag at the start of every recording."""

FOUND_BY_MODELS = {
    "stopped_poll": ("MDL-005", ("input_register:0-19", "every 1.00 s", "polls missing")),
    "poll_storm": ("MDL-005", ("input_register:0-9", "a minute", "at most 30 a minute")),
    "replayed_command": ("MDL-011", ("write_multiple_registers", "came first on a connection", "never sooner than")),
    "register_sweep": ("MDL-003", ("input_register", "holding_register 100-101", "requests")),
}


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return learned(tmp_path_factory.mktemp("learned") / "baseline")


@cache
def alerts_of(capture: str, baseline: Path | None) -> tuple[Alert, ...]:
    expectation = Expectation()
    options = Options(captures=(str(PCAPS / capture),), policy=load(POLICY), baseline=baseline)
    run = Replay(options, [expectation])
    run.run()
    assert run.baseline is None or not run.baseline.refused
    return tuple(expectation.alerts.values())


def name(row: dict[str, Any]) -> str:
    return str(Path(row["file"]).stem)


@pytest.mark.parametrize("capture", ["normal_later", "normal", "normal_long"])
def test_another_normal_day_raises_nothing_that_was_not_there_without_the_baseline(
    capture: str, baseline: Path
) -> None:
    file = f"captures/plant/{capture}.pcap"
    with_models = [(alert.id, alert.severity) for alert in alerts_of(file, baseline)]
    assert with_models == [("DNP-030", "low")]
    assert with_models == [(alert.id, alert.severity) for alert in alerts_of(file, None)]


def with_a_forged_segment(capture: Path, path: Path) -> Path:
    """A capture in which, after 5 s, somebody adds one Modbus request ahead of its stream, so that it has a gap."""
    data = capture.read_bytes()
    out, offset, begin, is_forged = bytearray(data[:24]), 24, 0.0, False
    while offset < len(data):
        seconds, micros, kept, _ = struct.unpack_from("<IIII", data, offset)
        record = data[offset : offset + 16 + kept]
        offset += len(record)
        out += record
        begin = begin or seconds + micros / 1e6
        frame = record[16:]
        is_request = frame[12:14] == b"\x08\x00" and frame[23] == 6 and frame[36:38] == (502).to_bytes(2, "big")
        if not is_forged and is_request and kept > 66 and seconds + micros / 1e6 > begin + 5:
            number = int.from_bytes(frame[38:42], "big") + 5_000
            out += record[:16] + frame[:38] + (number % (1 << 32)).to_bytes(4, "big") + frame[42:]
            is_forged = True
    assert is_forged
    path.write_bytes(out)
    return path


def test_one_forged_segment_buys_no_silence(baseline: Path, tmp_path: Path) -> None:
    forged = with_a_forged_segment(PCAPS / "captures" / "modbus" / "stopped_poll.pcap", tmp_path / "forged.pcap")
    assert "MDL-005" in {alert.id for alert in alerts_of(str(forged), baseline)}


@pytest.mark.parametrize("capture", sorted(FOUND_BY_MODELS))
def test_what_the_policy_allows_and_no_rule_finds_is_found_once_and_explained_with_its_numbers(
    capture: str, baseline: Path
) -> None:
    file = f"captures/modbus/{capture}.pcap"
    assert {alert.id for alert in alerts_of(file, None)} <= ORDINARY
    identifier, words = FOUND_BY_MODELS[capture]
    (alert,) = (one for one in alerts_of(file, baseline) if one.id == identifier)
    assert alert.why_kind == "score"
    assert alert.server is not None
    assert alert.server.name == "plc-chem"
    reported = f"{alert.reason} {alert.expected} {alert.observed} {' '.join(map(str, alert.why.values()))}"
    for word in words:
        assert word in reported
    assert alert.channel
    assert alert.frames
    assert "earned from 2026-11-22" in alert.expected
    assert any(name.startswith("feature_") for name in alert.why)


@pytest.mark.parametrize("row", ATTACKS, ids=name)
def test_an_attack_raises_what_its_truth_promises_with_a_baseline_and_nothing_unexplained(
    row: dict[str, Any], baseline: Path
) -> None:
    raised = {alert.id for alert in alerts_of(row["file"], baseline)}
    explained: set[str] = set()
    for truth in row["truth"]:
        assert {*truth["expect"], *truth["with_baseline"]} <= raised
        explained |= {*truth["expect"], *truth["with_baseline"], *truth["may"]}
        explained |= {alert for group in truth["one_of"] for alert in group}
    assert raised <= explained, f"unexplained: {raised - explained}"


@pytest.mark.parametrize("row", ATTACKS, ids=name)
def test_a_baseline_takes_no_alert_away(row: dict[str, Any], baseline: Path) -> None:
    without = Counter(alert.id for alert in alerts_of(row["file"], None))
    assert not without - Counter(alert.id for alert in alerts_of(row["file"], baseline))


@pytest.mark.parametrize("row", ATTACKS, ids=name)
def test_an_attack_is_one_incident_per_alert_channel_and_reason(row: dict[str, Any], baseline: Path) -> None:
    scored = [alert for alert in alerts_of(row["file"], baseline) if alert.why_kind == "score"]
    keys = Counter((alert.id, alert.channel, alert.why["reason"]) for alert in scored)
    assert [key for key, count in keys.items() if count > 1] == []


def test_statistics_alone_stay_at_medium(baseline: Path) -> None:
    alerts = [alert for row in ATTACKS for alert in alerts_of(row["file"], baseline)]
    alone = [alert.severity for alert in alerts if alert.id in {"MDL-005", "MDL-006", "MDL-010"}]
    assert alone
    assert set(alone) <= {"low", "medium"}


def test_two_replays_with_a_baseline_give_the_same_bytes(baseline: Path, tmp_path: Path) -> None:
    capture = str(PCAPS / "captures" / "modbus" / "replayed_command.pcap")
    written = []
    for run in ("one", "two"):
        options = Options(captures=(capture,), policy=load(POLICY), output=tmp_path / run, baseline=baseline)
        Replay(options).run()
        written.append({name: (tmp_path / run / f"{name}.ndjson").read_bytes() for name in FILES})
    assert written[0] == written[1]
    assert b"MDL-011" in written[0]["alerts"]


def test_training_twice_gives_the_same_bytes(baseline: Path, tmp_path: Path) -> None:
    again = learned(tmp_path / "again")
    one = {path.name: path.read_bytes() for path in sorted(baseline.iterdir())}
    two = {path.name: path.read_bytes() for path in sorted(again.iterdir())}
    assert one == two
    assert len(one) > 1
