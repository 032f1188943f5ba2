"""Captures of the same time: the legs of a tap are known by their directions, others are left to whoever took them."""

from __future__ import annotations

from pathlib import Path

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from sensor.capture.overlap import Extent, Together, arrange, extent

from .forge import SECOND, START, pcap


def talk(count: int, ports: tuple[int, ...] = (40000,)) -> tuple[list[Packet], list[Packet]]:
    """Requests and answers of some connections."""
    there = [Ether() / IP(src="10.0.0.1", dst="10.0.0.2") / TCP(sport=port, dport=502) for port in ports]
    back = [Ether() / IP(src="10.0.0.2", dst="10.0.0.1") / TCP(sport=502, dport=port) for port in ports]
    return there * count, back * count


def write(path: Path, packets: list[Packet], begin: int = 0) -> str:
    rows = []
    for number, packet in enumerate(packets):
        body = bytes(packet)
        rows.append((body, len(body), START + begin * SECOND + number * 1_000_000, 1))
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
