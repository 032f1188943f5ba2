"""The record of an asset, and the running asset made of it again."""

from __future__ import annotations

from sensor.inventory import AssetRecord, Inventory
from sensor.inventory.snapshot import asset_of, record_of
from tests.sensor.build import HMI, PLC, opened, sighting, window


def busy() -> list[AssetRecord]:
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    inventory.sighted(sighting(HMI))
    inventory.sighted(sighting(PLC, "firmware_version", "V2.9.4", "modbus.43", at=2))
    inventory.sighted(sighting(PLC, "firmware_version", "V3.0.0", "modbus.43", at=5))
    inventory.sighted(sighting(PLC, "firmware_version", "V3.0.0", "modbus.43", at=9))
    channel = opened()
    talk = inventory.opened(channel)
    inventory.window(talk, window(channel, at=60))
    return inventory.records()


def test_a_record_becomes_the_same_record_again() -> None:
    for record in busy():
        assert record_of(asset_of(record)) == record


def test_an_asset_without_a_mac_says_why_and_has_no_maker() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(("", "10.0.9.9"), method="ip"))
    (record,) = inventory.records()
    assert record.mac == "" and record.mac_reason
    (maker,) = [one for one in record.attributes if one.name == "manufacturer"]
    assert (maker.state, maker.reason) == ("unknown", record.mac_reason)
