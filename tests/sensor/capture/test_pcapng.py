"""pcapng: sections, interfaces, clocks, the three kinds of packets, and blocks that lie."""

from __future__ import annotations

import pytest

from sensor.capture.pcapng import MAX_BLOCK, MAX_INTERFACES
from sensor.capture.walker import LATEST, MAX_PACKET

from .feeding import feed
from .forge import PACKETS, SECOND, START, Ng
from .recorder import Packet

ONE: Packet = PACKETS[0]
LITTLE, BIG = Ng(), Ng(big=True)
ORDERS = pytest.mark.parametrize("ng", [LITTLE, BIG], ids=["little", "big"])


@ORDERS
def test_enhanced_and_obsolete_packets_are_read_in_both_byte_orders(ng: Ng) -> None:
    walker, sink = feed(ng.file() + b"".join(ng.obsolete(packet) for packet in PACKETS))
    assert sink.seen == [*PACKETS, *PACKETS]
    assert not walker.problem


def test_each_section_has_its_own_byte_order_and_interfaces() -> None:
    data = LITTLE.file() + BIG.section() + BIG.interface(link=101) + BIG.enhanced(ONE) + LITTLE.file()
    walker, sink = feed(data)
    assert sink.seen == [*PACKETS, (*ONE[:3], 101), *PACKETS]
    assert not walker.problem


def test_a_section_does_not_inherit_interfaces() -> None:
    walker, sink = feed(LITTLE.file() + LITTLE.section() + LITTLE.enhanced(ONE))
    assert sink.seen == PACKETS
    assert walker.problem == "a packet of interface 0, but 0 are described"


@ORDERS
def test_the_sink_hears_of_an_interface_before_its_first_packet(ng: Ng) -> None:
    wire = ng.interface(1, options=ng.option(2, b"eth0"))
    described = ng.interface(113, options=ng.option(3, b"mirror port\0") + ng.option(0, b""))
    both = ng.interface(101, options=ng.option(2, b"tun0") + ng.option(3, b"tunnel"))
    packets = b"".join(ng.enhanced(ONE, number) for number in (0, 0, 1, 2, 3, 0))
    walker, sink = feed(ng.section() + wire + described + both + ng.interface(105) + packets)
    assert [link for *_, link in sink.seen] == [1, 1, 113, 101, 105, 1]
    assert [name for _, name in sink.packet_sources] == ["eth0", "eth0", "mirror port", "tun0", "#3", "eth0"]
    assert len(sink.sources) == 5
    assert not walker.problem


@pytest.mark.parametrize(
    ("resolution", "ticks", "nanoseconds"),
    [
        (0, 1_700_000_000, 1_700_000_000 * SECOND),
        (3, 1_700_000_000_123, 1_700_000_000_123 * 1_000_000),
        (6, START // 1000, START),
        (9, START + 789, START + 789),
        (10, (START + 789) * 10 + 9, START + 789),
        (0x80, 1_700_000_000, 1_700_000_000 * SECOND),
        (0x80 | 20, (1_700_000_000 << 20) + (1 << 19), 1_700_000_000 * SECOND + SECOND // 2),
        (0x80 | 30, (1_700_000_000 << 30) + 1, 1_700_000_000 * SECOND),
        (0x80 | 32, (1_700_000_000 << 32) + (1 << 30), 1_700_000_000 * SECOND + SECOND // 4),
        (127, (1 << 64) - 1, 0),
        (0xFF, (1 << 64) - 1, 0),
        (0, (1 << 64) - 1, LATEST),
        (6, (1 << 64) - 1, LATEST),
        (6, LATEST // 1000 + 1, LATEST),
        (9, 1 << 63, LATEST),
    ],
)
def test_every_clock_resolution_gives_nanoseconds(resolution: int, ticks: int, nanoseconds: int) -> None:
    for ng in (LITTLE, BIG):
        interface = ng.interface(options=ng.option(9, bytes([resolution])))
        _, sink = feed(ng.section() + interface + ng.enhanced(ONE, ticks=ticks))
        assert sink.seen == [(ONE[0], ONE[1], nanoseconds, 1)]


@ORDERS
@pytest.mark.parametrize("shift", [0, 1, -1, 1_700_000_000, -(1 << 63), (1 << 63) - 1])
def test_a_shifted_clock_is_set_right_and_kept_in_range(ng: Ng, shift: int) -> None:
    interface = ng.interface(options=ng.option(14, ng.pack("q", shift)))
    _, sink = feed(ng.section() + interface + ng.enhanced(ONE, ticks=5_000_001))
    assert sink.seen[0][2] == min(max((5 + shift) * SECOND + 1000, 0), LATEST)


@ORDERS
def test_simple_packets_are_cut_at_the_snapshot_length_and_take_the_latest_time(ng: Ng) -> None:
    start = ng.section() + ng.interface(snaplen=10) + ng.interface(link=101)
    simple = ng.simple(bytes(10), 90) + ng.simple(bytes(12), 11) + ng.simple(b"abc", 3)
    walker, sink = feed(start + ng.enhanced(ONE, 1) + simple)
    assert sink.seen[1:] == [(bytes(10), 90, ONE[2], 1), (bytes(10), 11, ONE[2], 1), (b"abc", 3, ONE[2], 1)]
    assert not walker.problem


@ORDERS
def test_all_other_blocks_and_all_options_are_passed_over(ng: Ng) -> None:
    comment = ng.option(1, b"a comment") + ng.option(0, b"")
    others = b"".join(ng.block(kind, bytes(kind % 64)) for kind in (4, 5, 9, 10, 0xBAD, 0x80000001, 0xFFFFFFFF))
    data = ng.section() + others + ng.interface(options=comment) + others + ng.enhanced(ONE, options=comment) + others
    walker, sink = feed(data)
    assert sink.seen == [ONE]
    assert not walker.problem


@ORDERS
@pytest.mark.parametrize("length", [0, 1, 8, 11, 13, 14, 15, MAX_BLOCK + 4, 0xFFFFFFFC, 0xFFFFFFFF])
def test_a_block_length_that_cannot_be_ends_the_reading(ng: Ng, length: int) -> None:
    walker, sink = feed(ng.file() + ng.pack("III", 6, length, length))
    assert sink.seen == PACKETS
    assert walker.stopped
    assert walker.problem == f"a block of type 6 claims {length} bytes, which cannot be: the file is corrupt"
    assert walker.problem_offset == len(ng.file())


def test_two_lengths_that_differ_end_the_reading() -> None:
    bad = LITTLE.enhanced(ONE)[:-4] + LITTLE.pack("I", 96)
    walker, sink = feed(LITTLE.file() + bad + LITTLE.enhanced(ONE))
    assert sink.seen == PACKETS
    assert walker.problem == "a block of type 6 ends with another length than its 92 bytes"


@ORDERS
def test_a_packet_block_that_contradicts_itself_costs_only_itself(ng: Ng) -> None:
    lies = [
        (ng.block(6, bytes(16)), "a packet block of 28 bytes is too short to be one"),
        (
            ng.block(6, ng.pack("IIIII", 0, 0, 0, 5, 5) + bytes(4)),
            "a packet block of 36 bytes claims a packet of 5 bytes",
        ),
        (ng.block(2, ng.pack("IIIII", 0, 0, 0, 0xFFFFFFFF, 5)), "claims a packet of 4294967295 bytes"),
        (ng.enhanced(ONE, 1), "a packet of interface 1, but 1 are described"),
        (ng.enhanced(ONE, 0xFFFFFFFF), "a packet of interface 4294967295, but 1 are described"),
        (ng.block(3, ng.pack("I", 9) + bytes(8)), "a simple packet block of 24 bytes claims a packet of 9 bytes"),
        (ng.block(3, b""), "a simple packet block that is too short or has no interface"),
    ]
    for lie, what in lies:
        walker, sink = feed(ng.file() + lie + ng.enhanced(ONE))
        assert sink.seen == [*PACKETS, ONE]
        assert what in walker.problem
        assert (walker.problem_offset, walker.problem_packets, walker.damaged) == (len(ng.file()), 5, 1)
        assert not walker.stopped
    assert feed(ng.file() + b"".join(lie for lie, _ in lies))[0].damaged == len(lies)


@ORDERS
def test_damage_that_takes_the_meaning_of_packets_away_ends_the_reading(ng: Ng) -> None:
    for lie, what in (
        (ng.block(1, b"abcd"), "an interface description of 16 bytes is too short"),
        (ng.block(0x0A0D0D0A, ng.pack("I", 0x1A2B3C4D)), "a section header of 16 bytes is too short"),
        (ng.section(major=2), "pcapng version 2 is not read; convert it with: editcap"),
        (ng.block(0x0A0D0D0A, bytes(16)), "a section header without its byte-order mark"),
    ):
        walker, sink = feed(ng.file() + lie + ng.enhanced(ONE))
        assert sink.seen == PACKETS
        assert walker.stopped
        assert what in walker.problem


def test_the_number_of_interfaces_has_a_bound() -> None:
    start = LITTLE.section() + LITTLE.interface() * MAX_INTERFACES
    assert not feed(start + LITTLE.enhanced(ONE, MAX_INTERFACES - 1))[0].problem
    walker, _ = feed(start + LITTLE.interface())
    assert walker.stopped
    assert walker.problem == f"more than {MAX_INTERFACES} interfaces in one section"


@ORDERS
def test_options_of_a_wrong_length_change_nothing(ng: Ng) -> None:
    options = ng.option(9, b"\x09\x09") + ng.option(14, b"\xff") + ng.option(2, b"") + ng.option(2, b"\0late")
    walker, sink = feed(ng.section() + ng.interface(options=options) + ng.enhanced(ONE))
    assert sink.seen == [ONE]
    assert sink.sources == [("x", "#0")]
    assert not walker.problem
    into_the_length = ng.pack("HH", 2, 5) + b"eth0"
    walker, sink = feed(ng.section() + ng.interface(options=into_the_length) + ng.enhanced(ONE))
    assert sink.sources == [("x", "#0")]
    assert walker.problem == "option 2 of interface 0 reaches beyond its block"
    beyond = ng.option(2, b"eth0") + ng.pack("HH", 9, 400)
    walker, sink = feed(ng.section() + ng.interface(options=beyond) + ng.enhanced(ONE))
    assert sink.seen == [ONE]
    assert sink.sources == [("x", "eth0")]
    assert walker.problem == "option 9 of interface 0 reaches beyond its block"


def test_options_are_found_behind_padding() -> None:
    options = LITTLE.option(2, b"eth12") + LITTLE.option(9, b"\x09")
    _, sink = feed(LITTLE.section() + LITTLE.interface(options=options) + LITTLE.enhanced(ONE, ticks=START + 1))
    assert sink.sources == [("x", "eth12")]
    assert sink.seen[0][2] == START + 1


def test_the_longest_packet_passes_and_one_byte_more_is_left_out() -> None:
    longest: Packet = (bytes(MAX_PACKET), MAX_PACKET, START, 1)
    longer: Packet = (bytes(MAX_PACKET + 1), MAX_PACKET, START, 1)
    walker, sink = feed(LITTLE.file([longest, longer, ONE]))
    assert sink.seen == [longest, ONE]
    assert walker.problem == f"a packet block of {MAX_PACKET + 36} bytes claims a packet of {MAX_PACKET + 1} bytes"


def test_a_long_or_strange_interface_name_is_cut_and_readable() -> None:
    interface = LITTLE.interface(options=LITTLE.option(2, b"\xff" + b"n" * 1000))
    _, sink = feed(LITTLE.section() + interface + LITTLE.enhanced(ONE))
    assert sink.sources == [("x", "\ufffd" + "n" * 127)]
