"""``spanwatch assets``: the assets of a store, listed and shown; what a device calls itself is text."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from sensor.inventory.record import AssetRecord
from sensor.store import Store
from tests.sensor.cli.command import process, spanwatch

HOSTILE = "plc\x1b[2J\x1b]0;owned\x07[red]\u202egnp.exe\r\nroot"


@pytest.fixture
def hostile(store: Path, tmp_path: Path) -> Path:
    """A store in which a device chose a name that would take over a terminal."""
    with Store(store, read_only=True) as opened:
        asset = next(one for one in opened.assets() if one.name == "plc-filt")
    renamed: AssetRecord = msgspec.structs.replace(asset, name=HOSTILE, vendor=HOSTILE)
    path = tmp_path / "hostile.db"
    with Store(path) as opened:
        opened.writer.asset(renamed, None)
        opened.writer.commit()
    return path


def test_assets_are_listed_and_shown_by_name_ip_and_mac(store: Path) -> None:
    listed = spanwatch("assets", "list", "--store", store)
    assert listed.exit_code == 0
    assert "8 assets" in listed.stdout
    rows = [json.loads(line) for line in spanwatch("assets", "list", "--store", store, "--json").stdout.splitlines()]
    assert len(rows) == 8
    identity = next(row["id"] for row in rows if row["name"] == "plc-filt")
    for given in ("plc-filt", "10.20.1.22", "00:1b:1b:22:10:02", identity):
        done = spanwatch("assets", "show", given, "--store", store)
        assert done.exit_code == 0, done.output
        assert identity in done.stdout
        assert "s7comm server" in done.stdout
        assert "scada-1 (10.20.1.10)" in done.stdout.partition("Talks with")[2]


def test_an_unknown_asset_exits_2_and_says_where_to_look(store: Path) -> None:
    done = spanwatch("assets", "show", "10.9.9.9", "--store", store)
    assert done.exit_code == 2
    assert f"spanwatch assets list --store {store}" in done.stderr


@pytest.mark.parametrize("command", [("list",), ("show", "10.20.1.22"), ("list", "--json")], ids=" ".join)
def test_text_chosen_by_a_device_has_no_power_over_the_terminal(command: tuple[str, ...], hostile: Path) -> None:
    done = process("assets", *command, "--store", hostile)
    assert done.returncode == 0, done.stderr
    assert not set(done.stdout) & {0x1B, 0x07, 0x0D}
    text = done.stdout.decode()
    assert "\u202e" not in text
    assert "[red]" in text, "markup is printed, not obeyed"
    assert "\\x1b[2J" in text or "\\u001b[2J" in text


def test_an_asset_that_is_not_there_brings_the_nearest_name(store: Path) -> None:
    told = spanwatch("assets", "show", "plcfilt", "--store", store)
    assert told.exit_code == 2
    assert "no asset is called 'plcfilt'; did you mean 'plc-filt'? See: spanwatch assets list" in told.stderr
