"""Many mutated messages through worker and pipeline as one run: ``python -P -m tests.fuzz.many [MESSAGES]``.

Each round replays a few conversations of the sample captures between addresses of its own, with mutated payloads, and between
them the packets of a neighbour whose payloads are sound. Held: nothing raises; the facts of the neighbour are those of a neighbour
alone; memory stands still once the bounds are reached. The same number gives the same messages.
"""

from __future__ import annotations

import resource
import struct
import sys
import time
from pathlib import Path
from random import Random
from typing import Final

import msgspec

from dissectors.facts import AnyFact, ChannelOpened, Exchange, OperationFirst, ValueChange, Violation
from dissectors.registry import DISSECTORS, PROTOCOLS
from dissectors.spec import Protocol
from rules.detections.engine import Detections
from rules.policy import Judge, load
from sensor.inventory import Inventory
from sensor.pipeline.pipeline import Pipeline
from sensor.pipeline.policy_assets import known_assets
from sensor.worker import Worker
from tests.fuzz.parts import mutated
from tests.fuzz.samples import conversations
from tests.repository import ROOT

MESSAGES: Final = 100_000
OF_A_ROUND: Final = 400
START: Final = 1_700_000_040_000_000_000
STEP: Final = 2_000_000
"""Nanoseconds from one packet to the next."""
WARM: Final = 0.5
"""The part of the run after which memory must stand still."""
GROWTH: Final = 1.10
KINDS: Final = (ChannelOpened, OperationFirst, Exchange, ValueChange, Violation)
"""Facts of the neighbour that are compared: those that tell of its messages."""


class Segments:
    """One TCP connection of made-up packets."""

    def __init__(self, client: str, server: str, port: int, client_port: int) -> None:
        self.ends = (_address(client), _address(server))
        self.ports = (client_port, port)
        self.next = [1000, 5000]

    def packet(self, side: int, payload: bytes, flags: int = 0x18) -> bytes:
        """Return the next segment of the client (0) or the server (1), its checksums right."""
        source, target = self.ends[side], self.ends[1 - side]
        head = struct.pack(
            "!HHIIBBHHH",
            self.ports[side],
            self.ports[1 - side],
            self.next[side],
            self.next[1 - side],
            0x50,
            flags,
            8192,
            0,
            0,
        )
        pseudo = source + target + struct.pack("!BBH", 0, 6, len(head) + len(payload))
        check = _checksum(pseudo + head + payload)
        head = head[:16] + struct.pack("!H", check) + head[18:]
        self.next[side] = (self.next[side] + len(payload) + (flags & 3 != 0)) & 0xFFFFFFFF
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(head) + len(payload), self.next[side] & 0xFFFF, 0, 64, 6, 0)
        ip += source + target
        ip = ip[:10] + struct.pack("!H", _checksum(ip)) + ip[12:]
        macs = b"\x02\x00" + target + b"\x02\x00" + source
        return macs + b"\x08\x00" + ip + head + payload

    def opening(self) -> list[bytes]:
        """Return the handshake."""
        return [self.packet(0, b"", 2), self.packet(1, b"", 0x12), self.packet(0, b"", 0x10)]


def _address(text: str) -> bytes:
    return bytes(int(part) for part in text.split("."))


def _checksum(data: bytes) -> int:
    total: int = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


class Run:
    """Worker and pipeline with the bounds of production, fed packet by packet."""

    def __init__(self) -> None:
        policy = load(ROOT / "pcaps" / "policy.yaml")
        judge = Judge([policy], early=True)
        detections = Detections({}, "sensor", "0", maintenance=judge.maintenance, obligations=judge)
        self.pipeline = Pipeline(Inventory(known_assets(policy)), judge, detections, ())
        self.worker = Worker()
        self.worker.recorder.frame = 1_000  # all frames are numbers that ``_plain`` leaves out
        self.time = START

    def give(self, packets: list[bytes]) -> list[AnyFact]:
        """Give packets STEP apart; return the facts that the pipeline has taken."""
        for packet in packets:
            self.time += STEP
            self.worker.wire.packet(packet, 0, len(packet), len(packet), self.time, 1)
        self.worker.wire.end_of_block()
        facts = self.worker.drain()
        self.pipeline.take(facts)
        return facts


def sound(number: int) -> tuple[str, list[bytes]]:
    """Return the server of a neighbour and its packets: a poll, a write and their answers, the same in every round."""
    server = f"10.9{number // 62_500 % 10}.{number // 250 % 250}.{number % 250 + 1}"
    talk = Segments("10.99.0.1", server, 502, 40_000 + number % 20_000)
    packets = talk.opening()
    for turn in range(4):
        ask = struct.pack("!HHHBBHH", turn, 0, 6, 1, 3, 16, 4)
        write = struct.pack("!HHHBBHH", turn + 100, 0, 6, 1, 6, 40 + turn, 7)
        packets += [
            talk.packet(0, ask),
            talk.packet(1, struct.pack("!HHHBBB4H", turn, 0, 11, 1, 3, 8, 1, 2, 3, 4)),
            talk.packet(0, write),
            talk.packet(1, write),
        ]
    return server, packets


def told(facts: list[AnyFact], server: str) -> list[bytes]:
    """Return what facts say of a neighbour, without where and when: times, frames and their order
    among the facts of others differ from round to round.
    """
    mine = {fact.channel for fact in facts if isinstance(fact, ChannelOpened) and fact.server.ip == server}
    return [
        repr(_plain(msgspec.to_builtins(msgspec.structs.replace(fact, sequence=0)), server)).encode()
        for fact in facts
        if isinstance(fact, KINDS) and fact.channel in mine
    ]


def _plain(value: object, server: str) -> object:
    """Leave out what differs from one round to the next: times, frames, ports, the server's address, hashes."""
    if isinstance(value, list | tuple):
        return [_plain(one, server) for one in value]
    if isinstance(value, str):
        return "-" if value.startswith(("1:", "c-", "02:00:")) else value.replace(server, "SERVER")
    return 0 if isinstance(value, int) and value > 16 else value


def main(messages: int) -> None:
    """Run, and say how it went."""
    seeds = [
        (int(port.partition("/")[2]), parts)
        for dissector in DISSECTORS
        for port in sorted(
            {door for protocol in PROTOCOLS if protocol.dissector is dissector for door in ports_of(protocol)}
        )
        for parts in conversations(frozenset({port}))
        if port.startswith("tcp/")
    ]
    run, random = Run(), Random("many")
    alone = Run()
    server, packets = sound(0)
    expected = told(alone.give(packets), server)
    assert len(expected) >= 6, expected
    sent = number = 0
    warm = 0
    started = time.monotonic()
    while sent < messages:
        number += 1
        server, neighbour = sound(number)
        packets = []
        while len(packets) < OF_A_ROUND:
            port, parts = random.choice(seeds)
            _, others = random.choice(seeds)
            client = f"10.{random.randrange(40)}.{random.randrange(250)}.{random.randrange(1, 250)}"
            talk = Segments(
                client,
                f"10.{random.randrange(50, 60)}.0.{random.randrange(1, 250)}",
                port,
                random.randrange(1024, 65_536),
            )
            packets += talk.opening() if random.random() < 0.8 else []
            for part in mutated(parts, others, random):
                packets.append(talk.packet(part[0] & 1 if part else 0, part[1:1400]))
                sent += 1
        every = max(1, len(packets) // len(neighbour))
        for place, packet in enumerate(neighbour):
            packets.insert(place * (every + 1), packet)
        facts = run.give(packets)
        got = told(facts, server)
        assert got == expected, (
            f"round {number}, a neighbour's facts: {[pair for pair in zip(got, expected, strict=False) if pair[0] != pair[1]]}"
        )
        if not warm and sent >= messages * WARM:
            warm = resident()
        if number % 250 == 0:
            print(
                f"{sent} messages, {number} rounds, {resident() >> 10} MiB, {sent / (time.monotonic() - started):.0f}/s",
                flush=True,
            )
    run.pipeline.take(run.worker.finish())
    run.pipeline.finish()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(
        f"{sent} messages in {number} rounds, {resident() >> 10} MiB at the end, {peak} MiB at most: nothing raised, no neighbour changed"
    )
    if messages >= 1_000_000:
        assert resident() <= warm * GROWTH, f"memory grew from {warm >> 10} to {resident() >> 10} MiB"


def ports_of(protocol: Protocol) -> set[str]:
    """Return the ports of a protocol's doors."""
    return {door.name for door in protocol.doors if door.kind == "tcp"}


def resident() -> int:
    """Return the memory in use, in KiB."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES)
