"""Windows: what is counted adds up, boundaries are kept, and two runs give the same bytes."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dissectors.facts import ChannelWindow, Health, encode_all
from sensor.worker import Worker
from tests.dissectors.harness import (
    MILLISECOND,
    SECOND,
    START,
    Conversation,
    Packet,
    channels,
    feed,
    health,
    of,
    read,
    registers,
    run,
    talk,
    write,
)

MINUTE = 60 * SECOND


def polling(seconds: int, step: int = 250 * MILLISECOND, time: int = START + 7 * SECOND) -> Conversation:
    it = Conversation(step=5 * MILLISECOND, time=time).handshake()
    number = 0
    while it.time < time + seconds * SECOND:
        number += 1
        it.say(0, read(number & 0xFFFF, 0, 3)).say(1, registers(number & 0xFFFF, 1, 2, number & 0xFF))
        if number % 3 == 0:
            it.say(0, write(number & 0xFFFF, 9, number & 1)).say(1, write(number & 0xFFFF, 9, number & 1))
        it.pause(step)
    return it


def test_counts_of_operations_and_transitions_sum_up_to_the_requests() -> None:
    it = polling(200)
    sent = sum(1 for segment in it.segments if segment.side == 0 and segment.data)
    windows = of(run(it.packets()), ChannelWindow)
    assert len(windows) == 4
    assert sum(window.requests for window in windows) == sum(window.responses for window in windows) == sent
    assert sum(row.requests for window in windows for row in window.operations) == sent
    assert sum(row.count for window in windows for row in window.transitions) == sent - 1
    for window in windows:
        assert sum(row.requests for row in window.operations) == window.requests
        assert window.latency_count == window.responses
        assert window.latency_min == window.latency_max == 5000
        assert window.peak_packets <= 24


def test_every_packet_and_octet_is_in_one_window() -> None:
    it = polling(130)
    facts = run(it.packets())
    windows = of(facts, ChannelWindow)
    assert sum(window.packets_client + window.packets_server for window in windows) == len(it.segments)
    assert sum(window.bytes_client for window in windows) == sum(20 + len(s.data) for s in it.segments if s.side == 0)
    assert health(facts)["packets"] == len(it.segments)


def test_windows_are_whole_minutes_and_follow_each_other() -> None:
    windows = of(run(polling(200).packets()), ChannelWindow)
    assert [window.start for window in windows] == [START + number * MINUTE for number in range(4)]
    assert [window.end for window in windows[:-1]] == [START + number * MINUTE for number in range(1, 4)]
    assert all(window.first_frame <= window.last_frame for window in windows)
    frames = [(window.first_frame, window.last_frame) for window in windows]
    assert all(before[1] < after[0] for before, after in pairwise(frames))


@pytest.mark.parametrize(("at", "first"), [(MINUTE - 1, 2), (MINUTE, 1)])
def test_a_request_belongs_to_the_window_of_its_own_nanosecond(at: int, first: int) -> None:
    it = Conversation(step=0, time=START + SECOND).handshake().say(0, read(1, 0, 1)).say(1, registers(1, 5))
    it.time = START + at
    it.say(0, read(2, 0, 1)).say(1, registers(2, 5))
    windows = of(run(it.packets()), ChannelWindow)
    assert windows[0].requests == first
    assert sum(window.requests for window in windows) == 2


def test_gaps_between_requests_are_measured_across_windows() -> None:
    it = Conversation(step=MILLISECOND).handshake()
    for number in range(130):
        it.say(0, read(number, 0, 1)).say(1, registers(number, 5)).pause(998 * MILLISECOND)
    rows = [row for window in of(run(it.packets()), ChannelWindow) for row in window.operations]
    assert sum(row.gap_count for row in rows) == 129
    assert {row.gap_min for row in rows} == {row.gap_max for row in rows} == {1_000_000}
    assert sum(row.gap_sum for row in rows) == 129_000_000
    assert all(row.gap_squares == row.gap_count * 1_000_000**2 for row in rows)
    assert {row.peak for row in rows} == {1}


def test_the_busiest_second_is_kept_per_operation_and_channel() -> None:
    it = Conversation(step=MILLISECOND).handshake()
    for number in range(40):
        it.say(0, read(number, 0, 1)).say(1, registers(number, 5))
    it.pause(2 * SECOND)
    for number in range(7):
        it.say(0, read(number, 0, 1)).say(1, registers(number, 5))
    (window,) = of(run(it.packets()), ChannelWindow)
    assert window.operations[0].peak == 40
    assert window.peak_packets == 83


def test_a_channel_that_was_silent_has_no_window() -> None:
    quiet = talk()
    busy = polling(150)
    busy.client_port = 41000
    busy.server = "10.0.0.77"
    facts = run(sorted([*quiet.packets(), *busy.packets()], key=lambda packet: packet.time))
    identity = next(fact.channel for fact in channels(facts, "modbus") if fact.server.ip == "10.0.0.9")
    assert [window.start for window in of(facts, ChannelWindow) if window.channel == identity] == [START]


def test_two_runs_give_the_same_bytes() -> None:
    packets = polling(130).packets()
    assert encode_all(run(packets)) == encode_all(run(packets))


@pytest.mark.parametrize("every", [1, 2, 7, 1000])
def test_how_the_capture_is_cut_into_blocks_changes_nothing(every: int) -> None:
    packets = polling(70).packets()
    worker = Worker()
    facts = [*feed(worker, packets, block_every=every), *worker.finish()]
    assert encode_all(facts) == encode_all(run(packets))


def test_facts_come_in_one_order_with_unique_places() -> None:
    facts = run(polling(130).packets())
    places = [(fact.time, fact.source, fact.frame, fact.sequence) for fact in facts]
    assert len(set(places)) == len(places)
    assert places == sorted(places)


def test_facts_of_a_window_come_before_those_of_the_packet_that_closed_it() -> None:
    it = Conversation(step=0, time=START + SECOND).handshake().say(0, read(1, 0, 1)).say(1, registers(1, 5))
    it.time = START + 61 * SECOND
    it.say(0, write(2, 0, 1)).say(1, write(2, 0, 1))
    facts = run(it.packets())
    window = next(number for number, fact in enumerate(facts) if isinstance(fact, ChannelWindow))
    assert facts[window].time == START + MINUTE
    assert all(fact.time > START + MINUTE for fact in facts[window + 2 :])


def test_an_empty_capture_reports_nothing() -> None:
    assert run([]) == []
    assert [type(fact) for fact in run([Packet(b"", START)])] == [Health]
