"""``--config``: where it may stand, what wins over it, and that its numbers reach the alerts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.repository import ROOT
from tests.sensor.cli.command import spanwatch

POLICY = ROOT / "pcaps" / "policy.yaml"
WRITES = ROOT / "pcaps" / "captures" / "modbus" / "write_burst.pcap"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "spanwatch.yaml"


def alerts_of(folder: Path, identifier: str) -> list[dict[str, object]]:
    lines = (folder / "alerts.ndjson").read_text(encoding="utf-8").splitlines()
    return [document for line in lines if (document := json.loads(line))["rule"]["id"] == identifier]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    result = spanwatch("--config", tmp_path / "none.yaml", "alerts", "list")
    assert result.exit_code == 2 and "no such file; check --config" in result.output


def test_the_command_line_wins_over_the_section_and_the_section_over_common(file: Path, tmp_path: Path) -> None:
    file.write_text("common:\n  site: one\n  sensor: s1\nreplay:\n  site: two\n  quiet: true\n  output: out\n")
    assert spanwatch("--config", file, "replay", WRITES, "--site", "three").exit_code == 0
    (line, *_) = (tmp_path / "out" / "sensor.ndjson").read_text().splitlines()
    assert json.loads(line)["data_stream"]["namespace"] == "three"
    assert spanwatch("replay", WRITES, "--config", file).exit_code == 0
    (line, *_) = (tmp_path / "out" / "sensor.ndjson").read_text().splitlines()
    assert (json.loads(line)["data_stream"]["namespace"], json.loads(line)["observer"]["name"]) == ("two", "s1")


def test_the_environment_names_the_file_too(file: Path) -> None:
    file.write_text("common:\n  store: nothing.db\n")
    result = spanwatch("alerts", "list", SPANWATCH_CONFIG=str(file))
    assert result.exit_code == 2 and f"{file.parent / 'nothing.db'}: does not exist" in result.output


def test_settings_reach_the_engine(file: Path, tmp_path: Path) -> None:
    counted = []
    for settings in (
        "{}",
        "{MB-004: {writes_per_second: 100000, steady_writes_per_second: 100000}}",
        "{MB-004: {enabled: false}}",
    ):
        file.write_text(f"settings: {settings}\ncommon: {{policy: {POLICY}}}\n")
        folder = tmp_path / f"out{len(counted)}"
        assert spanwatch("replay", WRITES, "--config", file, "--quiet", "--output", folder).exit_code == 0
        off = [row for row in alerts_of(folder, "SEN-018") if "MB-004 is switched off" in json.dumps(row)]
        told = [row for row in off if row["spanwatch"]["alert"]["status"] == "open"]
        counted.append((len(alerts_of(folder, "MB-004")) > 0, len(told)))
    assert counted == [(True, 0), (False, 0), (False, 1)]


@pytest.mark.parametrize("device", ["plc-chem", "10.20.1.21"])
def test_an_exception_for_a_device_keeps_the_alert_for_others(file: Path, tmp_path: Path, device: str) -> None:
    counted = []
    for excepted in ("nobody", device):
        file.write_text(f"settings: {{MB-004: {{except: [{excepted}]}}}}\ncommon: {{policy: {POLICY}}}\n")
        folder = tmp_path / excepted
        assert spanwatch("replay", WRITES, "--config", file, "--quiet", "--output", folder).exit_code == 0
        counted.append({name: len(alerts_of(folder, name)) > 0 for name in ("MB-004", "NET-002")})
    assert counted[0]["MB-004"] and not counted[1]["MB-004"]
    assert counted[0]["NET-002"] == counted[1]["NET-002"]
