"""Files of a sensor that watches: whole lines only, added to, bounded, and a full disk loses nothing at once."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sensor.documents.origin import Origin
from sensor.sinks.ndjson import FILES, OutputError
from sensor.sinks.ndjson_file import KEPT
from sensor.sinks.ndjson_live import LiveNdjsonSink
from tests.sensor.build import alert
from tests.sensor.cli.command import full_disk

ORIGIN = Origin(site="plant1", sensor="sensor1", version="1", epoch="20260101T000000.000000000Z")
ALERTS = FILES["alert"]


def begun(folder: Path, most: int = 1 << 20) -> LiveNdjsonSink:
    files = LiveNdjsonSink(folder, most)
    files.begin(ORIGIN)
    return files


def lines(folder: Path, name: str = ALERTS) -> list[str]:
    return [json.loads(line)["event"]["id"] for line in (folder / name).read_text().splitlines()]


def test_a_line_is_in_its_file_after_a_flush(tmp_path: Path) -> None:
    files = begun(tmp_path)
    files.alert(alert("i-one"))
    files.commit()
    assert len(lines(tmp_path)) == 1


def test_a_second_run_adds_to_the_first(tmp_path: Path) -> None:
    for _ in range(2):
        files = begun(tmp_path)
        files.alert(alert("i-one"))
        files.finish()
        files.commit()
        files.abandon()
    assert len(lines(tmp_path)) == 2


def test_what_a_killed_process_left_of_a_line_is_cut_off(tmp_path: Path) -> None:
    (tmp_path / ALERTS).write_bytes(b'{"event":{"id":"whole"}}\n{"@timestamp":"2026-01-01T00:0')
    files = begun(tmp_path)
    files.alert(alert("i-one"))
    files.finish()
    files.commit()
    reported = lines(tmp_path)
    assert reported[0] == "whole" and len(reported) == 2


def test_a_full_file_makes_room_and_the_oldest_goes(tmp_path: Path) -> None:
    files = begun(tmp_path, most=1)
    for number in range(KEPT + 4):
        files.alert(alert(f"i-{number}"))
        files.commit()
    files.finish()
    files.commit()
    there = sorted(path.name for path in tmp_path.glob(f"{ALERTS}*"))
    assert there == sorted([ALERTS, *(f"{ALERTS}.{number}" for number in range(1, KEPT + 1))])
    assert all(len(lines(tmp_path, name)) == 1 for name in there)


def test_a_disk_that_is_full_for_a_while_costs_no_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = begun(tmp_path)
    files.alert(alert("i-one"))
    with monkeypatch.context() as broken:

        def half(descriptor: int, body: bytes, at: int) -> None:
            os.pwrite(descriptor, bytes(body)[:10], at)
            raise OSError(28, "No space left on device")

        broken.setattr("sensor.sinks.ndjson_file._write", half)
        files.commit()
        assert (tmp_path / ALERTS).read_bytes() == b""
    files.alert(alert("i-two"))
    files.finish()
    files.commit()
    assert len(lines(tmp_path)) == 2 and files.lost == 0


def test_lines_that_find_no_room_to_wait_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sensor.sinks.ndjson_file.MAX_WAITING", 1)
    files = begun(tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr("sensor.sinks.ndjson_file._write", full_disk)
        for number in range(3):
            files.alert(alert(f"i-{number}"))
    assert files.lost == 2
    files.finish()
    files.commit()
    assert len(lines(tmp_path)) == 1


def test_more_lines_at_once_than_are_held_are_written_and_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sensor.sinks.ndjson_file.MAX_WAITING", 5_000)
    files = begun(tmp_path)
    for number in range(50):
        files.alert(alert(f"i-{number}"))
    assert files.lost == 0
    files.finish()
    files.commit()
    assert len(lines(tmp_path)) == 50


def test_lines_that_wait_for_a_full_disk_until_the_end_are_lost_said_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    files = begun(tmp_path)
    monkeypatch.setattr("sensor.sinks.ndjson_file._write", full_disk)
    for number in range(2):
        files.alert(alert(f"i-{number}"))
    files.finish()
    files.commit()
    files.abandon()
    assert files.lost == 2
    assert f"{tmp_path / ALERTS}: could not be written to the end: 2 lines" in caplog.text


def test_a_folder_that_cannot_be_written_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="--output"):
        LiveNdjsonSink(tmp_path / "file" / "out")


@pytest.mark.parametrize(
    "foreign", [b"a text\nwithout its end", b"no line at all", b'{"a":1}\n{"b":2}', b"x" * (2 << 20)]
)
def test_what_is_no_line_of_ours_is_never_cut(tmp_path: Path, foreign: bytes) -> None:
    (tmp_path / ALERTS).write_bytes(foreign)
    files = begun(tmp_path, most=8 << 20)
    files.alert(alert("i-one"))
    files.finish()
    files.commit()
    kept, _, added = (tmp_path / ALERTS).read_bytes().removesuffix(b"\n").rpartition(b"\n")
    assert kept == foreign and json.loads(added)["event"]["kind"] == "alert"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.write_bytes(b"nobody's line")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ALERTS).symlink_to(foreign)
    with pytest.raises(OutputError, match=r"is a link.*--output"):
        LiveNdjsonSink(tmp_path / "out")
    assert foreign.read_bytes() == b"nobody's line"


def test_only_a_regular_file_is_added_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ALERTS)
    with pytest.raises(OutputError, match=r"no regular file.*--output"):
        LiveNdjsonSink(tmp_path)


@pytest.mark.parametrize("moved", [True, False], ids=["moved", "deleted"])
def test_a_file_that_is_taken_away_is_made_anew_and_the_older_ones_stay(tmp_path: Path, moved: bool) -> None:
    files = begun(tmp_path, most=1)
    for number in range(3):
        files.alert(alert(f"i-{number}"))
        files.commit()
    older = {name: (tmp_path / name).read_bytes() for name in (f"{ALERTS}.1", f"{ALERTS}.2")}
    if moved:
        (tmp_path / ALERTS).rename(tmp_path / "rotated")
    else:
        (tmp_path / ALERTS).unlink()
    files.alert(alert("i-3"))
    files.finish()
    files.commit()
    assert len(lines(tmp_path)) == 1
    assert {name: (tmp_path / name).read_bytes() for name in older} == older


def test_a_file_that_was_emptied_is_written_from_its_beginning(tmp_path: Path) -> None:
    files = begun(tmp_path)
    files.alert(alert("i-one"))
    files.commit()
    os.truncate(tmp_path / ALERTS, 0)
    files.alert(alert("i-two"))
    files.finish()
    files.commit()
    assert len(lines(tmp_path)) == 1


def test_a_new_file_that_cannot_be_made_costs_no_older_one_and_harms_no_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = begun(tmp_path / "out", most=1)
    for number in range(3):
        files.alert(alert(f"i-{number}"))
        files.commit()
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    real, others = os.open, []

    def full(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_CREAT:
            raise OSError(28, "No space left on device")
        return real(path, flags, mode)

    with monkeypatch.context() as broken:
        broken.setattr("os.open", full)
        files.alert(alert("i-3"))
        for number in range(KEPT + 1):
            files.commit()
            path = tmp_path / f"foreign{number}"
            path.write_bytes(b"not ours")
            others.append(path.open("rb+"))
        files.commit()
        assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    files.finish()
    files.commit()
    for other in others:
        assert Path(other.name).read_bytes() == b"not ours"
        other.close()
    assert len(lines(tmp_path / "out")) == 1 and len(lines(tmp_path / "out", f"{ALERTS}.3")) == 1
