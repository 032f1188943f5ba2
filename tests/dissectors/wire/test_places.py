"""Promises about the names of places and the networks that they are of."""

from __future__ import annotations

from dissectors.wire.link import INTERFACE_SHIFT, PLACE_SHIFT, Link
from dissectors.wire.places import MAX_FURTHER, MAX_INTERFACES, MAX_PAIR_PLACES, Places


def tag(vlan: int, interface: int = 0) -> int:
    return (vlan << PLACE_SHIFT) | (interface << INTERFACE_SHIFT)


def made(*interfaces: str, networks: dict[str, str] | None = None) -> Places:
    places = Places(Link(), networks)
    for interface in interfaces:
        places.turn_to(interface)
    return places


def test_a_place_is_named_by_what_differs() -> None:
    places = made("eth1", "eth2")
    assert places.text(tag(20, 1), tag(10, 1)) == "vlan 20"
    assert places.text(tag(0, 1), tag(10, 1)) == "untagged"
    assert places.text(tag(10, 2), tag(10, 1)) == "interface eth2"
    assert places.text(tag(20, 2), tag(10, 1)) == "interface eth2 vlan 20"


def test_the_nearest_name_of_the_configuration_counts() -> None:
    places = made("eth1", "eth2", networks={"eth1|20": "press", "eth1|": "hall", "|20": "paint"})
    assert [places.name(tag(vlan, interface)) for vlan, interface in ((20, 1), (7, 1), (20, 2), (7, 2))] == [
        "press",
        "hall",
        "paint",
        "",
    ]


def test_the_same_interface_keeps_its_number() -> None:
    places = made("eth1", "eth2")
    numbers = []
    for name in ("eth1", "eth2", "eth1"):
        places.turn_to(name)
        numbers.append(places.link.interface)
    assert numbers[0] == numbers[2] != numbers[1]


def test_interfaces_and_places_of_a_pair_are_bounded() -> None:
    places = made(*(f"i{number}" for number in range(MAX_INTERFACES + 5)))
    assert len(places.interfaces) == len(places.numbers) == MAX_INTERFACES + 1
    pair = places.pair(1, 0, 1, 0, 2)
    for vlan in range(MAX_PAIR_PLACES + 5):
        places.join(pair, tag(vlan + 1), "", tag(vlan + 1))
    assert len(pair.places) == MAX_PAIR_PLACES


def test_all_pairs_together_have_a_bound_for_places_behind_the_first() -> None:
    places = made()
    places.further = MAX_FURTHER - 1
    for number in range(3):
        pair = places.pair(number, 0, number, 0, 9)
        for vlan in range(3):
            places.join(pair, tag(vlan + 1), "", tag(vlan + 1))
    assert [len(pair.places) for pair in places.pairs.values()] == [2, 1, 1]


def test_another_plant_keeps_its_network_for_later_connections() -> None:
    places = made()
    link = places.link
    pair = places.pair(1, 0, 1, 0, 2)
    link.mac_from, link.mac_to = 5, 9
    assert places.network(pair, tag(10), True) == ""
    places.note(pair, tag(10), True)
    link.mac_from, link.mac_to = 105, 109
    assert [places.network(pair, tag(20), True) for _ in range(2)] == ["vlan 20", "vlan 20"]
    assert places.separated == 1


def test_the_same_two_cards_at_another_place_are_of_the_same_network() -> None:
    places = made()
    link = places.link
    pair = places.pair(1, 0, 1, 0, 2)
    link.mac_from, link.mac_to = 5, 9
    places.network(pair, tag(10), True)
    places.note(pair, tag(10), True)
    link.mac_from, link.mac_to = 9, 5
    assert places.network(pair, tag(0), False) == ""
    assert places.separated == 0
