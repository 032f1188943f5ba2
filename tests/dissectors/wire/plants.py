"""One short connection of each protocol with a command in it, to be hidden and found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from dissectors.facts import AnyFact, Exchange, Violation
from tests.dissectors.harness import Conversation, Segment, of, read, registers, write


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
