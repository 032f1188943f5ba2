"""Folders: their captures in order of time, everything else left out and said."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

from dissectors.wire.sink import PacketSink
from sensor.capture.reader import read

from .forge import PACKETS, SECOND, START, Ng, pcap
from .recorder import Packet


def at(seconds: int) -> list[Packet]:
    """One packet, and one before it in time."""
    return [(b"later", 5, START + seconds * SECOND, 1), (b"first", 5, START - 9 * SECOND, 1)]


def test_a_folder_is_read_in_order_of_first_packets_then_names(tmp_path: Path) -> None:
    ng = Ng()
    comments = ng.block(5, bytes(60_000)) * 3
    (tmp_path / "a.pcap").write_bytes(pcap(at(30)))
    (tmp_path / "b.pcap.gz").write_bytes(gzip.compress(pcap(at(10))))
    (tmp_path / "c").write_bytes(ng.section() + ng.interface() + comments + ng.enhanced(at(20)[0]))
    (tmp_path / "e").write_bytes(pcap(at(10)))
    (tmp_path / "0-without-packets.pcap").write_bytes(pcap([]))
    reading = read([tmp_path], PacketSink())
    assert [file.name for file in reading.files] == ["b.pcap.gz", "e", "c", "a.pcap", "0-without-packets.pcap"]
    assert not reading.problems


def test_what_is_no_capture_is_left_out_with_a_note(tmp_path: Path) -> None:
    (tmp_path / "a.pcap").write_bytes(pcap())
    (tmp_path / "README.md").write_bytes(b"# captures of the plant")
    (tmp_path / "log.gz").write_bytes(gzip.compress(b"text" * 100_000))
    (tmp_path / "empty.pcap").write_bytes(b"")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "b.pcap").write_bytes(pcap())
    os.mkfifo(tmp_path / "pipe")
    reading = read([tmp_path], PacketSink())
    assert reading.packets == 5
    assert not reading.problems
    assert reading.notes == (f"{tmp_path}: not captures and left out: README.md, empty.pcap, log.gz",)


def test_damaged_captures_of_a_folder_are_read_and_reported(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(pcap()[:20])
    (tmp_path / "wrong").write_bytes(pcap([]) + b"\xff" * 16)
    (tmp_path / "cut.gz").write_bytes(gzip.compress(pcap())[:-9])
    reading = read([tmp_path], PacketSink())
    assert [problem.file for problem in reading.problems] == [str(tmp_path / n) for n in ("cut.gz", "short", "wrong")]


def test_a_folder_without_captures_is_a_problem(tmp_path: Path) -> None:
    reading = read([tmp_path], PacketSink())
    assert [problem.what for problem in reading.problems] == [
        "no captures are in this folder; folders inside it are not searched"
    ]


def test_folders_and_files_may_be_mixed(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name, seconds in (("one", 2), ("two", 1)):
        (tmp_path / "folder" / name).write_bytes(pcap(at(seconds)))
    (tmp_path / "file").write_bytes(pcap(PACKETS))
    reading = read([tmp_path / "file", tmp_path / "folder", tmp_path / "file"], PacketSink())
    assert [(file.name, file.first_frame) for file in reading.files] == [
        ("file", 1),
        ("two", 6),
        ("one", 8),
        ("file", 10),
    ]


def test_a_file_that_is_named_twice_is_said_to_count_twice(tmp_path: Path) -> None:
    (tmp_path / "a.pcap").write_bytes(pcap(at(30)))
    (tmp_path / "b.pcap").symlink_to(tmp_path / "a.pcap")
    reading = read([tmp_path / "a.pcap", tmp_path / "b.pcap"], PacketSink())
    assert any("b.pcap: is named twice and read twice" in note for note in reading.notes)
    assert not any("twice" in note for note in read([tmp_path / "a.pcap"], PacketSink()).notes)
