"""Which MAC answers for which address: told when it is new and when it moves, a bounded number of times."""

from __future__ import annotations

from dissectors.facts import Sighting
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
