"""Which MAC answers for which address: told when it is new and when it moves, a bounded number of times."""

from __future__ import annotations

from dissectors.facts import AnyFact, Sighting
from tests.dissectors.harness import (
    ARP,
    CLIENT_MAC,
    START,
    Packet,
    arp,
    ethernet,
    ip4,
    of,
    run,
    udp,
    vlan,
)


def test_addresses_that_move_are_reported_a_bounded_number_of_times() -> None:
    frames = [
        ethernet(arp(2, f"02:00:00:00:00:{number % 7:02x}", "10.0.0.1", CLIENT_MAC, "10.0.0.2"), ARP)
        for number in range(500)
    ]
    facts = run([Packet(frame, START + number * 1000) for number, frame in enumerate(frames)])
    moves = [fact for fact in of(facts, Sighting) if fact.attribute == "address" and fact.value == "10.0.0.1"]
    assert 2 <= len(moves) <= 25


def test_no_device_is_sighted_without_an_address() -> None:
    unspecified = ethernet(ip4(udp(b"\x01\x01\x06\x00", 68, 67), 17, "0.0.0.0", "255.255.255.255"))
    link = ethernet(bytes(46), 0x88CC)
    facts = run([Packet(unspecified), Packet(link)])
    assert not [fact for fact in of(facts, Sighting) if fact.attribute == "address"]


ONE, OTHER = "02:00:00:00:00:01", "02:00:00:00:00:02"


def claimed(facts: list[AnyFact], ip: str = "10.0.0.1") -> list[tuple[str, str, str]]:
    """Who was told to answer for an address, by which method, how surely."""
    found = [fact for fact in of(facts, Sighting) if fact.attribute == "address" and fact.ip == ip]
    return [(fact.mac, fact.method, fact.confidence) for fact in found]


def answer(sender: str, number: int = 0) -> Packet:
    return Packet(ethernet(arp(2, sender, "10.0.0.1", CLIENT_MAC, "10.0.0.2"), ARP, sender), START + number * 1000)


def test_an_address_is_told_once_and_again_when_another_answers_for_it() -> None:
    facts = run([answer(mac, number) for number, mac in enumerate((ONE, ONE, ONE, OTHER, OTHER, ONE))])
    assert [mac for mac, _, _ in claimed(facts)] == [ONE, OTHER, ONE]


def test_the_owner_who_says_so_is_surer_than_the_sender_of_a_packet() -> None:
    sent = Packet(ethernet(ip4(udp(b"x"), 17, "10.0.0.1"), source=OTHER), START + 1000)
    assert {(mac, surely) for mac, _, surely in claimed(run([answer(ONE), sent]))} == {
        (ONE, "strong"),
        (OTHER, "medium"),
    }


def test_the_same_address_on_two_vlans_is_two_devices_and_no_move() -> None:
    def tagged(number: int, sender: str) -> bytes:
        return ethernet(vlan(arp(2, sender, "10.0.0.1", CLIENT_MAC, "10.0.0.2"), ARP, number), 0x8100, sender)

    frames = [tagged(7, ONE), tagged(8, OTHER), tagged(7, ONE), tagged(8, OTHER)]
    facts = run([Packet(frame, START + number * 1000) for number, frame in enumerate(frames)])
    assert [mac for mac, _, _ in claimed(facts)] == [ONE, OTHER]


def test_a_group_answers_for_nobody() -> None:
    group = "03:00:00:00:00:01"
    sent = Packet(ethernet(ip4(udp(b"x"), 17, "10.0.0.1"), source=group), START + 1000)
    assert claimed(run([answer(group), sent])) == []
