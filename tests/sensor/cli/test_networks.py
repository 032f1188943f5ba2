"""Promises about the networks of the configuration: they are taken, and a mistake is told with its line and the fix."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from sensor.cli import main
from sensor.cli.configuration import ConfigError, load
from sensor.cli.networks import never_there
from tests.sensor.cli.command import STOP, spanwatch

assert isinstance(main, click.Group)
GROUP: click.Group = main


def networks(tmp_path: Path, text: str) -> dict[str, str]:
    file = tmp_path / "spanwatch.yaml"
    file.write_text(text)
    return load(file, GROUP).networks


def test_networks_are_named_by_interface_and_vlan(tmp_path: Path) -> None:
    text = """
networks:
  - name: press shop
    interfaces: [eth1]
  - {name: paint shop, interfaces: [eth2], vlans: [0, 21]}
  - {name: office, vlans: [99]}
"""
    assert networks(tmp_path, text) == {
        "eth1|": "press shop",
        "eth2|0": "paint shop",
        "eth2|21": "paint shop",
        "|99": "office",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("networks: {name: a}", "must be a list"),
        ("networks: [a]", "must be a mapping"),
        ("networks:\n  - {vlans: [1]}", "needs a name"),
        ("networks:\n  - {name: a}", "needs interfaces or vlans"),
        ("networks:\n  - {name: a, vlan: [1]}", "key 'vlan' is not known"),
        ("networks:\n  - {name: a, vlans: [5000]}", "from 0 (untagged) to 4094"),
        ("networks:\n  - {name: a, vlans: [true]}", "from 0 (untagged) to 4094"),
        ("networks:\n  - {name: a, interfaces: [1]}", "interfaces must be a list of names"),
        ("networks:\n  - {name: vlan 20, vlans: [20]}", "choose a name"),
        ("networks:\n  - {name: a, vlans: [1]}\n  - {name: b, vlans: [1]}", "is in 'a' already"),
        (
            "networks:\n  - {name: a, vlans: [1]}\n  - {name: a, vlans: [2]}",
            "yaml:3: networks.1: 'a' is the network of line 2",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=r"spanwatch.yaml:\d") as refused:
        networks(tmp_path, text)
    assert said in str(refused.value)


@pytest.mark.parametrize("names", [["eth7"], ["eth7", "eth8"]])
def test_an_interface_that_nothing_has_is_a_note(tmp_path: Path, names: list[str]) -> None:
    file = tmp_path / "spanwatch.yaml"
    file.write_text(f"networks:\n  - {{name: a, interfaces: {names}}}\n")
    done = spanwatch("replay", STOP, "--quiet", "--config", file)
    assert done.exit_code == 0
    assert f"note: networks of the configuration: no packet is from {', '.join(names)};" in done.stderr


def test_interfaces_that_are_there_are_no_note() -> None:
    assert never_there({"eth1|": "a", "|20": "b"}, ["", "eth1"]) == ""
    assert never_there({"eth2|": "a"}, ["eth1"]).endswith("no packet is from eth2; interfaces that are there: eth1")
