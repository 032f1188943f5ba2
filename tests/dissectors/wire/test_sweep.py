"""What time alone changes: attempts without an answer, connections of one side, flows that went quiet."""

from __future__ import annotations

import pytest

from dissectors.facts import (
    ChannelOpened,
    ChannelWindow,
    Exchange,
    Health,
    Violation,
)
from sensor.worker import Worker
from tests.dissectors.harness import (
    SECOND,
    START,
    SYN,
    Conversation,
    Packet,
    Segment,
    ethernet,
    feed,
    ip4,
    of,
    read,
    registers,
    run,
    states,
    talk,
    udp,
    write,
)


def test_an_unanswered_attempt_is_reported_with_its_count_in_the_window_that_follows() -> None:
    attempt = Packet(Conversation().frame(Segment(0, 0, b"", SYN)), START + 58 * SECOND)
    other = [Packet(ethernet(ip4(udp(b"x"), 17, "10.7.7.7")), START + second * SECOND) for second in range(0, 200, 4)]
    facts = run(sorted([attempt, *other], key=lambda packet: packet.time))
    (channel,) = [fact.channel for fact in of(facts, ChannelOpened) if fact.state == "unanswered"]
    windows = [window for window in of(facts, ChannelWindow) if window.channel == channel]
    assert [(window.attempts, window.unanswered, window.packets_client) for window in windows] == [(1, 1, 1)]
    assert windows[0].end <= START + 120 * SECOND


@pytest.mark.parametrize("side", [0, 1])
def test_a_mirror_of_one_direction_is_reported_as_such(side: int) -> None:
    it = Conversation().handshake()
    for number in range(8):
        it.say(0, read(number, 0, 2)).say(1, registers(number, 1, number)).pause(20_000_000_000)
    facts = run(it.packets([segment for segment in it.segments if segment.side == side]))
    assert "one_sided" in states(facts)
    assert not of(facts, Violation)
    assert not [fact for fact in of(facts, Exchange) if fact.outcome == "success"]
    assert {fact.visibility for fact in of(facts, Exchange)} <= {"one_sided"}


def test_a_request_nobody_answers_is_reported_without_further_traffic_of_its_connection() -> None:
    silent = Conversation().handshake().say(0, write(1, 5, 7))
    other = talk(Conversation(client_port=41000)).pause(16 * SECOND)
    other.say(0, read(1, 0, 1))
    facts = run(sorted([*silent.packets(), *other.packets()], key=lambda packet: packet.time))
    assert [(fact.values, fact.visibility) for fact in of(facts, Exchange) if fact.outcome == "unanswered"] == [
        ((7,), "complete")
    ]


@pytest.mark.parametrize(("silence", "flows"), [(170, 2), (190, 1)])
def test_a_conversation_of_datagrams_is_forgotten_after_three_silent_minutes(silence: int, flows: int) -> None:
    last = START + silence * SECOND
    spoken = Packet(ethernet(ip4(udp(b"x"), 17)), START)
    others = [Packet(ethernet(ip4(udp(b"x"), 17, "10.7.7.7")), START + at * SECOND) for at in range(1, silence, 5)]
    end = Packet(ethernet(ip4(udp(b"x"), 17, "10.7.7.7")), last)
    worker = Worker()
    feed(worker, [spoken, *others, end])
    (*_, told) = of(worker.finish(), Health)
    assert told.counters["flows"] == flows


def test_an_open_connection_outlives_an_hourly_poll() -> None:
    it = Conversation().handshake().say(0, write(1, 5, 1)).say(1, write(1, 5, 1))
    it.pause(50 * 60 * SECOND).say(0, write(2, 5, 2)).say(1, write(2, 5, 2))
    facts = run(it.packets())
    assert [fact.outcome for fact in of(facts, Exchange)] == ["success", "success"]
    assert {fact.visibility for fact in of(facts, Exchange)} == {"complete"}
