"""The order in which blocks of several interfaces become packets, with rings that hand over blocks when the test says."""

from __future__ import annotations

import random

import pytest

from dissectors.wire.sink import PacketSink
from sensor.live.device import Device
from sensor.live.feed import Feed
from sensor.live.ring import RingSize
from tests.sensor.live.test_block import block, packet

MILLISECOND = 1_000_000


class ScriptedRing:
    """Hands over blocks of given stamps, each from its moment on."""

    def __init__(self, name: str, blocks: list[tuple[int, list[int]]], size: int = 64) -> None:
        self.name = name
        self.device = Device(name, 1, 1, loopback=False)
        self.size = RingSize(blocks=size)
        self.coming = blocks
        self.now = 0
        self.taken = 0

    def ready(self, ahead: int = 0) -> bool:
        return len(self.coming) > ahead and self.coming[ahead][0] <= self.now

    def last_stamp(self, ahead: int) -> int:
        return self.coming[ahead][1][-1]

    def take(self) -> bytes:
        assert self.ready()
        _, stamps = self.coming.pop(0)
        self.taken += 1
        return block(*[packet(time, last=place + 1 == len(stamps)) for place, time in enumerate(stamps)])


class Times(PacketSink):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[int, str]] = []
        self.name = ""

    def packet(self, block: bytes, start: int, captured: int, original: int, time: int, link: int) -> None:
        self.heard.append((int(time), self.name))

    def source(self, name: str, interface: str) -> None:
        self.name = interface


def script(chance: random.Random) -> list[tuple[int, list[int]]]:
    """Packets over a second in blocks handed over within 50 ms of their first packet."""
    stamps = sorted(chance.randrange(1000 * MILLISECOND) for _ in range(chance.randrange(40)))
    blocks: list[tuple[int, list[int]]] = []
    for stamp in stamps:
        if not blocks or stamp > blocks[-1][0] or chance.random() < 0.2:
            blocks.append((stamp + 50 * MILLISECOND, []))
        blocks[-1][1].append(stamp)
        if chance.random() < 0.2:
            blocks[-1] = (stamp, blocks[-1][1])  # full: handed over at once
    return blocks


def play(feed: Feed, rings: list[ScriptedRing], until: int, step: int) -> None:
    for now in range(0, until, step):
        for ring in rings:
            ring.now = now
        while feed.step(now):
            pass


@pytest.mark.parametrize("seed", range(40))
def test_packets_of_all_interfaces_come_in_order_of_time_and_none_is_evicted(seed: int) -> None:
    chance = random.Random(seed)
    rings = [ScriptedRing(f"eth{number}", script(chance)) for number in range(2 + seed % 3)]
    expected = sorted((stamp, ring.name) for ring in rings for _, stamps in ring.coming for stamp in stamps)
    sink = Times()
    feed = Feed(rings, sink)  # type: ignore[arg-type]
    play(feed, rings, 1300 * MILLISECOND, chance.choice([1, 7, 30]) * MILLISECOND)
    assert [time for time, _ in sink.heard] == [time for time, _ in expected]
    assert sorted(sink.heard) == expected
    assert feed.idle()


def test_one_interface_waits_for_nobody() -> None:
    ring = ScriptedRing("eth0", [(0, [1, 2, 3])])
    feed = Feed([ring], Times())  # type: ignore[list-item]
    assert feed.step(0)
    assert (feed.packets, feed.latest) == (3, 3)


def test_a_block_is_held_until_the_others_had_their_time() -> None:
    rings = [ScriptedRing("eth0", [(0, [5])]), ScriptedRing("eth1", [])]
    feed = Feed(rings, Times())  # type: ignore[arg-type]
    assert not feed.step(0)
    assert not feed.step(feed.hold - 1)
    assert feed.held() and not feed.idle()
    assert feed.step(feed.hold)
    assert feed.idle()


def test_a_ring_half_full_is_read_before_it_loses_packets() -> None:
    crowded = ScriptedRing("eth0", [(0, [number]) for number in range(5)], size=8)
    feed = Feed([crowded, ScriptedRing("eth1", [], size=8)], Times())  # type: ignore[list-item]
    while feed.step(0):
        pass
    assert feed.packets == 5


def test_a_step_takes_at_most_one_block_of_each_interface() -> None:
    rings = [ScriptedRing(f"eth{number}", [(0, [number + 10 * row]) for row in range(6)]) for number in range(2)]
    feed = Feed(rings, Times())  # type: ignore[arg-type]
    feed.step(0)
    feed.step(feed.hold)
    assert max(ring.taken for ring in rings) <= 2


def test_at_the_end_nothing_is_held_back() -> None:
    rings = [ScriptedRing("eth0", [(0, [5, 9])]), ScriptedRing("eth1", [(0, [7])])]
    sink = Times()
    feed = Feed(rings, sink)  # type: ignore[arg-type]
    while feed.step(0, all_of_it=True):
        pass
    assert sink.heard == [(5, "eth0"), (7, "eth1"), (9, "eth0")]


def test_a_packet_that_comes_after_the_clock_was_reported_is_not_reported_earlier() -> None:
    ring = ScriptedRing("eth0", [(0, [5_000_000, 20_000_000])])
    sink = Times()
    feed = Feed([ring], sink)  # type: ignore[list-item]
    feed.let_pass(9_000_000)
    feed.step(0)
    assert [time for time, _ in sink.heard] == [9_000_000, 20_000_000]
