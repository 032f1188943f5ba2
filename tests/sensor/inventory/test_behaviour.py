"""Promises about roles, services, and the devices behind a gateway."""

from __future__ import annotations

import msgspec
import pytest

from dissectors.facts import ChannelOpened
from sensor.inventory import Conversation, Inventory, KnownAsset, KnownTable, behaviour
from sensor.inventory.asset import FEW_ROWS
from tests.sensor.build import HMI, PLC, by_ip, events, opened, sighting, window


def answered(inventory: Inventory, channel: ChannelOpened, *, at: int = 0) -> Conversation:
    """A channel that its server answers in."""
    talk = inventory.opened(channel)
    inventory.window(talk, window(channel, at=at + 1))
    return talk


def test_a_second_unit_makes_a_gateway_with_a_sub_asset_each_and_the_first_is_no_news() -> None:
    inventory = Inventory(KnownTable([KnownAsset(name="gw", ip=PLC[1]), KnownAsset(name="hmi", ip=HMI[1])]))
    inventory.sighted(sighting(PLC, "model", "P1", "modbus.43.14.5", protocol="modbus", unit="1"))
    first = answered(inventory, opened(unit="1"))
    assert first.server is not None and first.server.parent is None
    events(inventory)
    answered(inventory, opened(unit="2", at=5), at=5)
    assert [(event.asset.name, event.settled) for event in events(inventory, "new")] == [
        ("gw/modbus 1", False),
        ("gw/modbus 2", True),
    ]
    again = inventory.conversation(first.fact.channel)
    assert again is not None and again.server is not None and again.server.unit == "1"
    children = [record for record in inventory.records() if record.parent]
    gateway = by_ip(inventory)[PLC[1]] if len(children) != 2 else next(r for r in inventory.records() if r.units)
    assert {record.unit for record in children} == {"1", "2"}
    assert "gateway" in {role.role for role in gateway.roles}
    model = next(record for record in children if record.unit == "1").attribute("model")
    assert model is not None and model.value == "P1" and gateway.attribute("model") is None


def test_units_that_were_only_asked_for_are_nobody() -> None:
    inventory = Inventory()
    answered(inventory, opened(unit="1"))
    for number in range(2, 60):
        channel = opened(unit=str(number), at=number)
        talk = inventory.opened(channel)
        assert talk.server is not None and talk.server.ip == PLC[1]
        silent = msgspec.structs.replace(window(channel, at=number), responses=0, unanswered=10)
        inventory.window(talk, silent)
    assert {record.ip: record.role for record in inventory.records()} == {PLC[1]: "controller", HMI[1]: "client"}


def test_broadcast_units_are_the_device_itself() -> None:
    inventory = Inventory()
    for number, unit in enumerate(("0", "255", "1")):
        answered(inventory, opened(unit=unit, at=number), at=number)
    assert not [record for record in inventory.records() if record.parent]


def test_dnp3_outstations_behind_one_address_are_sub_assets() -> None:
    inventory = Inventory()
    for number, unit in enumerate(("1>10", "1>11", "2>10")):
        answered(inventory, opened(protocol="dnp3", port=20_000, unit=unit, at=number), at=number)
    assert {record.unit for record in inventory.records() if record.parent} == {"10", "11"}


def test_roles_follow_behaviour_and_say_why() -> None:
    inventory = Inventory()
    inventory.opened(opened())
    inventory.opened(opened(server=("00:80:f4:01:02:22", "10.0.0.22")))
    records = by_ip(inventory)
    assert (records[PLC[1]].role, records[HMI[1]].role) == ("controller", "master")
    assert {role.role: role.reason for role in records[HMI[1]].roles}["master"] == "polls 2 controllers"
    assert [(use.protocol, use.side) for use in records[PLC[1]].protocols] == [("modbus", "server")]
    assert [(row.transport, row.port, row.protocol) for row in records[PLC[1]].services] == [("tcp", 502, "modbus")]


def test_a_controller_that_begins_to_poll_has_changed_its_role() -> None:
    inventory = Inventory()
    inventory.opened(opened())
    events(inventory)
    inventory.opened(opened(client=PLC, server=("00:80:f4:01:02:22", "10.0.0.22"), at=2 * 86_400))
    (changed,) = [event for event in events(inventory, "changed") if event.attribute == "role"]
    assert (changed.asset.ip, changed.old, changed.new, changed.settled) == (PLC[1], "server", "client", True)


def test_a_new_port_of_a_long_known_server_is_news_and_of_a_new_one_is_not() -> None:
    inventory = Inventory()
    inventory.opened(opened())
    inventory.opened(opened(protocol="", unit="", port=80, at=86_400))
    services = events(inventory, "service")
    assert [(event.new, event.settled) for event in services] == [("tcp/502", False), ("tcp/80", True)]


def test_devices_that_the_bounds_forgot_are_made_again_only_when_they_are_met_again() -> None:
    inventory = Inventory(max_assets=20)
    count = 200
    for number in range(count):
        answered(inventory, opened(unit=str(1 + number), at=number), at=number)
    assert inventory.counters["assets_evicted"] < count
    kept = {record.unit for record in inventory.records()}
    assert "1" not in kept
    answered(inventory, opened(unit="1", at=count), at=count)
    assert "1" in {record.unit for record in inventory.records()}


def test_what_assets_have_beyond_a_few_is_bounded_over_all_of_them_and_given_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(behaviour, "MAX_FURTHER", 10)
    inventory = Inventory(max_assets=8)
    for server in range(4):
        for port in range(20):
            end = (f"00:1b:1b:00:01:{server:02x}", f"10.0.2.{server}")
            inventory.opened(opened(server=end, protocol="", unit="", port=1_000 + port, channel=f"c{server}.{port}"))
    services = [len(record.services) for record in inventory.records() if record.services]
    assert sum(services) <= 4 * FEW_ROWS + 10 and min(services) == FEW_ROWS
    assert inventory.counters["behaviour_dropped"] > 0
    for number in range(40):
        inventory.sighted(sighting((f"00:1b:1b:00:02:{number:02x}", f"10.0.3.{number}"), at=100 + number))
    assert inventory.journal.further == 0
