"""Every kind of evasion between IP and the message: the packets that do it, what must be seen and what must be said.

``KINDS`` is the one list. ``python -m tests.evasion.kinds FOLDER`` writes each as a capture. In all of them a client writes a
register; ``said`` are the violations that must be stated, none where the target's reading is beyond doubt and nothing is hidden.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.dissectors.harness import ACK, FIN, PSH, RST, SYN, Packet, read, registers
from tests.evasion.talker import ATTACK, HARMLESS, Talker, save

URG = 32
DECOY, TWO, FRAGMENTS, CHECKSUM = "decoy", "two_readings", "two_readings_of_fragments", "bad_checksum"
OLD_TIME = b"\x01\x01\x08\x0a" + struct.pack("!II", 1, 1)
SIGNATURE = b"\x01\x01\x13\x12" + bytes(16)
AGAIN = read(8, 0, 2)


@dataclass(frozen=True)
class Kind:
    """One evasion."""

    name: str
    title: str
    said: tuple[str, ...]
    make: Callable[[], list[Packet]]


KINDS: list[Kind] = []


def kind(title: str, *said: str) -> Callable[[Callable[[], Talker]], Callable[[], Talker]]:
    """Add an evasion to the list."""

    def add(make: Callable[[], Talker]) -> Callable[[], Talker]:
        KINDS.append(Kind(make.__name__, title, said, lambda: make().packets))
        return make

    return add


# Decoys: a segment in the place of the real one, which the target drops.


@kind("decoy with a wrong TCP checksum", DECOY)
def decoy_checksum() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, wrong=True)
    it.attack()
    return it


@kind("decoy with a wrong IP checksum", DECOY)
def decoy_ip_checksum() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, wrong_ip=True)
    it.attack()
    return it


@kind("decoy whose time to live ends before the target", TWO)
def decoy_low_ttl() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, ttl=2)
    it.attack()
    return it


@kind("two decoys with wrong checksums, one behind the other", DECOY)
def double_decoy_checksum() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, wrong=True)
    it.segment(0, AGAIN, sequence=it.sent[0] + 12, wrong=True)
    it.attack()
    return it


@kind("two decoys with a low time to live, one behind the other", TWO)
def double_decoy_low_ttl() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, ttl=2)
    it.segment(0, AGAIN, sequence=it.sent[0] + 12, ttl=2)
    it.attack()
    return it


@kind("twelve decoys with wrong checksums, one behind the other", DECOY)
def many_decoys() -> Talker:
    it = Talker()
    for number in range(12):
        it.segment(0, read(10 + number, 0, 2), sequence=it.sent[0] + 12 * number, wrong=True)
    it.attack()
    return it


@kind("twelve decoys with a low time to live, one behind the other", TWO)
def many_decoys_low_ttl() -> Talker:
    it = Talker()
    for number in range(12):
        it.segment(0, read(10 + number, 0, 2), sequence=it.sent[0] + 12 * number, ttl=2)
    it.attack()
    return it


@kind("two decoys in the same place", DECOY, CHECKSUM)
def decoys_in_one_place() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, wrong=True)
    it.segment(0, AGAIN, wrong=True)
    it.attack()
    return it


@kind("decoy with an old timestamp (PAWS)", TWO)
def decoy_old_timestamp() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, options=OLD_TIME)
    it.attack()
    return it


@kind("decoy with an MD5 signature option", TWO)
def decoy_signature() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, options=SIGNATURE)
    it.attack()
    return it


@kind("decoy without the ACK flag", TWO)
def decoy_without_ack() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, flags=PSH)
    it.attack()
    return it


@kind("decoy that acknowledges what was never sent", TWO)
def decoy_acknowledges_ahead() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, acked=500_000_000)
    it.attack()
    return it


@kind("a message in two segments, each behind a decoy with a wrong checksum", DECOY)
def decoys_of_parts() -> Talker:
    it = Talker()
    for part in (slice(0, 6), slice(6, 12)):
        it.segment(0, HARMLESS[part], wrong=True)
        it.say(0, ATTACK[part])
    it.say(1, ATTACK)
    return it


@kind("a message in two segments, each behind a decoy with a low time to live", TWO)
def decoys_of_parts_low_ttl() -> Talker:
    it = Talker()
    for part in (slice(0, 9), slice(9, 12)):
        it.segment(0, HARMLESS[part], ttl=2)
        it.say(0, ATTACK[part])
    it.say(1, ATTACK)
    return it


# Segments that overlap, or lie elsewhere.


@kind("the end of a segment is sent first, with other bytes", TWO)
def overlap_from_the_end() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS[6:], sequence=it.sent[0] + 6)
    it.attack()
    return it


@kind("a segment in the middle of another is sent first, with other bytes", TWO)
def overlap_contained() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS[6:9], sequence=it.sent[0] + 6)
    it.attack()
    return it


@kind("a second segment overlaps the end of the first with other bytes", TWO)
def overlap_last() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS[:9])
    it.segment(0, ATTACK[5:], sequence=it.sent[0] + 5)
    it.sent[0] += 12
    it.say(1, ATTACK)
    return it


@kind("the first of two overlapping segments holds the write", TWO)
def overlap_first() -> Talker:
    it = Talker()
    it.segment(0, ATTACK[:9])
    it.segment(0, HARMLESS[5:9] + ATTACK[9:], sequence=it.sent[0] + 5)
    it.sent[0] += 12
    it.say(1, ATTACK)
    return it


@kind("a segment far outside of the window")
def out_of_window() -> Talker:
    it = Talker()
    it.segment(0, HARMLESS, sequence=it.sent[0] + 900_000)
    it.attack()
    return it


@kind("data in the SYN that the target does not take")
def syn_data() -> Talker:
    it = Talker(opened=False)
    it.segment(0, HARMLESS, sequence=-1, flags=SYN)
    it.segment(1, b"", sequence=-1, flags=SYN | ACK)
    it.segment(0, b"")
    it.attack()
    return it


@kind("data in the SYN that the target takes")
def syn_data_taken() -> Talker:
    it = Talker(opened=False)
    it.segment(0, ATTACK, sequence=-1, flags=SYN)
    it.sent[0] += 12
    it.segment(1, b"", sequence=-1, flags=SYN | ACK)
    it.segment(0, b"")
    it.say(1, ATTACK)
    return it


@kind("a FIN with a wrong checksum before the write", CHECKSUM)
def fin_checksum() -> Talker:
    it = Talker()
    it.segment(0, b"", flags=FIN | ACK, wrong=True)
    it.attack()
    return it


@kind("a RST with a wrong checksum before the write", CHECKSUM)
def rst_checksum() -> Talker:
    it = Talker()
    it.segment(0, b"", flags=RST | ACK, wrong=True)
    it.attack()
    return it


@kind("a RST whose time to live ends before the target")
def rst_low_ttl() -> Talker:
    it = Talker()
    it.segment(0, b"", flags=RST | ACK, ttl=2)
    it.attack()
    return it


@kind("an urgent byte that the target takes out of the stream", TWO)
def urgent_byte() -> Talker:
    it = Talker()
    it.segment(0, ATTACK[:4] + b"!" + ATTACK[4:], flags=ACK | PSH | URG, urgent=5)
    it.sent[0] += 13
    it.say(1, ATTACK)
    return it


# Fragments.


@kind("a TCP header cut into tiny fragments")
def tiny_fragments() -> Talker:
    it = Talker()
    for part in it.fragments(it.tcp(0, ATTACK), 8, 16, 24):
        it.fragment(*part)
    it.sent[0] += 12
    it.say(1, ATTACK)
    return it


def _in_fragments(six: bool, order: str) -> Talker:
    """A write in fragments, whose last part also comes with the bytes of a read: before it, behind it, or in a part of it."""
    it = Talker(six=six)
    whole, other = it.tcp(0, ATTACK), it.tcp(0, HARMLESS)
    (at, head, more), (middle, evil, _) = it.fragments(whole, 24)
    decoy = other[24:]
    if order == "first":
        it.fragment(middle, decoy, False)
        it.fragment(middle, evil, False)
        it.fragment(at, head, more)
    elif order == "last":
        it.fragment(middle, evil, False)
        it.fragment(middle, decoy, False)
        it.fragment(at, head, more)
    elif order == "behind":
        it.fragment(at, head, more)
        it.fragment(middle, decoy, False)
        it.fragment(middle, evil, False)
    else:
        it.fragment(24, other[24:], False)
        it.fragment(0, whole[:16] + other[16:24], True)
        it.fragment(16, whole[16:], False)
    it.sent[0] += 12
    it.say(1, ATTACK)
    return it


@kind("IPv4 fragments: other bytes before those that count", FRAGMENTS)
def fragments_other_first() -> Talker:
    return _in_fragments(False, "first")


@kind("IPv4 fragments: other bytes behind those that count", FRAGMENTS)
def fragments_other_last() -> Talker:
    return _in_fragments(False, "last")


@kind("IPv4 fragments: the datagram is whole before the bytes that count come", FRAGMENTS)
def fragments_behind() -> Talker:
    return _in_fragments(False, "behind")


@kind("IPv4 fragments: one covers parts of two others", FRAGMENTS, TWO)
def fragments_contained() -> Talker:
    return _in_fragments(False, "contained")


@kind("an IPv4 fragment with a wrong header checksum before the real one", CHECKSUM)
def fragment_checksum() -> Talker:
    it = Talker()
    whole, other = it.tcp(0, ATTACK), it.tcp(0, HARMLESS)
    it.fragment(0, whole[:24], True)
    it.fragment(24, other[24:], False, wrong=True)
    it.fragment(24, whole[24:], False)
    it.sent[0] += 12
    it.say(1, ATTACK)
    return it


@kind("IPv6 fragments: other bytes before those that count", FRAGMENTS)
def fragments6_other_first() -> Talker:
    return _in_fragments(True, "first")


@kind("IPv6 fragments: the datagram is whole before the bytes that count come", FRAGMENTS)
def fragments6_behind() -> Talker:
    return _in_fragments(True, "behind")


@kind("IPv6 fragments: the last names another next header")
def fragments6_next_header() -> Talker:
    it = Talker(six=True)
    first, last = it.fragments(it.tcp(0, ATTACK), 24)
    it.fragment(*first)
    it.fragment(*last, following=17)
    it.sent[0] += 12
    it.say(1, ATTACK)
    return it


@kind("IPv6 fragments: options behind the fragment header")
def fragments6_options() -> Talker:
    it = Talker(six=True)
    payload = struct.pack("!BB", 6, 0) + b"\x01\x04" + bytes(4) + it.tcp(0, ATTACK)
    for part in it.fragments(payload, 24):
        it.fragment(*part, following=60)
    it.sent[0] += 12
    it.say(1, ATTACK)
    return it


# Recognition.


@kind("a banner before Modbus on a port of no protocol")
def banner() -> Talker:
    it = Talker(port=4001, opened=False)
    it.open()
    it.say(1, b"Serial gateway 2.1 ready\r\n")
    it.attack()
    return it


@kind("a proxy's line before Modbus on a port of no protocol")
def proxy_line() -> Talker:
    it = Talker(port=8080, opened=False)
    it.open()
    it.say(0, b"CONNECT plc:502 HTTP/1.1\r\n\r\n")
    it.say(1, b"HTTP/1.1 200 OK\r\n\r\n")
    it.attack()
    return it


@kind("the tail of a message first, on a port of no protocol")
def tail_first() -> Talker:
    it = Talker(port=5020, opened=False)
    it.say(1, registers(5, *range(20))[15:])
    it.say(0, read(6, 0, 2))
    it.say(1, registers(6, 1, 2))
    it.attack()
    return it


def write_captures(folder: Path) -> None:
    """Write every kind as NAME.pcap."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in KINDS:
        save(one.make(), folder / f"{one.name}.pcap")


if __name__ == "__main__":
    write_captures(Path(sys.argv[1]))
