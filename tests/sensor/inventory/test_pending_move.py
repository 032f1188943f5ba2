"""An address used in IP headers alone is a claim that waits: for its minute, for the end, or for room."""

from __future__ import annotations

import pytest

from sensor.inventory import Inventory
from sensor.inventory.pending_move import MAX_PENDING, PENDING_SECONDS
from tests.sensor.build import HMI, PLC, SECOND, START, events, sighting

SEEN = 100


def claimed() -> Inventory:
    inventory = Inventory()
    inventory.sighted(sighting(PLC))
    inventory.sighted(sighting((HMI[0], PLC[1]), method="ip", at=SEEN))
    return inventory


@pytest.mark.parametrize(("after", "moves"), [(PENDING_SECONDS - 1, 0), (PENDING_SECONDS, 1)])
def test_a_claim_is_believed_after_its_time(after: int, moves: int) -> None:
    inventory = claimed()
    inventory.tick(START + (SEEN + after) * SECOND)
    assert len(events(inventory, "moved")) == moves


def test_a_claim_is_told_once() -> None:
    inventory = claimed()
    inventory.tick(START + 1000 * SECOND)
    inventory.finish()
    assert len(events(inventory, "moved")) == 1


def test_beyond_the_bound_the_oldest_claim_is_told_early_and_none_is_lost() -> None:
    inventory = Inventory()
    over = 3
    for number in range(MAX_PENDING + over):
        ip = f"10.1.{number >> 8}.{number & 255}"
        inventory.sighted(sighting((f"00:1b:1b:01:{number >> 8:02x}:{number & 255:02x}", ip)))
        inventory.sighted(sighting((f"00:1b:1b:02:{number >> 8:02x}:{number & 255:02x}", ip), method="ip", at=SEEN))
    told = [event.asset.ip for event in events(inventory, "moved")]
    assert told == ["10.1.0.0", "10.1.0.1", "10.1.0.2"]
    inventory.finish()
    assert len(events(inventory, "moved")) == MAX_PENDING
