"""The table of LLDP: whatever it names is an attribute that sightings may carry."""

from __future__ import annotations

from dissectors.attributes import NAMES
from dissectors.lldp.table import CAPABILITY_BITS, MED_TEXTS, TEXTS


def test_every_text_is_a_declared_attribute() -> None:
    assert {*TEXTS.values(), *MED_TEXTS.values()} <= NAMES


def test_no_text_is_that_of_another() -> None:
    names = [*TEXTS.values(), *MED_TEXTS.values()]
    assert len(names) == len(set(names))


def test_capabilities_stand_at_the_bits_of_the_standard() -> None:
    """IEEE 802.1AB-2016, table 8-4."""
    bits = {name: 1 << number for number, name in enumerate(CAPABILITY_BITS)}
    assert (bits["bridge"], bits["router"], bits["station"], bits["two_port_relay"]) == (0x04, 0x10, 0x80, 0x400)
