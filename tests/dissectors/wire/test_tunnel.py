"""Where the inner packet begins, and that a header cut short leads nowhere."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from dissectors.wire.tunnel import NOTHING, behind_gre, behind_mpls, behind_pppoe, behind_vxlan, udp_end

INNER = bytes(64)
LABEL, LAST_LABEL = bytes.fromhex("00010040"), bytes.fromhex("00020140")
PPPOE = bytes.fromhex("110000010040")
VXLAN = struct.pack("!HHHH", 5000, 4789, 8 + 8 + len(INNER), 0) + bytes.fromhex("0800000000000100")

CASES: list[tuple[Callable[[bytes, int, int], int], bytes, int]] = [
    (behind_mpls, LABEL + LAST_LABEL + INNER, 8),
    (behind_pppoe, PPPOE + b"\x00\x21" + INNER, 8),
    (behind_pppoe, PPPOE + b"\x00\x57" + INNER, 8),
    (behind_gre, bytes.fromhex("00000800") + INNER, 4),
    (behind_gre, bytes.fromhex("20000800") + bytes(4) + INNER, 8),
    (behind_gre, bytes.fromhex("100088be") + bytes(12) + INNER, 16),
    (behind_gre, bytes.fromhex("100022eb") + bytes(16) + INNER, 20),
    (behind_vxlan, VXLAN + INNER, 16),
]


@pytest.mark.parametrize(("behind", "data", "place"), CASES)
def test_the_inner_packet_begins_behind_the_header(
    behind: Callable[[bytes, int, int], int], data: bytes, place: int
) -> None:
    assert behind(b"\xff\xff" + data, 2, 2 + len(data)) == 2 + place


@pytest.mark.parametrize(("behind", "data", "place"), CASES)
def test_a_header_without_anything_behind_it_leads_nowhere(
    behind: Callable[[bytes, int, int], int], data: bytes, place: int
) -> None:
    for size in range(3):
        assert behind(data, 0, size) == NOTHING


def test_what_is_no_tunnel_is_left_alone() -> None:
    assert behind_pppoe(PPPOE + b"\xc0\x21" + INNER, 0, 72) == NOTHING
    assert behind_gre(bytes.fromhex("00010800") + INNER, 0, 68) == NOTHING
    other_port = struct.pack("!HHHH", 5000, 53, 80, 0) + VXLAN[8:] + INNER
    assert behind_vxlan(other_port, 0, len(other_port)) == NOTHING


def test_a_datagram_ends_where_its_header_says_and_never_behind_the_packet() -> None:
    assert udp_end(struct.pack("!HHHH", 1, 2, 12, 0) + bytes(20), 0, 28) == 12
    assert udp_end(struct.pack("!HHHH", 1, 2, 90, 0) + bytes(20), 0, 28) == 28
    assert udp_end(struct.pack("!HHHH", 1, 2, 3, 0) + bytes(20), 0, 28) == 28
