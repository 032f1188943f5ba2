"""Promises about what the site says of itself: listed cards are one host, listed addresses may go to and fro."""

from __future__ import annotations

from sensor.inventory import Inventory
from sensor.inventory.redundancy import Redundancy
from tests.sensor.build import HMI, PLC, events, opened, sighting

SPARE = "00:80:f4:01:02:ff"
STRANGER = "02:00:00:00:00:66"


def test_listed_cards_are_one_asset_even_when_each_answers_arp() -> None:
    inventory = Inventory(redundancy=Redundancy(cards={SPARE: PLC[0]}))
    for at, mac in enumerate((SPARE, PLC[0], SPARE)):
        inventory.sighted(sighting((mac, PLC[1]), at=at))
    (record,) = inventory.records()
    assert record.mac == PLC[0]
    assert [event.kind for event in events(inventory)] == ["new"]
    judged = inventory.as_bound(opened(server=(SPARE, PLC[1])))
    assert (judged.server.mac, judged.client.mac) == (PLC[0], HMI[0])


def test_a_shared_address_goes_between_its_macs_and_to_nobody_else() -> None:
    inventory = Inventory(redundancy=Redundancy(shared={PLC[1]: frozenset({PLC[0], SPARE})}))
    for at, mac in enumerate((PLC[0], SPARE, PLC[0])):
        inventory.sighted(sighting((mac, PLC[1]), at=at))
    assert events(inventory, "conflict") == []
    inventory.sighted(sighting((STRANGER, PLC[1]), at=9))
    assert [event.new for event in events(inventory, "conflict")] == [STRANGER]


def test_a_shared_address_without_macs_may_go_anywhere() -> None:
    inventory = Inventory(redundancy=Redundancy(shared={PLC[1]: frozenset()}))
    inventory.sighted(sighting(PLC))
    inventory.sighted(sighting((STRANGER, PLC[1]), at=9))
    assert events(inventory, "conflict") == []


def test_one_station_name_at_both_devices_of_a_pair_contradicts_nothing() -> None:
    pair = frozenset({"plc"})
    for redundancy, expected in ((Redundancy(pairs={PLC[0]: pair, SPARE: pair}), 0), (Redundancy(), 1)):
        inventory = Inventory(redundancy=redundancy)
        for at, device in enumerate((PLC, (SPARE, "10.0.0.22"))):
            inventory.sighted(sighting(device, "serial_number", "S V-A1B2", "s7.szl", at=at))
        assert len(events(inventory, "conflict")) == expected
