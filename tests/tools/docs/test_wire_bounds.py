"""The bounds of the packet path: each once, none in another place of the house, each counter one that health reports."""

from __future__ import annotations

import re

import pytest

from dissectors.health import BY_NAME
from tools.docs.wire_bounds import WIRE, Bound


def test_each_bound_stands_once_and_lies_in_the_packet_path() -> None:
    names = [bound.constant for bound in WIRE]
    assert len(names) == len(set(names))
    assert {name.split(".")[0] for name in names} == {"dissectors"}


@pytest.mark.parametrize("bound", WIRE, ids=lambda bound: bound.constant)
def test_a_counter_of_health_is_one_that_exists(bound: Bound) -> None:
    for name in re.findall(r"Health `(\w+)`", bound.counter):
        assert name in BY_NAME, name
    assert bound.counter.startswith("none: ") or "`" in bound.counter or "channel" in bound.counter, bound.counter
