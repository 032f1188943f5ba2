"""Independent readers (dpkt, scapy, Wireshark's wiretap) see the same packets in every capture by others."""

from __future__ import annotations

import gzip
import io
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from sensor.capture.reader import read

from .forge import Ng, pcap
from .recorder import Packet, Recorder
from .shared import captures


def packets(*paths: Path) -> list[Packet]:
    """What we read."""
    sink = Recorder()
    reading = read(paths, sink, merge=False)
    assert not reading.problems
    return sink.seen


def need(program: str) -> str:
    """The path of a program; skips where it is not installed."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def plain(file: Path) -> io.BytesIO:
    """The unpacked contents of a file."""
    data = file.read_bytes()
    return io.BytesIO(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)


def test_dpkt_reads_the_same_packets() -> None:
    dpkt = pytest.importorskip("dpkt")
    for file in captures(largest=200_000):
        theirs = dpkt.pcap.UniversalReader(plain(file))
        expected = [
            (bytes(byte_count), int(Decimal(time).scaleb(9).to_integral_value())) for time, byte_count in theirs
        ]
        ours = packets(file)
        assert [byte_count for byte_count, *_ in ours] == [byte_count for byte_count, _ in expected], file
        assert all(abs(mine[2] - time) < 1000 for mine, (_, time) in zip(ours, expected, strict=True)), file
        assert {link for *_, link in ours} <= {theirs.datalink()}, file


def test_scapy_reads_the_same_packets() -> None:
    utils = pytest.importorskip("scapy.utils")
    for file in captures(largest=30_000):
        for mine, (byte_count, meta) in zip(packets(file), utils.RawPcapReader(plain(file)), strict=True):
            if hasattr(meta, "sec"):
                assert mine[:3] == (byte_count, meta.wirelen, meta.sec * 1_000_000_000 + meta.usec * 1000), file
            else:
                ticks = (meta.tshigh << 32) | meta.tslow
                assert mine[:3] == (byte_count, meta.wirelen, ticks * 1_000_000_000 // int(meta.tsresol)), file
                assert mine[3] == meta.linktype, file


def test_wiretap_joins_all_captures_into_what_we_read_of_each(tmp_path: Path) -> None:
    files = captures()
    joined = tmp_path / "joined.pcapng"
    subprocess.run([need("mergecap"), "-a", "-w", str(joined), *map(str, files)], check=True, capture_output=True)
    theirs, ours = packets(joined), packets(*files)
    assert len(theirs) == len(ours)
    assert theirs == ours


def tshark(file: Path) -> list[tuple[int, int, int]]:
    """Time in nanoseconds, length on the wire and captured length of each frame, by tshark."""
    fields = ["-T", "fields", "-e", "frame.time_epoch", "-e", "frame.len", "-e", "frame.cap_len"]
    command = [need("tshark"), "-n", "-r", str(file), *fields]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    rows = (line.split("\t") for line in lines)
    return [(int(Decimal(time).scaleb(9)), int(wire), int(cap)) for time, wire, cap in rows]


def test_tshark_reads_the_same_lengths_and_times() -> None:
    files = captures(largest=100_000)
    for file in (*files[::40], *[file for file in files if file.suffix == ".pcapng"][::8]):
        assert [(time, wire, len(byte_count)) for byte_count, wire, time, _ in packets(file)] == tshark(file), file


@pytest.mark.parametrize("resolution", [3, 6, 9, 0x80 | 10, 0x80 | 20, 0x80 | 30])
@pytest.mark.parametrize("big", [False, True])
def test_tshark_reads_the_same_clock(tmp_path: Path, resolution: int, big: bool) -> None:
    ng = Ng(big=big)
    per_second = 1 << (resolution & 0x7F) if resolution & 0x80 else 10**resolution
    options = ng.option(9, bytes([resolution])) + ng.option(14, ng.pack("q", 1_600_000_000)) + ng.option(0, b"")
    packet = (bytes(60), 70, 0, 1)
    ticks = (0, 1, per_second - 1, per_second // 3, 86_400 * per_second + 1)
    data = ng.section() + ng.interface(options=options) + b"".join(ng.enhanced(packet, ticks=tick) for tick in ticks)
    file = tmp_path / "a.pcapng"
    file.write_bytes(data)
    assert [(time, wire, len(byte_count)) for byte_count, wire, time, _ in packets(file)] == tshark(file)


@pytest.mark.parametrize("form", ["pcap", "nsecpcap", "modpcap", "pcapng"])
def test_what_wireshark_writes_is_read(tmp_path: Path, form: str) -> None:
    (tmp_path / "a").write_bytes(pcap())
    command = [need("editcap"), "-F", form, str(tmp_path / "a"), str(tmp_path / "b")]
    subprocess.run(command, check=True, capture_output=True)
    assert packets(tmp_path / "b") == packets(tmp_path / "a")
