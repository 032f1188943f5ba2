"""By how much the clocks of two captures of one network differ.

Two proofs, both of conversations that are in both files. A packet that is in both (IP identification, addresses and bytes alike, without the
checksums that network cards write) was there at one time. Where each file has one direction only, an
acknowledgement (RFC 9293 3.4) is later than the bytes that it acknowledges: this bounds the difference from both sides, and where
a request comes after its own answer the middle of the bounds is taken.

Limits: SAMPLED packets of each file are looked at; datagrams of UDP acknowledge nothing, so that legs of UDP alone are
taken as they are. A clock that runs faster than the other one is set right as of its begin.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any, Final

import msgspec

from dissectors.wire.numbers import LINK_ETHERNET
from sensor.capture.sample import Sampler, walk

SAMPLED: Final = 20_000
"""Packets of each file that are looked at, from the begin of the time that the files share."""
SAME: Final = 4
"""So many packets that are once in each file say that the files show one network."""
JITTER: Final = 5_000_000
"""Nanoseconds: two clocks this close are alike for everything that compares times, and two captures of one packet differ by no more."""
AGREEING: Final = 0.8
"""The share of common packets that must agree about the difference."""
COMPARED: Final = 64
SYN: Final = 0x02
FIN: Final = 0x01
ACK: Final = 0x10
SPACE: Final = 1 << 32
TCP_CHECKSUM: Final = 16
UDP_CHECKSUM: Final = 6

Talk = tuple[bytes, int, bytes, int]
"""Sender and receiver with their ports."""


class Difference(msgspec.Struct, frozen=True):
    """What is added to the times of the second file, in nanoseconds; None: it is none, but cannot be told. ``proof`` says by what."""

    shift: int | None
    proof: str


NO_DIFFERENCE: Final = Difference(0, "")


class Clues(Sampler):
    """What one file says about time: when each packet was there, when bytes were sent, when they were acknowledged."""

    def __init__(self, begin: int) -> None:
        super().__init__(begin, SAMPLED)
        self.whole: dict[tuple[object, ...], int | None] = {}
        """The time of each packet; None for one that is there twice."""
        self.sent: dict[tuple[Talk, int], int] = {}
        self.acknowledged: dict[tuple[Talk, int], int] = {}
        """By the number behind the bytes, and by who sent the bytes."""

    def packet(self, block: bytes, start: int, captured: int, original: int, time: int, link: int) -> None:
        """Note what one packet says."""
        import dpkt  # noqa: PLC0415  # slow to import, and few runs need it

        if time < self.begin or self.left == 0 or link != LINK_ETHERNET:
            return
        self.left -= 1
        try:
            ip = dpkt.ethernet.Ethernet(block[start : start + captured]).data
        except (dpkt.UnpackError, IndexError, ValueError):
            return
        if not isinstance(ip, dpkt.ip.IP | dpkt.ip6.IP6) or not isinstance(ip.data, dpkt.tcp.TCP | dpkt.udp.UDP):
            return
        self._same(ip, time)
        if isinstance(ip.data, dpkt.tcp.TCP):
            self._order(ip, time)

    def _same(self, ip: Any, time: int) -> None:
        """Note the packet itself."""
        raw = bytes(ip.data)[:COMPARED]
        checksum = TCP_CHECKSUM if ip.p == 6 else UDP_CHECKSUM
        key = (getattr(ip, "id", 0), ip.p, bytes(ip.src), bytes(ip.dst), raw[:checksum], raw[checksum + 2 :])
        self.whole[key] = None if key in self.whole else time

    def _order(self, ip: Any, time: int) -> None:
        """Note which bytes a segment carries and which it acknowledges; of each the first time counts."""
        tcp = ip.data
        there = (bytes(ip.src), tcp.sport, bytes(ip.dst), tcp.dport)
        back = (bytes(ip.dst), tcp.dport, bytes(ip.src), tcp.sport)
        size = len(tcp.data) + bool(tcp.flags & SYN) + bool(tcp.flags & FIN)
        if size:
            self.sent.setdefault((there, (tcp.seq + size) % SPACE), time)
        if tcp.flags & ACK:
            self.acknowledged.setdefault((back, tcp.ack), time)


def difference(one: str, two: str, begin: int) -> Difference:
    """Say what is to be added to the times of the second file so that they are those of the first."""
    left, right = Clues(begin), Clues(begin)
    walk(one, left)
    walk(two, right)
    return _of_same_packets(left, right) or _of_acknowledgements(left, right) or NO_DIFFERENCE


def _of_same_packets(left: Clues, right: Clues) -> Difference | None:
    """Compare the packets that are in both files, each direction by itself: the way between two places takes its time."""
    ways: dict[bool, list[int]] = {True: [], False: []}
    for key, time in left.whole.items():
        other = right.whole.get(key)
        if time is not None and other is not None:
            ways[key[2] < key[3]].append(time - other)  # type: ignore[operator]  # addresses
    seen = [way for way in ways.values() if way]
    count = sum(len(way) for way in seen)
    if count < SAME:
        return None
    middles = [int(median(way)) for way in seen]
    agreeing = sum(abs(one - middle) <= JITTER for way, middle in zip(seen, middles, strict=True) for one in way)
    proof = f"{count} packets are in both"
    if agreeing < AGREEING * count:
        return Difference(None, proof)
    shift = sum(middles) // len(middles)
    return Difference(shift if abs(shift) > JITTER else 0, proof)


def _of_acknowledgements(left: Clues, right: Clues) -> Difference | None:
    """Bound the difference by what must have come first."""
    least = max(_gaps(left.sent, right.acknowledged), default=None)
    most = min(_gaps(left.acknowledged, right.sent), default=None)
    if (least is None or least <= 0) and (most is None or most >= 0):
        return None
    proof = "acknowledgements come before what they acknowledge"
    if least is None or most is None:
        return Difference((least or most or 0) + (1 if least is not None else -1), proof)
    return Difference((least + most) // 2 if least <= most else None, proof)


def _gaps(one: dict[tuple[Talk, int], int], two: dict[tuple[Talk, int], int]) -> Iterator[int]:
    """By how much each thing in the first file is later than what belongs to it in the second."""
    return (time - two[key] for key, time in one.items() if key in two)
