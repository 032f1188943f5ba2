"""Promises about which of several values counts."""

from __future__ import annotations

import pytest

from sensor.inventory.attribute import agree, attribute_of, disagreeing, is_identifying
from sensor.inventory.record import Observation


def said(value: str, method: str, confidence: str = "strong", first: int = 1, last: int = 1) -> Observation:
    """Return one observation."""
    return Observation(
        value=value, method=method, confidence=confidence, source="a", first=first, last=last, count=1, frames=(first,)
    )


SOURCES = [
    said("paired", "modbus.43.14.0"),
    said("one-sided", "modbus.43.14.0x", "medium"),
    said("announced", "arp.description", "medium"),
    said("behaviour", "behaviour", "medium"),
    said("card", "oui", "weak"),
]


@pytest.mark.parametrize("best", range(len(SOURCES)))
def test_the_order_of_precedence_is_kept_whatever_came_first_or_last(best: int) -> None:
    rows = SOURCES[best:]
    assert attribute_of("name", rows).value == SOURCES[best].value
    assert attribute_of("name", rows[::-1]).value == SOURCES[best].value


def test_the_newest_value_of_one_source_counts_and_is_no_conflict() -> None:
    rows = [said("Acme", "s7.szl.001c.4", last=9), said("Bolt", "s7.szl.001c.4", first=5, last=7)]
    assert (attribute_of("manufacturer", rows).value, attribute_of("manufacturer", rows).state) == ("Acme", "known")


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("Siemens", "SIEMENS AG", True),
        ("V2.9.4", "v 2.9.4", True),
        ("Schneider Electric", "Schneider-Electric", True),
        ("Siemens", "Schneider", False),
        ("AB", "ABB", False),
        ("", "Siemens", False),
    ],
)
def test_spelling_is_no_contradiction_and_another_name_is(left: str, right: str, same: bool) -> None:
    assert agree(left, right) is same and agree(right, left) is same


def test_only_independent_sources_that_are_not_weak_contradict_each_other() -> None:
    strong = said("Siemens", "s7.szl.0011.1")
    assert disagreeing("manufacturer", [strong, said("Acme", "oui", "weak")]) is None
    assert disagreeing("manufacturer", [strong, said("Acme", "s7.szl.001c.4")]) is None
    assert disagreeing("name", [strong, said("Acme", "arp.name", "medium")]) is None
    assert disagreeing("manufacturer", [strong, said("Acme", "arp.description", "medium")]) is not None


def test_nothing_said_is_unknown_with_a_reason() -> None:
    attribute = attribute_of("model", [])
    assert (attribute.state, attribute.value, attribute.reason) == ("unknown", "", "not_seen_yet")


@pytest.mark.parametrize("value", ["", "0", "0000", "00 00-00", "N/A", "unknown", "123"])
def test_a_placeholder_identifies_nobody(value: str) -> None:
    assert not is_identifying("serial_number", value)
    assert is_identifying("serial_number", "SC-1234") and not is_identifying("model", "SC-1234")
