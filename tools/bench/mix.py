"""The polling mix of the bench, made with a fixed seed into a pcap file.

By connections, and so by packets: 70 % Modbus reads of 10 to 125 registers, 15 % DNP3 class polls, 15 % S7 reads of several
items; 1 % of the polls write; 2 % of the segments hold more or less than one message; 0.5 % are repeated or out of order;
every fifth connection is VLAN-tagged. No checksum of TCP is made: nothing here checks it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tools.bench.frame import ACK, PCAP_HEADER, PUSH, SYN, SYN_ACK, End, Way, record
from tools.bench.poll import Dnp3Poll, ModbusPoll, S7Poll

SEED: Final = 20261122
START: Final = 1_790_000_000_000_000_000
PERIOD: Final = 500_000_000
"""Nanoseconds between two polls of one connection."""
ANSWER: Final = 2_000_000
ODD_SEGMENTS: Final = 0.02
DISORDER: Final = 0.005
WRITES: Final = 0.01
SITES: Final = 25
"""Clients of the mix: each polls its share of the servers."""


class Line:
    """One connection: its two ways and what it polls."""

    def __init__(self, number: int, chance: random.Random) -> None:
        kind = number % 20
        port = 502 if kind < 14 else 20000 if kind < 17 else 102
        site = number % SITES
        client = End(0x0A140000 + 10 + site, 0x001B1BAA0000 + site, 20000 + number)
        server = End(0x0A150000 + number, 0x0080F4000000 + number, port)
        vlan = 100 + number % 4 if number % 5 == 0 else 0
        self.ask = Way(client, server, vlan)
        self.answer = Way(server, client, vlan)
        self.modbus = ModbusPoll(chance) if port == 502 else None
        other: Dnp3Poll | S7Poll = Dnp3Poll(chance, 1, 10 + number) if port == 20000 else S7Poll(chance)
        self.poll: Callable[[], tuple[bytes, bytes]] = self.modbus.poll if self.modbus else other.poll

    def open(self) -> list[bytes]:
        """Return the handshake."""
        return [self.ask.packet(b"", SYN), self.answer.packet(b"", SYN_ACK), self.ask.packet(b"", ACK)]


def packets(count: int, connections: int) -> Iterator[tuple[int, bytes]]:
    """Give about ``count`` packets as (time, frame) in order of time."""
    chance = random.Random(SEED)
    lines = [Line(number, chance) for number in range(connections)]
    step = PERIOD // connections
    made = 0
    for number, line in enumerate(lines):
        for place, frame in enumerate(line.open()):
            yield START + number * 100_000 + place * 20_000, frame
            made += 1
    time = START + PERIOD
    while True:
        for line in lines:
            for offset, frame in _exchange(line, chance, step):
                yield time + offset, frame
                made += 1
            time += step
            if made >= count:
                return


def _exchange(line: Line, chance: random.Random, step: int) -> list[tuple[int, bytes]]:
    """Return the packets of one poll with their offsets in time."""
    if line.modbus is not None and chance.random() < WRITES / 0.7:
        request, answer = line.modbus.write()
    else:
        request, answer = line.poll()
    luck = chance.random()
    late = step // 2
    if luck < ODD_SEGMENTS:
        middle = chance.randrange(1, len(answer))
        first, second = line.answer.packet(answer[:middle]), line.answer.packet(answer[middle:])
        return [(0, line.ask.packet(request)), (late, first), (late + 10, second)]
    ask = line.ask.packet(request)
    if luck < ODD_SEGMENTS + DISORDER:
        sequence = line.answer.sender.sequence
        middle = len(answer) // 2
        first = line.answer.packet(answer[:middle])
        second = line.answer.packet(answer[middle:])
        if luck < ODD_SEGMENTS + DISORDER / 2:
            return [(0, ask), (late, second), (late + 10, first)]
        return [
            (0, ask),
            (late, first),
            (late + 5, line.answer.packet(answer[:middle], PUSH, sequence)),
            (late + 10, second),
        ]
    return [(0, ask), (late, line.answer.packet(answer))]


def write(path: Path, count: int, connections: int) -> int:
    """Write the mix to ``path``; return how many packets it holds."""
    made = 0
    with path.open("wb", buffering=1 << 20) as file:
        file.write(PCAP_HEADER)
        for time, frame in packets(count, connections):
            file.write(record(time, frame))
            made += 1
    return made
