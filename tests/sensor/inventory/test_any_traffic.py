"""Promises about identity that hold for any traffic: nothing contradicts itself and nothing depends on luck."""

from __future__ import annotations

import random
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dissectors.facts import AnyFact, ChannelOpened, Sighting
from sensor.inventory import AssetRecord, Inventory, KnownAsset, KnownTable, table
from tests.sensor.build import opened, sighting

MAX_ROWS = 3
"""Addresses of one asset, where the bounds are small."""
MACS = ["", "ff:ff:ff:ff:ff:ff", *(f"00:80:f4:00:00:{number:02x}" for number in range(4))]
MACS.append("00:00:5e:00:01:0a")
IPS = ["", "10.0.0.255", "224.0.0.1", "fe80::1", "2001:db8::1", *(f"10.0.0.{number}" for number in range(1, 7))]
DEVICE = st.tuples(st.sampled_from(MACS), st.sampled_from(IPS))
KNOWN = KnownTable([KnownAsset(name="plc", ip="10.0.0.1", mac=MACS[2]), KnownAsset(name="hmi", ip="10.0.0.2")])

WHERE = st.sampled_from(
    [(0, "", ""), (0, "", ""), (10, "", "eth0"), (20, "", "eth1"), (20, "vlan 20", ""), (0, "cell", "")]
)
WHAT = [
    ("address", ""), ("address", ""), ("model", "P1"), ("model", "Q2"), ("serial_number", "SN-100"),
    ("answered_at", MACS[3]), ("answered_at", "00:00:5e:00:01:0a"),
]  # fmt: skip
SIGHTINGS = st.builds(
    lambda device, method, where, what: msgspec.structs.replace(
        sighting(device, what[0], what[1], method, vlan=where[0]), network=where[1], interface=where[2]
    ),
    DEVICE,
    st.sampled_from(["arp", "ip", "ip", "modbus.43.14.5"]),
    WHERE,
    st.sampled_from(WHAT),
)
CHANNELS = st.builds(
    lambda client, server, where, unit, state: msgspec.structs.replace(
        opened(client, server, vlan=where[0], unit=unit, state=state), network=where[1], interface=where[2]
    ),
    DEVICE,
    DEVICE,
    WHERE,
    st.sampled_from(["1", "2", "255", ""]),
    st.sampled_from(["established", "attempted", "refused"]),
)
TRAFFIC = st.lists(st.one_of(SIGHTINGS, CHANNELS), max_size=60)


def run(
    facts: list[Sighting | ChannelOpened],
    inventory: Inventory,
    between: Callable[[Inventory], None] = lambda inventory: None,
) -> Inventory:
    """Feed facts, one second apart; look at the inventory between them."""
    for second, fact in enumerate(facts):
        moved: AnyFact = msgspec.structs.replace(fact, time=fact.time + second * 10**9, frame=second + 1)
        if isinstance(moved, Sighting):
            inventory.sighted(moved)
        elif isinstance(moved, ChannelOpened):
            inventory.opened(moved)
        between(inventory)
    return inventory


def consistent(inventory: Inventory) -> None:
    """Check that the indices and the assets say the same of one another."""
    held_in = inventory._identity
    for (network, mac, ip), asset in held_in._bound.items():
        held = asset.addresses[ip]
        assert held_in.assets.get(asset.id) is asset and (held.network, held.mac) == (network, mac)
    for (network, ip), holders in held_in._holders.items():
        assert holders
        for name, asset in holders.items():
            assert held_in.assets.get(name) is asset and asset.id == name
            assert asset.addresses[ip].current and asset.addresses[ip].network == network
    for mac, homes in held_in._home.items():
        assert homes and all(held_in.assets.get(home.id) is home and home.mac == mac for home in homes.values())
    for asset in held_in.assets.values():
        assert len(asset.addresses) <= table.MAX_ROWS
        for ip, held in asset.addresses.items():
            assert not held.mac or held_in._bound[held.network, held.mac, ip] is asset
            assert not held.current or held_in._holders[held.network, ip][asset.id] is asset
        for child in asset.children.values():
            assert child.parent is asset and held_in.assets.get(child.id) is child
    assert inventory.journal.values == sum(
        len(rows) for one in held_in.assets.values() for rows in one.observations.values()
    )
    cards = {card: asset.mac for asset in held_in.assets.values() for card in asset.cards}
    assert cards == held_in.cards
    assert len(held_in.assets) <= held_in.max_assets
    assert held_in.counters["addresses_dropped"] >= 0 <= held_in.counters["assets_evicted"]


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
            found = inventory.view(record.mac, address.ip, network=address.network)
            assert found is not None
            if address.current and record.mac:
                assert found.id == record.id
    current = [
        (record.mac, address.network, address.ip)
        for record in records
        for address in record.addresses
        if address.current
    ]
    assert len(current) == len(set(current))


def test_a_link_local_address_of_one_card_in_a_named_and_in_no_network_is_found_in_each() -> None:
    card = MACS[5]
    inventory = run(
        [
            msgspec.structs.replace(opened(("", ""), (card, "")), network="cell"),
            msgspec.structs.replace(sighting((card, "fe80::1"), vlan=20), network="vlan 20"),
            msgspec.structs.replace(opened(("", ""), (card, "fe80::1"), vlan=10), interface="eth0"),
        ],
        Inventory(None),
    )
    for record in inventory.records():
        for address in record.addresses:
            found = inventory.view(record.mac, address.ip, network=address.network)
            assert found is not None and found.id == record.id


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
    consistent(again)


@settings(max_examples=80, deadline=None)
@given(TRAFFIC)
def test_an_address_is_never_new_twice(facts: list[Sighting | ChannelOpened]) -> None:
    inventory = run(facts, Inventory(KNOWN))
    reported = [event.asset.id for event in inventory.take_events() if event.kind == "new"]
    assert len(reported) == len(set(reported))


@settings(max_examples=150, deadline=None)
@given(TRAFFIC, st.booleans(), st.integers(1, 6))
def test_any_traffic_is_taken_whatever_the_bounds(
    facts: list[Sighting | ChannelOpened], policy: bool, assets: int
) -> None:
    known = KNOWN if policy else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "MAX_ROWS", MAX_ROWS)
        inventory = run(facts, Inventory(known, max_assets=assets, max_channels=3), consistent)
        inventory.finish()
        again = Inventory(known, max_assets=assets, started=inventory.started)
        again.restore(inventory.records())
        consistent(again)
        run(facts, again, consistent)


@pytest.mark.parametrize("seed", range(4))
def test_long_traffic_is_taken_whatever_the_bounds(seed: int) -> None:
    chance = random.Random(seed)
    macs = [f"02:00:00:00:00:{number:02x}" for number in range(12)]
    facts: list[Sighting | ChannelOpened] = []
    for _ in range(1_500):
        one, two = ((chance.choice(macs), f"10.0.{chance.randrange(3)}.{chance.randrange(1, 40)}") for _ in range(2))
        place = chance.choice([(0, ""), (0, ""), (7, ""), (8, "vlan 8")])
        if chance.random() < 0.7:
            what = chance.choice([("address", ""), ("answered_at", chance.choice(macs))])
            fact: Sighting | ChannelOpened = sighting(one, *what, chance.choice(["arp", "arp", "ip"]), vlan=place[0])
        else:
            fact = opened(one, two, vlan=place[0], unit=str(chance.randrange(4)))
        facts.append(msgspec.structs.replace(fact, network=place[1]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "MAX_ROWS", MAX_ROWS)
        run(facts, Inventory(max_assets=9, max_channels=5), consistent)
