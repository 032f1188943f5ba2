"""Promises about an address that two MACs use: what explains it is no conflict, what does not is one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from dissectors.facts import Sighting
from sensor.inventory import Inventory
from tests.sensor.build import HMI, PLC, ROUTER, SECOND, START, by_ip, events, opened, sighting

OTHER = "00:0a:dc:20:01:02"
VIRTUAL = "00:00:5e:00:01:0a"
CARD = "00:80:f4:01:02:ff"
FAR = "192.168.5.1"


def alarming(inventory: Inventory) -> list[tuple[str, str, str]]:
    """Return kind, old and new MAC of what would raise an alert, to the end of the capture."""
    inventory.finish()
    rows = [event for event in events(inventory) if event.kind in {"moved", "conflict"}]
    return [(event.kind, event.old, event.new) for event in rows]


def placed(fact: Sighting, vlan: int = 0, network: str = "", interface: str = "") -> Sighting:
    """Return a sighting at a place."""
    return msgspec.structs.replace(fact, vlan=vlan, network=network, interface=interface)


def answered(device: tuple[str, str], mac: str, at: int = 0) -> Sighting:
    """Return the sight of a sender that is answered at another MAC."""
    return sighting(device, "answered_at", mac, "ip", at=at)


@pytest.mark.parametrize(
    "mac", [VIRTUAL, "00:00:0c:07:ac:01", "00:00:0c:9f:f0:01", "00:05:73:a0:00:01", "00:07:b4:00:01:01"]
)
def test_what_is_answered_at_a_mac_that_routers_share_is_behind_them(mac: str) -> None:
    inventory = Inventory()
    inventory.sighted(sighting((mac, "10.0.0.1")))
    inventory.sighted(sighting((ROUTER, FAR), method="ip", at=1))
    inventory.sighted(answered((ROUTER, FAR), mac, at=1))
    inventory.sighted(sighting((OTHER, FAR), method="ip", at=20))
    inventory.sighted(answered((OTHER, FAR), mac, at=20))
    assert alarming(inventory) == []
    assert (by_ip(inventory)[FAR].mac, by_ip(inventory)[FAR].mac_reason) == ("", "behind_router")


def test_a_shared_mac_is_no_card_of_those_whose_frames_carry_it() -> None:
    inventory = Inventory()
    inventory.sighted(sighting((VIRTUAL, "10.0.0.2"), method="ip"))
    inventory.sighted(sighting((VIRTUAL, "10.0.0.3"), method="ip", at=90))
    assert alarming(inventory) == []
    assert {record.mac for record in inventory.records()} == {""}


def test_when_another_router_takes_over_the_addresses_behind_it_do_not_move() -> None:
    inventory = Inventory()
    for at, mac in ((0, ROUTER), (30, OTHER)):
        for number in (1, 2):
            inventory.sighted(sighting((mac, f"192.168.5.{number}"), method="ip", at=at + number))
    assert alarming(inventory) == []


def test_one_address_behind_two_routers_with_addresses_of_their_own_does_not_move() -> None:
    inventory = Inventory()
    for at, (mac, own) in enumerate(((ROUTER, "10.0.0.2"), (OTHER, "10.0.0.3"))):
        inventory.sighted(sighting((mac, FAR), method="ip", at=2 * at))
        inventory.sighted(sighting((mac, own), at=2 * at + 1))
    assert alarming(inventory) == []


def test_the_ipv6_addresses_of_a_card_are_its_own_when_one_is_made_of_its_mac() -> None:
    inventory = Inventory()
    made = ["fe80::280:f4ff:fe01:221", "2001:db8::280:f4ff:fe01:221"]
    for at, ip in enumerate([*made, "2001:db8::a1", "2001:db8::a2", "2001:db8::a3", PLC[1]]):
        inventory.sighted(sighting((PLC[0], ip), method="ip", at=at))
    (record,) = inventory.records()
    assert (len(record.addresses), record.router, record.ip) == (6, False, PLC[1])
    assert alarming(inventory) == []


def test_one_address_that_goes_to_another_mac_is_told_once_however_often_it_goes() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    for at in range(1, 41):
        inventory.sighted(sighting((CARD if at % 2 else PLC[0], PLC[1]), method="ip", at=at))
        inventory.tick(START + at * SECOND)
    inventory.sighted(sighting(PLC, at=50))
    inventory.sighted(sighting((CARD, PLC[1]), method="ip", at=51))
    assert alarming(inventory) == [("moved", PLC[0], CARD)]


def test_a_host_that_sends_from_another_card_and_is_answered_at_the_one_arp_names_is_one_asset() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    inventory.sighted(sighting((CARD, PLC[1]), method="ip", at=1))
    inventory.sighted(answered((CARD, PLC[1]), PLC[0], at=1))
    inventory.sighted(sighting(PLC, method="ip", at=2))
    inventory.sighted(sighting((CARD, PLC[1]), "model", "P1", "modbus.43.14.5", at=3))
    (record,) = inventory.records()
    assert (record.mac, record.cards, record.identity) == (PLC[0], (CARD,), "new")
    assert record.attribute("model") is not None
    inventory.finish()
    (told,) = events(inventory, "moved")
    assert (told.method, told.old, told.new) == ("team", PLC[0], CARD)
    again = Inventory(started=inventory.started)
    again.restore([record])
    again.sighted(sighting((CARD, PLC[1]), method="ip", at=100))
    assert len(again.records()) == 1
    assert alarming(again) == []


def test_a_station_with_an_address_of_its_own_is_nobodys_card() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    inventory.sighted(sighting(HMI))
    inventory.sighted(sighting((HMI[0], PLC[1]), method="ip", at=1))
    inventory.sighted(answered((HMI[0], PLC[1]), PLC[0], at=1))
    assert alarming(inventory) == [("moved", PLC[0], HMI[0])]


def test_a_claim_by_arp_is_no_card_and_the_first_owner_stays_the_subject() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    inventory.sighted(sighting(HMI))
    for at in (1, 2, 3, 4):
        inventory.sighted(sighting((HMI[0] if at % 2 else PLC[0], PLC[1]), at=at))
    inventory.sighted(answered((HMI[0], PLC[1]), PLC[0], at=5))
    inventory.finish()
    told = [event for event in events(inventory) if event.kind == "conflict"]
    assert len(told) == 4
    assert {event.asset.mac for event in told} == {PLC[0]}
    assert {(event.other.ip, event.other.mac) for event in told if event.other} == {(HMI[1], HMI[0])}


def test_who_has_no_address_but_the_one_it_took_is_named_by_its_mac() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    inventory.sighted(sighting((CARD, PLC[1]), at=1))
    (told,) = events(inventory, "conflict")
    assert told.other is not None
    assert (told.other.name, told.other.ip) == (CARD, "")


def test_two_vlans_that_say_different_things_of_one_address_are_two_networks() -> None:
    inventory = Inventory()
    inventory.sighted(placed(sighting(PLC), vlan=101))
    inventory.sighted(placed(sighting((HMI[0], PLC[1]), at=1), vlan=102))
    inventory.sighted(placed(sighting(PLC, at=2), vlan=101))
    assert alarming(inventory) == []
    assert {record.network for record in inventory.records()} == {"", "vlan 102"}


def test_what_turns_out_to_be_another_network_was_no_conflict() -> None:
    inventory = Inventory()
    inventory.sighted(placed(sighting(PLC), interface="eth0"))
    inventory.sighted(placed(sighting((HMI[0], PLC[1]), at=1), interface="eth1"))
    inventory.sighted(placed(sighting((HMI[0], PLC[1]), method="ip", at=2), 0, "interface eth1", "eth1"))
    assert alarming(inventory) == []
    plc, other = (inventory.view("", PLC[1], network=network) for network in ("", "interface eth1"))
    assert plc is not None and other is not None
    assert (plc.mac, other.mac, other.network) == (PLC[0], HMI[0], "interface eth1")


def test_arp_on_two_interfaces_that_no_network_explains_is_a_conflict_at_the_end() -> None:
    inventory = Inventory()
    inventory.sighted(placed(sighting(PLC), interface="eth0"))
    inventory.sighted(placed(sighting((HMI[0], PLC[1]), at=1), interface="eth1"))
    assert alarming(inventory) == [("conflict", PLC[0], HMI[0])]


def test_a_tagged_and_an_untagged_plant_with_one_address_are_told_apart_by_what_the_conversations_say() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    inventory.sighted(placed(sighting((HMI[0], PLC[1]), at=1), vlan=20))
    assert events(inventory, "conflict") == []
    inventory.sighted(placed(sighting((HMI[0], PLC[1]), method="ip", at=2), 20, "vlan 20"))
    assert alarming(inventory) == []


def test_the_same_addresses_in_two_networks_are_four_assets() -> None:
    inventory = Inventory()
    for network, digit in (("", 0), ("cell 2", 1)):
        client, server = (f"02:00:00:00:0{digit}:01", HMI[1]), (f"02:00:00:00:0{digit}:0a", PLC[1])
        inventory.opened(msgspec.structs.replace(opened(client, server, channel=f"c{digit}"), network=network))
    assert len(inventory.records()) == 4
    assert alarming(inventory) == []


def test_a_mac_that_frames_are_sent_to_is_nobodys_own_until_somebody_sends_from_it() -> None:
    inventory = Inventory()
    talk = msgspec.structs.replace(opened((ROUTER, HMI[1])), silent="client")
    inventory.opened(talk)
    assert by_ip(inventory)[HMI[1]].mac == ""
    inventory.sighted(sighting(HMI, method="ip", at=1))
    records = by_ip(inventory)
    assert records[HMI[1]].mac == HMI[0]
    assert len(records) == len(inventory.records()) == 2
    assert records[HMI[1]].role == "client"
    assert alarming(inventory) == []


# A station of this place, and a MAC that forwards for others or says so.


def made_router(inventory: Inventory, mac: str = ROUTER, at: int = 1) -> None:
    """Three addresses that nobody has proven, which whoever sends them gets for nothing."""
    for number in (1, 2, 3):
        inventory.sighted(sighting((mac, f"192.168.77.{number}"), method="ip", at=at))


@pytest.mark.parametrize("mac", [ROUTER, VIRTUAL, "00:00:0c:07:ac:01"])
@pytest.mark.parametrize("method", ["ip", "arp"])
def test_a_routers_mac_that_uses_the_address_of_a_station_is_told(mac: str, method: str) -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    made_router(inventory, mac)
    inventory.sighted(sighting((mac, PLC[1]), method=method, at=9))
    assert alarming(inventory) == [("moved" if method == "ip" else "conflict", PLC[0], mac)]


def test_a_station_that_was_made_a_router_still_loses_no_address_silently() -> None:
    """The attacker sends three addresses in the name of its victim first."""
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    made_router(inventory, PLC[0])
    inventory.sighted(sighting((OTHER, PLC[1]), at=9))
    assert alarming(inventory) == [("conflict", PLC[0], OTHER)]


@pytest.mark.parametrize("router", [ROUTER, VIRTUAL])
def test_what_a_router_forwards_of_a_station_is_no_claim(router: str) -> None:
    """A mirror of both sides without tags: the station's bytes again, from the router's MAC."""
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    made_router(inventory, router)
    inventory.sighted(sighting((router, PLC[1]), method="ip.forwarded", at=9))
    assert alarming(inventory) == []


def test_a_copy_that_comes_before_what_it_is_of_is_no_claim() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    made_router(inventory)
    inventory.sighted(sighting((ROUTER, PLC[1]), method="ip", at=9))
    inventory.sighted(sighting(PLC, method="ip.forwarded", at=9))
    assert alarming(inventory) == []


@pytest.mark.parametrize("place", [{"vlan": 20}, {"interface": "eth1"}])
def test_a_router_that_forwards_at_another_place_claims_nothing(place: dict[str, Any]) -> None:
    inventory = Inventory()
    inventory.sighted(placed(sighting(PLC), vlan=10, interface="eth0"))
    made_router(inventory)
    inventory.sighted(
        placed(sighting((ROUTER, PLC[1]), method="ip", at=9), **{"vlan": 10, "interface": "eth0", **place})
    )
    assert alarming(inventory) == []


def test_a_gateway_that_answers_for_those_behind_it_claims_nothing() -> None:
    """Proxy ARP: the addresses have no MAC of their own here."""
    inventory = Inventory()
    inventory.sighted(sighting((ROUTER, "10.0.0.1")))
    for number in range(5):
        inventory.sighted(sighting((ROUTER, f"192.168.5.{number}"), at=number))
        inventory.sighted(sighting((ROUTER, f"192.168.5.{number}"), method="ip", at=number))
    inventory.finish()
    assert not [event for event in events(inventory) if event.attribute == "mac"]


def advertised(device: tuple[str, str], at: int = 0, shared: str = "10.0.0.1", mac: str = VIRTUAL) -> Sighting:
    return sighting(device, "shared_address", f"{shared} {mac}", "ip", at=at)


@pytest.mark.parametrize("before", [True, False], ids=["advertised before", "advertised after"])
def test_an_address_that_routers_advertise_moves_between_them(before: bool) -> None:
    """Both answer with their own MACs, as some implementations do; the new one advertises when it takes over."""
    one, two = (ROUTER, "10.0.0.2"), (OTHER, "10.0.0.3")
    inventory = Inventory()
    inventory.sighted(advertised(one))
    made_router(inventory)
    made_router(inventory, OTHER)
    inventory.sighted(sighting((ROUTER, "10.0.0.1"), at=2))
    if before:
        inventory.sighted(advertised(two, at=3))
    inventory.sighted(sighting((OTHER, "10.0.0.1"), at=4))
    if not before:
        inventory.sighted(advertised(two, at=5))
    assert alarming(inventory) == []


def test_whoever_advertises_the_address_of_a_station_takes_it_not_silently() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    inventory.sighted(advertised((OTHER, "10.0.0.66"), shared=PLC[1], at=1))
    inventory.sighted(sighting((VIRTUAL, PLC[1]), at=9))
    assert alarming(inventory) == [("conflict", PLC[0], VIRTUAL)]


def test_a_station_that_takes_the_address_of_the_routers_is_told() -> None:
    inventory = Inventory()
    inventory.sighted(advertised((ROUTER, "10.0.0.2")))
    inventory.sighted(sighting((VIRTUAL, "10.0.0.1")))
    inventory.sighted(sighting((OTHER, "10.0.0.1"), at=9))
    assert alarming(inventory) == [("conflict", VIRTUAL, OTHER)]


def test_who_used_the_address_of_another_is_never_named_by_it() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    inventory.sighted(sighting((OTHER, PLC[1]), method="ip", at=9))
    inventory.sighted(sighting(PLC, method="ip", at=10))
    inventory.finish()
    (moved,) = events(inventory, "moved")
    assert moved.other is not None
    assert (moved.asset.ip, moved.other.mac, moved.other.ip) == (PLC[1], OTHER, "")
