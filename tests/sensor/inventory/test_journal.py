"""Promises about when something new is news."""

from __future__ import annotations

from sensor.inventory import Inventory, KnownAsset, KnownTable
from tests.sensor.build import HMI, PLC, events, sighting


def test_without_a_policy_the_first_day_is_the_population_and_later_assets_are_news() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    inventory.sighted(sighting(HMI, at=86_399))
    inventory.sighted(sighting(("00:1b:1b:00:00:01", "10.0.0.50"), at=86_400))
    assert [event.settled for event in events(inventory, "new")] == [False, False, True]


def test_with_a_policy_an_unnamed_asset_is_news_at_once_and_a_named_one_never() -> None:
    known = KnownTable(
        [KnownAsset(name="plc-1", ip=PLC[1], mac=PLC[0], role="plc", zone="z-1", level="1", safety=True)]
    )
    inventory = Inventory(known)
    inventory.sighted(sighting(PLC, at=0))
    inventory.sighted(sighting(HMI, at=1))
    reported = {event.asset.name: event.settled for event in events(inventory, "new")}
    assert reported == {"plc-1": False, HMI[1]: True}
    view = inventory.view(*PLC)
    assert view is not None
    assert (view.name, view.role, view.zone, view.level, view.safety, view.known) == (
        "plc-1",
        "plc",
        "z-1",
        "1",
        True,
        True,
    )


def test_a_named_address_with_another_mac_is_not_the_named_asset() -> None:
    inventory = Inventory(KnownTable([KnownAsset(name="plc-1", ip=PLC[1], mac=PLC[0])]))
    inventory.sighted(sighting((HMI[0], PLC[1])))
    (new,) = events(inventory, "new")
    assert (new.asset.known, new.settled) == (False, True)


def test_an_unnamed_address_gets_the_zone_of_its_network() -> None:
    inventory = Inventory(KnownTable([], {"10.0.0.0/8": ("z-site", "3", False), "10.0.0.0/24": ("z-cell", "1", True)}))
    inventory.sighted(sighting(PLC))
    view = inventory.view(*PLC)
    assert view is not None and (view.zone, view.level, view.safety, view.known) == ("z-cell", "1", True, False)


def test_a_named_device_keeps_its_name_while_another_one_uses_its_address() -> None:
    inventory = Inventory(KnownTable([KnownAsset(name="plc-1", ip=PLC[1], mac=PLC[0])]))
    inventory.sighted(sighting((PLC[0], "fe80::1")))
    inventory.sighted(sighting(PLC))
    inventory.sighted(sighting((HMI[0], PLC[1]), at=1))
    named = {record.mac: record.known for record in inventory.records()}
    assert named == {PLC[0]: True, HMI[0]: False}
