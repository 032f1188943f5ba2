"""Promises about what may be an address and what a device may say."""

from __future__ import annotations

import pytest

from dissectors.registry import PROTOCOLS
from sensor.inventory.address import MAX_TEXT, asset_ip, asset_mac, clean, confirms, is_group_mac, other_end


@pytest.mark.parametrize("ip", ["10.0.0.1", "127.0.0.1", "169.254.3.4", "fe80::1", "2001:db8::5"])
def test_an_address_that_one_device_can_have_is_kept(ip: str) -> None:
    assert asset_ip(ip) == ip


@pytest.mark.parametrize("ip", ["", "0.0.0.0", "::", "255.255.255.255", "224.0.0.1", "239.255.255.250", "ff02::1", "x"])
def test_an_address_of_a_group_or_of_nobody_is_dropped(ip: str) -> None:
    assert asset_ip(ip) == ""


def test_macs_are_lower_case_and_groups_and_zeros_are_nobody() -> None:
    assert asset_mac("00:80:F4:01:02:03") == "00:80:f4:01:02:03"
    assert [asset_mac(mac) for mac in ("", "00:00:00:00:00:00", "01:80:c2:00:00:0e", "zz:zz:zz:zz:zz:zz")] == [""] * 4


def test_a_missing_mac_is_no_group() -> None:
    assert [is_group_mac(mac) for mac in ("", "00:00:00:00:00:00", "00:80:f4:01:02:03")] == [False] * 3
    assert is_group_mac("ff:ff:ff:ff:ff:ff") and is_group_mac("33:33:00:00:00:01")


def test_only_sources_in_which_the_mac_itself_claims_the_address_confirm_it() -> None:
    announcing = [f"{protocol.name}.8" for protocol in PROTOCOLS if protocol.announces]
    assert all(confirms(method) for method in ("arp", *announcing))
    assert [confirms(method) for method in ("ip", "modbus.43.14.2", "", "arpx")] == [False] * 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6ES7 315-2EH14-0AB0 ", "6ES7 315-2EH14-0AB0"),
        ("a\x00b\r\nc\x1b[2J\x7f", "abc[2J"),
        ("Pumpe süd № 3", "Pumpe süd № 3"),
        ("abc\u202egpj.exe\u200b", "abcgpj.exe"),
        ("\ud800bad", "bad"),
        ("\u2028line", "line"),
        ("", ""),
    ],
)
def test_device_texts_keep_what_can_be_read(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_device_texts_are_capped_at_the_limit_and_not_before() -> None:
    assert [len(clean("x" * size)) for size in (MAX_TEXT - 1, MAX_TEXT, MAX_TEXT + 1, 100_000)] == [255, 256, 256, 256]
    assert len(clean("é" * 1_000)) == MAX_TEXT


def test_the_servers_end_of_a_unit_is_its_own_address() -> None:
    assert [other_end(unit) for unit in ("1>10", "7", "")] == ["10", "7", ""]
