"""Assigned numbers stand once."""

from __future__ import annotations

from dissectors.wire import numbers
from dissectors.wire.numbers import IP_PROTOCOLS, transport_name


def test_a_transport_without_a_name_keeps_its_number() -> None:
    assert [transport_name(number) for number in IP_PROTOCOLS.values()] == list(IP_PROTOCOLS)
    assert transport_name(132) == "ip-132"


def test_no_number_of_a_registry_stands_twice() -> None:
    links = [value for name, value in vars(numbers).items() if name.startswith("LINK_")]
    assert len(links) == len(set(links)) == 17
