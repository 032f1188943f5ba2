"""Addresses as text and what kind they are, against the standard library."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest

from dissectors.wire.address import ip4_text, ip6_text, is_group_ip4, is_group_mac, mac_text


@pytest.mark.parametrize("text", ["0.0.0.0", "10.0.0.9", "128.1.2.3", "224.0.0.1", "239.1.1.1", "255.255.255.255"])
def test_an_ip4_address_reads_as_usual_and_a_group_is_known(text: str) -> None:
    number = int(IPv4Address(text))
    assert ip4_text(number) == text
    assert is_group_ip4(number) == (text.startswith(("22", "23")) or text in {"0.0.0.0", "255.255.255.255"})


@pytest.mark.parametrize("text", ["::", "::1", "fe80::1", "2001:db8::ff00:42:8329", "ffff:ffff::8000:0:0:1"])
def test_an_ip6_address_of_two_signed_halves_reads_as_usual(text: str) -> None:
    packed = IPv6Address(text).packed
    halves = [int.from_bytes(packed[at : at + 8], "big", signed=True) for at in (0, 8)]
    assert ip6_text(*halves) == text


@pytest.mark.parametrize(
    ("number", "text", "group"),
    [
        (-1, "", False),
        (0, "00:00:00:00:00:00", False),
        (0x0080F4010221, "00:80:f4:01:02:21", False),
        (0x01005E000001, "01:00:5e:00:00:01", True),
        (0xFFFFFFFFFFFF, "ff:ff:ff:ff:ff:ff", True),
    ],
)
def test_a_mac_reads_with_colons_and_one_that_was_not_seen_is_empty(number: int, text: str, group: bool) -> None:
    assert mac_text(number) == text
    assert is_group_mac(number) == group
