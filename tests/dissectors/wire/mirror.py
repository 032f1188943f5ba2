"""A mirror port as the tests set it up: packets of a conversation as they are seen at one place or another."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from dissectors.facts import AnyFact
from sensor.worker import Worker
from tests.dissectors.harness import (
    CLIENT_MAC,
    IP4,
    MILLISECOND,
    SERVER_MAC,
    Conversation,
    Packet,
    Segment,
    ethernet,
    feed,
    vlan,
)

ROUTER_NEAR, ROUTER_FAR = "02:00:00:00:0a:01", "02:00:00:00:0a:02"
OTHER_MACS = ("02:00:00:00:01:05", "02:00:00:00:01:09")
Macs = tuple[str, str]


def at_place(packet: bytes, macs: Macs, tag: int = 0, *, ttl: int = 64, number: int = 1) -> bytes:
    """An IPv4 packet as a frame: MACs (from, to), VLAN, TTL and identification as they are at that place."""
    body = packet[:4] + struct.pack("!H", number) + packet[6:8] + bytes((ttl,)) + packet[9:]
    if tag:
        return ethernet(vlan(body, IP4, tag), 0x8100, *macs)
    return ethernet(body, IP4, *macs)


def way(side: int, macs: Macs = (CLIENT_MAC, SERVER_MAC)) -> Macs:
    """The MACs (from, to) of a segment by its side."""
    return macs if side == 0 else macs[::-1]


def seen(it: Conversation, segments: Sequence[Segment], tags: tuple[int, int] = (0, 0)) -> list[Packet]:
    """The segments with the tag of their side."""
    return [
        Packet(at_place(it.network(one), way(one.side), tags[one.side], number=number), one.time)
        for number, one in enumerate(segments, 1)
    ]


def routed(it: Conversation, segments: Sequence[Segment], delay: int = MILLISECOND // 10) -> list[Packet]:
    """The segments before a router and behind it: the client is on VLAN 30, the server on VLAN 10."""
    packets: list[Packet] = []
    for number, one in enumerate(segments, 1):
        body = it.network(one)
        near = at_place(body, way(one.side, (CLIENT_MAC, ROUTER_NEAR)), 30, ttl=64 - one.side, number=number)
        far = at_place(body, way(one.side, (ROUTER_FAR, SERVER_MAC)), 10, ttl=63 + one.side, number=number)
        first, second = (near, far) if one.side == 0 else (far, near)
        packets += [Packet(first, one.time), Packet(second, one.time + delay)]
    return packets


def on(worker: Worker, interface: str, packets: Sequence[Packet]) -> list[AnyFact]:
    """Feed packets of one interface; give the facts so far."""
    worker.wire.source("test", interface)
    return feed(worker, packets)
