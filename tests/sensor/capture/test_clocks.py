"""Clocks of two captures are compared by what both hold: the same packets, or bytes and what acknowledges them."""

from __future__ import annotations

from pathlib import Path

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from sensor.capture.clocks import JITTER, Difference, difference

from .forge import SECOND, START, pcap

MILLISECOND = 1_000_000
Timed = list[tuple[int, Packet]]


def polls(count: int = 10) -> tuple[Timed, Timed]:
    """Requests of 12 bytes, one each 100 ms, answered after 10 ms with 11 bytes, each with its number and acknowledgement."""
    there: Timed = []
    back: Timed = []
    for number in range(count):
        at = number * 100 * MILLISECOND
        one = TCP(sport=40000, dport=502, flags="PA", seq=100 + 12 * number, ack=500 + 11 * number) / (b"q" * 12)
        two = TCP(sport=502, dport=40000, flags="PA", seq=500 + 11 * number, ack=112 + 12 * number) / (b"a" * 11)
        there.append((at, Ether() / IP(src="10.0.0.1", dst="10.0.0.2", id=number) / one))
        back.append((at + 10 * MILLISECOND, Ether() / IP(src="10.0.0.2", dst="10.0.0.1", id=9_000 + number) / two))
    return there, back


def write(path: Path, packets: Timed, late: int = 0) -> str:
    rows = []
    for time, packet in sorted(packets, key=lambda one: one[0]):
        body = bytes(packet)
        rows.append((body, len(body), START + SECOND + time + late, 1))
    path.write_bytes(pcap(rows))
    return str(path)


def test_legs_whose_answers_come_first_are_set_right_by_their_acknowledgements(tmp_path: Path) -> None:
    there, back = polls()
    files = write(tmp_path / "a", there), write(tmp_path / "b", back, -300 * MILLISECOND)
    found = difference(*files, START)
    assert found.shift is not None
    assert 290 * MILLISECOND < found.shift < 390 * MILLISECOND
    other = difference(files[1], files[0], START)
    assert other.shift is not None
    assert -390 * MILLISECOND < other.shift < -290 * MILLISECOND
    assert "acknowledgements" in found.proof


def test_legs_in_a_possible_order_stay_as_they_are(tmp_path: Path) -> None:
    there, back = polls()
    for late in (-9 * MILLISECOND, 0, 80 * MILLISECOND):
        assert difference(write(tmp_path / "a", there), write(tmp_path / "b", back, late), START).shift == 0


def test_legs_whose_order_fits_no_difference_are_said_to_contradict_each_other(tmp_path: Path) -> None:
    there, back = polls()
    wild = [(time + (number - 5) * 90 * MILLISECOND, packet) for number, (time, packet) in enumerate(back)]
    assert difference(write(tmp_path / "a", there), write(tmp_path / "b", wild), START).shift is None


def test_packets_in_both_files_give_the_difference_whatever_checksums_say(tmp_path: Path) -> None:
    there, back = polls()
    changed = [(time, packet.copy()) for time, packet in there + back]
    for _, packet in changed:
        packet[TCP].chksum = 1
        packet[IP].ttl = 63
    files = write(tmp_path / "a", there + back), write(tmp_path / "b", changed, 2 * SECOND // 10)
    assert difference(*files, START) == Difference(-2 * SECOND // 10, "20 packets are in both")


def test_what_the_way_between_two_places_takes_is_no_difference_of_clocks(tmp_path: Path) -> None:
    there, back = polls()
    far = [(time + 30 * MILLISECOND, packet) for time, packet in there]
    far += [(time - 30 * MILLISECOND, packet) for time, packet in back]
    assert difference(write(tmp_path / "a", there + back), write(tmp_path / "b", far), START).shift == 0
    assert difference(write(tmp_path / "a", there + back), write(tmp_path / "b", far, SECOND), START).shift == -SECOND


def test_small_differences_are_left(tmp_path: Path) -> None:
    there, _ = polls()
    assert difference(write(tmp_path / "a", there), write(tmp_path / "b", there, JITTER), START).shift == 0


def test_equal_datagrams_without_identification_say_nothing(tmp_path: Path) -> None:
    same = [
        (n * MILLISECOND, Ether() / IP(src="10.0.0.1", dst="10.0.0.2", id=0) / UDP(dport=20000) / b"x")
        for n in range(9)
    ]
    found = difference(write(tmp_path / "a", same), write(tmp_path / "b", same, SECOND // 2), START)
    assert found == Difference(0, "")
