"""A wrong checksum means something only of a sender whose checksums are right otherwise."""

from __future__ import annotations

from scapy.all import IP, TCP, Ether

from dissectors.facts import Health, Sighting, Violation
from dissectors.wire.checksum import RIGHT, UNKNOWN, WRONG
from dissectors.wire.senders import LEFT_TO_CARD, MAX_SENDERS, WRONG_FOR_ONE_RIGHT, Senders
from tests.dissectors.harness import MILLISECOND, START, Packet, of, run


def test_a_stranger_and_a_sender_without_right_sums_prove_nothing() -> None:
    senders = Senders()
    assert not senders.means_dropped("a", WRONG)
    senders.note("a", WRONG)
    assert not senders.means_dropped("a", WRONG)


def test_one_right_sum_makes_a_few_wrong_ones_count() -> None:
    senders = Senders()
    senders.note("a", RIGHT)
    for _ in range(WRONG_FOR_ONE_RIGHT):
        senders.note("a", WRONG)
        assert senders.means_dropped("a", WRONG)
    senders.note("a", WRONG)
    assert not senders.means_dropped("a", WRONG)
    assert not senders.means_dropped("a", UNKNOWN)
    assert not senders.means_dropped("a", RIGHT)


def test_a_sender_that_leaves_its_sums_to_its_card_is_counted_once() -> None:
    senders = Senders()
    for _ in range(3 * LEFT_TO_CARD):
        senders.note("a", WRONG)
        senders.note("b", UNKNOWN)
    assert senders.left_to_card == 1
    assert set(senders.known) == {"a"}


def test_the_memory_of_senders_is_bounded() -> None:
    senders = Senders()
    for number in range(MAX_SENDERS + 10):
        senders.note(str(number), RIGHT)
    assert len(senders.known) == 10


def test_a_host_captured_before_its_card_is_told_once_of_its_asset_and_counted() -> None:
    packets: list[tuple[bytes, int]] = []
    for number in range(2 * LEFT_TO_CARD):
        port = 40_000 + number
        there = Ether(src="02:00:00:00:00:0a", dst="02:00:00:00:00:05") / IP(src="10.0.0.10", dst="10.0.0.5")
        back = Ether(src="02:00:00:00:00:05", dst="02:00:00:00:00:0a") / IP(src="10.0.0.5", dst="10.0.0.10")
        for packet in (
            there / TCP(sport=port, dport=502, flags="S", seq=1),
            back / TCP(sport=502, dport=port, flags="SA", seq=9, ack=2, chksum=1),
            there / TCP(sport=port, dport=502, flags="A", seq=2, ack=10),
            back / TCP(sport=502, dport=port, flags="FA", seq=10, ack=2, chksum=1),
        ):
            packets.append((bytes(packet), START + len(packets) * MILLISECOND))
    facts = run([Packet(*row) for row in packets])
    told = [fact for fact in of(facts, Sighting) if fact.attribute == "checksums"]
    assert [(fact.ip, fact.mac, fact.value) for fact in told] == [
        ("10.0.0.5", "02:00:00:00:00:05", "left to its network card, not judged")
    ]
    assert sum(fact.counters.get("senders_without_checksums", 0) for fact in of(facts, Health)) == 1
    assert not of(facts, Violation)
