"""Promises about packets from another MAC or place than the last ones of their direction."""

from __future__ import annotations

from dissectors.facts import Sighting
from tests.dissectors.harness import CLIENT_MAC, SERVER_MAC, Packet, of, run, talk
from tests.dissectors.wire.mirror import OTHER_MACS, ROUTER_FAR, at_place, routed, seen, way

TALK = talk()


def test_a_copy_behind_a_router_binds_no_address_to_the_router() -> None:
    bound = {(fact.ip, fact.mac) for fact in of(run(routed(TALK, TALK.segments)), Sighting)}
    assert ("10.0.0.5", CLIENT_MAC) in bound
    assert ("10.0.0.9", SERVER_MAC) in bound
    assert ("10.0.0.5", ROUTER_FAR) not in bound


def test_another_mac_at_the_same_place_is_a_move() -> None:
    packets = seen(TALK, TALK.segments)
    moved = [
        Packet(at_place(TALK.network(one), way(one.side, (OTHER_MACS[0], SERVER_MAC)), number=number), one.time)
        for number, one in enumerate(TALK.segments, 1)
    ]
    bound = [fact.mac for fact in of(run([*packets[:8], *moved[8:]]), Sighting) if fact.value == "10.0.0.5"]
    assert bound == [CLIENT_MAC, OTHER_MACS[0]]


def test_the_places_of_a_sighting_are_told() -> None:
    facts = of(run(seen(TALK, TALK.segments, (10, 0))), Sighting)
    assert {(fact.ip, fact.vlan) for fact in facts if fact.attribute == "address"} == {
        ("10.0.0.5", 10),
        ("10.0.0.9", 0),
    }
