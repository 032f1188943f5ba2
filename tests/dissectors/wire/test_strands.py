"""Strands: a hole that was given up is still read, and so is a direction whose numbers another SYN denied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, permutations

import pytest

from dissectors.facts import AnyFact, ChannelOpened, Exchange, Violation
from dissectors.wire.half import MAX_HELD_BYTES, MAX_HELD_SEGMENTS, MAX_STRANDS
from dissectors.wire.reorder import HOLE_NANOSECONDS
from sensor.worker import Worker
from tests.dissectors.harness import (
    ACK,
    FIN,
    MILLISECOND,
    PSH,
    RST,
    SYN,
    Conversation,
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


@dataclass(frozen=True)
class Plant:
    """One protocol: what is said before a command, the command with its answer, what is asked after it, and its name."""

    port: int
    before: tuple[bytes, ...]
    command: bytes
    answer: bytes
    question: bytes
    reply: bytes
    label: str


def parts(text: str) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(part) for part in text.split())


PLANTS = {
    "s7": Plant(
        102,
        parts("""0300001611e00000000100c0010ac1020100c2020102 0300001611d00001000100c0010ac1020100c2020102
        0300001902f08032010000000000080000f0000001000101e0 0300001b02f080320300000000000800000000f0000001000101e0"""),
        *parts("""0300002102f0803201000000050010000029000000000009505f50524f4752414d
        0300001402f08032030000000500010000000029
        0300001f02f080320100000001000e00000401120a10020004000184000000
        0300001d02f0803203000000010002000800000401ff04002000000001"""),
        label="plc_stop",
    ),
    "dnp3": Plant(
        20000,
        parts("05640bc40a000100acd1c0c0013c020654e0 05640a4401000a006e25c0c08100009ce8"),
        *parts("""056408c40a000100fc42c0c50d181a 0564104401000a00c4e1c5c5810000340207010a00851c
        05640bc40a000100acd1c0c6013c0206402a 05640a4401000a006e25c6c68100000a36"""),
        label="cold_restart",
    ),
    "iec104": Plant(
        2404,
        parts("680407000000 68040b000000"),
        *parts("""680e0000000069010600010000000001 680e0000020069010700010000000001
        680e0200020064010600010000000014 680e0200040064010700010000000014"""),
        label="reset_process",
    ),
    "modbus": Plant(
        502,
        (read(1, 0, 1), registers(1, 3), read(2, 0, 1), registers(2, 3)),
        write(3, 7, 99),
        write(3, 7, 99),
        read(4, 0, 1),
        registers(4, 3),
        label="write_single_register",
    ),
}
EVERY = pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS.keys())
FAR = pytest.mark.parametrize("far", [777, 9000, 0x70000000, -9000, -3])


def begun(plant: Plant, *, handshake: bool = True) -> Conversation:
    """A connection up to the moment before its command."""
    it = Conversation(server_port=plant.port, first=(500_000, 900_000))
    if handshake:
        it.handshake()
    for number, message in enumerate(plant.before):
        it.say(number % 2, message)
    return it


def goes_on(it: Conversation, plant: Plant) -> Conversation:
    """The command, a question after it, and the end."""
    it.say(0, plant.command).say(1, plant.answer).say(0, plant.question).say(1, plant.reply)
    return it.finish()


def add(it: Conversation, side: int, far: int, flags: int, data: bytes = b"", acked: int | None = None) -> None:
    """A segment by somebody else in the name of ``side``: ``far`` from the numbers of the connection, taken by nobody."""
    answer = it.sent[1 - side] if acked is None else acked
    it.segments.append(Segment(side, it.sent[side] + far, data, flags, it.time, answer))
    it.time += it.step


def outcomes(facts: Sequence[AnyFact], plant: Plant) -> list[str]:
    """How the command ended, each time it was reported."""
    return [fact.outcome for fact in of(facts, Exchange) if fact.label.startswith(plant.label)]


def names(facts: Sequence[AnyFact]) -> set[str]:
    return {fact.name for fact in of(facts, Violation)}


# The numbers of another SYN.


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


# Holes that were given up.


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
    assert worker.wire.streams.kept == 0


def test_another_version_in_place_of_a_segment_is_no_copy() -> None:
    it = Conversation().handshake()
    decoy = Segment(0, it.sent[0], read(9, 0, 1), ACK, it.time, it.sent[1])
    it.time += MILLISECOND
    it.segments.append(decoy)
    it.say(0, write(9, 7, 99)).say(1, write(9, 7, 99))
    facts = run(it.packets())
    assert "two_readings" in names(facts)
    assert health(facts).get("copies", 0) == total(facts, "copies") == 0
