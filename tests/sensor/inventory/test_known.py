"""Whom the policy names: an address and a MAC that contradict each other are nobody."""

from __future__ import annotations

import pytest

from sensor.inventory.known import KnownAsset, KnownTable

MAC, OTHER = "00:1b:1b:22:10:02", "00:80:f4:01:02:21"
PLC = KnownAsset(name="plc", ip="10.0.0.1", mac=MAC.upper())
HMI = KnownAsset(name="hmi", ip="10.0.0.2")
SWITCH = KnownAsset(name="switch", mac=OTHER)
FIRST = KnownAsset(name="drive-1", ip="10.0.0.3", units=frozenset({("modbus", "1"), ("modbus", "9")}))
SECOND = KnownAsset(name="drive-2", ip="10.0.0.3", units=frozenset({("modbus", "2")}))
GATEWAY = KnownAsset(name="gateway", ip="10.0.0.3")
TABLE = KnownTable([PLC, HMI, SWITCH, FIRST, SECOND, GATEWAY])


@pytest.mark.parametrize(
    ("ip", "mac", "found"),
    [
        ("10.0.0.1", MAC, PLC),
        ("10.0.0.1", "", PLC),  # behind a router
        ("10.0.0.1", OTHER, None),  # somebody else uses its address
        ("", MAC, PLC),
        ("10.0.0.2", OTHER, HMI),  # no MAC is named
        ("10.0.0.9", OTHER, SWITCH),  # no address is named
        ("10.0.0.9", MAC, None),  # the PLC under another address
        ("", "", None),
    ],
)
def test_a_named_asset_is_found_by_what_is_known_of_it(ip: str, mac: str, found: KnownAsset | None) -> None:
    assert TABLE.find(ip, mac) is found


@pytest.mark.parametrize(
    ("protocol", "unit", "found"),
    [
        ("modbus", "1", FIRST),
        ("modbus", "2", SECOND),
        ("modbus", "9", FIRST),
        ("modbus", "3", None),
        ("dnp3", "1", None),
        ("", "", GATEWAY),
    ],
)
def test_a_device_behind_a_gateway_is_found_by_its_unit(protocol: str, unit: str, found: KnownAsset | None) -> None:
    assert TABLE.find("10.0.0.3", "", protocol, unit) is found


def test_several_devices_behind_an_address_do_not_name_the_address() -> None:
    assert KnownTable([FIRST, SECOND]).find("10.0.0.3", "") is None
    assert KnownTable([FIRST]).find("10.0.0.3", "") is FIRST


@pytest.mark.parametrize(
    ("ip", "zone"),
    [("10.0.0.9", "cell"), ("10.9.9.9", "plant"), ("fd00::1", "six"), ("192.0.2.1", ""), ("", ""), ("none", "")],
)
def test_an_address_belongs_to_the_narrowest_network_that_holds_it(ip: str, zone: str) -> None:
    networks = {
        "10.0.0.0/8": ("plant", "3", False),
        "10.0.0.0/24": ("cell", "1", True),
        "fd00::/16": ("six", "2", False),
    }
    assert KnownTable([], networks).zone(ip)[0] == zone
