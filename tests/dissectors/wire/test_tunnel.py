"""Where the inner packet begins, and that a header cut short leads nowhere."""

from __future__ import annotations

import struct

import pytest

from dissectors.wire.numbers import IPV4, MPLS
from dissectors.wire.tunnel import (
    ANY_IP,
    NOTHING,
    Wrapping,
    behind_control_word,
    behind_mpls,
    read_frame_relay,
    read_ppp,
    read_service_header,
    udp_end,
)

INNER = bytes(64)
LABEL, LAST_LABEL = bytes.fromhex("00010040"), bytes.fromhex("00020140")


def test_a_label_stack_ends_at_its_last_label() -> None:
    stack = LABEL + LAST_LABEL
    assert behind_mpls(b"\xff\xff" + stack + INNER, 2, 2 + len(stack) + len(INNER)) == 10
    for size in range(9):
        assert behind_mpls(stack + INNER, 0, size) == NOTHING


@pytest.mark.parametrize(
    ("control_word", "first"), [(True, b"\x00"), (True, b"\x02"), (False, b"\x00"), (False, b"\x1c")]
)
def test_the_frame_of_a_pseudowire_is_found_with_and_without_a_control_word(control_word: bool, first: bytes) -> None:
    frame = first + bytes.fromhex("1b1b000001 001c06000002 0800") + INNER
    data = (bytes(4) if control_word else b"") + frame
    assert behind_control_word(data, 0, len(data)) == (4 if control_word else 0)


@pytest.mark.parametrize(
    ("header", "carries"),
    [("ff030021", ANY_IP), ("0021", ANY_IP), ("21", ANY_IP), ("ff0321", ANY_IP), ("0057", ANY_IP), ("ff030281", MPLS)],
)
def test_ppp_leads_to_its_packet_whatever_was_compressed(header: str, carries: int) -> None:
    wrapping = Wrapping()
    data = bytes.fromhex(header) + INNER
    read_ppp(wrapping, data, 0, len(data))
    assert (wrapping.at, wrapping.carries, wrapping.unread) == (len(data) - len(INNER), carries, "")


def test_ppp_control_is_no_packet_and_not_unread_and_other_protocols_are_named() -> None:
    wrapping = Wrapping()
    read_ppp(wrapping, bytes.fromhex("ff03c021") + INNER, 0, 68)
    assert (wrapping.at, wrapping.unread) == (NOTHING, "")
    read_ppp(wrapping, bytes.fromhex("ff03002b") + INNER, 0, 68)
    assert wrapping.unread == "PPP protocol 0x002b"


@pytest.mark.parametrize(
    ("header", "carries"),
    [("184103cc", ANY_IP), ("1841038e", ANY_IP), ("18410300800000000800", IPV4), ("18410800", ANY_IP)],
)
def test_frame_relay_leads_to_its_packet(header: str, carries: int) -> None:
    wrapping = Wrapping()
    data = bytes.fromhex(header) + INNER
    read_frame_relay(wrapping, data, 0, len(data))
    assert (wrapping.at, wrapping.carries, wrapping.unread) == (len(data) - len(INNER), carries, "")


def test_a_service_header_is_as_long_as_it_says() -> None:
    wrapping = Wrapping()
    data = bytes.fromhex("0fc6 02 01 000001 ff") + bytes(16) + INNER
    read_service_header(wrapping, data, 0, len(data))
    assert (wrapping.at, wrapping.carries, wrapping.unread) == (24, IPV4, "")
    read_service_header(wrapping, data[:20], 0, 20)
    assert wrapping.unread == "network service header cut short"


def test_a_datagram_ends_where_its_header_says_and_never_behind_the_packet() -> None:
    assert udp_end(struct.pack("!HHHH", 1, 2, 12, 0) + bytes(20), 0, 28) == 12
    assert udp_end(struct.pack("!HHHH", 1, 2, 90, 0) + bytes(20), 0, 28) == 28
    assert udp_end(struct.pack("!HHHH", 1, 2, 3, 0) + bytes(20), 0, 28) == 28
