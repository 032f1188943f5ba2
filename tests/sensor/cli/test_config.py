"""Promises about the configuration file: everything can be said in it, flags win, a mistake is told with its line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from sensor.cli import main
from sensor.cli.configuration import COMMON, Keys, key_of, language, leaves, load, options_of
from tests.repository import ROOT

EXAMPLE = ROOT / "docs" / "spanwatch.example.yaml"
POLICY = ROOT / "pcaps" / "policy.yaml"
WRITES = ROOT / "pcaps" / "captures" / "modbus" / "write_burst.pcap"
ROOT_GROUP = main
assert isinstance(ROOT_GROUP, click.Group)


def spanwatch(*arguments: str | Path, **environment: str) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], env=environment)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "spanwatch.yaml"


def refused(file: Path, text: str) -> list[str]:
    file.write_text(text)
    result = spanwatch("config", "check", file)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    return result.output.removeprefix("spanwatch: ").splitlines()


def paths(keys: Keys, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, held in keys.items():
        if isinstance(held, dict):
            yield from paths(held, (*before, key))
        else:
            yield (*before, key)


def alerts_of(folder: Path, identifier: str) -> list[dict[str, object]]:
    lines = (folder / "alerts.ndjson").read_text(encoding="utf-8").splitlines()
    return [document for line in lines if (document := json.loads(line))["rule"]["id"] == identifier]


def test_every_key_is_in_the_example_and_the_example_is_sound() -> None:
    import yaml

    document = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    for path in paths(language(ROOT_GROUP)):
        value = document
        for word in path:
            assert isinstance(value, dict) and word in value, f"{'.'.join(path)} is not in {EXAMPLE.name}"
            value = value[word]
    assert load(EXAMPLE, ROOT_GROUP).settings["NET-027"] == {"enabled": False}
    assert spanwatch("config", "check", EXAMPLE).exit_code == 0


def test_every_option_of_every_command_can_be_given() -> None:
    given = load(EXAMPLE, ROOT_GROUP).values
    for command, found in leaves(ROOT_GROUP):
        if not command.startswith("config"):
            wanted = {str(option.name) for option in options_of(found)}
            assert wanted == set(given.get(command, {})), command


def test_what_is_common_is_an_option_of_the_commands_it_is_for() -> None:
    has = {command: {key_of(option) for option in options_of(found)} for command, found in leaves(ROOT_GROUP)}
    for key, commands in COMMON.items():
        for command in commands:
            assert key in has[command], (key, command)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("replay:\n  fail_on: hihg\n", 2, "'hihg' is not possible; write 'low', 'medium', 'high' or 'critical'"),
        ("replay:\n  quiet: 1\n", 2, "replay.quiet: must be true or false"),
        ("common:\n  site: x\nwatch:\n  workrs: 2\n", 4, "key 'workrs' is not known; did you mean 'workers'?"),
        ("watch:\n  workers: 0\n", 2, "watch.workers: 0: write a number that is greater than or equal to 1"),
        ("watch:\n  workers: two\n", 2, "must be a whole number"),
        ("watch:\n  interface: eth1\n", 2, "must be a list; write it in [ ]"),
        ("comon: {}\n", 1, "key 'comon' is not known; did you mean 'common'?"),
        ("setings: {}\n", 1, "did you mean 'settings'?"),
        ("common:\n  site: 12\n", 2, "must be text; put it in quotes"),
        ("common:\n  site:\n", 2, "must be text"),
        ("replay: 7\n", 1, "must be a mapping"),
        ("common:\n  elastic:\n    pasword_file: x\n", 3, "did you mean 'password_file'?"),
        ("common:\n  site: a\n  site: b\n", 3, "key 'site' is already in line 2"),
        ("common: &a\n  site: x\n", 1, "anchor"),
        ("settings:\n  MB-999: {}\n", 2, "there is no alert 'MB-999'; did you mean"),
        ("settings:\n  MB-004:\n    writes_per_secon: 3\n", 3, "did you mean 'writes_per_second'?"),
        ("settings:\n  MB-004:\n    writes_per_second: -1\n", 3, "0 or more"),
        ("settings:\n  MB-004:\n    writes_per_second: true\n", 3, "must be a number"),
        ("settings:\n  MB-004:\n    enabled: 0\n", 3, "must be true or false"),
        ("settings:\n  MB-004: off\n", 2, "several readings"),
        ("settings:\n  MB-020: {except: plc-1}\n", 2, "must be a list of names or addresses"),
        ("settings: [MB-004]\n", 1, "must be a mapping"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_line_and_fix(file: Path, text: str, line: int, says: str) -> None:
    (told,) = refused(file, text)
    assert re.match(rf"{re.escape(str(file))}:{line}: ", told), told
    assert says in told


def test_every_mistake_is_told_at_once_in_the_order_of_the_file(file: Path) -> None:
    told = refused(file, "watch:\n  workrs: 2\n  quiet: x\nsettings:\n  MB-1: {}\n")
    assert [one.split(":")[1] for one in told] == ["2", "3", "5"]


@pytest.mark.parametrize(("text", "says"), [("", "the file is empty"), ("[a]\n", "is a mapping"), ("a: [\n", "YAML")])
def test_what_is_no_configuration_is_refused(file: Path, text: str, says: str) -> None:
    assert says in refused(file, text)[0]


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
        counted.append((len(alerts_of(folder, "MB-004")) > 0, len(off)))
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
