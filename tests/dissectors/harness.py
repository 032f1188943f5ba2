"""Packets by hand, TCP conversations that can be cut, doubled, reordered and robbed, and a worker to feed them to."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from itertools import pairwise
from typing import TypeVar

from dissectors.facts import (
    AnyFact,
    ChannelOpened,
    ChannelWindow,
    Exchange,
    Health,
    OperationFirst,
    TransitionFirst,
    ValueChange,
    Violation,
    Visibility,
)
from sensor.worker import Worker

Kind = TypeVar("Kind")

SECOND = 1_000_000_000
MILLISECOND = 1_000_000
START = 1_700_000_040 * SECOND
"""The begin of a minute, so that a short conversation lies in one window."""

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
ETHERNET, RAW, NULL, LOOP, SLL, SLL2 = 1, 101, 0, 108, 113, 276
IP4, IP6, ARP = 0x0800, 0x86DD, 0x0806
CLIENT, SERVER = "10.0.0.5", "10.0.0.9"
CLIENT_MAC, SERVER_MAC = "02:00:00:00:00:05", "02:00:00:00:00:09"


@dataclass(frozen=True)
class Packet:
    """One captured packet. ``original`` 0 means that it was captured whole."""

    data: bytes
    time: int = START
    link: int = ETHERNET
    original: int = 0


# Headers.


def mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def ethernet(payload: bytes, kind: int = IP4, source: str = CLIENT_MAC, target: str = SERVER_MAC) -> bytes:
    return mac(target) + mac(source) + struct.pack("!H", kind) + payload


def vlan(payload: bytes, kind: int, number: int) -> bytes:
    """A tag to be put behind ethertype 0x8100 (or 0x88a8)."""
    return struct.pack("!HH", number, kind) + payload


def ip4(
    payload: bytes,
    protocol: int = 6,
    source: str = CLIENT,
    target: str = SERVER,
    *,
    identification: int = 1,
    fragment: int = 0,
    options: bytes = b"",
    total: int | None = None,
) -> bytes:
    """``fragment`` is the whole field: 0x2000 for more, the offset in units of eight bytes."""
    size = 20 + len(options)
    length = size + len(payload) if total is None else total
    return (
        struct.pack("!BBHHHBBH", 0x40 | size // 4, 0, length, identification, fragment, 64, protocol, 0)
        + ip_address(source).packed
        + ip_address(target).packed
        + options
        + payload
    )


def ip6(payload: bytes, following: int = 6, source: str = "fd00::5", target: str = "fd00::9") -> bytes:
    head = struct.pack("!IHBB", 6 << 28, len(payload), following, 64)
    return head + ip_address(source).packed + ip_address(target).packed + payload


def tcp(
    payload: bytes = b"",
    source: int = 40000,
    target: int = 502,
    *,
    sequence: int = 0,
    acknowledged: int = 0,
    flags: int = ACK,
    options: bytes = b"",
) -> bytes:
    offset = (20 + len(options)) // 4
    head = struct.pack(
        "!HHIIBBHHH", source, target, sequence % 2**32, acknowledged % 2**32, offset << 4, flags, 8192, 0, 0
    )
    return head + options + payload


def udp(payload: bytes, source: int = 40000, target: int = 20000) -> bytes:
    return struct.pack("!HHHH", source, target, 8 + len(payload), 0) + payload


def arp(operation: int, sender_mac: str, sender: str, target_mac: str, target: str) -> bytes:
    return (
        struct.pack("!HHBBH", 1, IP4, 6, 4, operation)
        + mac(sender_mac)
        + ip_address(sender).packed
        + mac(target_mac)
        + ip_address(target).packed
    )


# Conversations.


@dataclass(frozen=True)
class Segment:
    """One TCP segment. Side 0 is the client. ``sequence`` and ``acked`` count from the initial numbers."""

    side: int
    sequence: int
    data: bytes = b""
    flags: int = ACK
    time: int = START
    acked: int = 0


@dataclass
class Conversation:
    """A TCP connection being made: say things, then take ``segments`` apart or turn them into packets."""

    client: str = CLIENT
    server: str = SERVER
    client_port: int = 40000
    server_port: int = 502
    first: tuple[int, int] = (1000, 9000)
    time: int = START
    step: int = 10 * MILLISECOND
    segments: list[Segment] = field(default_factory=list)
    sent: list[int] = field(default_factory=lambda: [0, 0])

    def _add(self, side: int, data: bytes, flags: int, size: int) -> None:
        self.segments.append(Segment(side, self.sent[side], data, flags, self.time, self.sent[1 - side]))
        self.sent[side] += size
        self.time += self.step

    def handshake(self) -> Conversation:
        self._add(0, b"", SYN, 1)
        self._add(1, b"", SYN | ACK, 1)
        self._add(0, b"", ACK, 0)
        return self

    def say(self, side: int, data: bytes) -> Conversation:
        self._add(side, data, ACK | PSH, len(data))
        return self

    def pause(self, nanoseconds: int) -> Conversation:
        self.time += nanoseconds
        return self

    def finish(self) -> Conversation:
        self._add(0, b"", FIN | ACK, 1)
        self._add(1, b"", FIN | ACK, 1)
        self._add(0, b"", ACK, 0)
        return self

    def reset(self, side: int) -> Conversation:
        self._add(side, b"", RST | ACK, 0)
        return self

    def transport(self, segment: Segment) -> bytes:
        """The TCP bytes of a segment."""
        side = segment.side
        ports = (self.client_port, self.server_port)
        return tcp(
            segment.data,
            ports[side],
            ports[1 - side],
            sequence=self.first[side] + segment.sequence,
            acknowledged=0 if segment.flags == SYN else self.first[1 - side] + segment.acked,
            flags=segment.flags,
        )

    def network(self, segment: Segment) -> bytes:
        """The IP bytes of a segment."""
        ends = (self.client, self.server)
        source, target = ends[segment.side], ends[1 - segment.side]
        if ":" in source:
            return ip6(self.transport(segment), 6, source, target)
        return ip4(self.transport(segment), 6, source, target)

    def frame(self, segment: Segment) -> bytes:
        """The Ethernet bytes of a segment."""
        macs = (CLIENT_MAC, SERVER_MAC)
        return ethernet(
            self.network(segment), IP6 if ":" in self.client else IP4, macs[segment.side], macs[1 - segment.side]
        )

    def packets(self, segments: Iterable[Segment] | None = None) -> list[Packet]:
        """The segments (of this conversation, or others made from them) as packets."""
        return [
            Packet(self.frame(segment), segment.time) for segment in (self.segments if segments is None else segments)
        ]


def cut(segment: Segment, *places: int) -> list[Segment]:
    """Cut a segment at offsets of its payload."""
    edges = [0, *places, len(segment.data)]
    return [
        replace(
            segment, sequence=segment.sequence + low, data=segment.data[low:high], time=segment.time + number * 1000
        )
        for number, (low, high) in enumerate(pairwise(edges))
        if high > low
    ]


def retimed(segments: Sequence[Segment], step: int = MILLISECOND) -> list[Segment]:
    """The segments in this order, with times that grow."""
    return [replace(segment, time=START + number * step) for number, segment in enumerate(segments)]


# The worker.


def feed(worker: Worker, packets: Iterable[Packet], block_every: int = 1) -> list[AnyFact]:
    """Feed packets, each in a block of its own with foreign bytes around it; give the facts so far."""
    for number, packet in enumerate(packets, 1):
        block = b"\xaa\x55\xaa" + packet.data + b"\x55" * 7
        size = len(packet.data)
        worker.wire.packet(block, 3, size, packet.original or size, packet.time, packet.link)
        if number % block_every == 0:
            worker.wire.end_of_block()
    return worker.drain()


def run(packets: Iterable[Packet], worker: Worker | None = None) -> list[AnyFact]:
    """All facts of a capture made of ``packets``."""
    worker = worker or Worker()
    return [*feed(worker, packets), *worker.finish()]


def of(facts: Iterable[AnyFact], kind: type[Kind]) -> list[Kind]:
    """The facts of one kind."""
    return [fact for fact in facts if isinstance(fact, kind)]


def reported(facts: Iterable[AnyFact], *, visibility: bool = True) -> list[tuple[object, ...]]:
    """What was understood: the facts of the messages without times, frames, sequence numbers, latencies, places."""
    result: list[tuple[object, ...]] = []
    for fact in facts:
        seen = getattr(fact, "visibility", "") if visibility else ""
        if isinstance(fact, OperationFirst):
            detail = tuple((name, value) for name, value in fact.detail.items() if name != "transaction")
            result.append(("first", fact.channel, fact.verb, fact.code, fact.label, fact.targets, detail, seen))
        elif isinstance(fact, TransitionFirst):
            result.append(("transition", fact.channel, fact.previous, fact.label, seen))
        elif isinstance(fact, Exchange):
            result.append((
                "exchange", fact.channel, fact.verb, fact.label, fact.values, fact.answers, fact.outcome,
                fact.error_code, fact.error, fact.repeats, tuple(fact.detail.items()), fact.excerpt, fact.length, seen,
            ))  # fmt: skip
        elif isinstance(fact, ValueChange):
            result.append(("change", fact.channel, fact.kind, fact.points, fact.values, fact.previous, seen))
        elif isinstance(fact, Violation):
            result.append(("violation", fact.channel, fact.protocol, fact.name, fact.text, fact.from_client, seen))
    return result


def counted(facts: Iterable[AnyFact]) -> dict[str, dict[str, int]]:
    """The counters of all windows by channel, summed up."""
    result: dict[str, dict[str, int]] = {}
    for window in of(facts, ChannelWindow):
        row = result.setdefault(window.channel, {})
        for name in ("requests", "responses", "failures", "unanswered", "late", "unmatched", "attempts", "refused", "connections",
                     "resets", "retransmissions", "copies", "gaps", "reports", "value_changes", "packets_client",
                     "packets_server"):  # fmt: skip
            row[name] = row.get(name, 0) + getattr(window, name)
    return result


def total(facts: Iterable[AnyFact], name: str) -> int:
    """One counter over all windows of all channels."""
    return sum(row[name] for row in counted(facts).values())


def health(facts: Iterable[AnyFact]) -> dict[str, int]:
    """The health counters summed up over all windows ("flows" and "channels" are the last ones)."""
    result: dict[str, int] = {}
    for fact in of(facts, Health):
        for name, value in fact.counters.items():
            result[name] = value if name in {"flows", "channels"} else result.get(name, 0) + value
    return result


def channels(facts: Iterable[AnyFact], protocol: str) -> list[ChannelOpened]:
    """The channels of a protocol as they were reported."""
    return [fact for fact in of(facts, ChannelOpened) if fact.protocol == protocol]


def states(facts: Iterable[AnyFact]) -> list[str]:
    """The states of visibility reported, in order."""
    return [fact.state for fact in of(facts, Visibility)]


# Modbus.


def modbus(transaction: int, unit: int, pdu: bytes) -> bytes:
    return struct.pack("!HHHB", transaction, 0, len(pdu) + 1, unit) + pdu


def read(transaction: int, first: int, count: int, unit: int = 1, function: int = 3) -> bytes:
    return modbus(transaction, unit, struct.pack("!BHH", function, first, count))


def registers(transaction: int, *values: int, unit: int = 1, function: int = 3) -> bytes:
    return modbus(transaction, unit, struct.pack(f"!BB{len(values)}H", function, 2 * len(values), *values))


def write(transaction: int, address: int, value: int, unit: int = 1) -> bytes:
    return modbus(transaction, unit, struct.pack("!BHH", 6, address, value))


def refused(transaction: int, function: int, code: int, unit: int = 1) -> bytes:
    return modbus(transaction, unit, bytes((function | 0x80, code)))


def talk(conversation: Conversation | None = None) -> Conversation:
    """A Modbus connection with reads of changing values, writes, an exception, coils and an identification."""
    it = (conversation or Conversation()).handshake()
    number = 0
    for turn in range(3):
        for request, answer in (
            (read(number, 0, 4), registers(number, 100 + turn, 2, 3, 4)),
            (read(number + 1, 16, 2, function=4), registers(number + 1, 7, 70 + turn, function=4)),
        ):
            it.say(0, request).say(1, answer)
        number += 2
    it.say(0, write(20, 5, 1234)).say(1, write(20, 5, 1234))
    it.say(0, read(21, 9999, 4)).say(1, refused(21, 3, 2))
    it.say(0, modbus(22, 1, bytes.fromhex("010000000a"))).say(1, modbus(22, 1, bytes.fromhex("0102cd01")))
    it.say(0, modbus(23, 1, bytes.fromhex("10000100020400 0a0102"))).say(1, modbus(23, 1, bytes.fromhex("1000010002")))
    it.say(0, modbus(24, 1, bytes.fromhex("2b0e0100"))).say(
        1, modbus(24, 1, bytes.fromhex("2b0e0101000002") + b"\x00\x04Acme" + b"\x01\x02P1")
    )
    it.say(0, read(25, 0, 4)).say(1, registers(25, 102, 2, 3, 4))
    return it.finish()
