"""Every file cut at every byte, fed in every two pieces, and every byte of it set to edge values."""

from __future__ import annotations

import struct

import pytest

from .feeding import feed
from .forge import PACKETS, Ng, pcap
from .shared import captures

LITTLE, BIG = Ng(), Ng(big=True)
EDGES = (0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x7F, 0x80, 0xFE, 0xFF)
MIXED = (
    LITTLE.section()
    + LITTLE.interface(snaplen=8, options=LITTLE.option(2, b"eth0") + LITTLE.option(9, b"\x09") + LITTLE.option(0, b""))
    + LITTLE.interface(101, options=LITTLE.option(14, LITTLE.pack("q", 3)))
    + LITTLE.enhanced(PACKETS[1], 0, options=LITTLE.option(1, b"hi"))
    + LITTLE.block(5, bytes(8))
    + LITTLE.obsolete(PACKETS[0], 1)
    + LITTLE.simple(bytes(8), 70)
    + BIG.section()
    + BIG.interface(113)
    + BIG.enhanced(PACKETS[3])
)
FILES = {
    "pcap": pcap(),
    "pcap-big-nanosecond": pcap(big=True, magic=0xA1B23C4D),
    "pcap-modified": pcap(magic=0xA1B2CD34),
    "pcapng": LITTLE.file(),
    "pcapng-mixed": MIXED,
}
EVERY_FILE = pytest.mark.parametrize("data", FILES.values(), ids=FILES.keys())


def record_ends(data: bytes) -> list[int]:
    """Where the packets of a forged or plain file end, worked out without the walkers."""
    if data[:4] != b"\x0a\x0d\x0d\x0a":
        order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x34\xcd\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
        header = 24 if 0xCD in data[:4] else 16
        at, ends = 24, []
        while at + header <= len(data):
            at += header + struct.unpack_from(order + "I", data, at + 8)[0]
            ends.append(at)
        return ends
    order, at, ends = "<", 0, []
    while at + 12 <= len(data):
        if data[at : at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[at + 8] == 0x4D else ">"
        kind, length = struct.unpack_from(order + "II", data, at)
        at += length
        if kind in (2, 3, 6):
            ends.append(at)
    return ends


def check_every_cut(data: bytes) -> None:
    """Whatever is whole before a cut is delivered, nothing else, and nothing is called wrong."""
    _, whole = feed(data)
    ends = [end for end in record_ends(data) if end <= len(data)]
    assert len(whole.seen) == len(ends)
    for cut in range(4, len(data)):
        walker, sink = feed(data[:cut], [data[:cut]])
        assert sink.seen == whole.seen[: sum(end <= cut for end in ends)]
        assert not walker.problem
        assert walker.unfinished()


@EVERY_FILE
def test_a_file_cut_anywhere_gives_everything_before_the_cut(data: bytes) -> None:
    check_every_cut(data)


@EVERY_FILE
def test_how_a_file_is_cut_into_reads_changes_nothing(data: bytes) -> None:
    _, whole = feed(data)
    for cut in range(len(data) + 1):
        _, sink = feed(data, [data[:cut], data[cut:]])
        assert (sink.seen, sink.sources) == (whole.seen, whole.sources)
    for size in (1, 2, 3, 7, 64):
        _, sink = feed(data, [data[at : at + size] for at in range(0, len(data), size)])
        assert (sink.seen, sink.sources) == (whole.seen, whole.sources)


@EVERY_FILE
def test_any_byte_at_its_edges_gives_packets_or_a_stated_problem(data: bytes) -> None:
    _, whole = feed(data)
    ends = record_ends(data)
    for at in range(4, len(data)):
        for edge in EDGES:
            bent = data[:at] + bytes([edge]) + data[at + 1 :]
            walker, sink = feed(bent)
            intact = sum(end <= at for end in ends)
            assert sink.seen[:intact] == whole.seen[:intact], "damage reaches back"
            assert bool(walker.problem) >= walker.stopped
            split, again = feed(bent, [bent[i : i + 5] for i in range(0, len(bent), 5)])
            assert again.seen == sink.seen
            assert (split.problem, split.problem_offset) == (walker.problem, walker.problem_offset)


def test_captures_by_others_cut_anywhere_give_everything_before_the_cut() -> None:
    for file in captures(largest=460):
        data = file.read_bytes()
        if data[:2] != b"\x1f\x8b":
            check_every_cut(data)


def test_headers_of_captures_by_others_at_their_edges_do_no_harm() -> None:
    for file in captures(largest=230):
        data = file.read_bytes()
        for at in range(4, min(len(data), 72)):
            for edge in EDGES:
                feed(data[:at] + bytes([edge]) + data[at + 1 :])
