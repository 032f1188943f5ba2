"""Workers without processes: a capture, split over several workers by the pair of addresses, as reports.

All workers share one clock: each is reported of the time of every packet, like the ticks of an idle interface do live.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import dpkt
import msgspec

from dissectors.facts import AnyFact
from sensor.live.report import Report
from sensor.worker import Worker

CAPTURES = Path(__file__).parents[3] / "pcaps" / "captures"
SECOND = 1_000_000_000
Packet = tuple[int, bytes]
Split = Callable[[bytes], int]


@cache
def packets(name: str) -> list[Packet]:
    """Return (time in ns, frame) of every packet of a capture of ours."""
    with (CAPTURES / name).open("rb") as file:
        return [(round(time * SECOND), frame) for time, frame in dpkt.pcap.Reader(file)]


def pair(frame: bytes) -> bytes:
    """Return what decides the worker of a frame: the unordered pair of IPv4 addresses, nothing without IPv4."""
    if frame[12:14] != b"\x08\x00":
        return b""
    return b"".join(sorted((frame[26:30], frame[30:34])))


class Crowd:
    """``count`` workers, fed one packet at a time."""

    def __init__(self, count: int, split: Split, source: str = "wire0") -> None:
        self.workers = [Worker() for _ in range(count)]
        for worker in self.workers:
            worker.wire.source(source, source)
        self.split = split
        self.now = 0

    def feed(self, packet: Packet) -> None:
        """Give a packet to its worker and its time to the others."""
        time, frame = packet
        chosen = self.split(pair(frame)) if len(self.workers) > 1 else 0
        for number, worker in enumerate(self.workers):
            if number == chosen:
                worker.wire.packet(frame, 0, len(frame), len(frame), time, 1)
                worker.wire.end_of_block()
            else:
                worker.wire.tick(time)
        self.now = time

    def report(self, number: int) -> Report:
        """Return what a worker has to report by now."""
        return Report(worker=number, watermark=self.now, facts=tuple(self.workers[number].drain()))

    def last(self, number: int) -> Report:
        """Return the last report of a worker."""
        return Report(worker=number, watermark=self.now, facts=tuple(self.workers[number].finish()), finished=True)


def alone(traffic: Sequence[Packet]) -> list[AnyFact]:
    """Return what one worker reports of everything, in its own order."""
    crowd = Crowd(1, lambda _: 0)
    facts: list[AnyFact] = []
    for packet in traffic:
        crowd.feed(packet)
        facts += crowd.report(0).facts
    return [*facts, *crowd.last(0).facts]


NUMBERS = ("frame", "sequence", "first_frame", "last_frame", "request_frame", "response_frame")


def without_numbers(fact: AnyFact) -> AnyFact:
    """Return a fact without the numbers that only its own worker gives."""
    return msgspec.structs.replace(fact, **{name: 0 for name in NUMBERS if hasattr(fact, name)})
