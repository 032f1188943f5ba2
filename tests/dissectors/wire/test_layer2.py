"""Frames without IP reach the protocol that declares their ethertype, service access point or SNAP number."""

from __future__ import annotations

import struct

import pytest

from dissectors.base.message import REPORT, REQUEST, RESPONSE
from dissectors.facts import ChannelWindow, Exchange, OperationFirst, Sighting, Violation
from dissectors.spec import Door, ethertype, llc, snap
from dissectors.wire.layer2 import behind_llc, key_of_llc
from tests.dissectors.harness import (
    CLIENT_MAC,
    MILLISECOND,
    SECOND,
    SERVER_MAC,
    START,
    Packet,
    channels,
    ethernet,
    health,
    of,
    run,
    states,
    vlan,
)
from tests.dissectors.toys import toy, worker_with

GROUP = "01:0e:cf:00:00:01"
TOY_TYPE = 0x9A9A
PADDING = bytes(40)


def published(payload: bytes, target: str = GROUP, source: str = CLIENT_MAC, time: int = START) -> Packet:
    return Packet(ethernet(payload + PADDING, TOY_TYPE, source, target), time)


def test_frames_of_a_declared_ethertype_are_dissected_and_their_padding_is_not() -> None:
    facts = run([published(toy(REPORT, 1, ("A", 7)))], worker_with(ethertype(TOY_TYPE, group=GROUP)))
    (channel,) = channels(facts, "toy")
    assert (channel.transport, channel.client.mac, channel.server.mac) == ("ethernet", CLIENT_MAC, GROUP)
    assert [fact.operation for fact in of(facts, OperationFirst)] == ["toy_A"]
    assert [(fact.outcome, fact.values) for fact in of(facts, Exchange)] == [("one_way", (7,))]
    assert not of(facts, Violation)
    (window,) = of(facts, ChannelWindow)
    assert (window.reports, window.packets_client, window.requests) == (1, 1, 0)


def test_a_publisher_is_seen_whole_though_nobody_answers() -> None:
    packets = [published(toy(REPORT, 1, ("a", 7)), time=START + second * SECOND) for second in range(0, 200, 20)]
    facts = run(packets, worker_with(ethertype(TOY_TYPE)))
    assert channels(facts, "toy")[0].visibility == "complete"
    assert states(facts) == []


def test_what_a_publisher_says_of_itself_names_its_own_mac() -> None:
    facts = run([published(toy(REPORT, 1, ("a", 7)))], worker_with(ethertype(TOY_TYPE)))
    named = [fact for fact in of(facts, Sighting) if fact.attribute == "name"]
    assert [(fact.mac, fact.ip, fact.value, fact.protocol) for fact in named] == [(CLIENT_MAC, "", "station-7", "toy")]


def test_two_stations_on_one_ethertype_ask_and_answer() -> None:
    packets = [
        published(toy(REQUEST, 1, ("A", 7)), SERVER_MAC),
        published(toy(RESPONSE, 1, ("A", 7)), CLIENT_MAC, SERVER_MAC, START + MILLISECOND),
    ]
    facts = run(packets, worker_with(ethertype(TOY_TYPE)))
    assert [(fact.outcome, fact.latency) for fact in of(facts, Exchange)] == [("success", MILLISECOND)]
    (channel,) = channels(facts, "toy")
    assert (channel.client.mac, channel.server.mac) == (CLIENT_MAC, SERVER_MAC)


def test_the_first_frame_seen_may_be_the_answer() -> None:
    facts = run([published(toy(RESPONSE, 1, ("A", 7)), CLIENT_MAC, SERVER_MAC)], worker_with(ethertype(TOY_TYPE)))
    (channel,) = channels(facts, "toy")
    assert (channel.client.mac, channel.decided_by) == (CLIENT_MAC, "messages")


def test_each_vlan_is_a_channel_of_its_own() -> None:
    message = toy(REPORT, 1, ("a", 7)) + PADDING
    tagged = Packet(ethernet(vlan(message, TOY_TYPE, 30), 0x8100, CLIENT_MAC, GROUP), START + MILLISECOND)
    facts = run([published(message), tagged], worker_with(ethertype(TOY_TYPE)))
    assert [channel.vlan for channel in channels(facts, "toy")] == [0, 30]


LLC = b"\x55\x55\x03"
SNAP = b"\xaa\xaa\x03"


@pytest.mark.parametrize(
    ("door", "header"),
    [
        (llc(0x55), LLC),
        (snap(0x00000C, 0x2000), SNAP + bytes.fromhex("00000c2000")),
        (ethertype(TOY_TYPE), SNAP + bytes.fromhex("000000") + struct.pack("!H", TOY_TYPE)),
    ],
    ids=["llc", "snap", "ethertype in snap"],
)
def test_frames_with_a_length_are_known_by_llc_or_snap(door: Door, header: bytes) -> None:
    message = header + toy(REPORT, 1, ("a", 7))
    packet = Packet(ethernet(message + PADDING, len(message), CLIENT_MAC, GROUP))
    facts = run([packet], worker_with(door))
    assert [channel.server.mac for channel in channels(facts, "toy")] == [GROUP]
    assert not of(facts, Violation)


def test_frames_of_another_access_point_keep_their_name() -> None:
    message = b"\x42\x42\x03" + toy(REPORT, 1, ("a", 7))
    facts = run([Packet(ethernet(message, len(message), CLIENT_MAC, GROUP))], worker_with(llc(0x55)))
    assert len(channels(facts, "llc")) == 1
    assert not channels(facts, "toy")


def test_bytes_that_are_no_message_of_the_declared_ethertype_are_a_violation() -> None:
    facts = run([published(b"\x00\x01\x02")], worker_with(ethertype(TOY_TYPE)))
    assert [(fact.name, fact.protocol) for fact in of(facts, Violation)] == [("not_toy", "toy")]


def test_a_frame_that_the_capture_cut_off_is_counted_and_no_violation() -> None:
    frame = ethernet(toy(REPORT, 1, ("a", 7), ("b", 8)), TOY_TYPE, CLIENT_MAC, GROUP)
    facts = run([Packet(frame[:-2], original=len(frame))], worker_with(ethertype(TOY_TYPE)))
    assert not of(facts, Violation)
    assert health(facts)["truncated"] == 1


@pytest.mark.parametrize("data", [b"", b"\xaa", b"\xaa\xaa\x03\x00\x00", b"\x42\x42"])
def test_an_llc_header_that_is_too_short_leads_nowhere(data: bytes) -> None:
    assert key_of_llc(data, 0, len(data)) == 0
    assert behind_llc(data, 0, len(data)) <= len(data)
