"""Captures by others: whatever is in them, a replay ends with all its documents and no surprise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sensor.pipeline.options import Options
from sensor.pipeline.replay import Replay

ROOT = Path(__file__).resolve().parents[2]
OTHERS = ROOT.parent / "shared" / "captures"
FOLDERS = ("modbus", "dnp3", "s7comm", "other")
FILES = ("alerts", "operations", "channels", "assets", "sensor")


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_capture_by_others_is_replayed_to_the_end(folder: str, tmp_path: Path) -> None:
    if not OTHERS.is_dir():
        pytest.skip("no captures by others beside the repository (../shared/captures)")
    captures = sorted(path for path in (OTHERS / folder).iterdir() if path.is_file())
    assert captures
    for capture in captures:
        output = tmp_path / "out"
        run = Replay(Options(captures=(str(capture),), output=output))
        reading = run.run()
        assert reading.packets == int(run.worker.wire.packets)
        assert not [problem for problem in reading.problems if "cut" not in str(problem)], capture.name
        for name in FILES:
            for line in (output / f"{name}.ndjson").read_text(encoding="utf-8").splitlines():
                assert json.loads(line)["ecs"]["version"] == "9.4.0"
