"""Promises about whose frames an operation came in: the MAC of its frame, not that of the conversation's first."""

from __future__ import annotations

from sensor.inventory import Inventory
from sensor.inventory.senders import MAX_ALL_MOVES, MAX_MOVES, MAX_SENDERS
from tests.sensor.build import HMI, PLC, ROUTER, SECOND, START, opened, sighting

OTHER = "02:66:66:66:66:66"
SPOT = (HMI[1], 0, "")


def moment(at: int) -> tuple[int, int]:
    return START + at * SECOND, at + 1


def talking(*moves: tuple[str, int]) -> Inventory:
    """The two ends prove their addresses and talk; then the client's address comes from each MAC at its second."""
    inventory = Inventory()
    for device in (HMI, PLC):
        inventory.sighted(sighting(device))
        inventory.sighted(sighting(device, method="ip", at=1))
    inventory.opened(opened(at=1))
    for mac, at in moves:
        inventory.sighted(sighting((mac, HMI[1]), method="ip", at=at))
    return inventory


def test_an_operation_has_the_mac_of_its_frame() -> None:
    inventory = talking((OTHER, 10), (HMI[0], 20))
    for at, mac in ((5, HMI[0]), (10, OTHER), (15, OTHER), (20, HMI[0])):
        sent = inventory.senders.as_sent(opened(at=1), moment(at), moment(at))
        assert (sent.client.mac, sent.server.mac) == (mac, PLC[0])


def test_the_sender_is_the_asset_of_its_mac() -> None:
    inventory = talking((OTHER, 10))
    channel = inventory.senders.as_sent(opened(at=1), moment(10), moment(10))
    view = inventory.sender(channel, channel.client)
    assert view is not None
    assert view.mac == OTHER


def test_a_window_in_which_another_card_sent_is_not_the_clients_alone() -> None:
    inventory = talking((OTHER, 10), (HMI[0], 20))
    for start, end, mac in ((0, 9, HMI[0]), (9, 15, OTHER), (20, 60, HMI[0])):
        seen = inventory.senders.as_sent_within(opened(at=1), START + start * SECOND, START + end * SECOND)
        assert seen.client.mac == mac


def test_another_router_for_those_behind_it_changes_nothing() -> None:
    inventory = Inventory()
    far = (ROUTER, "192.168.5.1")
    inventory.sighted(sighting(PLC))
    inventory.sighted(sighting(far, method="ip", at=1))
    fact = opened(client=far, at=1)
    inventory.opened(fact)
    inventory.sighted(sighting((OTHER, far[1]), method="ip", at=10))
    assert inventory.senders.as_sent(fact, moment(15), moment(15)) is fact


def test_copies_that_a_router_forwards_change_nothing() -> None:
    inventory = talking()
    inventory.sighted(sighting((ROUTER, HMI[1]), method="ip.forwarded", at=10))
    fact = opened(at=1)
    assert inventory.senders.as_sent(fact, moment(15), moment(15)) is fact


def test_what_is_remembered_is_bounded() -> None:
    senders = Inventory().senders
    for at in range(3 * MAX_MOVES):
        senders.take(sighting((OTHER if at % 2 else HMI[0], HMI[1]), method="ip", at=at))
    assert len(senders.moved[SPOT]) == MAX_MOVES
    assert senders.at(SPOT, *moment(3 * MAX_MOVES)) == OTHER
    assert senders.at(SPOT, *moment(0)) == ""
    for number in range(MAX_SENDERS):
        senders.take(sighting((OTHER, f"11.{number >> 16}.{(number >> 8) & 255}.{number & 255}"), method="ip"))
    assert SPOT not in senders.moved


def test_what_is_remembered_of_all_is_bounded() -> None:
    senders = Inventory().senders
    for at in range(2 * MAX_ALL_MOVES):
        ip = f"11.0.{at // 4 >> 8 & 255}.{at // 4 & 255}"
        senders.take(sighting((OTHER if at % 2 else HMI[0], ip), method="ip", at=at))
    rows = sum(len(one) for one in senders.moved.values())
    assert rows <= MAX_ALL_MOVES < rows + MAX_MOVES
