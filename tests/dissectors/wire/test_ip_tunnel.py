"""What an IP payload that may be a tunnel is."""

from __future__ import annotations

import pytest

from dissectors.wire.ip_tunnel import behind_gre, read_ip
from dissectors.wire.numbers import IPV4, MPLS, TRANSPARENT_ETHERNET
from dissectors.wire.tunnel import ANY_IP, NOTHING, Wrapping

INNER = bytes(64)

CASES = [
    ("gre", 47, "00000800", NOTHING, IPV4),
    ("gre", 47, "2000080000000009", 9, IPV4),
    ("gre", 47, "b00008000000000000000009 00000001", 9, IPV4),
    ("gre", 47, "00006558", NOTHING, TRANSPARENT_ETHERNET),
    ("gre", 47, "00008847", NOTHING, MPLS),
    ("nvgre", 47, "2000655800000907", 9, TRANSPARENT_ETHERNET),
    ("erspan", 47, "000088be", NOTHING, TRANSPARENT_ETHERNET),
    ("erspan", 47, "100088be00000001 1001000700000000", 7, TRANSPARENT_ETHERNET),
    ("erspan", 47, "100022eb00000001 200100070000000000000000", 7, TRANSPARENT_ETHERNET),
    ("erspan", 47, "100022eb00000001 200100070000000000000001 0000000000000000", 7, TRANSPARENT_ETHERNET),
    ("ip-in-ip", 4, "", NOTHING, ANY_IP),
    ("6in4", 41, "", NOTHING, ANY_IP),
    ("etherip", 97, "3000", NOTHING, TRANSPARENT_ETHERNET),
    ("mpls-in-ip", 137, "", NOTHING, MPLS),
]


@pytest.mark.parametrize(("name", "protocol", "header", "number", "carries"), CASES)
def test_the_inner_packet_begins_behind_the_header(
    name: str, protocol: int, header: str, number: int, carries: int
) -> None:
    wrapping = Wrapping()
    data = b"\xff" + bytes.fromhex(header) + INNER
    assert read_ip(wrapping, protocol, False, data, 1, len(data))
    assert (wrapping.name, wrapping.number, wrapping.carries, wrapping.unread) == (name, number, carries, "")
    assert wrapping.at == len(data) - len(INNER)


@pytest.mark.parametrize("header", [case[2] for case in CASES if case[1] == 47])
def test_a_gre_header_without_anything_behind_it_leads_nowhere(header: str) -> None:
    data = bytes.fromhex(header)
    for size in range(len(data) + 1):
        assert behind_gre(data, 0, size) == NOTHING


def test_ipv6_in_ipv6_is_called_ip_in_ip() -> None:
    wrapping = Wrapping()
    assert read_ip(wrapping, 41, True, INNER, 0, len(INNER))
    assert wrapping.name == "ip-in-ip"


@pytest.mark.parametrize(
    ("header", "says"),
    [("2001880b", "gre of version 1 (PPTP)"), ("00020800", "gre cut short or of another version"),
     ("0000883e", "gre with 0x883e")],
)  # fmt: skip
def test_gre_that_is_not_read_says_why(header: str, says: str) -> None:
    wrapping = Wrapping()
    data = bytes.fromhex(header) + INNER
    assert read_ip(wrapping, 47, False, data, 0, len(data))
    assert wrapping.unread == says


@pytest.mark.parametrize("protocol", [1, 2, 50, 89, 97, 132])
def test_what_is_no_tunnel_is_left_alone(protocol: int) -> None:
    assert not read_ip(Wrapping(), protocol, False, INNER, 0, len(INNER))
