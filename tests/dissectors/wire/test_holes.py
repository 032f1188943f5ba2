"""Holes that were given up: what comes late is put in order and read, whatever the order and the pauses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, permutations
from random import Random

import pytest

from dissectors.facts import ChannelOpened, Exchange, OperationFirst
from dissectors.wire.reorder import HOLE_NANOSECONDS
from sensor.worker import Worker
from tests.dissectors.harness import (
    ACK,
    MILLISECOND,
    Conversation,
    Segment,
    cut,
    feed,
    of,
    read,
    registers,
    run,
    states,
    write,
)
from tests.dissectors.wire.plants import EVERY, PLANTS, Plant, begun, goes_on, names, outcomes
from tests.fuzz.wire import check_sums


def late(plant: Plant, pieces: Sequence[bytes], *, answered: bool, wait: int, places: Sequence[int]) -> Conversation:
    """The question comes first, the pieces of the command before it follow late, in another order."""
    it = begun(plant)
    base = it.sent[0]
    it.segments.append(Segment(0, base + len(plant.command), plant.question, ACK, it.time, it.sent[1]))
    it.time += wait
    starts = [sum(len(piece) for piece in pieces[:number]) for number in range(len(pieces))]
    for place in places:
        it.segments.append(Segment(0, base + starts[place], pieces[place], ACK, it.time, it.sent[1]))
        it.time += MILLISECOND
    it.sent[0] += len(plant.command) + len(plant.question)
    if answered:
        it.say(1, plant.answer).say(1, plant.reply)
    for _ in range(3):
        it.say(0, plant.question).say(1, plant.reply)
    return it


def pieces_of(data: bytes, *places: int) -> list[bytes]:
    edges = [0, *places, len(data)]
    return [data[low:high] for low, high in pairwise(edges)]


@EVERY
@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize("at", [1, 5, 7, 11])
def test_a_command_whose_parts_come_late_and_swapped_is_read(plant: Plant, at: int, answered: bool) -> None:
    pieces = pieces_of(plant.command, at)
    it = late(plant, pieces, answered=answered, wait=HOLE_NANOSECONDS + 1, places=(1, 0))
    facts = run(it.packets())
    assert outcomes(facts, plant) == ["success" if answered else "unseen"]
    assert "gaps" in states(facts)
    asked = {fact.label.split()[0] for fact in of(facts, Exchange)}
    whole = run(goes_on(begun(plant), plant).packets())
    usual = {fact.label.split()[0] for fact in of(whole, Exchange)} | {"read_holding_registers", "read_var", "read"}
    assert asked <= usual | {"interrogation", "response"}


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_four_parts_come_late_in_any_order(order: tuple[int, ...]) -> None:
    plant = PLANTS["modbus"]
    it = late(plant, pieces_of(plant.command, 3, 6, 9), answered=True, wait=HOLE_NANOSECONDS + 1, places=order)
    facts = run(it.packets())
    assert outcomes(facts, plant) == ["success"]
    assert not names(facts)


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_parts_that_come_late_each_after_a_pause_are_put_together(order: tuple[int, ...]) -> None:
    plant = PLANTS["modbus"]
    it = late(plant, pieces_of(plant.command, 4, 8), answered=False, wait=HOLE_NANOSECONDS + 1, places=order)
    mark = len(begun(plant).segments)
    slow = [
        replace(segment, time=segment.time + max(0, min(number - mark, 3)) * 2 * HOLE_NANOSECONDS)
        for number, segment in enumerate(it.segments)
    ]
    facts = run(it.packets(slow))
    assert outcomes(facts, plant) == ["unseen"]
    assert not any("user_defined" in fact.label for fact in of(facts, Exchange))


@pytest.mark.parametrize("number", [60, 64, 66, 200])
@pytest.mark.parametrize("backwards", [True, False])
def test_many_small_segments_behind_a_hole_do_not_hide_what_fills_it(number: int, backwards: bool) -> None:
    plant = PLANTS["modbus"]
    it = begun(plant)
    data = plant.command + plant.question * (1 + number // len(plant.question))
    base = it.sent[0]
    size = len(plant.command)
    for at in range(size, len(data)):
        it.segments.append(Segment(0, base + at, data[at : at + 1], ACK, it.time, it.sent[1]))
        it.time += 1000
    filling = range(size - 1, -1, -1) if backwards else range(size)
    for at in filling:
        it.segments.append(Segment(0, base + at, data[at : at + 1], ACK, it.time, it.sent[1]))
        it.time += 1000
    facts = run(it.packets())
    assert len(outcomes(facts, plant)) == 1
    assert not names(facts)


@pytest.mark.parametrize("seed", range(0, 400, 40))
def test_whatever_the_order_and_the_pauses_every_command_is_read_once(seed: int) -> None:
    for number in range(seed, seed + 40):
        chance = Random(number)
        it = begun(PLANTS["modbus"])
        commands = [write(10 + place, 5 + place, 70 + place) for place in range(3)]
        data = b"".join(commands)
        places = sorted(chance.sample(range(1, len(data)), chance.randrange(1, 6)))
        pieces = cut(Segment(0, it.sent[0], data, ACK, it.time, it.sent[1]), *places)
        chance.shuffle(pieces)
        patience = chance.choice((0.0, 0.2, 0.5, 1.0))
        for piece in pieces:
            it.time += MILLISECOND + (HOLE_NANOSECONDS * 6 // 5 if chance.random() < patience else 0)
            it.segments.append(replace(piece, time=it.time))
        it.sent[0] += len(data)
        it.time += MILLISECOND
        for command in commands:
            it.say(1, command)
        it.say(0, read(30, 0, 1)).say(1, registers(30, 3)).finish()
        facts = run(it.packets())
        written = sorted((fact.values, fact.outcome) for fact in of(facts, Exchange) if fact.verb == "write")
        assert written == [((70,), "success"), ((71,), "success"), ((72,), "success")], number
        assert not names(facts), number


@EVERY
@pytest.mark.parametrize("waits", [False, True])
def test_a_command_that_lies_across_the_end_of_a_hole_is_read(plant: Plant, waits: bool) -> None:
    it = begun(plant)
    base = it.sent[0]
    first, second, third = pieces_of(plant.command, 4, len(plant.command) - 2)
    behind = second if waits else second + third
    it.segments.append(Segment(0, base + len(first), behind, ACK, it.time, it.sent[1]))
    it.time += HOLE_NANOSECONDS + 1
    end = len(plant.command)
    it.segments.append(Segment(0, base + end, plant.question, ACK, it.time, it.sent[1]))
    it.time += MILLISECOND
    it.segments.append(Segment(0, base, first, ACK, it.time, it.sent[1]))
    if waits:
        it.time += MILLISECOND
        it.segments.append(Segment(0, base + len(first) + len(second), third, ACK, it.time, it.sent[1]))
    it.time += MILLISECOND
    it.sent[0] += end + len(plant.question)
    it.say(1, plant.answer).say(1, plant.reply)
    facts = run(it.packets())
    assert "success" in outcomes(facts, plant)


def test_what_was_read_in_a_hole_before_the_protocol_was_known_is_not_lost_behind_it() -> None:
    it = Conversation()
    tail, command, answer = read(1, 0, 2)[6:], write(30, 7, 99), registers(40, 1, 2)
    far = 60_000
    for side, sequence, data, acked in (
        (0, 1, tail, 1),
        (1, 1, b"", 7),
        (0, far, command, 1 + len(command) + len(answer) - 1),
        (1, 1, command, 7),
        (1, 1 + len(command), answer, 7),
    ):
        it.segments.append(Segment(side, sequence, data, ACK, it.time, acked))
        it.time += MILLISECOND
    worker = Worker()
    facts = feed(worker, it.packets())
    check_sums(worker)
    facts += worker.finish()
    check_sums(worker)
    assert "write_single_register holding_register:7" in {fact.label for fact in of(facts, OperationFirst)}


@EVERY
@pytest.mark.parametrize("far", [900, 300_000, 3_000_000, -900])
@pytest.mark.parametrize("side", [0, 1])
def test_bytes_far_from_the_others_before_all_of_them_hide_nothing_and_turn_no_roles(
    plant: Plant, far: int, side: int
) -> None:
    """Forged in the midst of a connection of which nothing was seen yet: a question of the server and an answer of the client."""
    it = begun(plant, handshake=False)
    pair = [
        Segment(1, far, plant.question, ACK, it.segments[0].time, 0),
        Segment(0, far, plant.reply, ACK, it.segments[0].time + 1, far + len(plant.question)),
    ]
    forged = pair if side == 0 else pair[::-1]
    packets = it.packets(forged)
    goes_on(it, plant)
    facts = run([*packets, *it.packets()])
    asked = [fact for fact in of(facts, Exchange) if fact.label.startswith(plant.label)]
    assert asked
    servers = {fact.channel: fact.server.port for fact in of(facts, ChannelOpened)}
    assert {servers[fact.channel] for fact in asked} == {plant.port}


@EVERY
@pytest.mark.parametrize("at", [1, 3, 5, 7])
@pytest.mark.parametrize("swapped", [0, 1])
def test_the_first_segment_seen_of_a_connection_may_come_behind_its_second(plant: Plant, at: int, swapped: int) -> None:
    it = Conversation(server_port=plant.port, first=(500_000, 900_000))
    pieces = [(0, plant.command[:at]), (0, plant.command[at:]), (1, plant.answer[:at]), (1, plant.answer[at:])]
    for side, data in pieces:
        it.say(side, data)
    low, high = it.segments[2 * swapped : 2 * swapped + 2]
    it.segments[2 * swapped : 2 * swapped + 2] = [replace(high, time=low.time), replace(low, time=high.time)]
    it.say(0, plant.question).say(1, plant.reply)
    facts = run(it.packets())
    assert outcomes(facts, plant) == ["success"]
    assert "two_numberings" not in names(facts)
    if not swapped:
        assert not names(facts)


@EVERY
@pytest.mark.parametrize("size", [0, 1])
def test_a_keep_alive_before_all_data_is_none_in_front_of_it(plant: Plant, size: int) -> None:
    it = Conversation(server_port=plant.port, first=(500_000, 900_000))
    it.segments.append(Segment(0, 0, b"", ACK, it.time, 0))
    it.segments.append(Segment(0, -1, bytes(size), ACK, it.time + MILLISECOND, 0))
    it.time += 2 * MILLISECOND
    goes_on(it, plant)
    facts = run(it.packets())
    assert "success" in outcomes(facts, plant)
    assert not names(facts)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_message_that_ends_in_a_hole_which_was_read_wrongly_is_read(order: Sequence[int]) -> None:
    """What lies behind a hole looks like a message that begins in the midst of another one."""
    it = Conversation(first=(500_000, 900_000)).handshake()
    it.say(0, read(1, 0, 2)).say(1, registers(1, 1, 2))
    base = it.sent[0]
    stream = read(20, 0, 2) + write(30, 7, 99) + read(40, 0, 2)
    edges = [0, 3, 7, 14, len(stream)]
    for number in order:
        part = stream[edges[number] : edges[number + 1]]
        it.segments.append(Segment(0, base + edges[number], part, ACK, it.time, it.sent[1]))
        it.pause(2 * HOLE_NANOSECONDS)
    it.sent[0] += len(stream)
    it.say(1, registers(20, 1, 2)).say(1, write(30, 7, 99)).say(1, registers(40, 1, 2))
    worker = Worker()
    facts = feed(worker, it.packets())
    check_sums(worker)
    facts += worker.finish()
    assert [fact.values for fact in of(facts, Exchange) if fact.operation == "write_single_register"]


@pytest.mark.parametrize("decoy", [b"\x00", b"\xee"])
def test_the_last_byte_of_a_segment_that_fills_a_hole_is_no_keep_alive(decoy: bytes) -> None:
    it = Conversation(first=(500_000, 900_000)).handshake()
    it.say(0, read(1, 0, 2)).say(1, registers(1, 1, 2))
    command = write(30, 7, 99)
    it.segments.append(Segment(0, it.sent[0] + 11, decoy, ACK, it.time, it.sent[1]))
    it.pause(2 * HOLE_NANOSECONDS)
    it.segments.append(Segment(0, it.sent[0] + 90, bytes(10), ACK, it.time, it.sent[1]))
    it.pause(2 * HOLE_NANOSECONDS)
    it.say(0, command)
    facts = run(it.packets())
    assert ("99",) in [tuple(map(str, fact.values)) for fact in of(facts, Exchange)]


@pytest.mark.parametrize("decoy", [b"\x00", b"\xee"])
def test_a_byte_that_fills_a_hole_again_is_no_keep_alive(decoy: bytes) -> None:
    it = Conversation(first=(500_000, 900_000)).handshake()
    it.say(0, read(1, 0, 2)).say(1, registers(1, 1, 2))
    command = b"\x01" + write(30, 7, 99)[1:]
    it.segments.append(Segment(0, it.sent[0] + 1, command[1:], ACK, it.time, it.sent[1]))
    it.pause(2 * HOLE_NANOSECONDS)
    for data in (decoy * 2, command[:1]):
        it.segments.append(Segment(0, it.sent[0], data, ACK, it.time, it.sent[1]))
        it.pause(MILLISECOND)
    facts = run(it.packets())
    assert "write_single_register" in {fact.operation for fact in of(facts, OperationFirst)}


@EVERY
@pytest.mark.parametrize("wait", [MILLISECOND, 2 * HOLE_NANOSECONDS])
def test_a_message_begun_behind_acknowledged_bytes_that_do_not_come_goes_on(plant: Plant, wait: int) -> None:
    it = begun(plant)
    base = it.sent[0] + 20
    it.segments.append(Segment(0, base, plant.command[:9], ACK, it.time, it.sent[1]))
    it.segments.append(Segment(1, it.sent[1] + 1, b"\0", ACK, it.time + MILLISECOND, base))
    it.time += wait
    it.segments.append(Segment(0, base + 9, plant.command[9:], ACK, it.time + MILLISECOND, it.sent[1]))
    it.segments.append(
        Segment(0, base + len(plant.command), plant.question, ACK, it.time + 2 * MILLISECOND, it.sent[1])
    )
    assert len(outcomes(run(it.packets()), plant)) == 1
