"""Nothing grows without a bound, what is forgotten is counted, and a clock that jumps costs only what it touches."""

from __future__ import annotations

import gc
import struct

import pytest

from dissectors.base.channel import Channel, Operation, Transition
from dissectors.facts import ChannelOpened, ChannelWindow, Exchange, OperationFirst, TransitionFirst
from dissectors.wire.flow import Flow
from dissectors.wire.seen import Seen
from sensor.worker import Worker
from tests.dissectors.harness import (
    ACK,
    MILLISECOND,
    SECOND,
    START,
    SYN,
    Conversation,
    Packet,
    Segment,
    channels,
    ethernet,
    feed,
    health,
    ip4,
    modbus,
    of,
    read,
    registers,
    reported,
    run,
    talk,
    tcp,
    total,
    udp,
    write,
)


def address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def syn(source: str, target: str = "10.200.0.1", port: int = 40000, to: int = 502, time: int = START) -> Packet:
    return Packet(ethernet(ip4(tcp(b"", port, to, sequence=1, flags=SYN), 6, source, target)), time)


def objects(kind: type) -> int:
    gc.collect()
    return sum(1 for thing in gc.get_objects() if type(thing) is kind)


@pytest.mark.parametrize("kind", [0x88CC, 0x8892])
def test_frames_without_ip_from_ever_new_addresses_are_bounded(kind: int) -> None:
    worker = Worker()
    worker.wire.flows.table.limit = 100
    worker.wire.channel_table.limit = 100
    frames = [ethernet(bytes(46), kind, f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}") for number in range(2000)]
    facts = run([Packet(frame, START + number * 1000) for number, frame in enumerate(frames)], worker)
    assert worker.wire.flows.table.count <= 100
    assert len(worker.wire.channel_table.channels) <= 100
    assert health(facts)["evicted_flows"] >= 1900


def test_a_full_book_of_channels_forgets_the_ones_idle_longest() -> None:
    worker = Worker()
    worker.wire.channel_table.limit = 50
    kept = talk()
    facts = feed(worker, kept.packets(kept.segments[:7]))
    for number in range(300):
        when = START + SECOND + number * MILLISECOND
        facts += feed(worker, [Packet(ethernet(ip4(udp(b"hello"), 17, address(number), "10.200.0.1")), when)])
        request = kept.packets([Segment(0, 1, b"", ACK, when)])
        facts += feed(worker, request)
    assert len(worker.wire.channel_table.channels) <= 51
    late = [Segment(s.side, s.sequence, s.data, s.flags, s.time + 3 * SECOND, s.acked) for s in kept.segments[7:]]
    facts += [*feed(worker, kept.packets(late)), *worker.finish()]
    assert health(facts)["evicted_channels"] == worker.wire.channel_table.evicted >= 250
    mine = channels(facts, "modbus")[0].channel
    windows = [window for window in of(facts, ChannelWindow) if window.channel == mine]
    assert windows
    assert sum(window.requests for window in windows) >= 10


def test_ten_thousand_attempts_in_a_second_are_all_counted() -> None:
    packets = [
        syn(address(number % 250), port=1024 + number // 250, time=START + number * 100_000) for number in range(10_000)
    ]
    facts = run([*packets, syn("10.9.9.9", time=START + 30 * SECOND)])
    assert total(facts, "attempts") == 10_001
    assert len({fact.channel for fact in of(facts, ChannelOpened)}) == 251


def test_a_scan_of_ports_makes_one_channel_each() -> None:
    facts = run([syn("10.0.0.5", to=port, port=50_000, time=START + port * 1000) for port in range(1, 2001)])
    assert len({fact.server.port for fact in of(facts, ChannelOpened)}) == 2000


def test_a_scan_of_registers_is_bounded_on_its_channel() -> None:
    it = Conversation(step=10_000).handshake()
    for number in range(6000):
        it.say(0, read(number, number, 1)).say(1, registers(number, 1))
    facts = run(it.packets())
    assert len(of(facts, OperationFirst)) == 4096 + 1  # what stands for all others is judged as well
    assert total(facts, "requests") == 6000
    assert sum(row.requests for window in of(facts, ChannelWindow) for row in window.operations) == 6000
    assert health(facts)["evicted_operations"] > 0


def test_transitions_in_random_order_are_bounded_on_their_channel() -> None:
    it = Conversation(step=10_000).handshake()
    place = 1
    for number in range(40_000):
        place = place * 75 % 65_537
        it.say(0, read(number & 0xFFFF, place % 400, 1)).say(1, registers(number & 0xFFFF, 1))
    worker = Worker()
    facts = run(it.packets(), worker)
    assert len(of(facts, TransitionFirst)) == 16_384
    assert health(facts)["evicted_operations"] > 0
    channel = next(iter(worker.wire.channel_table.channels.values()))
    assert channel.transitions == 16_384


def test_a_message_that_never_ends_is_not_kept_for_ever() -> None:
    it = Conversation(server_port=5555, step=1000).handshake()
    for _ in range(5000):
        it.say(0, b"\x00")
    worker = Worker()
    run(it.packets(), worker)
    flow = worker.wire.flows.table.all()[0]
    assert flow.early_bytes <= 8192
    assert len(flow.early) <= 64


def test_memory_does_not_grow_with_connections_that_come_and_go() -> None:
    worker = Worker()
    counts: list[tuple[int, ...]] = []
    time = START
    for turn in range(6):
        for number in range(40):
            it = talk(Conversation(client_port=30_000 + turn * 50 + number, time=time))
            feed(worker, it.packets())
            time += 100 * MILLISECOND
        time += 120 * SECOND
        feed(worker, talk(Conversation(client_port=20_000, first=(turn * 999_999, 5), time=time)).packets())
        counts.append((objects(Flow), objects(Channel), objects(Operation), objects(Transition)))
        time += 120 * SECOND
    assert counts[2:] == [counts[2]] * 4
    assert worker.wire.flows.table.count < 50


def test_memory_does_not_grow_with_a_long_conversation_of_writes() -> None:
    worker = Worker()
    it = Conversation(step=MILLISECOND).handshake()
    feed(worker, it.packets())
    sizes = []
    for turn in range(4):
        it.segments.clear()
        for number in range(2000):
            it.say(0, write(number, number % 50, turn)).say(1, write(number, number % 50, turn))
        feed(worker, it.packets())
        sizes.append((objects(Operation), objects(Transition), objects(Seen)))
    assert sizes[1:] == [sizes[1]] * 3


# The clock.


def polled(count: int, time: int = START) -> Conversation:
    it = Conversation(time=time).handshake()
    for number in range(count):
        it.say(0, write(number, 5, number)).say(1, write(number, 5, number)).pause(SECOND)
    return it


@pytest.mark.parametrize("jump", [-30, -3600, -86_400 * 365, 86_400 * 3, 86_400 * 365 * 50])
def test_a_clock_that_jumps_is_counted_and_the_connection_goes_on(jump: int) -> None:
    it = polled(20)
    packets = [
        Packet(packet.data, packet.time + (jump * SECOND if number > 20 else 0))
        for number, packet in enumerate(it.packets())
    ]
    facts = run(packets)
    assert health(facts)["clock_jumps"] == 1
    assert [fact.values for fact in of(facts, Exchange) if fact.outcome == "success"] == [(n,) for n in range(20)]
    assert not [fact for fact in of(facts, Exchange) if fact.outcome in {"unanswered", "unmatched"}]
    assert total(facts, "requests") == total(facts, "responses") == 20
    assert sum(window.packets_client + window.packets_server for window in of(facts, ChannelWindow)) == len(packets)


@pytest.mark.parametrize("when", [2**32 * SECOND, START + 86_400 * 400 * SECOND, 0, 1])
def test_one_packet_from_another_time_costs_nothing_else(when: int) -> None:
    it = polled(20)
    packets = it.packets()
    packets[15] = Packet(packets[15].data, when)
    facts = run(packets)
    assert health(facts)["clock_jumps"] == 2
    assert [fact.values for fact in of(facts, Exchange) if fact.outcome == "success"] == [(n,) for n in range(20)]
    assert total(facts, "unanswered") == 0


def test_a_pause_of_hours_makes_no_windows_of_its_own() -> None:
    first = polled(2)
    second = Conversation(client_port=40001, time=START + 5 * 3600 * SECOND).handshake().say(0, read(1, 0, 1))
    facts = run([*first.packets(), *second.packets()])
    assert len(of(facts, ChannelWindow)) == 2
    assert health(facts)["clock_jumps"] == 0


def test_packets_slightly_out_of_order_are_no_jump() -> None:
    packets = polled(5).packets()
    for number in range(4, len(packets) - 1, 2):
        packets[number] = Packet(packets[number].data, packets[number].time - 5 * MILLISECOND)
    facts = run(packets)
    assert health(facts)["clock_jumps"] == 0
    assert reported(facts) == reported(run(polled(5).packets()))


def test_an_open_request_waits_on_after_the_clock_was_set_back() -> None:
    it = Conversation().handshake().say(0, write(1, 5, 7))
    answer = Packet(it.frame(Segment(1, 1, write(1, 5, 7), acked=it.sent[0])), START - 100 * SECOND)
    facts = run([*it.packets(), answer])
    assert [fact.outcome for fact in of(facts, Exchange)] == ["success"]
    lonely = run([*it.packets(), syn("10.1.1.1", time=START - 100 * SECOND), syn("10.1.1.1", time=START - 80 * SECOND)])
    assert [fact.outcome for fact in of(lonely, Exchange)] == ["unanswered"]


def test_a_flood_of_violations_is_reported_sparsely_and_counted() -> None:
    it = Conversation(step=1000).handshake()
    bad = struct.pack("!BHH", 3, 0, 200)
    for number in range(1000):
        it.say(0, modbus(number, 1, bad)).say(1, registers(number, 1))
    facts = run(it.packets())
    violations = [fact for fact in reported(facts) if fact[0] == "violation"]
    assert len(violations) < 40
    assert total(facts, "requests") == 1000


def polls(unit: int, count: int, time: int) -> list[Packet]:
    """A connection that reads ``count`` registers of a unit one by one."""
    it = Conversation(client_port=30_000 + unit, time=time, step=MILLISECOND).handshake()
    for point in range(count):
        it.say(0, read(point, point, 1, unit=unit)).say(1, registers(point, 7, unit=unit))
    return it.packets()


@pytest.mark.parametrize(("later", "known"), [(120 * SECOND, 20), (SECOND, 1)])
def test_operations_of_channels_long_silent_make_room_for_new_ones_those_of_busy_ones_do_not(
    later: int, known: int
) -> None:
    worker = Worker()
    table = worker.wire.channel_table
    table.operation_limit = 100
    for unit in range(1, 6):
        feed(worker, polls(unit, 20, START + unit * 100 * MILLISECOND))
    assert table.operations == 100
    facts = feed(worker, polls(9, 20, START + later))
    assert len(of(facts, OperationFirst)) == known  # one stands for all others where there is no room
    assert table.operations <= 100
