"""Promises about who is who: one device is one asset, routers give their MAC to nobody."""

from __future__ import annotations

import pytest

from sensor.inventory import Inventory, KnownAsset, KnownTable
from tests.sensor.build import HMI, PLC, ROUTER, SECOND, START, by_ip, events, opened, sighting


def test_the_same_mac_and_ip_are_one_asset_whatever_saw_them() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC, method="ip"))
    inventory.sighted(sighting(PLC, method="arp", at=5))
    inventory.opened(opened(at=9))
    assert [event.asset.ip for event in events(inventory, "new")] == [PLC[1], HMI[1]]
    plc = by_ip(inventory)[PLC[1]]
    assert (plc.mac, plc.first, plc.last, plc.frames) == (PLC[0], START, START + 9 * SECOND, (1, 10))


def test_ids_come_from_the_content_and_not_from_the_order_of_facts() -> None:
    facts = [sighting(HMI), sighting(PLC), sighting((PLC[0], "fe80::1"))]
    forward, backward = Inventory(), Inventory()
    for fact in facts:
        forward.sighted(fact)
    for fact in reversed(facts):
        backward.sighted(fact)
    assert {record.id for record in forward.records()} == {record.id for record in backward.records()}
    assert len(forward.records()) == 2


def test_one_mac_on_two_vlans_with_an_address_on_each_is_one_asset_that_has_not_moved() -> None:
    inventory = Inventory()
    inventory.sighted(sighting((PLC[0], "10.1.0.1"), vlan=10))
    inventory.sighted(sighting((PLC[0], "10.2.0.1"), vlan=20))
    (record,) = inventory.records()
    assert (record.vlans, record.identity) == ((10, 20), "new")
    assert [event.kind for event in events(inventory)] == ["new"]


def test_a_host_that_sends_with_and_without_a_tag_is_one_asset() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC, vlan=10))
    inventory.sighted(sighting(PLC, method="ip", at=1))
    (record,) = inventory.records()
    assert record.vlans == (10, 0)


@pytest.mark.parametrize(
    ("mac", "ip"),
    [
        ("ff:ff:ff:ff:ff:ff", "10.0.0.255"),
        ("01:00:5e:00:00:fb", "224.0.0.251"),
        ("", "239.1.2.3"),
        ("", "0.0.0.0"),
        ("33:33:00:00:00:01", "ff02::1"),
        ("", "255.255.255.255"),
        ("", "not an address"),
    ],
)
def test_groups_and_nobody_are_no_assets(mac: str, ip: str) -> None:
    inventory = Inventory()
    inventory.sighted(sighting((mac, ip)))
    inventory.opened(opened(server=(mac, ip)))
    assert [record.ip for record in inventory.records()] == [HMI[1]]


def test_a_server_that_never_answered_is_no_asset() -> None:
    inventory = Inventory()
    talk = inventory.opened(opened(state="attempted"))
    assert talk.server is None
    assert [record.ip for record in inventory.records()] == [HMI[1]]


@pytest.mark.parametrize("proven_first", [True, False])
def test_the_mac_and_maker_of_a_router_never_reach_the_assets_behind_it(proven_first: bool) -> None:
    inventory = Inventory()
    own = sighting((ROUTER, "10.0.0.1"), at=0 if proven_first else 50)
    forwarded = [sighting((ROUTER, f"192.168.5.{number}"), method="ip", at=number) for number in range(1, 8)]
    for fact in [own, *forwarded] if proven_first else [*forwarded, own]:
        inventory.sighted(fact)
    records = by_ip(inventory)
    for number in range(1, 8):
        record = records[f"192.168.5.{number}"]
        assert (record.mac, record.mac_reason, record.vendor) == ("", "behind_router", "")
        maker = record.attribute("manufacturer")
        assert maker is not None and (maker.state, maker.reason) == ("unknown", "behind_router")
    router = records["10.0.0.1"]
    assert (router.mac, router.role, router.router) == (ROUTER, "router", True)
    assert router.vendor.startswith("Cisco")
    assert len(records) == 8


def test_two_forwarded_addresses_do_not_make_a_router_and_three_do() -> None:
    inventory = Inventory()
    for number in (1, 2):
        inventory.sighted(sighting((ROUTER, f"192.168.5.{number}"), method="ip"))
    assert not any(record.router for record in inventory.records())
    inventory.sighted(sighting((ROUTER, "192.168.5.3"), method="ip"))
    assert [record.mac for record in inventory.records() if record.router] == [ROUTER]


def test_what_was_learned_through_a_router_moves_to_the_asset_behind_it() -> None:
    inventory = Inventory()
    far = (ROUTER, "192.168.5.1")
    talk = inventory.opened(opened(client=far))
    for number in (2, 3):
        inventory.sighted(sighting((ROUTER, f"192.168.5.{number}"), method="ip"))
    found = inventory.conversation(talk.fact.channel)
    assert found is not None
    view = found.client_view()
    assert view is not None and (view.ip, view.mac, view.role) == ("192.168.5.1", "", "client")
    router = next(record for record in inventory.records() if record.router)
    assert router.protocols == () and router.ip == ""


def test_a_dual_stack_host_and_its_proven_alias_are_one_asset() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    inventory.sighted(sighting((PLC[0], "fe80::280:f4ff:fe01:221"), method="ip"))
    inventory.sighted(sighting((PLC[0], "2001:db8::21"), method="ip"))
    inventory.sighted(sighting((PLC[0], "10.0.0.121"), method="arp"))
    (record,) = inventory.records()
    assert {address.ip for address in record.addresses} == {
        PLC[1], "fe80::280:f4ff:fe01:221", "2001:db8::21", "10.0.0.121",
    }  # fmt: skip


def test_an_address_that_another_mac_claims_later_has_moved_once_with_both_frames() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC, at=0))
    inventory.sighted(sighting((HMI[0], PLC[1]), at=61))
    inventory.sighted(sighting((HMI[0], PLC[1]), at=62))
    (moved,) = [event for event in events(inventory) if event.kind in {"moved", "conflict"}]
    assert (moved.kind, moved.attribute, moved.old, moved.new) == ("moved", "mac", PLC[0], HMI[0])
    assert moved.frames == (1, 62)
    assert moved.other is not None and moved.other.mac == HMI[0]
    assert moved.asset.mac == PLC[0] and moved.settled


def test_an_address_that_two_macs_answer_for_within_a_minute_is_a_conflict() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC, at=0))
    inventory.sighted(sighting((HMI[0], PLC[1]), at=60))
    inventory.sighted(sighting(PLC, at=70))
    kinds = [(event.kind, event.new) for event in events(inventory) if event.kind in {"moved", "conflict"}]
    assert kinds == [("conflict", HMI[0]), ("conflict", PLC[0])]


def test_a_claimed_address_does_not_give_the_claimant_the_identity() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    inventory.sighted(sighting((HMI[0], PLC[1]), at=3))
    mine, theirs = inventory.view(HMI[0], PLC[1]), inventory.view(PLC[0], PLC[1])
    assert mine is not None and theirs is not None and mine.id != theirs.id


def test_a_shared_address_moves_between_its_routers_without_an_event() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(("00:00:5e:00:01:0a", "10.0.0.1")))
    inventory.sighted(sighting(HMI, "shared_address", "10.0.0.1 00:00:5e:00:01:0a", "ip", at=4))
    inventory.sighted(sighting((HMI[0], "10.0.0.1"), at=5))
    inventory.finish()
    assert [event.kind for event in events(inventory)] == ["new", "new"]


def test_a_device_that_takes_another_address_has_moved() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    inventory.sighted(sighting((PLC[0], "10.0.0.99"), at=4))
    (moved,) = events(inventory, "moved")
    assert (moved.attribute, moved.old, moved.new, moved.frames) == ("ip", PLC[1], "10.0.0.99", (1, 5))


def test_an_address_that_a_router_only_forwarded_goes_back_to_the_device_that_has_it() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    for number, ip in enumerate((PLC[1], "10.0.0.51", "10.0.0.52")):
        inventory.sighted(sighting((ROUTER, ip), method="ip", at=100 + number))
    view = inventory.view("", PLC[1])
    assert view is not None and view.mac == PLC[0]
    plc = next(record for record in inventory.records() if record.mac == PLC[0])
    assert [(address.ip, address.current) for address in plc.addresses] == [(PLC[1], True)]


def test_the_loopback_address_of_two_hosts_is_no_event() -> None:
    inventory = Inventory()
    inventory.sighted(sighting((PLC[0], "127.0.0.1"), method="ip"))
    inventory.sighted(sighting((HMI[0], "127.0.0.1"), method="ip", at=5))
    assert [event.kind for event in events(inventory)] == ["new", "new"]


@pytest.mark.parametrize("method", ["ip", "ip.forwarded"])
def test_a_claim_by_ip_header_waits_a_minute_and_falls_when_a_router_forwarded_copies(method: str) -> None:
    """Three addresses make a MAC a router, which anybody forges: frames of its own in a station's name are told all the same."""
    told = [("moved", ROUTER)]
    for addresses, expected in ((1, told), (3, told if method == "ip" else [])):
        inventory = Inventory()
        inventory.sighted(sighting(PLC))
        for number in range(addresses):
            ip = PLC[1] if number == 0 else f"10.0.0.5{number}"
            inventory.sighted(sighting((ROUTER, ip), method=method, at=100 + number))
        inventory.tick(START + 159 * SECOND)
        assert [event for event in events(inventory) if event.kind == "moved"] == []
        inventory.tick(START + 160 * SECOND)
        assert [(event.kind, event.new) for event in events(inventory, "moved")] == expected


def test_a_claim_that_waits_is_reported_at_the_end_of_the_capture() -> None:
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    inventory.sighted(sighting((HMI[0], PLC[1]), method="ip", at=100))
    inventory.finish()
    (moved,) = events(inventory, "moved")
    assert (moved.old, moved.new, moved.frames) == (PLC[0], HMI[0], (1, 101))


def test_the_state_of_an_identity_says_whether_it_is_bound_moved_or_disputed() -> None:
    other = ("00:1b:1b:00:00:09", "10.0.0.9")
    inventory = Inventory(KnownTable([KnownAsset(name="plc", ip=PLC[1], mac=PLC[0])]))
    inventory.sighted(sighting(PLC))
    inventory.sighted(sighting(HMI))
    inventory.sighted(sighting(other))
    inventory.sighted(sighting((other[0], "10.0.0.99"), at=5))
    states = {record.mac: record.identity for record in inventory.records()}
    assert states == {PLC[0]: "bound", HMI[0]: "new", other[0]: "moved"}
    inventory.sighted(sighting((HMI[0], PLC[1]), at=9))
    assert {record.mac: record.identity for record in inventory.records()}[PLC[0]] == "conflict"


def test_more_addresses_of_one_card_than_are_kept_end_nothing_and_are_counted() -> None:
    inventory = Inventory()
    for number in range(600):
        device = (PLC[0], f"10.0.{number // 250}.{number % 250}")
        for method in ("ip", "arp", "ip"):
            inventory.sighted(sighting(device, method=method, at=number))
    for number in range(600):
        inventory.sighted(sighting((PLC[0], f"10.0.{number // 250}.{number % 250}"), method="ip", at=600 + number))
    assert inventory.counters["addresses_dropped"] > 300
    assert max(len(record.addresses) for record in inventory.records()) <= 256
