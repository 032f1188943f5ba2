"""How connections begin: the handshake says who is the client; a second one is believed when it is accepted."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from dissectors.facts import (
    ChannelOpened,
    Exchange,
    OperationFirst,
    Violation,
)
from tests.dissectors.harness import (
    ACK,
    CLIENT,
    SECOND,
    START,
    SYN,
    Conversation,
    Segment,
    channels,
    counted,
    of,
    reported,
    run,
    talk,
    total,
    write,
)

TALK = talk()


TRUTH = reported(run(TALK.packets()))


def only(facts: list[object], protocol: str = "modbus") -> ChannelOpened:
    (channel,) = {fact.channel: fact for fact in channels(facts, protocol)}.values()  # type: ignore[arg-type]
    return channel


def test_the_handshake_decides_even_against_the_port() -> None:
    it = talk(Conversation(client_port=502, server_port=40000))
    channel = only(run(it.packets()))
    assert (channel.client.ip, channel.server.port, channel.decided_by) == (CLIENT, 40000, "handshake")


def test_the_answer_to_a_handshake_decides_when_the_first_packet_is_missing() -> None:
    it = talk()
    channel = only(run(it.packets(it.segments[1:])))
    assert (channel.client.ip, channel.decided_by) == (CLIENT, "handshake")


def test_a_refused_attempt_may_be_tried_again_from_the_same_port() -> None:
    it = Conversation()
    it.segments = [Segment(0, 0, b"", SYN, START), Segment(1, 0, b"", 4 | 16, START + 1000, acked=1)]
    again = talk(Conversation(first=(5000, 6000), time=START + SECOND))
    facts = run([*it.packets(), *again.packets()])
    assert total(facts, "refused") == 1
    assert len(of(facts, Exchange)) == 4


def test_a_first_answer_of_another_connection_does_not_decide_for_this_one() -> None:
    one, two = talk(), talk(Conversation(client="10.0.0.6", client_port=40000))
    packets = sorted([*one.packets(), *two.packets()], key=lambda packet: packet.time)
    assert {channel.client.ip for channel in channels(run(packets), "modbus")} == {"10.0.0.5", "10.0.0.6"}


@pytest.mark.parametrize("far", [100_000_000, -100_000_000, 2_000, -7])
@pytest.mark.parametrize(("side", "flags"), [(0, SYN), (1, SYN), (0, SYN | ACK), (1, SYN | ACK)])
def test_a_forged_handshake_in_an_open_connection_changes_nothing(far: int, side: int, flags: int) -> None:
    it = Conversation(first=(500_000_000, 400_000_000)).handshake()
    it.say(0, write(1, 5, 1)).say(1, write(1, 5, 1))
    it.segments.append(Segment(side, far, b"", flags, it.time, 12))
    for number in range(2, 9):
        it.say(0, write(number, 5, number)).say(1, write(number, 5, number))
    facts = run(it.packets())
    assert [(fact.values, fact.outcome) for fact in of(facts, Exchange)] == [((n,), "success") for n in range(1, 9)]
    assert {fact.visibility for fact in of(facts, Exchange)} == {"complete"}
    assert len(of(facts, OperationFirst)) == 1


def test_a_connection_that_takes_the_place_of_an_open_one_counts_once_it_is_accepted() -> None:
    it = talk()
    it.segments = it.segments[:9]
    refused = Segment(0, 700_000, b"", SYN, it.time)
    rest = [replace(segment, time=it.time + 10**6 + n * 1000) for n, segment in enumerate(TALK.segments[9:])]
    assert Counter(reported(run(it.packets([*it.segments, refused, *rest])))) == Counter(TRUTH)
    again = talk(Conversation(first=(88_000, 99_000), time=it.time))
    facts = run([*it.packets(), *again.packets()])
    assert {fact.visibility for fact in of(facts, Exchange)} == {"complete"}
    assert sum(row["connections"] for row in counted(facts).values()) == 2


def test_the_same_ports_used_again_are_a_new_connection() -> None:
    first = talk()
    second = talk(Conversation(first=(77_000, 88_000), time=first.time + SECOND))
    facts = run([*first.packets(), *second.packets()])
    assert len(of(facts, OperationFirst)) == 7
    assert total(facts, "connections") == 2
    assert total(facts, "requests") == 24
    assert not of(facts, Violation)
    assert {fact.visibility for fact in of(facts, Exchange)} == {"complete"}


def test_what_a_replaced_connection_still_waited_for_is_unanswered() -> None:
    first = Conversation().handshake().say(0, write(1, 5, 7)).say(0, write(2, 5, 8))
    second = Conversation(first=(77_000, 88_000), time=first.time + SECOND).handshake()
    second.say(0, write(1, 5, 9)).say(1, write(1, 5, 9))
    facts = of(run([*first.packets(), *second.packets()]), Exchange)
    assert [(fact.outcome, fact.values) for fact in facts] == [
        ("unanswered", (7,)),
        ("unanswered", (8,)),
        ("success", (9,)),
    ]
