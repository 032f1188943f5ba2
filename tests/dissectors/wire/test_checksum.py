"""The Internet checksum: right, wrong, or left to a network card."""

from __future__ import annotations

import struct
from ipaddress import ip_address

import pytest

from dissectors.wire.checksum import RIGHT, UNKNOWN, WRONG, ends_sum, header_sum, ip4_start, transport_sum
from tests.dissectors.harness import CLIENT, SERVER
from tests.evasion.talker import ATTACK, Talker, folded, ip4

ENDS = ends_sum(0, int(ip_address(CLIENT)), 0, int(ip_address(SERVER)))


@pytest.mark.parametrize("size", range(9))
@pytest.mark.parametrize("wrong", [False, True])
def test_a_segment_of_any_length_is_right_or_wrong(size: int, wrong: bool) -> None:
    segment = Talker().tcp(0, ATTACK[:size], wrong=wrong)
    among = b"\xff" * 3 + segment + b"\xff" * 5
    assert transport_sum(ENDS, 6, among, 3, 3 + len(segment)) == (WRONG if wrong else RIGHT)


def test_a_sum_that_holds_the_pseudo_header_alone_was_left_to_the_card() -> None:
    segment = Talker().tcp(0, ATTACK)
    pseudo = ip_address(CLIENT).packed + ip_address(SERVER).packed + struct.pack("!II", len(segment), 6)
    partial = segment[:16] + struct.pack("!H", folded(pseudo) ^ 0xFFFF) + segment[18:]
    assert transport_sum(ENDS, 6, partial, 0, len(partial)) == UNKNOWN


def test_a_datagram_of_udp_may_do_without_a_sum() -> None:
    datagram = struct.pack("!HHHH", 1, 2, 10, 0) + b"ab"
    assert transport_sum(ENDS, 17, datagram, 0, len(datagram)) == UNKNOWN
    assert transport_sum(ENDS, 17, datagram[:6] + b"\0\1ab", 0, len(datagram)) == WRONG
    assert transport_sum(ENDS, 17, datagram[:5], 0, 5) == UNKNOWN


def test_an_ip_header_is_found_before_its_segment_and_checked() -> None:
    packet = b"\x45" * 14 + ip4(Talker().tcp(0, ATTACK), (CLIENT, SERVER))
    assert ip4_start(packet, 34) == 14
    assert header_sum(packet, 14, 34) == RIGHT
    assert header_sum(b"\x45" * 14 + ip4(b"", (CLIENT, SERVER), wrong=True), 14, 34) == WRONG
    assert header_sum(packet[:24] + b"\0\0" + packet[26:], 14, 34) == UNKNOWN
    assert ip4_start(bytes(60), 40) == -1
