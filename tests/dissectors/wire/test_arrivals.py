"""Promises about packets from another MAC or place than the last ones of their direction."""

from __future__ import annotations

from dissectors.facts import ChannelOpened, Sighting
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


def answered(packets: list[Packet]) -> set[tuple[str, str, str]]:
    """Return who is answered at another MAC than it sends from."""
    return {(fact.ip, fact.mac, fact.value) for fact in of(run(packets), Sighting) if fact.attribute == "answered_at"}


def test_who_sends_from_one_mac_and_is_answered_at_another_is_told_once() -> None:
    assert answered(seen(TALK, TALK.segments)) == set()
    packets = [
        Packet(at_place(TALK.network(one), way(one.side, (CLIENT_MAC, SERVER_MAC)), number=number), one.time)
        if one.side
        else Packet(at_place(TALK.network(one), (OTHER_MACS[0], SERVER_MAC), number=number), one.time)
        for number, one in enumerate(TALK.segments, 1)
    ]
    told = [fact for fact in of(run(packets), Sighting) if fact.attribute == "answered_at"]
    assert [(fact.ip, fact.mac, fact.value) for fact in told] == [("10.0.0.5", OTHER_MACS[0], CLIENT_MAC)]


def test_the_two_sides_of_a_router_say_nothing_of_who_is_answered_where() -> None:
    assert answered(routed(TALK, TALK.segments)) == set()


def test_an_end_that_has_sent_nothing_yet_is_told_to_be_silent() -> None:
    of_server = [one for one in TALK.segments if one.side][1:]
    opened = of(run(seen(TALK, of_server)), ChannelOpened)
    assert {fact.silent for fact in opened} == {"client"}
    assert {fact.silent for fact in of(run(seen(TALK, TALK.segments)), ChannelOpened)} == {""}
