"""Lists of assets and single ones: what they name, at any width, with hostile names in them."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
import pytest
from rich.console import Console

from sensor.cli.terminal.assets import lines_of_assets, list_of_assets, one_asset
from sensor.inventory.record import AssetRecord
from tests.sensor.cli.terminal.screen import in_colour, printed, words
from tests.sensor.documents.contexts import HOSTILE, changed, record

Show = Callable[[Console], object]


def hostile_asset() -> AssetRecord:
    return record(name=HOSTILE, vendor=HOSTILE, role=HOSTILE)


SHOWS: list[Show] = [
    lambda out: list_of_assets([hostile_asset()], out),
    lambda out: one_asset(hostile_asset(), [changed(old=HOSTILE)], out),
    lambda out: lines_of_assets([hostile_asset()], out),
]


@pytest.mark.parametrize("show", SHOWS)
@pytest.mark.parametrize("width", [40, 140])
def test_a_hostile_name_is_printed_and_not_obeyed(show: Show, width: int) -> None:
    plain = printed(show, width)
    assert all(char == "\n" or char.isprintable() for char in plain)
    assert "[red]" in plain.replace("\n", "").replace(" ", "") or width < 100
    coloured = in_colour(show, width)
    assert "\x1b[31m\\n" not in coloured
    assert not set(coloured) & {"\x00", "\u202e", "\x07", "\r"}


@pytest.mark.parametrize("show", SHOWS[:2])
@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_nothing_is_wider_than_the_terminal(show: Show, width: int) -> None:
    assert max(map(len, printed(show, width).splitlines())) <= width


def test_one_asset_shows_every_value_with_its_method_and_frames() -> None:
    text = words(printed(lambda out: one_asset(record(), [changed()], out), 200))
    for part in (
        "PLC-7", "10.0.0.21", "00:80:f4:01:02:21", "plc: It answers Modbus requests.", "tcp/502",
        "firmware_version V2.9.4 modbus.43.14.2 strong 1 3, 4", "changed firmware_version V2.8.1 V2.9.4",
    ):  # fmt: skip
        assert part in text, part


def test_a_list_without_an_asset_says_so() -> None:
    assert printed(lambda out: list_of_assets([], out)) == "No assets.\n"


def test_a_line_of_json_holds_a_whole_asset() -> None:
    (asset,) = printed(lambda out: lines_of_assets([record()], out), 40).splitlines()
    assert msgspec.convert(json.loads(asset), AssetRecord) == record()
