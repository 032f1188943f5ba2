"""LLDP on the wire: who is named by an announcement, what repeats, and what only has the ethertype."""

from __future__ import annotations

import pytest

from dissectors.base.message import MAYBE, NO, YES
from dissectors.facts import ChannelWindow, OperationFirst, Sighting, Violation
from dissectors.lldp.dissector import DISSECTOR
from tests.dissectors.harness import START, Packet, channels, ethernet, of, run
from tests.dissectors.vectors import vectors_of

SWITCH, CONTROLLER, _, SHUTDOWN = (vector.data for vector in vectors_of("lldp"))
GROUP = "01:80:c2:00:00:0e"
SENDER = "00:90:e8:20:01:02"
SECOND = 1_000_000_000


def announced(*said: bytes, sender: str = SENDER) -> list[Packet]:
    frames = [ethernet(data + bytes(8), 0x88CC, sender, GROUP) for data in said]
    return [Packet(frame, START + number * SECOND) for number, frame in enumerate(frames)]


def test_a_station_is_named_by_its_own_mac_and_repeats_are_counted() -> None:
    facts = run(announced(SWITCH, SWITCH, SWITCH))
    names = [fact for fact in of(facts, Sighting) if fact.attribute == "name"]
    assert [(fact.mac, fact.value, fact.protocol) for fact in names] == [(SENDER, "sw-cell-1", "lldp")]
    assert [fact.reports for fact in of(facts, ChannelWindow)] == [3]


def test_another_frame_of_the_ethertype_is_told() -> None:
    facts = run([Packet(ethernet(bytes(46), 0x88CC, SENDER, GROUP), START)])
    assert [fact.name for fact in of(facts, Violation)] == ["not_lldp"]


def test_each_station_is_a_channel_of_its_own_and_the_group_is_no_device() -> None:
    facts = run([*announced(SWITCH), *announced(CONTROLLER, sender="00:1b:1b:22:10:02")])
    assert {channel.client.mac for channel in channels(facts, "lldp")} == {SENDER, "00:1b:1b:22:10:02"}
    assert GROUP not in {fact.mac for fact in of(facts, Sighting)}


def test_a_changed_announcement_is_told_at_once() -> None:
    renamed = SWITCH.replace(b"sw-cell-1", b"sw-cell-9")
    facts = run(announced(SWITCH, SWITCH, renamed, renamed))
    names = [fact.value for fact in of(facts, Sighting) if fact.attribute == "name"]
    assert names == ["sw-cell-1", "sw-cell-9"]
    assert sum(fact.reports for fact in of(facts, ChannelWindow)) == 4


def test_a_station_that_goes_is_told_and_what_it_says_next_too() -> None:
    facts = run(announced(SWITCH, SHUTDOWN, SWITCH))
    assert [fact.label for fact in of(facts, OperationFirst)] == ["announcement", "shutdown"]
    assert sum(fact.reports for fact in of(facts, ChannelWindow)) == 3


def test_a_broken_announcement_is_a_violation_each_time_though_it_repeats() -> None:
    broken = SWITCH[:-2] + bytes.fromhex("0aff41")
    frames = [ethernet(broken, 0x88CC, SENDER, GROUP)] * 3
    facts = run([Packet(frame, START + number * SECOND) for number, frame in enumerate(frames)])
    assert [fact.name for fact in of(facts, Violation)] == ["tlv_length"] * 3


@pytest.mark.parametrize(
    ("data", "proposed", "answer"),
    [(SWITCH, True, YES), (SWITCH, False, NO), (SWITCH[:2], True, MAYBE), (b"\x45\x00\x00", True, NO)],
)
def test_it_is_known_behind_its_own_ethertype_alone(data: bytes, proposed: bool, answer: int) -> None:
    assert DISSECTOR.recognise(data, 0, len(data), proposed) == answer
