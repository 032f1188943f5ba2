"""The door: files of every kind, standard input, progress, frame numbers, and what is said about bad files."""

from __future__ import annotations

import gzip
import os
import sys
import threading
from pathlib import Path

import pytest
import zstandard

from dissectors.wire.sink import PacketSink
from sensor.capture.reader import read
from sensor.capture.record import CaptureFile, CaptureProblem
from sensor.capture.source import BLOCK, MAX_AGAIN

from .forge import PACKETS, START, Ng, pcap, pcap_record
from .recorder import Packet, Recorder

MANY: list[Packet] = [(bytes(100 + i % 50), 200, START + 1000 * i, 1) for i in range(3000)]
LATEST_OF_PACKETS = START + 2_000_000_000


def write(folder: Path, name: str, data: bytes) -> Path:
    """Write a file."""
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["a.pcap", "a.gz", "noname"])
def test_plain_and_packed_files_are_reported_apart_by_their_contents(tmp_path: Path, name: str) -> None:
    for plain in (pcap(MANY), Ng().file(MANY)):
        for data in (plain, gzip.compress(plain), zstandard.compress(plain)):
            sink = Recorder()
            reading = read([write(tmp_path, name, data)], sink)
            assert sink.seen == MANY
            assert not reading.problems
            assert not reading.notes
            assert reading.files == (
                CaptureFile(name, 1, 3000, START, MANY[-1][2], sink.byte_count, str(tmp_path / name)),
            )


def test_frames_count_on_over_all_files_in_the_order_given(tmp_path: Path) -> None:
    paths = [write(tmp_path, name, pcap()) for name in ("z.pcap", "a.pcap")]
    reading = read([paths[0], str(paths[1]), paths[0]], PacketSink())
    assert [(file.name, file.first_frame, file.packets) for file in reading.files] == [
        ("z.pcap", 1, 5),
        ("a.pcap", 6, 5),
        ("z.pcap", 11, 5),
    ]
    assert reading.packets == 15


def test_the_sink_hears_of_each_file_and_each_interface(tmp_path: Path) -> None:
    ng = Ng()
    named = ng.section() + ng.interface(options=ng.option(2, b"eth7")) + ng.enhanced(PACKETS[0])
    sink = Recorder()
    read([write(tmp_path, "a.pcap", pcap()), write(tmp_path, "b.pcapng", named)], sink)
    assert sink.sources == [("a.pcap", ""), ("b.pcapng", ""), ("b.pcapng", "eth7")]
    assert sink.packet_sources == [("a.pcap", "")] * 5 + [("b.pcapng", "eth7")]


@pytest.mark.parametrize("size", [60, 1500, MAX_AGAIN - 40, MAX_AGAIN + 40, BLOCK + 500])
@pytest.mark.parametrize("missing", [0, 1, 700])
def test_records_across_blocks_are_read_once_however_long_they_are(tmp_path: Path, size: int, missing: int) -> None:
    packets = [(bytes([i % 251]) * (size + i % 7), size + 7, START + 1000 * i, 1) for i in range(4 + 400_000 // size)]
    data = pcap(packets)
    path = write(tmp_path, "a.pcap", data[: len(data) - missing])
    sink = Recorder()
    reading = read([path], sink)
    whole = len(packets)
    left = len(data) - missing
    while left < len(data) and whole and left < sum(16 + len(packet[0]) for packet in packets[:whole]) + 24:
        whole -= 1
    assert sink.seen == packets[:whole]
    assert reading.files[0].byte_count == sum(len(packet[0]) for packet in packets[:whole])
    end = 24 + sum(16 + len(packet[0]) for packet in packets[:whole])
    assert [problem.offset for problem in reading.problems] == ([] if end == left else [end])


def test_the_last_block_of_a_file_may_be_full(tmp_path: Path) -> None:
    tail = bytes(BLOCK - 24 - 16 * 2 - 100)
    packets = [(bytes(100), 100, START, 1), (tail, len(tail), START, 1)]
    data = pcap(packets)
    assert len(data) == BLOCK
    for cut in (0, 3):
        sink = Recorder()
        reading = read([write(tmp_path, "a.pcap", data[: BLOCK - cut] + bytes(cut))], sink)
        assert len(sink.seen) == 2
        assert not reading.problems
        reading = read([write(tmp_path, "b.pcap", data + bytes(cut))], Recorder())
        assert len(reading.problems) == (1 if cut else 0)


def test_each_block_is_closed_then_drained_then_reported(tmp_path: Path) -> None:
    data = pcap(MANY)
    paths = [write(tmp_path, "a", data), write(tmp_path, "b", data)]
    sink = Recorder()
    drained: list[tuple[int, int]] = []
    progress: list[tuple[int, int | None]] = []
    read(
        paths,
        sink,
        after_block=lambda: drained.append((sink.blocks, len(sink.seen))),
        progress=lambda done, total: progress.append((done, total)),
    )
    assert [blocks for blocks, _ in drained] == list(range(1, sink.blocks + 1))
    assert sink.blocks == 2 * -(-len(data) // BLOCK)
    assert drained[-1][1] == 6000
    assert BLOCK - MAX_AGAIN <= progress[0][0] <= BLOCK
    assert {total for _, total in progress} == {2 * len(data)}
    assert progress[-1] == (2 * len(data), 2 * len(data))
    assert progress == sorted(progress)


def test_the_last_block_before_a_corruption_is_closed_and_drained_too(tmp_path: Path) -> None:
    data = pcap() + pcap_record((b"", 0, 0, 1))[:8] + b"\xff" * 64
    sink = Recorder()
    drained: list[int] = []
    read([write(tmp_path, "a", data)], sink, after_block=lambda: drained.append(len(sink.seen)))
    assert (sink.blocks, drained) == (1, [5])


def read_standard_input(data: bytes, sink: PacketSink, progress: list[tuple[int, int | None]]) -> object:
    """Read "-" with ``data`` arriving through a pipe in small pieces."""
    ours, theirs = os.pipe()
    saved = os.dup(0)

    def write_all() -> None:
        for at in range(0, len(data), 1000):
            os.write(theirs, data[at : at + 1000])
        os.close(theirs)

    writer = threading.Thread(target=write_all)
    os.dup2(ours, 0)
    os.close(ours)
    writer.start()
    try:
        return read(["-"], sink, progress=lambda done, total: progress.append((done, total)))
    finally:
        os.dup2(saved, 0)
        os.close(saved)
        writer.join()


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"])
def test_standard_input_is_read_as_it_comes_and_its_size_is_unknown(pack: object) -> None:
    assert callable(pack)
    data = pack(pcap(MANY))
    sink = Recorder()
    progress: list[tuple[int, int | None]] = []
    reading = read_standard_input(data, sink, progress)
    assert sink.seen == MANY
    assert sink.sources == [("-", "")]
    assert progress[-1] == (len(data), None)
    assert "problems=()" in repr(reading)


def test_a_truncated_file_is_read_to_its_end_and_the_next_one_too(tmp_path: Path) -> None:
    cut = write(tmp_path, "cut.pcap", pcap()[:-10])
    sink = Recorder()
    reading = read([cut, write(tmp_path, "b.pcap", pcap())], sink)
    assert sink.seen == [*PACKETS[:4], *PACKETS]
    offset = len(pcap()) - 78
    what = "the file ends after 68 bytes of a packet record of 78 bytes"
    assert reading.problems == (CaptureProblem(str(cut), offset, what, 4),)
    assert str(reading.problems[0]) == f"{cut}: {what} (byte {offset}, after frame 4)"
    assert [file.first_frame for file in reading.files] == [1, 5]


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_a_truncated_packed_file_says_where_in_the_unpacked_data(tmp_path: Path, name: str) -> None:
    whole = pcap(MANY)
    packed = gzip.compress(whole) if name == "gzip" else zstandard.compress(whole)
    file = write(tmp_path, "a", packed[:-6])
    sink = Recorder()
    (problem,) = read([file], sink).problems
    assert sink.seen == MANY[: len(sink.seen)]
    assert (problem.compression, problem.frame) == (name, len(sink.seen))
    assert f"the {name} data ends early (byte {problem.offset} of the data inside {name}, after frame" in str(problem)
    assert (
        len(pcap(MANY[: len(sink.seen)])) <= problem.offset < len(pcap(MANY[: len(sink.seen) + 1])) or sink.seen == MANY
    )


def test_a_packed_file_of_a_cut_capture_says_so(tmp_path: Path) -> None:
    (problem,) = read([write(tmp_path, "a", gzip.compress(pcap()[:-1]))], PacketSink()).problems
    assert (problem.compression, problem.frame) == ("gzip", 4)
    assert problem.what == "the file ends after 77 bytes of a packet record of 78 bytes"


def test_damage_within_a_file_is_counted_and_dated_by_frame(tmp_path: Path) -> None:
    ng = Ng()
    lie = ng.enhanced(PACKETS[0], 9)
    files = [write(tmp_path, "a", pcap()), write(tmp_path, "b", ng.file() + lie * 3 + ng.enhanced(PACKETS[0])[:-1])]
    reading = read(files, PacketSink())
    assert [(problem.frame, problem.what) for problem in reading.problems] == [
        (10, "a packet of interface 9, but 1 is described; 2 more such faults follow"),
        (10, "the file ends after 91 bytes of a block of 92 bytes"),
    ]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "the file is empty; was the capture stopped before anything was written?"),
        (b"# A note\n", "not a capture: it begins with 23 20 41 20, and no pcap, pcapng, gzip or zstd file does; "),
        (b"\xd4", "not a capture: it begins with d4, and no"),
        (b"PK\x03\x04 and so on", "not a capture but a ZIP archive; unpack it first"),
        (b"snoop\0\0\0\0\0\0\2", "not a capture but a snoop capture; convert it with: editcap"),
        (gzip.compress(b""), "the file is empty"),
        (gzip.compress(b"text, only text"), "not a capture: it begins with 74 65 78 74"),
        (gzip.compress(gzip.compress(pcap())), "not a capture but gzip data inside compressed data; unpack it once"),
        (b"\x1f\x8b\x08", "the gzip data ends early"),
        (b"\x28\xb5\x2f\xfd", "the zstd data ends early"),
        (b"\xd4\xc3\xb2\xa1", "the file ends after 4 bytes of its file header of 24 bytes"),
        (b"\xd4\xc3\xb2\xa1\x02", "the file ends after 5 bytes of its file header of 24 bytes"),
        (b"\x0a\x0d\x0d\x0a\x02", "the file ends after 5 bytes of the header of a block"),
    ],
)
def test_a_file_that_is_no_capture_is_named_with_the_reason(tmp_path: Path, data: bytes, what: str) -> None:
    file = write(tmp_path, "f", data)
    reading = read([file, write(tmp_path, "good", pcap())], PacketSink())
    (problem,) = reading.problems
    assert what in problem.what
    assert str(problem).startswith(f"{file}: ")
    assert reading.packets == 5


def test_progress_ends_at_the_total_although_a_corrupt_file_is_left_early(tmp_path: Path) -> None:
    file = write(tmp_path, "a", pcap() + b"\xff" * 4 * BLOCK)
    progress: list[tuple[int, int | None]] = []
    read([file], PacketSink(), progress=lambda done, total: progress.append((done, total)))
    assert progress == [(BLOCK, len(pcap()) + 4 * BLOCK), (len(pcap()) + 4 * BLOCK, len(pcap()) + 4 * BLOCK)]


def test_a_file_name_that_is_no_text_is_read_and_written_as_text(tmp_path: Path) -> None:
    file = os.fsdecode(os.fsencode(tmp_path / "cut") + b"\xff")
    Path(file).write_bytes(pcap()[:-1])
    sink = Recorder()
    reading = read([file], sink)
    assert [found.name for found in reading.files] == ["cut\ufffd"]
    assert sink.sources == [("cut\ufffd", "")]
    assert reading.problems[0].file == str(tmp_path / "cut\ufffd")


def test_missing_files_and_folders_are_problems_and_not_exceptions(tmp_path: Path) -> None:
    missing = tmp_path / "nothing.pcap"
    reading = read([missing, write(tmp_path, "a", pcap())], PacketSink())
    assert [str(problem) for problem in reading.problems] == [f"{missing}: No such file or directory; check the name"]
    assert reading.packets == 5


def test_a_fifo_is_refused_at_once_with_the_way_to_read_it(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    reading = read([fifo, write(tmp_path, "a", pcap())], PacketSink())
    said = "is a FIFO: give - and feed it to standard input: spanwatch replay -"
    assert [str(problem) for problem in reading.problems] == [f"{fifo}: {said} < {fifo}"]
    assert reading.packets == 5


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="the system has no names for open files")
@pytest.mark.parametrize("others", [0, 1])
def test_a_pipe_that_the_shell_made_is_read(tmp_path: Path, others: int) -> None:
    reader, writer = os.pipe()
    os.write(writer, pcap())
    os.close(writer)
    more = [write(tmp_path, "a", pcap())] * others
    reading = read([f"/dev/fd/{reader}", *more], PacketSink())
    os.close(reader)
    assert (reading.problems, reading.packets) == ((), 5 + 5 * others)


def test_a_terminal_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.openpty()
    with os.fdopen(theirs) as terminal:
        monkeypatch.setattr(sys, "__stdin__", terminal)
        (problem,) = read(["-"], PacketSink()).problems
    os.close(ours)
    assert problem.what.startswith("standard input is a terminal; pipe a capture into it")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that opens but cannot be read")
def test_a_disk_that_fails_is_a_problem_and_not_an_exception() -> None:
    (problem,) = read(["/proc/self/mem"], PacketSink()).problems
    assert problem.what == "reading failed: Input/output error"


def test_a_capture_without_packets_is_noted_and_no_problem(tmp_path: Path) -> None:
    file = write(tmp_path, "quiet.pcap", pcap([]))
    reading = read([file, write(tmp_path, "quiet.pcapng", Ng().section())], PacketSink())
    assert not reading.problems
    assert reading.notes[0] == f"{file}: a capture without packets"
    assert [(f.first_frame, f.packets, f.first_time, f.last_time) for f in reading.files] == [(1, 0, 0, 0)] * 2


def test_backward_time_passes_and_the_summary_keeps_both_ends(tmp_path: Path) -> None:
    reading = read([write(tmp_path, "a", pcap(list(reversed(PACKETS))))], PacketSink())
    assert (reading.files[0].first_time, reading.files[0].last_time) == (START, LATEST_OF_PACKETS)


def test_memory_stays_flat_when_a_length_lies(tmp_path: Path) -> None:
    ng = Ng()
    file = write(tmp_path, "a", ng.file() + ng.pack("II", 6, 16_777_216) + bytes(200_000))
    (problem,) = read([file], PacketSink()).problems
    assert problem.what == "the file ends after 200008 bytes of a block of 16777216 bytes"
