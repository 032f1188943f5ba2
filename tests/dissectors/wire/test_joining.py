"""Promises about places: what is one conversation is one wherever it is seen, what is another plant stays apart."""

from __future__ import annotations

import pytest

from dissectors.facts import AnyFact, ChannelWindow, Exchange, Violation
from sensor.worker import Worker
from tests.dissectors.harness import (
    ACK,
    CLIENT_MAC,
    MILLISECOND,
    SECOND,
    SERVER_MAC,
    START,
    Conversation,
    Packet,
    channels,
    counted,
    health,
    ip4,
    of,
    reported,
    run,
    states,
    talk,
    total,
    udp,
)
from tests.dissectors.wire.mirror import OTHER_MACS, ROUTER_FAR, ROUTER_NEAR, at_place, on, routed, seen, way

TALK = talk()
TRUTH = [row[0] for row in reported(run(TALK.packets()))]


def understood(facts: list[AnyFact]) -> list[object]:
    return [row[0] for row in reported(facts)]


@pytest.mark.parametrize("tags", [(10, 0), (0, 10), (10, 20)])
def test_directions_with_different_tags_are_one_conversation(tags: tuple[int, int]) -> None:
    facts = run(seen(TALK, TALK.segments, tags))
    assert understood(facts) == TRUTH
    assert total(facts, "unanswered") == 0
    assert {channel.vlan for channel in channels(facts, "modbus")} == {tags[0]}
    name = "untagged" if tags[1] == 0 else f"vlan {tags[1]}"
    assert {window.places for window in of(facts, ChannelWindow)} == {(name,)}


@pytest.mark.parametrize("begin", [0, 1, 4, 5])
def test_directions_with_different_tags_are_one_conversation_wherever_the_capture_begins(begin: int) -> None:
    facts = run(seen(TALK, TALK.segments[begin:], (10, 0)))
    assert len({channel.channel for channel in channels(facts, "modbus")}) == 1
    assert total(facts, "unanswered") == 0
    assert total(facts, "unmatched") <= 1


def test_the_legs_of_a_tap_on_two_interfaces_are_one_conversation() -> None:
    worker = Worker()
    facts: list[AnyFact] = []
    for packet, segment in zip(TALK.packets(), TALK.segments, strict=True):
        facts += on(worker, ("eth1", "eth2")[segment.side], [packet])
    facts += worker.finish()
    assert understood(facts) == TRUTH
    assert {window.places for window in of(facts, ChannelWindow)} == {("interface eth2",)}


def test_both_sides_of_a_router_count_each_message_once() -> None:
    facts = run(routed(TALK, TALK.segments))
    assert understood(facts) == TRUTH
    assert not of(facts, Violation)
    assert total(facts, "retransmissions") == 0
    assert health(facts)["duplicates"] == len(TALK.segments)
    (row,) = counted(facts).values()
    assert row["copies"] == len(TALK.segments)
    assert row["packets_client"] + row["packets_server"] == len(TALK.segments)


@pytest.mark.parametrize("begin", [1, 3, 4, 5])
def test_both_sides_of_a_router_are_one_when_the_capture_begins_in_the_middle(begin: int) -> None:
    facts = run(routed(TALK, TALK.segments)[2 * begin + 1 :])
    assert len({channel.channel for channel in channels(facts, "modbus")}) == 1
    asked = [fact for fact in of(facts, Exchange) if fact.outcome != "unmatched"]
    assert len(asked) == TRUTH.count("exchange")


def test_a_copy_that_the_mirror_lost_is_replaced_by_the_other_one() -> None:
    packets = routed(TALK, TALK.segments)
    lost = [packet for number, packet in enumerate(packets) if number != 6]
    facts = run(lost)
    assert understood(facts) == TRUTH
    assert not states(facts)


def test_only_one_direction_of_each_side_of_a_router_is_one_conversation() -> None:
    packets = [
        Packet(
            at_place(
                TALK.network(one),
                (CLIENT_MAC, ROUTER_NEAR) if one.side == 0 else (SERVER_MAC, ROUTER_FAR),
                10 if one.side else 30,
            ),
            one.time,
        )
        for one in TALK.segments
    ]
    facts = run(packets)
    assert understood(facts) == TRUTH
    assert total(facts, "unanswered") == 0


def plants(worker: Worker, second: Conversation, places: tuple[tuple[str, int], tuple[str, int]]) -> list[AnyFact]:
    """Two plants whose packets alternate, each at an interface and VLAN of its own."""
    facts: list[AnyFact] = []
    for first, other in zip(TALK.segments, second.segments, strict=True):
        for it, one, macs, (interface, tag) in (
            (TALK, first, (CLIENT_MAC, SERVER_MAC), places[0]),
            (second, other, OTHER_MACS, places[1]),
        ):
            packet = Packet(at_place(it.network(one), way(one.side, macs), tag), one.time)
            facts += on(worker, interface, [packet])
    return [*facts, *worker.finish()]


@pytest.mark.parametrize("port", [40000, 41000])
@pytest.mark.parametrize("first", [(1000, 9000), (2000, 7000)])
@pytest.mark.parametrize(
    ("places", "network"),
    [
        ((("", 10), ("", 20)), "vlan 20"),
        ((("eth1", 0), ("eth2", 0)), "interface eth2"),
        ((("eth1", 0), ("eth2", 7)), "interface eth2 vlan 7"),
    ],
)
def test_two_plants_with_one_plan_of_addresses_are_two_sets_of_conversations(
    places: tuple[tuple[str, int], tuple[str, int]], network: str, first: tuple[int, int], port: int
) -> None:
    facts = plants(Worker(), talk(Conversation(client_port=port, first=first)), places)
    assert sorted(map(str, understood(facts))) == sorted(map(str, [*TRUTH, *TRUTH]))
    assert {channel.network for channel in channels(facts, "modbus")} == {"", network}
    assert len({channel.channel for channel in channels(facts, "modbus")}) == 2
    assert "duplicates" not in health(facts)
    assert health(facts)["separated_pairs"] == 1


def test_networks_of_the_configuration_are_never_joined() -> None:
    worker = Worker(networks={"|10": "press", "|20": "paint"})
    facts = [*on(worker, "", seen(TALK, TALK.segments, (10, 20))), *worker.finish()]
    assert {channel.network for channel in channels(facts, "modbus")} <= {"press", "paint"}
    assert total(facts, "responses") == 0 or len({channel.channel for channel in channels(facts, "modbus")}) == 2


def test_a_network_of_the_configuration_is_one_at_all_its_places() -> None:
    worker = Worker(networks={"eth1|": "line", "eth2|": "line"})
    facts: list[AnyFact] = []
    for one in TALK.segments:
        macs = (CLIENT_MAC, SERVER_MAC) if one.side == 0 else OTHER_MACS
        packet = Packet(at_place(TALK.network(one), macs), one.time)
        facts += on(worker, ("eth1", "eth2")[one.side], [packet])
    facts += worker.finish()
    assert understood(facts) == TRUTH
    assert {channel.network for channel in channels(facts, "modbus")} == {"line"}


def datagram(side: int, payload: bytes, macs: tuple[str, str], tag: int, time: int, number: int) -> Packet:
    ends = ("10.0.0.5", "10.0.0.9")
    body = ip4(udp(payload, 20000, 20000), 17, ends[side], ends[1 - side])
    return Packet(at_place(body, way(side, macs), tag, number=number), time)


def test_datagrams_of_two_plants_are_told_apart_even_when_the_second_begins_with_an_answer() -> None:
    ours, theirs = (CLIENT_MAC, SERVER_MAC), OTHER_MACS
    packets = [
        datagram(0, b"ask", ours, 10, START, 1),
        datagram(1, b"their answer", theirs, 20, START + MILLISECOND, 1),
        datagram(1, b"our answer", ours, 10, START + 2 * MILLISECOND, 2),
        datagram(0, b"their question", theirs, 20, START + 3 * MILLISECOND, 2),
        datagram(1, b"their answer 2", theirs, 20, START + 4 * MILLISECOND, 3),
        datagram(0, b"ask 2", ours, 10, START + SECOND, 4),
    ]
    facts = run(packets)
    assert {channel.network for channel in channels(facts, "")} >= {""}
    rows = sorted(row["packets_client"] + row["packets_server"] for row in counted(facts).values())
    assert sum(rows) == len(packets)


def test_a_plant_cannot_hide_behind_the_place_of_another() -> None:
    """Bytes that differ from those seen before are reported, not counted as a copy."""
    packets = routed(TALK, TALK.segments)
    forged = TALK.segments[3]
    body = TALK.network(type(forged)(0, forged.sequence, b"\x7f" * len(forged.data), ACK, forged.time, forged.acked))
    packets.insert(7, Packet(at_place(body, (ROUTER_FAR, SERVER_MAC), 10, ttl=63, number=99), forged.time + 1))
    assert "two_readings" in {fact.name for fact in of(run(packets), Violation)}
