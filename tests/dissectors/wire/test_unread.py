"""What is not read is counted under a name that says what it was, and strangers cannot make the names grow."""

from __future__ import annotations

import pytest

from dissectors.facts import ChannelOpened, Health
from dissectors.wire.unread import MAX_NAMES, OTHER, Unread, ethertype_text
from tests.dissectors.harness import Packet, ethernet, health, ip4, of, run, udp

BODY = bytes(46)


def unread(data: bytes, link: int = 1) -> dict[str, int]:
    (fact,) = of(run([Packet(data, link=link)]), Health)
    assert sum(fact.unread.values()) == fact.counters["not_decoded"]
    return dict(fact.unread)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (ethernet(BODY, 0x88E5), "ethertype 0x88e5 (MACsec)"),
        (ethernet(BODY, 0x1234), "ethertype 0x1234"),
        (ethernet(ip4(BODY, 50)), "IPsec ESP"),
        (ethernet(ip4(udp(BODY, 5, 5247), 17)), "CAPWAP"),
        (ethernet(ip4(bytes.fromhex("2001880b") + BODY, 47)), "gre of version 1 (PPTP)"),
        (ethernet(ip4(bytes.fromhex("00001234") + BODY, 47)), "gre with 0x1234"),
        (ethernet(ip4(udp(bytes.fromhex("01000012 01") + BODY, 5, 37008), 17)), "tzsp with link type 18"),
        (ethernet(ip4(udp(bytes.fromhex("0c000006") + BODY, 5, 4790), 17)), "vxlan-gpe with protocol 6"),
        (ethernet(b"\x45\x00", 0x0800), "IP header cut short or wrong"),
        (ethernet(ip4(bytes(4), 6)), "TCP or UDP header cut short or wrong"),
        (ethernet(b"\0\0", 0x8100), "VLAN tag cut short"),
        (ethernet(b"\0\0", 0x8926), "tag of ethertype 0x8926 cut short"),
        (ethernet(b"\0\0\0\0", 0x8847), "MPLS without payload"),
        (ethernet(b"\0\1\0\1", 0x0806), "ARP cut short or not for IPv4"),
        (b"\0" * 13, "link header cut short"),
    ],
)  # fmt: skip
def test_what_stopped_the_reading_has_a_name(data: bytes, name: str) -> None:
    assert unread(data) == {name: 1}


@pytest.mark.parametrize(
    ("link", "name"), [(105, "link type 105 (IEEE 802.11)"), (147, "link type 147"), (104, "Cisco HDLC cut short")]
)
def test_a_link_type_that_is_not_read_has_its_number(link: int, name: str) -> None:
    assert unread(b"\0\0\0", link) == {name: 1}


def test_a_protocol_with_a_name_is_a_conversation_and_not_unread() -> None:
    facts = run([Packet(ethernet(BODY, 0x8892))])
    assert [fact.protocol for fact in of(facts, ChannelOpened)] == ["profinet"]
    assert health(facts)["not_decoded"] == 0


def test_sealed_frames_are_a_conversation_too() -> None:
    (channel,) = of(run([Packet(ethernet(BODY, 0x88E5))]), ChannelOpened)
    assert channel.protocol == "macsec"


def test_names_are_bounded_and_begin_anew() -> None:
    counts = Unread()
    for number in range(MAX_NAMES + 10):
        counts.count(ethertype_text(number))
    assert counts.total == MAX_NAMES + 10
    names = counts.drain()
    assert (len(names), names[OTHER]) == (MAX_NAMES + 1, 10)
    assert (counts.drain(), counts.total) == ({}, MAX_NAMES + 10)
