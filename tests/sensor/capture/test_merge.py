"""Captures read together: packets in order of time, frames numbered as if the files were read one after the other."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from dissectors.wire.sink import PacketSink
from sensor.capture.evidence import write_slice
from sensor.capture.overlap import MAX_TOGETHER
from sensor.capture.reader import read

from .forge import SECOND, START, Ng, pcap
from .recorder import Packet


class Notes(PacketSink):
    """Keeps number, time, bytes and file of every packet."""

    def __init__(self) -> None:
        super().__init__()
        self.frame = 0
        self.name = ""
        self.rows: list[tuple[int, int, bytes, str]] = []
        self.blocks = 0

    def packet(self, block: bytes, start: int, captured: int, original: int, time: int, link: int) -> None:
        self.frame += 1
        self.rows.append((self.frame, time, block[start : start + captured], self.name))

    def source(self, name: str, interface: str) -> None:
        self.name = f"{name}/{interface}" if interface else name

    def resume(self, frame: int) -> None:
        self.frame = frame

    def end_of_block(self) -> None:
        self.blocks += 1


def rows(seed: int, count: int) -> list[Packet]:
    """Packets of rising times, different for each seed."""
    chance = random.Random(seed)
    times = sorted(chance.randrange(10 * SECOND) for _ in range(count))
    return [(f"{seed}:{number}".encode() * 9, 60, START + time, 1) for number, time in enumerate(times)]


def files(folder: Path, *counts: int) -> list[Path]:
    paths = []
    for number, count in enumerate(counts):
        path = folder / f"{number}.pcap"
        path.write_bytes(pcap(rows(number, count)))
        paths.append(path)
    return paths


def test_packets_come_by_time_and_keep_the_numbers_of_their_files(tmp_path: Path) -> None:
    paths = files(tmp_path, 300, 4_000, 1_500)
    apart, together = Notes(), Notes()
    one = read(paths, apart, merge=False)
    two = read(paths, together, merge=True)
    assert [row[1] for row in together.rows] == sorted(row[1] for row in apart.rows)
    assert sorted(together.rows) == apart.rows
    assert two.files == one.files
    assert [note for note in two.notes if note.startswith("read together, by packet time: ")]
    assert together.blocks >= 10


def test_packets_of_equal_time_come_in_the_order_of_the_files(tmp_path: Path) -> None:
    for name in "ba":
        (tmp_path / name).write_bytes(pcap([(name.encode(), 1, START, 1), (name.encode(), 1, START + 5_000, 1)]))
    sink = Notes()
    read([tmp_path / "b", tmp_path / "a"], sink, merge=True)
    assert [row[2] for row in sink.rows] == [b"b", b"a", b"b", b"a"]


def test_a_file_is_opened_when_its_time_has_come(tmp_path: Path) -> None:
    paths = []
    for number in range(40):
        start = START + number * 10 * SECOND
        paths.append(tmp_path / f"{number:02}.pcap")
        paths[-1].write_bytes(pcap([(b"x" * 9, 9, start, 1), (b"y" * 9, 9, start + 11 * SECOND, 1)]))
    open_at_once: list[int] = []

    class Counting(Notes):
        def packet(self, block: bytes, start: int, captured: int, original: int, time: int, link: int) -> None:
            super().packet(block, start, captured, original, time, link)
            here = list(Path("/proc/self/fd").iterdir())
            open_at_once.append(sum(one.exists() and one.resolve().parent == tmp_path for one in here))

    sink = Counting()
    reading = read(paths, sink, merge=True)
    assert [row[1] for row in sink.rows] == sorted(row[1] for row in sink.rows)
    assert len(sink.rows) == 80
    assert max(open_at_once) <= 3
    assert any(note.startswith("read together") for note in reading.notes)


def test_more_files_of_one_time_than_can_wait_are_read_one_after_the_other(tmp_path: Path) -> None:
    sink = Notes()
    reading = read(files(tmp_path, *[40] * (MAX_TOGETHER + 1)), sink, merge=True)
    assert len(sink.rows) == 40 * (MAX_TOGETHER + 1)
    (note,) = reading.notes
    assert note.startswith(f"more than {MAX_TOGETHER} files are of one time, read one after the other: ")


def test_a_record_too_long_to_wait_ends_its_file_and_says_how_to_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sensor.capture.reader.MAX_UNFINISHED_BYTES", 40_000)
    paths = files(tmp_path, 50, 50)
    first, last = rows(3, 2)
    long = (b"z" * 100_000, 100_000, first[2] + 1, 1)
    paths.append(tmp_path / "long.pcap")
    paths[-1].write_bytes(pcap([first, long, last]))
    sink = Notes()
    reading = read(paths, sink, merge=True)
    (problem,) = reading.problems
    assert problem.file.endswith("long.pcap") and "read it with --no-merge" in problem.what
    assert len(sink.rows) == 101


def test_a_damaged_file_is_read_as_far_as_it_goes_and_reported(tmp_path: Path) -> None:
    paths = files(tmp_path, 50, 50)
    whole = paths[0].read_bytes()
    paths[0].write_bytes(whole[:-10])
    sink = Notes()
    reading = read(paths, sink, merge=True)
    assert len(sink.rows) == 99
    assert [problem.file for problem in reading.problems] == [str(paths[0])]
    assert [file.packets for file in reading.files] == [49, 50]
    assert [file.first_frame for file in reading.files] == [1, 50]


def test_interfaces_of_a_file_are_named_with_their_packets(tmp_path: Path) -> None:
    ng = Ng()
    first, last = rows(1, 2)
    body = ng.section() + ng.interface(options=ng.option(2, b"eth7")) + ng.enhanced(first) + ng.enhanced(last)
    (tmp_path / "a.pcapng").write_bytes(body)
    (tmp_path / "b.pcap").write_bytes(pcap(rows(2, 40)))
    sink = Notes()
    read([tmp_path / "a.pcapng", tmp_path / "b.pcap"], sink, merge=True)
    assert {row[3] for row in sink.rows} == {"a.pcapng/eth7", "b.pcap"}
    assert sum(row[3] == "a.pcapng/eth7" for row in sink.rows) == 2


def test_evidence_is_cut_by_the_numbers_that_merged_packets_have(tmp_path: Path) -> None:
    paths = files(tmp_path, 30, 30)
    sink = Notes()
    read(paths, sink, merge=True)
    wanted = {3, 29, 31, 60}
    done = write_slice(paths, wanted, tmp_path / "slice.pcap")
    assert set(done.written) == wanted
    cut = Notes()
    read([tmp_path / "slice.pcap"], cut)
    assert {row[2] for row in cut.rows} == {row[2] for row in sink.rows if row[0] in wanted}
