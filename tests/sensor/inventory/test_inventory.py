"""Promises about views, bounds, restarts and repeatability."""

from __future__ import annotations

from dissectors.context import AssetEvent
from sensor.inventory import AssetRecord, Inventory, KnownAsset, KnownTable
from tests.sensor.build import DAY, HMI, PLC, ROUTER, SECOND, START, by_ip, opened, sighting, window


def test_a_window_refreshes_what_it_proves_and_only_the_side_that_spoke() -> None:
    inventory = Inventory()
    talk = inventory.opened(opened())
    inventory.window(talk, window(talk.fact, at=600, packets=(10, 0)))
    records = by_ip(inventory)
    assert records[HMI[1]].last == START + 600 * SECOND
    assert records[HMI[1]].protocols[0].last == START + 600 * SECOND
    assert records[PLC[1]].last == START


def test_views_are_the_same_object_until_something_changes() -> None:
    inventory = Inventory()
    talk = inventory.opened(opened())
    view = talk.server_view()
    inventory.window(talk, window(talk.fact, at=60))
    assert talk.server_view() is view
    inventory.sighted(sighting(PLC, "manufacturer", "Acme", "modbus.43.14.0", at=61))
    changed = talk.server_view()
    assert changed is not None and changed.vendor == "Acme"


def test_beyond_the_bound_the_asset_idle_longest_goes_first_and_is_counted() -> None:
    inventory = Inventory(KnownTable([KnownAsset(name="plc", ip=PLC[1])]), max_assets=10)
    inventory.sighted(sighting(PLC))
    for number in range(1, 15):
        inventory.sighted(sighting((f"00:1b:1b:00:00:{number:02x}", f"10.0.1.{number}"), at=number))
    kept = set(by_ip(inventory))
    assert len(kept) <= 10 and PLC[1] in kept and "10.0.1.14" in kept and "10.0.1.1" not in kept
    assert inventory.counters["assets_evicted"] == 5


def test_a_evicted_asset_comes_back_when_its_channel_goes_on() -> None:
    inventory = Inventory(max_assets=4)
    talk = inventory.opened(opened())
    for number in range(1, 9):
        inventory.sighted(sighting((f"00:1b:1b:00:00:{number:02x}", f"10.0.1.{number}"), at=number))
    found = inventory.conversation(talk.fact.channel)
    assert found is not None and found.client is None
    inventory.window(found, window(talk.fact, at=60))
    view = found.client_view()
    assert view is not None and view.ip == HMI[1]


def test_channels_are_bounded_and_the_idle_go_first() -> None:
    inventory = Inventory(max_channels=20)
    for number in range(20):
        inventory.opened(opened(unit="", port=1_000 + number, at=number, channel=f"c{number}"))
    active = inventory.conversation("c0")
    assert active is not None
    inventory.window(active, window(active.fact, at=60))
    inventory.opened(opened(unit="", port=2_000, at=61, channel="c20"))
    assert inventory.counters["channels_evicted"] == 1
    assert inventory.conversation("c0") is active and inventory.conversation("c1") is None


def test_a_restart_on_its_own_records_finds_nothing_new() -> None:
    inventory = Inventory()
    for number in range(1, 5):
        inventory.sighted(sighting((ROUTER, f"192.168.5.{number}"), method="ip", at=number))
    for unit in ("1", "2"):
        inventory.opened(opened(unit=unit, at=10))
    inventory.sighted(sighting(PLC, "firmware_version", "V1", "modbus.43.14.2", at=11))
    records = inventory.records()
    again = Inventory(started=inventory.started)
    again.restore(records)
    assert again.records() == records
    for unit in ("1", "2"):
        again.opened(opened(unit=unit, at=3 * 86_400))
    again.sighted(sighting((ROUTER, "192.168.5.2"), method="ip", at=3 * 86_400))
    again.sighted(sighting(PLC, "firmware_version", "V1", "modbus.43.14.2", at=3 * 86_400))
    assert again.take_events() == []
    again.sighted(sighting(PLC, "firmware_version", "V2", "modbus.43.14.2", at=3 * 86_400 + 1))
    assert [event.old for event in again.take_events()] == ["V1"]


def test_the_same_facts_give_equal_records_and_events() -> None:
    def run() -> tuple[list[AssetEvent], list[AssetRecord]]:
        inventory = Inventory()
        for number in range(1, 6):
            inventory.sighted(sighting((ROUTER, f"192.168.5.{number}"), method="ip", at=number))
            inventory.opened(opened(unit=str(number), at=number + DAY // SECOND))
        return inventory.take_events(), inventory.records()

    assert run() == run()
