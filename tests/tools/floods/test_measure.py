"""What is measured of a flood is kept and shown: speed, memory and what the sensor said."""

from __future__ import annotations

from pathlib import Path

from tools.floods.flood import FLOODS
from tools.floods.measure import HEAD, Result, measure

BY_NAME = {flood.name: flood for flood in FLOODS}


def test_a_flood_is_measured_and_nothing_is_left_behind(tmp_path: Path) -> None:
    result = measure(BY_NAME["clock"], tmp_path, 0.002)
    assert result.failed == ""
    assert result.packets == 103
    assert result.worker_memory > 0
    assert result.replay_rate > 0
    assert "SEN-013" in result.alerts
    assert [path.name for path in tmp_path.iterdir()] == ["policy.yaml"]


def test_a_row_has_what_the_head_says() -> None:
    row = Result("a", 1_000, 0.1, 50.0, 1.0, 90.0, {"SEN-009": 2, "AST-001": 3}).row()
    assert row.count("|") == HEAD.splitlines()[0].count("|")
    assert "10,000" in row
    assert "SEN-009 x2" in row
    assert "| 5 |" in row
