"""Promises about identity that hold for any traffic: nothing contradicts itself and nothing depends on luck."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from dissectors.facts import AnyFact, ChannelOpened, Sighting
from sensor.inventory import AssetRecord, Inventory, KnownAsset, KnownTable
from tests.sensor.build import opened, sighting

MACS = ["", "ff:ff:ff:ff:ff:ff", *(f"00:80:f4:00:00:{number:02x}" for number in range(4))]
IPS = ["", "10.0.0.255", "224.0.0.1", "fe80::1", "2001:db8::1", *(f"10.0.0.{number}" for number in range(1, 7))]
DEVICE = st.tuples(st.sampled_from(MACS), st.sampled_from(IPS))
KNOWN = KnownTable([KnownAsset(name="plc", ip="10.0.0.1", mac=MACS[2]), KnownAsset(name="hmi", ip="10.0.0.2")])

SIGHTINGS = st.builds(
    lambda device, method, vlan, what: sighting(device, what[0], what[1], method, vlan=vlan),
    DEVICE,
    st.sampled_from(["arp", "ip", "ip", "modbus.43.14.5"]),
    st.sampled_from([0, 0, 10, 20]),
    st.sampled_from([("address", ""), ("model", "P1"), ("model", "Q2"), ("serial_number", "SN-100")]),
)
CHANNELS = st.builds(
    lambda client, server, vlan, unit, state: opened(client, server, vlan=vlan, unit=unit, state=state),
    DEVICE,
    DEVICE,
    st.sampled_from([0, 10]),
    st.sampled_from(["1", "2", "255", ""]),
    st.sampled_from(["established", "attempted", "refused"]),
)
TRAFFIC = st.lists(st.one_of(SIGHTINGS, CHANNELS), max_size=60)


def run(facts: list[Sighting | ChannelOpened], inventory: Inventory) -> Inventory:
    """Feed facts, one second apart."""
    for second, fact in enumerate(facts):
        moved: AnyFact = msgspec.structs.replace(fact, time=fact.time + second * 10**9, frame=second + 1)
        if isinstance(moved, Sighting):
            inventory.sighted(moved)
        elif isinstance(moved, ChannelOpened):
            inventory.opened(moved)
    return inventory


@settings(max_examples=150, deadline=None)
@given(TRAFFIC, st.booleans())
def test_no_traffic_makes_the_map_contradict_itself(facts: list[Sighting | ChannelOpened], policy: bool) -> None:
    inventory = run(facts, Inventory(KNOWN if policy else None))
    records = inventory.records()
    living = {record.id for record in records}
    assert len(living) == len(records)
    routers = {record.mac for record in records if record.router}
    for record in records:
        assert record.merged_into == "" and record.frames and record.first <= record.last
        assert record.mac or record.mac_reason or record.parent
        assert not record.mac or record.mac not in routers or record.router
        assert record.ip != "224.0.0.1" and record.mac != "ff:ff:ff:ff:ff:ff"
        assert not record.parent or record.parent in living
        for address in record.addresses:
            assert address.mac in {"", record.mac}
            found = inventory.view(record.mac, address.ip)
            assert found is not None
            if address.current and record.mac:
                assert found.id == record.id
    current = [(record.mac, address.ip) for record in records for address in record.addresses if address.current]
    assert len(current) == len(set(current))


@settings(max_examples=150, deadline=None)
@given(TRAFFIC, st.booleans())
def test_any_map_survives_a_restart_unchanged(facts: list[Sighting | ChannelOpened], policy: bool) -> None:
    known = KNOWN if policy else None
    inventory = run(facts, Inventory(known))
    records = inventory.records()
    stored = msgspec.msgpack.decode(msgspec.msgpack.encode(records), type=list[AssetRecord])
    again = Inventory(known, started=inventory.started)
    again.restore(stored)
    assert again.records() == records
    assert again.take_events() == []


@settings(max_examples=80, deadline=None)
@given(TRAFFIC)
def test_an_address_is_never_new_twice(facts: list[Sighting | ChannelOpened]) -> None:
    inventory = run(facts, Inventory(KNOWN))
    reported = [event.asset.id for event in inventory.take_events() if event.kind == "new"]
    assert len(reported) == len(set(reported))
