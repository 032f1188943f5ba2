"""Files of a sensor that watches: whole lines only, added to, bounded, and a full disk loses nothing at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sensor.outputs.ndjson import FILES, OutputError
from sensor.outputs.ndjson_live import KEPT, LiveNdjson
from sensor.outputs.origin import Origin
from tests.sensor.build import alert

ORIGIN = Origin(site="plant1", sensor="sensor1", version="1", epoch="20260101T000000.000000000Z")
ALERTS = FILES["alert"]


def begun(folder: Path, most: int = 1 << 20) -> LiveNdjson:
    files = LiveNdjson(folder, most)
    files.begin(ORIGIN)
    return files


def lines(folder: Path, name: str = ALERTS) -> list[str]:
    return [json.loads(line)["event"]["id"] for line in (folder / name).read_text().splitlines()]


def test_a_line_is_in_its_file_after_a_flush(tmp_path: Path) -> None:
    files = begun(tmp_path)
    files.alert(alert("i-one"))
    files.flush()
    assert len(lines(tmp_path)) == 1


def test_a_second_run_adds_to_the_first(tmp_path: Path) -> None:
    for _ in range(2):
        files = begun(tmp_path)
        files.alert(alert("i-one"))
        files.finish()
    assert len(lines(tmp_path)) == 2


def test_what_a_killed_process_left_of_a_line_is_cut_off(tmp_path: Path) -> None:
    (tmp_path / ALERTS).write_bytes(b'{"event":{"id":"whole"}}\n{"event":{"id":"ha')
    files = begun(tmp_path)
    files.alert(alert("i-one"))
    files.finish()
    told = lines(tmp_path)
    assert told[0] == "whole" and len(told) == 2


def test_a_full_file_makes_room_and_the_oldest_goes(tmp_path: Path) -> None:
    files = begun(tmp_path, most=1)
    for number in range(KEPT + 4):
        files.alert(alert(f"i-{number}"))
        files.flush()
    files.finish()
    there = sorted(path.name for path in tmp_path.glob(f"{ALERTS}*"))
    assert there == sorted([ALERTS, *(f"{ALERTS}.{number}" for number in range(1, KEPT + 1))])
    assert all(len(lines(tmp_path, name)) == 1 for name in there)


def test_a_disk_that_is_full_for_a_while_costs_no_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = begun(tmp_path)
    files.alert(alert("i-one"))
    with monkeypatch.context() as broken:

        def half(descriptor: int, body: bytes, at: int) -> None:
            import os

            os.pwrite(descriptor, bytes(body)[:10], at)
            raise OSError(28, "No space left on device")

        broken.setattr("sensor.outputs.ndjson_live._write", half)
        files.flush()
        assert (tmp_path / ALERTS).read_bytes() == b""
    files.alert(alert("i-two"))
    files.finish()
    assert len(lines(tmp_path)) == 2 and files.lost == 0


def test_lines_that_find_no_room_to_wait_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sensor.outputs.ndjson_live.MAX_WAITING", 1)
    files = begun(tmp_path)
    for number in range(3):
        files.alert(alert(f"i-{number}"))
    assert files.lost == 2
    files.finish()
    assert len(lines(tmp_path)) == 1


def test_a_folder_that_cannot_be_written_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="--output"):
        LiveNdjson(tmp_path / "file" / "out")
