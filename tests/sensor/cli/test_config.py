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
    assert told.output == f"{file}: fine, 1 value for 3 commands, settings of 1 alert\n"


SITE = """
networks:
  - {name: press shop, interfaces: [eth1]}
  - {name: paint shop, interfaces: [eth2], vlans: [20, 21]}
redundancy:
  - {name: scada-1, kind: cards, macs: ["00:1b:1b:aa:00:10", "00:1b:1b:aa:01:10"]}
mirror_sessions:
  - {kind: erspan, from: 10.0.0.5}
"""


def test_what_the_file_says_of_the_site_is_counted_and_shown(file: Path) -> None:
    file.write_text(SITE)
    told = spanwatch("config", "check", file).output
    assert told.endswith("settings of 0 alerts, 2 networks, 1 redundancy group, 1 mirror session\n")
    for shown in (("config", "show"), ("config", "show", "replay")):
        rows = spanwatch(*shown, "--config", file).output
        assert f"networks.1             name: paint shop; interfaces: eth2; vlans: 20, 21 {file}:4\n" in rows
        assert "redundancy.0           name: scada-1; kind: cards; macs: 00:1b" in rows
        assert f"mirror_sessions.0      kind: erspan; from: 10.0.0.5             {file}:8\n" in rows


def test_a_configuration_that_is_not_there_is_named_and_no_option_is_spoken_of(tmp_path: Path) -> None:
    told = spanwatch("config", "check", tmp_path / "none.yaml")
    assert told.exit_code == 2
    assert "none.yaml: no such file; check the path" in told.stderr and "--config" not in told.stderr
