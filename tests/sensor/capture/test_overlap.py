"""Captures of the same time: the legs of a tap are known by their directions, others are left to whoever took them."""

from __future__ import annotations

from pathlib import Path

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from sensor.capture.overlap import Extent, Together, arrange, extent
from sensor.capture.reader import read

from .forge import SECOND, START, pcap
from .recorder import Recorder


def talk(count: int, ports: tuple[int, ...] = (40000,)) -> tuple[list[Packet], list[Packet]]:
    """Requests and answers of some connections."""
    there = [Ether() / IP(src="10.0.0.1", dst="10.0.0.2") / TCP(sport=port, dport=502) for port in ports]
    back = [Ether() / IP(src="10.0.0.2", dst="10.0.0.1") / TCP(sport=502, dport=port) for port in ports]
    return there * count, back * count


def write(path: Path, packets: list[Packet], begin: float = 0) -> str:
    rows = []
    for number, packet in enumerate(packets):
        body = bytes(packet)
        rows.append((body, len(body), START + round(begin * SECOND) + number * 1_000_000, 1))
    path.write_bytes(pcap(rows))
    return str(path)


def arranged(files: list[str], merge: bool | None = None) -> list[Together]:
    return arrange(files, [extent(file) for file in files], merge)


def test_the_extent_counts_packets_and_gives_the_times(tmp_path: Path) -> None:
    there, _ = talk(3)
    assert extent(write(tmp_path / "a", there, begin=5)) == Extent(
        3, START + 5 * SECOND, START + 5 * SECOND + 2_000_000
    )


@pytest.mark.parametrize("contents", [b"", b"no capture at all", pcap([])])
def test_what_has_no_packets_has_no_extent(tmp_path: Path, contents: bytes) -> None:
    (tmp_path / "a").write_bytes(contents)
    assert extent(str(tmp_path / "a")) is None
    assert extent(str(tmp_path / "missing")) is None
    assert extent("-") is None


def test_a_file_that_begins_as_another_ends_follows_it() -> None:
    assert not Extent(2, 0, 10).overlaps(Extent(2, 10, 20))
    assert Extent(2, 0, 11).overlaps(Extent(2, 10, 20))


def test_the_legs_of_a_tap_are_read_together(tmp_path: Path) -> None:
    there, back = talk(20, (40000, 40001))
    files = [write(tmp_path / "a", there), write(tmp_path / "b", back)]
    assert arranged(files) == [Together((0, 1))]
    assert arranged(files, merge=False) == [Together((0,), same_time=True), Together((1,), same_time=True)]


def test_files_that_show_both_directions_are_read_together_only_when_told(tmp_path: Path) -> None:
    there, back = talk(20)
    files = [write(tmp_path / "a", there + back), write(tmp_path / "b", back + there)]
    assert arranged(files) == [Together((0,), same_time=True), Together((1,), same_time=True)]
    assert arranged(files, merge=True) == [Together((0, 1))]


def test_files_of_other_conversations_are_no_legs(tmp_path: Path) -> None:
    there, _ = talk(20)
    _, other = talk(20, (50000,))
    files = [write(tmp_path / "a", there), write(tmp_path / "b", other)]
    assert len(arranged(files)) == 2


def test_files_one_after_the_other_stay_as_they_are(tmp_path: Path) -> None:
    there, back = talk(20)
    files = [write(tmp_path / "a", there), write(tmp_path / "b", back, begin=60)]
    assert arranged(files, merge=True) == [Together((0,)), Together((1,))]


def test_files_meet_through_a_third(tmp_path: Path) -> None:
    there, back = talk(20)
    files = [write(tmp_path / name, there + back) for name in "ab"]
    files.insert(1, write(tmp_path / "c", there, begin=60))
    assert arranged(files, merge=True) == [Together((0, 2)), Together((1,))]


def test_clocks_of_files_read_together_are_set_right_one_by_the_other(tmp_path: Path) -> None:
    packets = [Ether() / IP(src="10.0.0.1", dst="10.0.0.2", id=number) / UDP() / b"x" for number in range(1, 5000, 100)]
    files = [write(tmp_path / name, packets, late) for name, late in (("a", 0), ("b", 0.02), ("c", 0.035))]
    (together,) = arranged(files, merge=True)
    assert together.shifts == (0, -20_000_000, -35_000_000)
    first, second = together.remarks
    assert "b is 0.020 s ahead of that of" in first
    assert "c is 0.035 s ahead of that of" in second
    assert all(not part.shifts and not part.remarks for part in arranged(files))


def test_what_is_read_together_has_corrected_times(tmp_path: Path) -> None:
    packets = [Ether() / IP(src="10.0.0.1", dst="10.0.0.2", id=number) / UDP() / b"x" for number in range(1, 5000, 100)]
    files = [write(tmp_path / "a", packets), write(tmp_path / "b", packets, 0.02)]
    sink = Recorder()
    reading = read(files, sink, merge=True)
    assert any("the clock of" in note for note in reading.notes)
    assert [one[2] for one in sink.seen[::2]] == [one[2] for one in sink.seen[1::2]]
