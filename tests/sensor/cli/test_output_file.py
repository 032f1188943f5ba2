"""Promises about a file that the user named for output: whole or not at all, and nothing else is replaced by it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from sensor.cli.output_file import write_file
from tests.sensor.cli.command import full_disk, spanwatch


def test_a_regular_file_is_replaced_and_keeps_its_rights(tmp_path: Path) -> None:
    file = tmp_path / "assets.csv"
    file.write_text("old and much longer")
    file.chmod(0o600)
    write_file(file, b"new", "--output")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o600)
    assert list(tmp_path.iterdir()) == [file]


def test_what_a_link_points_to_is_written_and_the_link_stays(store: Path, tmp_path: Path) -> None:
    target, link = tmp_path / "held" / "assets.csv", tmp_path / "link.csv"
    target.parent.mkdir()
    link.symlink_to(target)
    for _ in ("a link to nothing yet", "a link to a file"):
        assert spanwatch("assets", "export", "--store", store, "--output", link).exit_code == 0
        assert link.is_symlink() and "plc-filt" in target.read_text()
    assert [*target.parent.iterdir()] == [target]


def test_a_fifo_is_written_into(store: Path, tmp_path: Path) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(fifo.read_bytes()), daemon=True)
    reader.start()
    assert spanwatch("assets", "export", "--store", store, "--output", fifo).exit_code == 0
    reader.join(10)
    assert fifo.is_fifo() and b"plc-filt" in got[0]


def test_a_device_is_written_into(tmp_path: Path) -> None:
    link = tmp_path / "null"
    link.symlink_to("/dev/null")
    write_file(link, b"x", "--output")
    assert link.is_char_device() and link.is_symlink()


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="the system has no /dev/full")
def test_a_device_that_is_full_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        write_file(Path("/dev/full"), b"x", "--output")
    assert "/dev/full: cannot be written (No space left on device)" in capsys.readouterr().err


def test_on_a_full_disk_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "assets.csv"
    file.write_text("old")
    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(SystemExit, match="2"):
        write_file(file, b"new", "--output")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(link)
    with pytest.raises(SystemExit, match="2"):
        write_file(link, b"x", "--output")
    assert link.is_symlink()
