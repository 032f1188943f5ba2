"""What the configuration file can say: everything that options can, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from sensor.cli import main
from sensor.cli.configuration import COMMON, Keys, key_of, language, leaves, load, options_of
from tests.repository import ROOT
from tests.sensor.cli.command import refused, spanwatch

EXAMPLE = ROOT / "docs" / "spanwatch.example.yaml"
ROOT_GROUP = main
assert isinstance(ROOT_GROUP, click.Group)


def paths(keys: Keys, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, held in keys.items():
        if isinstance(held, dict):
            yield from paths(held, (*before, key))
        else:
            yield (*before, key)


def test_every_key_is_in_the_example_and_the_example_is_sound() -> None:
    import yaml

    document = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    for path in paths(language(ROOT_GROUP)):
        value = document
        for word in path:
            assert isinstance(value, dict) and word in value, f"{'.'.join(path)} is not in {EXAMPLE.name}"
            value = value[word]
    assert load(EXAMPLE, ROOT_GROUP).settings["NET-027"] == {"enabled": False}
    said = spanwatch("config", "check", EXAMPLE).stderr.removeprefix("spanwatch: ").splitlines()
    assert said and all("cannot be read (No such file" in line or "is missing" in line for line in said), said


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


@pytest.mark.parametrize(("text", "says"), [("", "the file is empty"), ("[a]\n", "is a mapping"), ("a: [\n", "YAML")])
def test_what_is_no_configuration_is_refused(tmp_path: Path, text: str, says: str) -> None:
    assert says in refused(tmp_path / "spanwatch.yaml", text)[0]
