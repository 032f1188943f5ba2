"""``spanwatch config``: who told which option what."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sensor.cli.command import spanwatch


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "spanwatch.yaml"


def test_show_says_who_told_what(file: Path) -> None:
    file.write_text("common:\n  site: one\nreplay:\n  fail_on: high\nsettings:\n  MB-004: {writes_per_second: 3}\n")
    told = spanwatch("--config", file, "config", "show", "replay", "--sensor", "s9").output
    rows = {line.split()[0]: line.split() for line in told.splitlines()}
    assert rows["site"][1:] == ["one", f"{file}:2"]
    assert rows["fail_on"][1:] == ["high", f"{file}:4"]
    assert rows["sensor"][1:] == ["s9", "option"]
    assert rows["quiet"][1:] == ["false", "default"]
    assert rows["settings.MB-004.writes_per_second"][-1] == f"{file}:6"
    stored = spanwatch("--config", file, "config", "show", "alerts", "list", SPANWATCH_STORE="x.db").output
    assert stored.splitlines()[0].split() == ["store", "x.db", "environment"]
    assert spanwatch("config", "show", "alerts", "lst").exit_code == 2


def test_show_without_a_command_shows_all_that_are_told_something(file: Path) -> None:
    file.write_text("common:\n  site: one\n")
    told = spanwatch("config", "show", "--config", file).output
    assert [line for line in told.splitlines() if line.endswith(":")] == ["elastic setup:", "replay:", "watch:"]
    assert told.count(f"{file}:2") == 3
    assert spanwatch("config", "show").exit_code == 2


def test_a_sound_file_is_called_fine_with_what_it_holds(file: Path) -> None:
    file.write_text("common:\n  site: one\nsettings:\n  MB-004: {enabled: false}\n")
    told = spanwatch("config", "check", file)
    assert told.exit_code == 0
    assert told.output == f"{file}: fine, 3 values for 3 commands, settings of 1 alerts\n"
