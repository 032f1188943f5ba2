"""The kernel's own BPF machine is the judge: a datagram socket pair with the program in front hears what the program passes."""

from __future__ import annotations

import contextlib
import ipaddress
import random
import socket
import struct
from pathlib import Path
from typing import Self

import dpkt
import pytest

from sensor.live import fanout
from tests.repository import ROOT

IP4, IP6, ARP = 0x0800, 0x86DD, 0x0806
MACS = bytes.fromhex("0080f40000010080f4000002")


class Judge:
    """Which worker of ``workers`` hears a frame."""

    def __init__(self, workers: int, *, ethernet: bool = True) -> None:
        self.pairs = []
        for worker in range(workers):
            left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            right.setblocking(False)
            fanout.attach(right, fanout.share(worker, workers, ethernet=ethernet))
            self.pairs.append((left, right))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for left, right in self.pairs:
            left.close()
            right.close()

    def who(self, frame: bytes) -> int:
        heard = []
        for worker, (left, right) in enumerate(self.pairs):
            try:
                left.send(frame)
                assert right.recv(65_535) == frame
                heard.append(worker)
            except (PermissionError, BlockingIOError):
                continue
        assert len(heard) == 1, f"heard by {heard}"
        return heard[0]


def ip4(one: int, two: int, rest: bytes = bytes(20), fragment: int = 0) -> bytes:
    return struct.pack(">BBHHHBBHII", 69, 0, 20 + len(rest), 7, fragment, 64, 6, 0, one, two) + rest


def ip6(one: int, two: int) -> bytes:
    return struct.pack(">IHBB", 6 << 28, 8, 17, 64) + one.to_bytes(16, "big") + two.to_bytes(16, "big") + bytes(8)


def ethernet(kind: int, data: bytes, *tags: int) -> bytes:
    return MACS + b"".join(struct.pack(">HH", tag, 5) for tag in tags) + struct.pack(">H", kind) + data


def addresses(count: int = 200) -> list[tuple[int, int]]:
    chance = random.Random(4)
    return [(0x0A140000 + chance.randrange(50), 0x0A150000 + chance.randrange(4000)) for _ in range(count)]


@pytest.mark.parametrize("workers", [2, 3, 8])
def test_both_directions_and_all_fragments_of_a_conversation_are_one_workers(workers: int) -> None:
    with Judge(workers) as judge:
        for one, two in addresses():
            who = judge.who(ethernet(IP4, ip4(one, two)))
            assert judge.who(ethernet(IP4, ip4(two, one, b"\x01\xf6" * 30))) == who
            assert judge.who(ethernet(IP4, ip4(one, two, b"late", 0x2004))) == who
            wide = (0x20010DB8 << 96) + one, (0xFE80 << 112) + two
            assert judge.who(ethernet(IP6, ip6(*wide))) == judge.who(ethernet(IP6, ip6(*wide[::-1])))


@pytest.mark.parametrize("workers", [2, 4])
def test_up_to_two_tags_in_band_change_nothing(workers: int) -> None:
    with Judge(workers) as judge:
        for one, two in addresses(60):
            plain = judge.who(ethernet(IP4, ip4(one, two)))
            for tags in ((0x8100,), (0x88A8, 0x8100), (0x9100, 0x8100), (0x8100, 0x8100)):
                assert judge.who(ethernet(IP4, ip4(one, two), *tags)) == plain


@pytest.mark.parametrize("workers", [2, 4, 7])
def test_neighbouring_addresses_are_spread_over_all_workers(workers: int) -> None:
    client = int(ipaddress.ip_address("10.20.1.10"))
    with Judge(workers) as judge:
        four = [judge.who(ethernet(IP4, ip4(client, client + 10 + host))) for host in range(140)]
        six = [judge.who(ethernet(IP6, ip6((1 << 125) + 1, (1 << 125) + 2 + host))) for host in range(140)]
    for heard in (four, six):
        for worker in range(workers):
            assert heard.count(worker) > 140 / workers / 3


def test_everything_else_is_the_first_workers() -> None:
    frames = [
        ethernet(ARP, bytes(28)),
        ethernet(0x88CC, bytes(40)),
        ethernet(0x8892, bytes(40)),
        ethernet(0x8847, ip4(1, 2)),
        ethernet(IP4, ip4(1, 2), 0x8100, 0x8100, 0x8100),
        MACS,
        b"\x00",
    ]
    with Judge(3) as judge:
        assert [judge.who(frame) for frame in frames] == [0] * len(frames)


def test_a_frame_cut_anywhere_is_heard_by_exactly_one_worker() -> None:
    whole = [ethernet(IP4, ip4(10, 20)), ethernet(IP6, ip6(10, 20)), ethernet(IP4, ip4(10, 20), 0x88A8, 0x8100)]
    with Judge(3) as judge:
        for frame in whole:
            for length in range(1, len(frame)):
                judge.who(frame[:length])


def test_bare_ip_is_shared_by_the_same_addresses() -> None:
    with Judge(4, ethernet=False) as bare, Judge(4) as framed:
        for one, two in addresses(60):
            assert bare.who(ip4(one, two)) == framed.who(ethernet(IP4, ip4(one, two)))
        assert bare.who(ip6(3, 4)) == framed.who(ethernet(IP6, ip6(4, 3)))
        assert bare.who(b"\x15rubbish") == 0


@pytest.mark.parametrize("capture", ["plant/normal.pcap", "plant/arp_spoof.pcap"])
def test_of_a_capture_every_frame_has_exactly_one_worker(capture: str) -> None:
    with Path(ROOT / "pcaps" / "captures" / capture).open("rb") as file, Judge(2) as judge:
        heard = {judge.who(frame) for _, frame in dpkt.pcap.Reader(file)}
    assert heard == {0, 1}


def test_nothing_passes_the_program_that_passes_nothing() -> None:
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with left, right:
        fanout.attach(right, fanout.nothing())
        right.setblocking(False)
        with contextlib.suppress(PermissionError):  # some kernels report the sender
            left.send(ethernet(IP4, ip4(1, 2)))
        with pytest.raises(BlockingIOError):
            right.recv(65_535)


@pytest.mark.parametrize(("worker", "workers"), [(2, 2), (-1, 2), (0, 0), (0, 65)])
def test_a_share_that_cannot_be_is_refused(worker: int, workers: int) -> None:
    with pytest.raises(ValueError, match="worker"):
        fanout.share(worker, workers, ethernet=True)
