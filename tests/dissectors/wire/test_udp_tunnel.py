"""What a datagram to the port of a tunnel is, and that anything else stays an ordinary datagram."""

from __future__ import annotations

import struct

import pytest

from dissectors.wire.numbers import IPV4, MPLS, TRANSPARENT_ETHERNET
from dissectors.wire.tunnel import ANY_IP, NOTHING, Wrapping
from dissectors.wire.udp_tunnel import WRAPPING_PORTS, read_udp

FRAME = bytes(60)
SIX = b"\x60" + bytes(59)


def datagram(port: int, payload: bytes) -> bytes:
    return struct.pack("!HHHH", 5000, port, 8 + len(payload), 0) + payload


CASES = [
    ("vxlan", 4789, "0800000000000700", FRAME, 7, TRANSPARENT_ETHERNET),
    ("vxlan", 4789, "8800000500000700", FRAME, 7, TRANSPARENT_ETHERNET),
    ("vxlan", 8472, "0800000000000700", FRAME, 7, TRANSPARENT_ETHERNET),
    ("vxlan-gpe", 4790, "0c00000100000700", FRAME, 7, IPV4),
    ("geneve", 6081, "0000655800000700", FRAME, 7, TRANSPARENT_ETHERNET),
    ("geneve", 6081, "024008000000070001020301ffffffff", FRAME, 7, IPV4),
    ("tzsp", 37008, "0100000101", FRAME, NOTHING, TRANSPARENT_ETHERNET),
    ("tzsp", 37008, "01000001002902004001", FRAME, NOTHING, TRANSPARENT_ETHERNET),
    ("hp-erm", 7932, "00" * 12, FRAME, NOTHING, TRANSPARENT_ETHERNET),
    ("mpls-in-udp", 6635, "", bytes.fromhex("00020140") + FRAME, NOTHING, MPLS),
    ("teredo", 3544, "", SIX, NOTHING, ANY_IP),
    ("teredo", 3544, "0000" + "11" * 6, SIX, NOTHING, ANY_IP),
    ("teredo", 3544, "00010000" + "22" * 9 + "0000" + "11" * 6, SIX, NOTHING, ANY_IP),
]


@pytest.mark.parametrize(("name", "port", "header", "inner", "number", "carries"), CASES)
def test_the_inner_packet_begins_behind_the_header(
    name: str, port: int, header: str, inner: bytes, number: int, carries: int
) -> None:
    wrapping = Wrapping()
    data = b"\xff\xff" + datagram(port, bytes.fromhex(header) + inner)
    assert WRAPPING_PORTS[port] == 1
    assert read_udp(wrapping, data, 2, len(data))
    assert (wrapping.name, wrapping.number, wrapping.carries, wrapping.unread) == (name, number, carries, "")
    assert data[wrapping.at :] == inner


@pytest.mark.parametrize(("port", "header", "inner"), [case[1:4] for case in CASES])
def test_a_header_cut_anywhere_leads_to_nothing_behind_the_packet(port: int, header: str, inner: bytes) -> None:
    whole = datagram(port, bytes.fromhex(header) + inner)
    for size in range(8, len(whole)):
        wrapping = Wrapping()
        assert not read_udp(wrapping, whole, 0, size) or wrapping.at < size or wrapping.unread


@pytest.mark.parametrize(
    ("port", "header"),
    [(4789, "0000000000000700"), (4789, "0800000000000701"), (6081, "4000655800000700"), (37008, "0200000101"),
     (37008, "01040001"), (3544, "40" * 8), (4790, "0000000100000700")],
)  # fmt: skip
def test_what_is_not_what_its_port_says_is_an_ordinary_datagram(port: int, header: str) -> None:
    data = datagram(port, bytes.fromhex(header) + b"\x45" * 60)
    assert not read_udp(Wrapping(), data, 0, len(data))


def test_a_packet_of_another_kind_in_tzsp_is_named() -> None:
    wrapping = Wrapping()
    data = datagram(37008, bytes.fromhex("0100001201") + FRAME)
    assert read_udp(wrapping, data, 0, len(data))
    assert wrapping.unread == "tzsp with link type 18"


def test_ordinary_ports_are_no_tunnels() -> None:
    assert [port for port in (53, 161, 502, 2222, 20000, 47808) if WRAPPING_PORTS[port]] == []
