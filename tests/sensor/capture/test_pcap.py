"""Classic pcap: every variant, every cut, every lie."""

from __future__ import annotations

import struct

import pytest

from sensor.capture.walker import LATEST, MAX_PACKET

from .feeding import feed
from .forge import PACKETS, START, pcap, pcap_header, pcap_record
from .recorder import Packet

MICRO, NANO, MODIFIED = 0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("magic", [MICRO, NANO, MODIFIED])
def test_every_variant_gives_the_same_packets(big: bool, magic: int) -> None:
    walker, sink = feed(pcap(big=big, magic=magic))
    assert sink.seen == PACKETS
    assert not walker.problem


def test_nanoseconds_are_kept() -> None:
    packet: Packet = (b"x", 1, START + 789, 1)
    assert feed(pcap([packet], magic=NANO))[1].seen == [packet]
    assert feed(pcap([packet]))[1].seen == [(b"x", 1, START, 1)]


@pytest.mark.parametrize("big", [False, True])
def test_the_link_type_is_read_without_the_check_sequence_bits(big: bool) -> None:
    seen = feed(pcap(big=big, link=0x54000000 | 147))[1].seen
    assert {link for *_, link in seen} == {147}


def test_the_end_of_unsigned_seconds_is_2106() -> None:
    data = pcap_header() + struct.pack("<IIII", 0xFFFFFFFF, 0xFFFFFFFF, 1, 1) + b"x"
    assert feed(data)[1].seen == [(b"x", 1, LATEST, 1)]
    data = pcap_header() + struct.pack("<IIII", 0x80000000, 0, 1, 1) + b"x"
    assert feed(data)[1].seen == [(b"x", 1, 0x80000000 * 1_000_000_000, 1)]


def test_earliest_and_latest_hold_when_the_clock_goes_backwards() -> None:
    walker, sink = feed(pcap(list(reversed(PACKETS))))
    assert (walker.earliest, walker.latest) == (START, START + 2_000_000_000)
    assert walker.byte_count == sum(len(byte_count) for byte_count, *_ in sink.seen) == 184


def test_the_longest_packet_passes_and_one_byte_more_is_corruption() -> None:
    data = pcap([(bytes(MAX_PACKET), MAX_PACKET, START, 1)])
    assert feed(data)[0].packets == 1
    data = pcap([*PACKETS, (bytes(MAX_PACKET + 1), 0, START, 1)])
    walker, sink = feed(data)
    assert sink.seen == PACKETS
    assert walker.stopped
    assert walker.problem.startswith(f"a packet record claims {MAX_PACKET + 1} bytes, more than {MAX_PACKET}")
    assert (walker.problem_offset, walker.problem_packets) == (len(pcap()), 5)


@pytest.mark.parametrize("version", [(2, 3), (1, 4), (543, 0)])
@pytest.mark.parametrize("big", [False, True])
def test_another_version_is_refused_with_the_remedy(version: tuple[int, int], big: bool) -> None:
    walker, sink = feed(pcap_header(version=version, big=big) + pcap_record(PACKETS[0], big=big))
    assert walker.stopped
    assert not sink.seen
    assert f"version {version[0]}.{version[1]} is not read; convert it with: editcap" in walker.problem
