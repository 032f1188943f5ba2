"""However many violations there are, the facts stand for all of them."""

from __future__ import annotations

from collections import Counter

import pytest

from dissectors.base.violations import REPORTED, is_counted_only, repeats_of
from dissectors.facts import ChannelWindow, Violation
from tests.dissectors.harness import Conversation, of, run
from tests.evasion.talker import HARMLESS, Talker


@pytest.mark.parametrize("count", range(1, 70))
def test_the_reported_ones_and_the_last_stand_for_all(count: int) -> None:
    told = sum(1 + repeats_of(number) for number in range(1, count + 1) if not is_counted_only(number))
    if is_counted_only(count):
        told += 1 + repeats_of(count)
    assert told == count


def test_the_first_are_told_one_by_one() -> None:
    assert [repeats_of(number) for number in range(1, REPORTED + 2)] == [0] * REPORTED + [0]


def test_decoys_of_a_connection_are_counted_to_the_last() -> None:
    it = Talker()
    for _ in range(21):
        it.segment(0, HARMLESS, ttl=2)
        it.attack()
    facts = of(run(it.packets), Violation)
    assert sum(1 + fact.repeats for fact in facts if fact.name == "two_readings") == 21
    assert len(facts) < 21
    assert facts[-1].frame == len(it.packets) - 1


def test_foreign_bytes_on_a_port_are_counted_in_every_window() -> None:
    it = Conversation(step=10_000_000_000).handshake()
    for number in range(30):
        it.say(0, b"nobody speaks like this %d" % number)
    facts = run(it.packets())
    told: Counter[int] = Counter()
    for fact in of(facts, Violation):
        told[fact.time // 60_000_000_000] += 1 + fact.repeats
    windows = {fact.start // 60_000_000_000 for fact in of(facts, ChannelWindow)}
    assert sum(told.values()) == 30
    assert set(told) <= windows
