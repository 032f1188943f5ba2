"""Promises about what devices say about themselves."""

from __future__ import annotations

from sensor.inventory import Inventory
from sensor.inventory.observe import MAX_VALUES
from tests.sensor.build import HMI, PLC, events, sighting


def test_a_changed_value_of_one_source_is_one_event_and_both_values_stay() -> None:
    inventory = Inventory()
    for at, value in ((1, "V1.0"), (2, "V1.0"), (9, "V1.1")):
        inventory.sighted(sighting(PLC, "firmware_version", value, "modbus.43.14.2", at=at))
    (changed,) = events(inventory, "changed")
    assert (changed.attribute, changed.old, changed.new, changed.frames) == (
        "firmware_version",
        "V1.0",
        "V1.1",
        (3, 10),
    )
    attribute = inventory.records()[0].attribute("firmware_version")
    assert attribute is not None and (attribute.state, attribute.value) == ("known", "V1.1")
    assert [(row.value, row.count, row.frames) for row in attribute.observations] == [
        ("V1.0", 2, (2, 3)),
        ("V1.1", 1, (10,)),
    ]


def test_a_value_that_comes_back_is_a_change_again() -> None:
    inventory = Inventory()
    for at, value in ((1, "run"), (2, "stop"), (3, "run")):
        inventory.sighted(sighting(PLC, "mode", value, "s7.szl.0424", at=at))
    assert [(event.old, event.new) for event in events(inventory, "changed")] == [("run", "stop"), ("stop", "run")]


def test_sources_that_disagree_are_a_conflict_and_the_better_source_keeps_its_value() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC, "manufacturer", "Schneider Electric", "modbus.43.14.0", at=1))
    inventory.sighted(sighting(PLC, "manufacturer", "SCHNEIDER", "arp.description", at=2, confidence="medium"))
    assert not events(inventory, "conflict")
    inventory.sighted(sighting(PLC, "manufacturer", "Siemens AG", "dcp.vendor", at=3, confidence="medium"))
    (conflict,) = events(inventory, "conflict")
    assert (conflict.attribute, conflict.old, conflict.new) == ("manufacturer", "Schneider Electric", "Siemens AG")
    attribute = inventory.records()[0].attribute("manufacturer")
    assert attribute is not None
    assert (attribute.state, attribute.value, len(attribute.observations)) == ("conflict", "Schneider Electric", 3)


def test_the_block_of_the_mac_is_weak_and_contradicts_nobody() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(HMI))
    (record,) = inventory.records()
    assert (record.vendor, record.vendor_confidence) == ("Siemens AG", "weak")
    inventory.sighted(sighting(HMI, "manufacturer", "Acme", "modbus.43.14.0"))
    (record,) = inventory.records()
    assert (record.vendor, record.vendor_confidence) == ("Acme", "strong")
    assert not events(inventory, "conflict")


def test_a_replaced_device_behind_the_same_address_shows_both_serial_numbers() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC, "serial_number", "SN-1001", "s7.szl.001c.5"))
    spare = ("00:80:f4:99:99:99", PLC[1])
    inventory.sighted(sighting(spare, at=3_600))
    inventory.sighted(sighting(spare, "serial_number", "SN-2002", "s7.szl.001c.5", at=3_601))
    (changed,) = events(inventory, "changed")
    assert (changed.attribute, changed.old, changed.new) == ("serial_number", "SN-1001", "SN-2002")
    assert changed.other is not None and changed.other.mac == PLC[0]


def test_one_serial_number_on_two_macs_is_a_conflict_and_never_a_merge() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC, "serial_number", "SN-1001", "s7.szl.001c.5"))
    inventory.sighted(sighting(HMI, "serial_number", "sn 1001", "s7.szl.001c.5", at=2))
    (conflict,) = events(inventory, "conflict")
    assert conflict.other is not None and {conflict.asset.mac, conflict.other.mac} == {PLC[0], HMI[0]}
    assert len(inventory.records()) == 2


def test_a_factory_placeholder_identifies_nobody() -> None:
    inventory = Inventory()
    for device in (PLC, HMI):
        inventory.sighted(sighting(device, "serial_number", "00000000", "s7.szl.001c.5"))
    assert not events(inventory, "conflict")


def test_device_texts_lose_control_characters_and_length() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC, "model", "=cmd\x1b[31m\r\n\u202e" + "x" * 10_000, "modbus.43.14.5"))
    model = inventory.records()[0].attribute("model")
    assert model is not None
    assert model.value.startswith("=cmd[31mxxx") and len(model.value) == 256


def test_no_source_is_remembered_whose_values_are_all_forgotten() -> None:
    inventory = Inventory()
    for number in range(3 * MAX_VALUES):
        inventory.sighted(sighting(PLC, "model", f"P{number}", f"method.{number}", at=number))
    (asset,) = inventory._identity.assets.values()
    assert len(asset.current) == len(asset.observations["model"]) == MAX_VALUES


def test_identities_of_forgotten_assets_are_forgotten() -> None:
    inventory = Inventory(max_assets=10)
    for number in range(100):
        device = (f"00:1b:1b:00:00:{number:02x}", f"10.0.1.{number}")
        inventory.sighted(sighting(device, "serial_number", f"S{number}", "modbus.43.14.3", at=number))
    assert len(inventory._observer._identities) <= 11
