"""Strands: a direction whose numbers another SYN denied is still read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dissectors.facts import ChannelOpened, Exchange, Violation
from dissectors.wire.half import MAX_HELD_BYTES, MAX_HELD_SEGMENTS, MAX_STRANDS
from dissectors.wire.reorder import HOLE_NANOSECONDS
from sensor.worker import Worker
from tests.dissectors.harness import (
    ACK,
    FIN,
    MILLISECOND,
    PSH,
    RST,
    SECOND,
    START,
    SYN,
    Conversation,
    Packet,
    Segment,
    cut,
    feed,
    health,
    of,
    read,
    registers,
    run,
    states,
    total,
    write,
)
from tests.dissectors.wire.plants import EVERY, PLANTS, Plant, add, begun, goes_on, names, outcomes
from tests.evasion.connections import syn_checksum
from tests.evasion.talker import OPERATION

FAR = pytest.mark.parametrize("far", [777, 9000, 0x70000000, -9000, -3])


@EVERY
@FAR
@pytest.mark.parametrize("reset", [0, 1])
def test_a_reset_and_a_syn_that_the_target_refuses_hide_nothing(plant: Plant, far: int, reset: int) -> None:
    it = begun(plant)
    add(it, reset, 0, RST)
    add(it, 0, far, SYN)
    facts = run(goes_on(it, plant).packets())
    assert outcomes(facts, plant) == ["success"]
    assert names(facts) == {"two_numberings"}
    assert states(facts).count("gaps") == 0


@EVERY
@FAR
def test_a_reset_and_a_syn_in_the_name_of_the_server_hide_nothing(plant: Plant, far: int) -> None:
    it = begun(plant)
    add(it, 0, 0, RST)
    add(it, 1, far, SYN)
    facts = run(goes_on(it, plant).packets())
    assert outcomes(facts, plant) == ["success"]
    assert {fact.server.port for fact in of(facts, ChannelOpened)} == {plant.port}


@EVERY
@FAR
@pytest.mark.parametrize(("side", "flags"), [(0, SYN), (0, SYN | ACK), (1, SYN | ACK)])
def test_another_syn_within_a_handshake_loses_neither_direction(plant: Plant, far: int, side: int, flags: int) -> None:
    it = Conversation(server_port=plant.port, first=(500_000, 900_000)).handshake()
    forged = Segment(side, far, b"", flags, it.segments[0].time + 1000, 1)
    it.segments.insert(1, forged)
    for number, message in enumerate(plant.before):
        it.say(number % 2, message)
    facts = run(goes_on(it, plant).packets())
    assert outcomes(facts, plant) == ["success"]
    assert not names(facts) - {"two_numberings"}


@EVERY
@FAR
@pytest.mark.parametrize("data", [b"", b"\0" * 12])
def test_a_whole_handshake_that_is_forged_behind_a_reset_hides_nothing(plant: Plant, far: int, data: bytes) -> None:
    it = begun(plant)
    add(it, 0, 0, RST)
    add(it, 0, far, SYN)
    add(it, 1, far, SYN | ACK, acked=it.sent[0] + far + 1)
    add(it, 0, far + 1, ACK, data, acked=it.sent[1] + far + 1)
    facts = run(goes_on(it, plant).packets())
    assert set(outcomes(facts, plant)) - {"unmatched"}
    assert "two_numberings" in names(facts)


def test_many_forged_syns_push_the_numbers_of_the_connection_out_of_no_bound() -> None:
    plant = PLANTS["modbus"]
    it = begun(plant)
    for number in range(3 * MAX_STRANDS):
        add(it, 0, 0, RST)
        add(it, 0, 10_000 + 1_000 * number, SYN)
    worker = Worker()
    facts = feed(worker, it.packets())
    (flow,) = worker.wire.flows.table.all()
    assert len(flow.opener.strands) <= MAX_STRANDS
    more = goes_on(replace(it, segments=[]), plant)
    facts += run(more.packets(), worker)
    assert outcomes(facts, plant) == ["success"]


@EVERY
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_command_in_two_parts_is_read_though_a_syn_denied_its_numbers(plant: Plant, order: tuple[int, int]) -> None:
    for far in (4, 777, -777):
        it = begun(plant)
        add(it, 0, 0, RST)
        add(it, 0, far, SYN)
        mark = len(it.segments)
        goes_on(it, plant)
        pieces = cut(it.segments[mark], 5)
        it.segments[mark : mark + 1] = [
            replace(pieces[place], time=pieces[0].time + n * MILLISECOND) for n, place in enumerate(order)
        ]
        assert outcomes(run(it.packets()), plant) == ["success"]


@EVERY
@pytest.mark.parametrize("end", [RST, FIN])
def test_a_new_connection_on_the_same_ports_is_read(plant: Plant, end: int) -> None:
    old = begun(plant)
    if end == RST:
        old.reset(1)
    else:
        old.finish()
    new = replace(begun(plant), first=(700_000, 300_000))
    goes_on(new, plant)
    later = [replace(segment, time=segment.time + 5_000 * MILLISECOND) for segment in new.segments]
    facts = run([*old.packets(), *new.packets(later)])
    assert outcomes(facts, plant) == ["success"]
    assert not names(facts)
    apart = total(run(old.packets()), "connections") + total(run(new.packets()), "connections")
    assert total(facts, "connections") == apart


def test_a_new_connection_is_read_whose_acceptance_the_capture_lost() -> None:
    plant = PLANTS["modbus"]
    old = begun(plant).reset(1)
    new = replace(begun(plant), first=(100_000, 300_000))
    goes_on(new, plant)
    later = [replace(segment, time=segment.time + 5_000 * MILLISECOND) for segment in new.segments]
    facts = run([*old.packets(), *new.packets([later[0], *later[2:]])])
    assert outcomes(facts, plant) == ["success"]


def test_both_numberings_are_read_where_each_goes_on() -> None:
    plant = PLANTS["modbus"]
    it = begun(plant)
    add(it, 0, 0, RST)
    add(it, 0, 777, SYN)
    add(it, 0, 778, ACK | PSH, write(60, 8, 1))
    facts = run(goes_on(it, plant).packets())
    assert outcomes(facts, plant).count("success") == 1
    assert {fact.values for fact in of(facts, Exchange) if fact.label.startswith(plant.label)} == {(99,), (1,)}
    assert "two_numberings" in names(facts)


def test_strands_are_bounded() -> None:
    it = Conversation().handshake()
    worker = Worker()
    feed(worker, it.packets())
    for number in range(300):
        it.time += 2 * HOLE_NANOSECONDS
        for side in (0, 1):
            feed(worker, it.packets([Segment(side, 5_000 * (1 + number * 7 % 300), b"x" * 9, ACK, it.time, 1)]))
    (flow,) = worker.wire.flows.table.all()
    for half in (flow.opener, flow.peer):
        assert len(half.strands) <= MAX_STRANDS
        for strand in half.strands:
            assert not strand.strands
            assert len(strand.held) <= MAX_HELD_SEGMENTS + 1
            assert strand.held_bytes <= MAX_HELD_BYTES
    worker.finish()
    worker.wire.flows.end(flow)
    assert worker.wire.reorder.held_bytes == 0
    assert worker.wire.reorder.strands == 0
    assert worker.wire.streams.kept == 0


def test_strands_of_all_directions_are_bounded_counted_and_given_back() -> None:
    worker = Worker()
    worker.wire.reorder.limit = 5
    facts = []
    for number in range(10):
        it = replace(begun(PLANTS["modbus"]), client_port=41_000 + number)
        add(it, 0, 0, RST)
        add(it, 0, 10_000, SYN)
        facts += feed(worker, it.packets())
    assert worker.wire.reorder.strands == 5
    facts += worker.finish()
    assert health(facts)["evicted_strands"] == 5
    for flow in worker.wire.flows.table.all():
        worker.wire.flows.end(flow)
    assert worker.wire.reorder.strands == 0


def test_another_version_in_place_of_a_segment_is_no_copy() -> None:
    it = Conversation().handshake()
    decoy = Segment(0, it.sent[0], read(9, 0, 1), ACK, it.time, it.sent[1])
    it.time += MILLISECOND
    it.segments.append(decoy)
    it.say(0, write(9, 7, 99)).say(1, write(9, 7, 99))
    facts = run(it.packets())
    assert "two_readings" in names(facts)
    assert health(facts).get("copies", 0) == total(facts, "copies") == 0


# What ordinary connections do, and what nobody may be accused for.


def anew(sides: tuple[int, ...] = (0, 1), *, doubled: bool = False, end: int = RST, without: int = -1) -> list[Packet]:
    """Two connections of the same ends and ports, one right behind the other, as a mirror of some sides shows them."""
    packets: list[Packet] = []
    time = START
    for first in ((1_000, 9_000), (777_000, 999_000)):
        it = Conversation(first=first, time=time, step=MILLISECOND).handshake()
        for number in range(4):
            it.say(0, read(number, 0, 2)).say(1, registers(number, 1, number))
        if end == RST:
            add(it, 0, 0, RST)
        else:
            it.finish()
        segments = [one for number, one in enumerate(it.segments) if one.side in sides and number != without]
        packets += it.packets(segments)
        time = it.time + 50 * MILLISECOND
    return [again for packet in packets for again in (packet, replace(packet, time=packet.time + 1_000))[: 1 + doubled]]


@pytest.mark.parametrize("end", [RST, FIN])
@pytest.mark.parametrize("doubled", [False, True])
@pytest.mark.parametrize("sides", [(0, 1), (0,), (1,)])
@pytest.mark.parametrize("without", [-1, 0, 1, 2])
def test_a_port_that_is_used_again_is_no_second_numbering(
    sides: tuple[int, ...], doubled: bool, end: int, without: int
) -> None:
    facts = run(anew(sides, doubled=doubled, end=end, without=without))
    assert not [fact for fact in of(facts, Violation) if fact.name == "two_numberings"]


def test_an_acknowledgement_that_lags_behind_turns_no_direction_back() -> None:
    it = Conversation().handshake()
    answered, asked, acknowledged = it.segments
    it.segments = [replace(asked, time=answered.time), replace(answered, time=asked.time), acknowledged]
    it.say(0, read(1, 0, 2)).say(1, registers(1, 1, 2)[:5])
    it.segments.append(Segment(0, it.sent[0], read(2, 0, 2), ACK | PSH, it.time, it.sent[1] - 5))
    it.sent[0] += 12
    it.time += it.step
    it.say(1, registers(1, 1, 2)[5:]).say(1, registers(2, 1, 2))
    assert not of(run(it.packets()), Violation)


def test_no_hole_is_so_large_that_it_runs_backwards() -> None:
    """Five segments, each far from the numbers of the connection: none ends the sensor, none hides what goes on."""
    for plant in PLANTS.values():
        it = begun(plant)
        for far in (0x7FFFFFF0, 0x40000000, -0x7FFFFFF0, 0x80000000, 2_000_000):
            add(it, 0, far, ACK | PSH, plant.question, 0)
            it.time += 2 * HOLE_NANOSECONDS
        facts = run(goes_on(it, plant).packets())
        assert "success" in outcomes(facts, plant)
        assert health(facts).get("dissector_failures", 0) == 0


@EVERY
@pytest.mark.parametrize("cut_at", [3, 6])
def test_a_forged_syn_ack_takes_nothing_away_that_waits(plant: Plant, cut_at: int) -> None:
    it = begun(plant)
    head, tail = plant.command[:cut_at], plant.command[cut_at:]
    it.segments.append(Segment(0, it.sent[0] + cut_at, tail, ACK | PSH, it.time, it.sent[1]))
    it.time += MILLISECOND
    it.segments.append(Segment(1, it.sent[1] - 1, b"", SYN | ACK, it.time, it.sent[0]))
    it.time += MILLISECOND
    it.segments.append(Segment(0, it.sent[0], head, ACK | PSH, it.time, it.sent[1]))
    it.sent[0] += len(plant.command)
    it.time += MILLISECOND
    it.say(1, plant.answer)
    assert outcomes(run(it.packets()), plant) == ["success"]


@EVERY
@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_a_syn_that_is_captured_behind_its_data_begins_nothing_new(plant: Plant, place: int) -> None:
    it = goes_on(begun(plant), plant)
    segments = list(it.segments)
    opening = segments.pop(0)
    segments.insert(place, opening)
    times = sorted(one.time for one in segments)
    facts = run(it.packets([replace(one, time=time) for one, time in zip(segments, times, strict=True)]))
    assert not [fact for fact in of(facts, Violation) if fact.name == "two_numberings"]
    assert "success" in outcomes(facts, plant)


def test_the_other_numbers_of_a_server_whose_syn_was_lost_are_expected() -> None:
    """A client finds its connection half open: it resets it and connects again; the capture lost the answer."""
    first = Conversation(first=(1_000, 9_000)).handshake()
    first.say(0, read(1, 0, 2)).say(1, registers(1, 1, 2))
    again = Conversation(first=(777_000, 999_000), time=first.time + SECOND)
    add(again, 0, 0, SYN)
    first.segments.append(Segment(1, first.sent[1], b"", ACK, again.time, first.sent[0]))
    first.segments.append(Segment(0, first.sent[0], b"", RST, again.time + MILLISECOND))
    packets = [*first.packets(first.segments[:-2]), *again.packets(), *first.packets(first.segments[-2:])]
    later = Conversation(first=(777_000, 999_000), time=again.time + SECOND).handshake()
    later.segments.pop(1)
    for number in range(3):
        later.say(0, read(number, 0, 2)).say(1, registers(number, 1, number))
    facts = run(packets + later.packets())
    assert not [fact for fact in of(facts, Violation) if fact.name == "two_numberings"]


@EVERY
@pytest.mark.parametrize("side", [0, 1])
def test_what_waits_in_a_hole_outlives_the_syn_that_ends_its_connection(plant: Plant, side: int) -> None:
    """Forged: an acknowledgement far ahead, which makes the hole, both FINs and a SYN."""
    it = begun(plant)
    add(it, 1, 0, FIN | ACK, acked=it.sent[0] + 60_000)
    add(it, 0, 0, FIN | ACK)
    add(it, 0, 5, ACK | PSH, plant.command[5:])
    add(it, side, 9_000, SYN)
    add(it, 0, 0, ACK | PSH, plant.command[:5])
    it.sent[0] += len(plant.command)
    it.say(1, plant.answer)
    assert len(outcomes(run(it.packets()), plant)) == 1


@EVERY
@pytest.mark.parametrize("place", [-1, 2])
def test_a_syn_into_a_message_begun_leaves_it_the_bytes_that_go_on_with_it(plant: Plant, place: int) -> None:
    """What comes ahead of its turn is held with the numbers of the SYN, and given up there."""
    it = begun(plant)
    it.say(0, plant.command[:6])
    add(it, 0, 0x40000000, RST)
    add(it, 0, place - 6, SYN)
    add(it, 0, 4, ACK | PSH, plant.command[10:])
    it.pause(2 * HOLE_NANOSECONDS)
    it.say(0, plant.command[6:10])
    it.sent[0] += len(plant.command) - 10
    it.say(1, plant.answer)
    assert "success" in outcomes(run(it.packets()), plant)


@EVERY
@pytest.mark.parametrize("far", [3_000_000, 200, -3_000_000])
@pytest.mark.parametrize("with_syns", [True, False])
def test_many_forged_numbers_and_holes_do_not_drive_out_those_that_were_used(
    plant: Plant, far: int, with_syns: bool
) -> None:
    it = begun(plant)
    it.say(0, plant.command[:5])
    add(it, 0, 500, RST)
    add(it, 0, far - 1, SYN)
    for number in range(MAX_STRANDS + 4):
        if with_syns:
            add(it, 0, far + 5_000 * number, SYN)
        add(it, 0, far + 5_000 * number + (1 if with_syns else 6), ACK | PSH, b"\0\0")
        it.pause(HOLE_NANOSECONDS)
    it.say(0, plant.command[5:]).say(1, plant.answer)
    facts = run(it.packets())
    assert "success" in outcomes(facts, plant)
    assert "two_numberings" in names(facts)


def test_numbers_that_are_followed_no_more_are_told() -> None:
    it = begun(PLANTS["modbus"])
    add(it, 0, 500, RST)
    for number in range(MAX_STRANDS + 4):
        add(it, 0, 3_000_000 + 5_000 * number, SYN)
        add(it, 0, 3_000_001 + 5_000 * number, ACK | PSH, b"\0\0")
    texts = [fact.text for fact in of(run(it.packets()), Violation)]
    assert any("not read any more" in text for text in texts)


def test_a_syn_with_a_wrong_checksum_ends_nothing() -> None:
    facts = run(syn_checksum().packets)
    assert [fact.outcome for fact in of(facts, Exchange) if fact.operation == OPERATION] == ["success"]
    assert len(of(facts, ChannelOpened)) == 1
