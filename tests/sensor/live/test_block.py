from __future__ import annotations

import struct

import pytest

from dissectors.wire.sink import PacketSink
from sensor.live.block import NEVER, BlockWalker

SECOND = 1_000_000_000
ETHERNET, RAW = 1, 101
FRAME = bytes(range(60))
VALID, TPID = 1 << 4, 1 << 6


class Keep(PacketSink):
    def __init__(self) -> None:
        super().__init__()
        self.kept: list[tuple[int, bytes, int, int]] = []

    def packet(self, block: bytes, start: int, captured: int, original: int, time: int, link: int) -> None:
        self.kept.append((int(time), block[start : start + captured], int(original), int(link)))


def packet(time: int, frame: bytes = FRAME, *, original: int = 0, status: int = 0, tci: int = 0, tpid: int = 0, last: bool = False) -> bytes:  # fmt: skip
    """One packet as the kernel lays it into a block: header, address, gap, frame, padding (tpacket3_hdr)."""
    size = (82 + len(frame) + 15) // 16 * 16
    header = struct.pack(
        "=IIIIIIHHIIHH8x",
        0 if last else size, time // SECOND, time % SECOND, len(frame), original or len(frame), status, 82, 96, 0, tci, tpid, 0,
    )  # fmt: skip
    return (header + bytes(34) + frame).ljust(size, b"\0")


def block(*packets: bytes, count: int | None = None, first: int = 48) -> bytes:
    body = b"".join(packets)
    number = len(packets) if count is None else count
    return struct.pack("=IIIIIIQIIII", 1, 48, 1, number, first, 48 + len(body), 1, 0, 0, 0, 0) + body


def walk(data: bytes, limit: int = NEVER, floor: int = -1, link: int = ETHERNET) -> tuple[BlockWalker, Keep, int]:
    walker, keep = BlockWalker(link), Keep()
    walker.load(data)
    return walker, keep, int(walker.walk(limit, floor, keep))


def test_packets_come_out_with_their_times_lengths_and_link() -> None:
    walker, keep, latest = walk(
        block(packet(5 * SECOND + 7), packet(6 * SECOND, b"\x01" * 70, original=900, last=True))
    )
    assert keep.kept == [(5 * SECOND + 7, FRAME, 60, 1), (6 * SECOND, b"\x01" * 70, 900, 1)]
    assert (walker.packets, walker.byte_count, walker.truncated, walker.left, walker.time) == (2, 960, 1, 0, NEVER)
    assert latest == 6 * SECOND


def test_a_limit_is_where_walking_rests_and_goes_on() -> None:
    walker, keep = BlockWalker(ETHERNET), Keep()
    walker.load(block(packet(10), packet(20), packet(30, last=True)))
    assert walker.time == 10
    assert walker.walk(20, -1, keep) == 20
    assert (len(keep.kept), walker.left, walker.time) == (2, 1, 30)
    assert walker.walk(29, 20, keep) == 20
    assert walker.walk(30, 20, keep) == 30
    assert [time for time, *_ in keep.kept] == [10, 20, 30]


def test_tags_are_put_back_behind_the_addresses_and_nothing_else_moves() -> None:
    tagged = packet(2, status=VALID | TPID, tci=0x6064, tpid=0x88A8)
    unreported = packet(3, status=VALID, tci=7)
    walker, keep, _ = walk(block(packet(1), tagged, unreported, tagged, packet(5, last=True)))
    service, plain = FRAME[:12] + b"\x88\xa8\x60\x64" + FRAME[12:], FRAME[:12] + b"\x81\x00\x00\x07" + FRAME[12:]
    assert [frame for _, frame, *_ in keep.kept] == [FRAME, service, plain, service, FRAME]
    assert [original for _, _, original, _ in keep.kept] == [60, 64, 64, 64, 60]
    assert walker.byte_count == 60 * 5 + 4 * 3


def test_a_tag_in_the_last_packet_of_a_block_is_put_back_too() -> None:
    _, keep, _ = walk(block(packet(1, status=VALID | TPID, tci=9, tpid=0x8100, last=True)))
    assert keep.kept[0][1] == FRAME[:12] + b"\x81\x00\x00\x09" + FRAME[12:]


def test_bare_ip_packets_get_no_tag() -> None:
    _, keep, _ = walk(block(packet(1, status=VALID, tci=9, last=True)), link=RAW)
    assert keep.kept == [(1, FRAME, 60, RAW)]


def test_small_disorder_of_stamps_is_levelled_and_a_clock_that_was_set_is_passed_on() -> None:
    times = [100 * SECOND, 100 * SECOND - 4_000, 100 * SECOND + 1, 50 * SECOND, 50 * SECOND + 1]
    _, keep, latest = walk(block(*[packet(time, last=place == 4) for place, time in enumerate(times)]))
    assert [time for time, *_ in keep.kept] == [
        100 * SECOND,
        100 * SECOND,
        100 * SECOND + 1,
        50 * SECOND,
        50 * SECOND + 1,
    ]
    assert latest == 50 * SECOND + 1


def test_no_packet_is_reported_earlier_than_one_of_another_interface_before_it() -> None:
    _, keep, _ = walk(block(packet(10 * SECOND, last=True)), floor=10 * SECOND + 5)
    assert keep.kept[0][0] == 10 * SECOND + 5


def test_an_empty_block_holds_nothing() -> None:
    walker, keep, latest = walk(block(), floor=3)
    assert (keep.kept, walker.left, walker.time, latest) == ([], 0, NEVER, 3)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        block()[:47],
        block(packet(1, last=True), count=2),
        block(packet(1, last=True), first=1 << 20),
        block(packet(1, last=True))[:-40],
        block(packet(1, FRAME * 3, last=True))[: 48 + 48],
        block(packet(1, last=True), packet(2, last=True)),
    ],
)
def test_a_block_that_lies_about_itself_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="ring block"):
        walk(data)


def test_every_flipped_byte_is_read_or_refused() -> None:
    good = block(packet(1), packet(2, status=VALID | TPID, tci=5, tpid=0x8100), packet(3, last=True))
    for place in range(8, len(good)):
        for value in (0x00, 0x01, 0x7F, 0x80, 0xFF):
            try:
                walker, keep, _ = walk(good[:place] + bytes([value]) + good[place + 1 :])
            except ValueError:
                continue
            assert walker.left >= 0
            assert len(keep.kept) == walker.packets
