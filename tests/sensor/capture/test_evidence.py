"""Evidence slices: the frames asked for, unchanged, in a file that every tool opens."""

from __future__ import annotations

from pathlib import Path

from sensor.capture.evidence import MAX_FRAMES, write_slice
from sensor.capture.reader import read
from sensor.capture.walker import LATEST

from .forge import PACKETS, START, pcap
from .recorder import Packet, Recorder


def contents(path: Path) -> list[Packet]:
    """The packets of a file."""
    sink = Recorder()
    assert not read([path], sink).problems
    return sink.seen


def test_a_slice_holds_the_frames_over_all_captures_unchanged(tmp_path: Path) -> None:
    exact: list[Packet] = [(b"abc", 1500, START + 789, 1), (b"", 0, LATEST, 1)]
    (tmp_path / "a").write_bytes(pcap())
    (tmp_path / "b").write_bytes(pcap(exact, magic=0xA1B23C4D, big=True))
    out = tmp_path / "out.pcap"
    cut = write_slice([tmp_path / "a", tmp_path / "b"], [7, 3, 6, 4, 4], out)
    assert cut.written == (3, 4, 6, 7)
    assert cut.missing == ()
    assert contents(out) == [PACKETS[2], PACKETS[3], *exact]


def test_frames_that_are_not_there_or_of_another_link_type_are_said(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(pcap())
    (tmp_path / "b").write_bytes(pcap(link=101))
    out = tmp_path / "out.pcap"
    cut = write_slice([tmp_path / "a", tmp_path / "b"], [0, 2, 6, 99], out)
    assert (cut.written, cut.missing) == ((2,), (0, 6, 99))
    assert contents(out) == [PACKETS[1]]
    cut = write_slice([tmp_path / "b"], [1], out)
    assert contents(out) == [(*PACKETS[0][:3], 101)]


def test_a_slice_without_frames_is_an_empty_capture(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(pcap())
    cut = write_slice([tmp_path / "a"], [], tmp_path / "out.pcap")
    assert (cut.written, cut.missing) == ((), ())
    assert contents(tmp_path / "out.pcap") == []


def test_a_slice_has_a_bound(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(pcap([(b"x", 1, START, 1)] * (MAX_FRAMES + 5)))
    cut = write_slice([tmp_path / "a"], range(1, MAX_FRAMES + 3), tmp_path / "out.pcap")
    assert len(cut.written) == MAX_FRAMES
    assert cut.missing == (MAX_FRAMES + 1, MAX_FRAMES + 2)


def test_reading_stops_when_all_frames_are_found(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(pcap())
    (tmp_path / "b").write_bytes(pcap()[:-1])
    cut = write_slice([tmp_path / "a", tmp_path / "b", tmp_path / "missing"], [5], tmp_path / "out.pcap")
    assert cut.written == (5,)
