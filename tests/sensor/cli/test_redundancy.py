"""Promises about the redundancy of the configuration: it is taken, and a mistake is told with its line and the fix."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from sensor.cli import main
from sensor.cli import redundancy as module
from sensor.cli.configuration import ConfigError, load
from sensor.inventory.redundancy import Redundancy

assert isinstance(main, click.Group)
GROUP: click.Group = main
ONE, TWO, THREE = "00:1b:1b:aa:00:10", "00:1b:1b:aa:01:10", "00:0a:dc:20:01:01"


def redundancy(tmp_path: Path, text: str) -> Redundancy:
    file = tmp_path / "spanwatch.yaml"
    file.write_text(text)
    return load(file, GROUP).redundancy


def test_cards_and_shared_addresses_are_taken(tmp_path: Path) -> None:
    found = redundancy(
        tmp_path,
        f"""
redundancy:
  - name: scada-1
    kind: cards
    macs: ["{ONE}", "{TWO.upper().replace(":", "-")}"]
  - {{name: gateway, kind: shared, addresses: [10.20.1.1], macs: ["{ONE}", "{THREE}"]}}
  - {{name: cluster, kind: shared, addresses: [10.20.1.9, "fe80::0009"]}}
""",
    )
    assert dict(found.cards) == {TWO: ONE}
    assert found.may_share("10.20.1.1", ONE, THREE) and not found.may_share("10.20.1.1", ONE, TWO)
    assert found.may_share("10.20.1.9", ONE, TWO) and found.may_share("fe80::9", ONE, TWO)
    assert found.are_pair(ONE, THREE) and not found.are_pair(ONE, TWO)


def test_the_example_of_the_module_is_valid(tmp_path: Path) -> None:
    assert module.__doc__ is not None
    example = [line[4:] for line in module.__doc__.splitlines() if line.startswith("    ")]
    found = redundancy(tmp_path, "\n".join(example))
    assert len(found.cards) == len(found.shared) == 1


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("redundancy: {name: a}", 1, "must be a list"),
        ("redundancy: [a]", 1, "must be a mapping"),
        ("redundancy:\n  - {kind: cards}", 2, "needs a name"),
        ("redundancy:\n  - {name: a, kind: team}", 2, "write cards (one host) or shared"),
        ("redundancy:\n  - {name: a, kind: cards, mac: []}", 2, "key 'mac' is not known; did you mean 'macs'?"),
        (f"redundancy:\n  - {{name: a, kind: cards, macs: ['{ONE}']}}", 2, "needs two macs"),
        ("redundancy:\n  - {name: a, kind: cards, macs: [1]}", 2, "no MAC address of one device"),
        ("redundancy:\n  - {name: a, kind: cards, macs: ['ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01']}", 2, "one device"),
        (
            f"redundancy:\n  - {{name: a, kind: cards, macs: ['{ONE}', '{TWO}'], addresses: [10.0.0.1]}}",
            2,
            "leave them out",
        ),
        (f"redundancy:\n  - {{name: a, kind: shared, macs: ['{ONE}']}}", 2, "needs addresses"),
        ("redundancy:\n  - {name: a, kind: shared, addresses: [10.0.0]}", 2, "no IP address"),
        ("redundancy:\n  - {name: a, kind: shared, addresses: 10.0.0.1}", 2, "must be lists"),
        (
            (
                f"redundancy:\n  - {{name: a, kind: cards, macs: ['{ONE}', '{TWO}']}}\n"
                f"  - {{name: b, kind: cards, macs: ['{TWO}', '{THREE}']}}"
            ),
            3,
            "is a card of 'a' already",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_fix(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(ConfigError, match=f"spanwatch.yaml:{line}: redundancy") as error:
        redundancy(tmp_path, text)
    assert said in str(error.value)
